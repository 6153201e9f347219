"""The real servers, each started once for all its tests."""

import importlib

import pytest

import certificates
import place


@pytest.fixture(scope="session")
def folder_for(tmp_path_factory):
    """A folder that every server's own user may enter, as the servers drop root."""

    def make(name):
        folder = tmp_path_factory.mktemp(name)
        place.let_everybody_enter(folder)
        return folder

    return make


@pytest.fixture(scope="session")
def start(folder_for, authority):
    """start("postfix") is the running server; the session's end stops it."""
    servers = {}

    def running(name):
        if name not in servers:
            servers[name] = importlib.import_module(f"servers.{name}").start(folder_for(name), authority)
        return servers[name]

    yield running
    for server in servers.values():
        server.jail.stop()
