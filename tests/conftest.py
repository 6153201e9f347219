"""Fixtures of the whole suite, and the tally that `./bootstrap check` adds up."""

import os
import signal
import subprocess

import pytest

import certificates
import imbuca
import machine as machines
import place
import sink

# Who runs the suite in the background, or by nohup, has signals ignored, and every program would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


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
def locales(tmp_path_factory):
    """A folder with the Italian locale, which the machine need not have."""
    folder = tmp_path_factory.mktemp("locales")
    made = [place.need("localedef"), "--no-archive", "-i", "it_IT", "-f", "UTF-8", folder / "it_IT.UTF-8"]
    subprocess.run(made, check=True, capture_output=True)
    return folder


@pytest.fixture
def speak(home, request):
    """speak("it"): what runs in the home prints in Italian; speak("en") changes nothing."""

    def in_language(language):
        if language == "en":
            return
        del home.environment["LC_ALL"]
        folder = os.fspath(request.getfixturevalue("locales"))
        home.environment |= {"LOCPATH": folder, "LANG": "it_IT.UTF-8", "TEXTDOMAINDIR": os.fspath(place.BUILD / "po")}

    return in_language


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """The certificate authority that accounts of the suite trust."""
    return certificates.make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def identity(authority):
    """A certificate for this machine's loopback names."""
    return authority.issue("localhost")


@pytest.fixture(scope="session")
def layers(tmp_path_factory):
    """layers(PACKAGES) is a folder with these packages and what they need, for machine.Machine."""
    made = {}

    def make(packages):
        if packages not in made:
            made[packages] = machines.unpack(tmp_path_factory.mktemp("layers"), packages)
        return made[packages]

    return make


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
