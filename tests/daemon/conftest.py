"""An imbucad of the test's own, or one that several tests share."""

import daemon as daemons
import house as machines
import imbuca
import pytest


@pytest.fixture
def start(home):
    """Starts daemons with further options; ends them."""
    running = []

    def start(*options, **how):
        running.append(daemons.start(home, *options, **how))
        return running[-1]

    yield start
    for one in running:
        one.kill()


@pytest.fixture
def daemon(start):
    return start()


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """shared(OPTION, ...) is a daemon with these options, without mail yet, that other tests use too."""
    running = {}

    def share(*options):
        if options not in running or running[options].process.poll() is not None:
            running[options] = daemons.start(imbuca.Home(tmp_path_factory.mktemp("daemon")), *options)
        running[options].forget()
        return running[options]

    yield share
    for one in running.values():
        one.kill()


@pytest.fixture
def machine():
    """A machine of its own for imbucad as root runs it."""
    made = machines.Machine()
    yield made
    made.end()
