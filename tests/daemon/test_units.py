"""The units for systemd: how exposed they leave the daemon, and that it works with what they leave it."""

import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest

import house
import place
import unit_filter

CONTRIB = place.BUILD / "contrib"
SERVICE = CONTRIB / "imbucad.service"
MOST_EXPOSED = {"imbucad.service": 3.2, "imbucad@.service": 2.0, "imbucad-lmtp.service": 2.0}


def setting(name, unit=SERVICE):
    return re.search(rf"^{name}=(.*)$", unit.read_text(), re.M)[1]


def placed(unit, folder):
    """The unit as an administrator has it: an instance of a template, a program that is there."""
    copy = folder / unit.replace("@.", "@bin.")
    copy.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", (CONTRIB / unit).read_text()))
    if "Requires=imbucad.socket" in copy.read_text():
        (folder / "imbucad.socket").write_text((place.SOURCE / "contrib/imbucad.socket").read_text())
    return copy


@pytest.mark.parametrize("unit", MOST_EXPOSED)
def test_a_service_is_little_exposed(unit, tmp_path):
    said = subprocess.run(
        [place.need("systemd-analyze"), "security", "--offline=true", "--no-pager", placed(unit, tmp_path)],
        capture_output=True, text=True,
    )
    score = float(re.search(r"exposure level for imbucad\S*: ([\d.]+)", said.stdout)[1])
    assert score <= MOST_EXPOSED[unit], said.stdout


@pytest.mark.parametrize("unit", MOST_EXPOSED)
def test_systemd_understands_every_line(unit, tmp_path):
    said = subprocess.run(
        [place.need("systemd-analyze"), "verify", "--man=no", placed(unit, tmp_path)], capture_output=True, text=True,
        env={"PATH": place.SYSTEM_PATH, "SYSTEMD_UNIT_PATH": f"{tmp_path}:", "SYSTEMD_LOG_TARGET": "console"},
    )
    assert [line for line in said.stderr.splitlines() if str(tmp_path) in line or "imbucad" in line] == []


def sandboxed(pid):
    """Whether the process has a filter of its own on top of the unit's."""
    return int(re.search(r"^Seccomp_filters:\s+(\d+)", open(f"/proc/{pid}/status").read(), re.M)[1]) > 1


@pytest.mark.root
def test_a_user_of_its_own_works_with_the_calls_it_is_left(start):
    place.need("systemd-analyze")
    daemon = start(wrapper=unit_filter.command("imbucad@.service"))
    with daemon.connect() as client:
        client.sendmail("a@b.example", ["c@d.example"], b"Subject: x\r\n\r\nx\r\n")
    assert len(daemon.messages) == 1
    # The sanitizers, and a build without libseccomp, have none.
    own = "#define HAVE_LIBSECCOMP 1" in (place.BUILD / "config.h").read_text()
    assert [sandboxed(pid) for pid in daemon.children()].count(True) == int(own)


@pytest.mark.root
def test_the_daemon_works_with_the_capabilities_it_is_left():
    machine = house.Machine()
    left = ",".join("+" + name.removeprefix("CAP_").lower() for name in setting("CapabilityBoundingSet").split())
    assert setting("NoNewPrivileges") == "yes"
    machine.wrapper = (place.need("setpriv"), f"--bounding-set=-all,{left}", "--inh-caps=-all", "--no-new-privs",
                       *unit_filter.command("imbucad.service"))
    try:
        machine.start().send("root")
        assert len(machine.mail("anna")) == 1
    finally:
        machine.end()


def _what_happens_is_told(process, told):
    process.send_signal(signal.SIGHUP)
    assert told.recv(100) == b"RELOADING=1"
    assert told.recv(100) == b"READY=1\nSTATUS=mail is taken"
    child = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[-1]
    os.kill(int(child), signal.SIGKILL)
    died = f"READY=1\nSTATUS=the process {child} was ended by signal 9 and is started again"
    assert told.recv(200) == died.encode()
    assert told.recv(100) == b"READY=1\nSTATUS=mail is taken"


# As systemd does it: the socket is descriptor 3, and the variable names the process itself.
AS_SYSTEMD = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1');"
    "os.execv(sys.argv[2], sys.argv[2:])"
)


def test_a_connection_that_is_handed_over_is_a_mistake(home):
    ours, its = socket.socketpair()
    with ours, its:
        done = subprocess.run(
            ["/usr/bin/python3", "-c", AS_SYSTEMD, str(its.fileno()), place.program("imbucad"), "--maildir", "Maildir", "--state", "state"],
            cwd=home.folder, env=home.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            pass_fds=[its.fileno()], timeout=20,
        )
    assert done.returncode == 78 and "ready" not in done.stdout
    assert "descriptor 3, which was handed over, does not listen" in done.stderr and "Accept=no" in done.stderr


def test_a_socket_that_was_opened_before_is_used_and_told(home):
    waiting = socket.create_server(("127.0.0.1", 0))
    port = waiting.getsockname()[1]
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(str(home.folder / "told"))
    told.settimeout(20)
    process = subprocess.Popen(
        [
            "/usr/bin/python3", "-c", AS_SYSTEMD, str(waiting.fileno()), place.program("imbucad"), "--maildir", "Maildir",
            "--state", "state", "--hostname", "mx.example",
        ],
        cwd=home.folder, env=home.environment | {"NOTIFY_SOCKET": str(home.folder / "told")}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, pass_fds=[waiting.fileno()],
    )
    try:
        assert process.stdout.readline() == f"smtp 127.0.0.1:{port}\n".encode()
        assert process.stdout.readline() == b"ready\n" and told.recv(100) == b"READY=1\nSTATUS=mail is taken"
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            assert client.recv(100).startswith(b"220 mx.example ")
        _what_happens_is_told(process, told)
        process.terminate()
        assert told.recv(100) == b"STOPPING=1"
        assert process.wait(timeout=40) == 0
    finally:
        process.kill()
        process.wait()
        waiting.close()
        told.close()
