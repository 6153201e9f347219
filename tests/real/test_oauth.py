"""XOAUTH2 with npm's smtp-server, which no package of Debian's speaks."""

import subprocess

import pytest

import imbuca
import jail
import place

pytestmark = pytest.mark.real

# The last line of versions that Debian 12's node runs.
PACKAGE = "smtp-server@3.13.4"

MESSAGE = b"From: a@example.org\nSubject: by token\n\nHello\n"


@pytest.fixture(scope="module")
def modules():
    """The folder of npm's packages, kept between runs."""
    folder = jail.cache() / "npm"
    folder.mkdir(exist_ok=True)
    command = [place.need("npm"), "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    if not (folder / "node_modules" / "smtp-server").is_dir():
        done = subprocess.run([*command, "--prefix", folder, PACKAGE], capture_output=True, text=True)
        if done.returncode != 0:
            place.missing(f"cannot get {PACKAGE}: {done.stderr.strip()}")
    return folder / "node_modules"


@pytest.fixture
def server(modules, identity, tmp_path):
    """The server's port, and the file that the messages go to."""
    port = jail.free_port()
    script = place.SOURCE / "tests" / "servers" / "oauth.js"
    with open(tmp_path / "arrived", "wb") as out:
        process = subprocess.Popen(
            [place.need("node"), script, str(port), identity.certificate, identity.key, "ya29.token"],
            stdout=out, env={"NODE_PATH": str(modules), "PATH": "/usr/bin:/bin"},
        )
    try:
        assert jail.wait_for(lambda: process.poll() is not None or jail.answers(port))
        yield port, tmp_path / "arrived"
    finally:
        process.terminate()
        process.wait()


def send(home, authority, port, token):
    login = ("auth xoauth2", "user user", f"passwordeval echo {token}")
    home.write_accounts(imbuca.Account(port, "tls", authority.certificate, login).text())
    return home.run("b@example.net", stdin=MESSAGE)


def test_a_token_logs_in(home, authority, server):
    port, arrived = server
    result = send(home, authority, port, "ya29.token")
    assert result.exit == 0, result
    assert jail.wait_for(lambda: b"Subject: by token" in arrived.read_bytes())


def test_a_token_too_long_for_a_command_is_judged_too(home, authority, server):
    result = send(home, authority, server[0], "t" * 2000)
    assert result.exit == 77, result
    assert "(401)" in result.err


def test_a_wrong_token_is_told_with_the_status(home, authority, server):
    result = send(home, authority, server[0], "wrong")
    assert result.exit == 77, result
    assert "the server refuses the login (401): 535" in result.err
