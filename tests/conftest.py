"""Fixtures of the whole suite, and the tally that `./bootstrap check` adds up."""

import os

import pytest

import certificates
import imbuca
import sink


@pytest.fixture
def home(tmp_path):
    """An empty home folder to run programs in."""
    return imbuca.Home(tmp_path)


@pytest.fixture
def mailbox():
    """A server that takes any message."""
    server = sink.Sink()
    yield server
    server.close()


@pytest.fixture
def sends(home, mailbox):
    """A home whose account submits to `mailbox`: sends(ARGUMENT..., stdin=b"...") is the result."""
    home.write_accounts(imbuca.Account(mailbox.port).text())
    return home.run


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """The certificate authority that accounts of the suite trust."""
    return certificates.make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def identity(authority):
    """A certificate for this machine's loopback names."""
    return authority.issue("localhost")


def pytest_collection_modifyitems(items):
    if os.geteuid() != 0:
        for item in items:
            if item.get_closest_marker("root"):
                item.add_marker(pytest.mark.skip(reason="needs root"))


def pytest_terminal_summary(terminalreporter):
    """Adds a line "PASSED FAILED" to the file named by IMBUCA_TALLY; xdist's workers leave it to their master."""
    tally = os.environ.get("IMBUCA_TALLY")
    if tally and "PYTEST_XDIST_WORKER" not in os.environ:
        count = lambda *kinds: sum(len(terminalreporter.stats.get(kind, ())) for kind in kinds)
        with open(tally, "a") as file:
            file.write(f"{count('passed')} {count('failed', 'error')}\n")
