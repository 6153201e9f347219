"""contrib/: what turns the runner on is what systemd and the shell take."""

import shutil
import subprocess

import pytest

from place import SOURCE


@pytest.fixture
def units(tmp_path):
    """The units as they are installed, with a program in the place of ours."""
    program = tmp_path / "imbuca"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for unit in (SOURCE / "contrib").glob("imbuca-queue.*"):
        if unit.name == "imbuca-queue.service":
            continue  # built from the one below
        (tmp_path / unit.name.removesuffix(".in")).write_text(unit.read_text().replace("@bindir@", str(tmp_path)))
    return tmp_path


@pytest.mark.parametrize("kind", ["--user", "--system"])
@pytest.mark.parametrize("unit", ["imbuca-queue.service", "imbuca-queue.timer", "imbuca-queue.path"])
def test_systemd_takes_the_units(units, kind, unit):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is missing")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(units), "XDG_RUNTIME_DIR": str(units), "SYSTEMD_UNIT_PATH": f"{units}:"}
    done = subprocess.run(["systemd-analyze", "verify", kind, "--man=no", units / unit], env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and "imbuca" not in done.stderr, done.stderr


def test_the_dispatcher_is_a_script_that_ends_well():
    script = SOURCE / "contrib" / "90-imbuca"
    assert subprocess.run(["sh", "-n", script]).returncode == 0
    assert subprocess.run(["sh", script, "eth0", "down"]).returncode == 0
