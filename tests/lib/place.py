"""Where things are: the sources, the build, the programs under test, the tools that judge them."""

import contextlib
import os
import re
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("IMBUCA_BUILDDIR", SOURCE)).resolve()

# Folders that hold no command of an ordinary user, but the servers and tools that tests start.
SYSTEM_PATH = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"


def missing(what):
    """Ends the test: `./bootstrap check` has promised that nothing is missing, `make check` has not."""
    if os.environ.get("IMBUCA_TESTS") == "all":
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


def need(tool):
    """The path of a tool, or the end of the test."""
    found = shutil.which(tool, path=SYSTEM_PATH)
    if found is None:
        missing(f"{tool} is not installed")
    return found


def program(name):
    """The path of a program that was built here."""
    path = BUILD / name
    if not path.is_file():
        pytest.fail(f"{path} is not built (set IMBUCA_BUILDDIR to the folder it is in)", pytrace=False)
    return path


def is_sanitized():
    """Whether the build has the sanitizers, with which much takes ten times as long and more."""
    return re.search(r"^SAFE_CFLAGS = .*-fsanitize=", (BUILD / "Makefile").read_text(), re.M) is not None


def sysconfdir():
    """Where the build looks for the machine's files."""
    values = dict(re.findall(r"^(prefix|sysconfdir) = (.*)$", (BUILD / "Makefile").read_text(), re.M))
    return values["sysconfdir"].replace("${prefix}", values["prefix"])


def sources(*patterns):
    """The files of the tree that match, sorted, without what a build leaves behind."""
    return sorted(path for pattern in patterns for path in SOURCE.glob(pattern))


def let_everybody_enter(folder):
    """Opens a folder of the tests, and those above it up to the system's temporary folder, whose mode stays."""
    while folder != Path(tempfile.gettempdir()) and folder != folder.parent:
        folder.chmod(0o755)
        folder = folder.parent


def processes(home):
    """The numbers of the processes whose HOME that is."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and f"HOME={home}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:  # another user's, or gone
            pass
    return found


def end_processes(home):
    """Ends those that the home has in the background."""
    for pid in processes(home):
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            os.kill(pid, signal.SIGTERM)
