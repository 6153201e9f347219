"""The line about a message comes to the syslog, in the facility that the account names."""

import os
import socket

import pytest

import imbuca
import place

pytestmark = pytest.mark.root

# Gives the program a /dev of its own, with the log in it.
WITH_LOG = 'mount --bind "$0" /dev && exec "$@"'


@pytest.fixture
def device(tmp_path):
    """A folder like /dev whose log is the socket."""
    folder = tmp_path / "dev"
    folder.mkdir()
    for name, minor in (("null", 3), ("random", 8), ("urandom", 9)):
        os.mknod(folder / name, 0o020666, os.makedev(1, minor))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(folder / "log"))
        log.settimeout(10)
        yield folder, log


@pytest.mark.parametrize("said, priority", [("on", 8 + 6), ("LOG_LOCAL3", 19 * 8 + 6), ("mail", 2 * 8 + 6)])
def test_in_the_facility_that_is_named(home, mailbox, device, said, priority):
    folder, log = device
    home.write_accounts(imbuca.Account(mailbox.port, extra=(f"syslog {said}",)).text())
    entered = [place.need("unshare"), "-m", "sh", "-c", WITH_LOG, folder]
    with home.start("b@example.net", wrapper=entered) as program:
        _, told = program.communicate(b"Subject: x\n\nHello\n", timeout=30)
    assert (program.returncode, told) == (0, b"")
    line = log.recv(65536).decode()
    assert line.startswith(f"<{priority}>") and " imbuca" in line and "recipients=b@example.net" in line
