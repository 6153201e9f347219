"""The callers' machines: machine("PACKAGE", ...) is one with these packages, whose mail goes to `mailbox`."""

import pytest

import machine as machines


@pytest.fixture
def machine(layers, tmp_path, mailbox):
    return lambda *packages: machines.Machine(tmp_path / "machine", layers(packages), mailbox.port)
