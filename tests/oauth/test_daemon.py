"""The tokens of the machine's account: imbucad gets and renews them as its own user, in its own state folder."""

import os
import re
import shutil
import stat
import subprocess

import pytest

import house
import npm
import place
from house import USERS, until
from provider import USER

pytestmark = [pytest.mark.real, pytest.mark.root]


@pytest.fixture
def machine(monkeypatch, authority):
    """A machine that has the helper, and trusts the suite's certificates."""
    made = house.Machine()
    for path, mode in ((place.BUILD / "imbuca-oauth", 0o755), (authority.certificate, 0o644)):
        shutil.copy(path, made.folder / path.name)
        (made.folder / path.name).chmod(mode)
    made.trust = made.folder / authority.certificate.name
    monkeypatch.setenv("IMBUCA_OAUTH", str(made.folder / "imbuca-oauth"))
    monkeypatch.setenv("SSL_CERT_FILE", str(made.trust))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    yield made
    made.end()


@pytest.fixture
def mailserver(identity, authority, tmp_path):
    """mailserver(provider) takes that provider's tokens."""
    scripts = []

    def start(provider):
        with open(tmp_path / "arrived", "wb") as out:
            url = f"https://localhost:{provider.port}/token/introspection"
            scripts.append(npm.Script("oauth.js", identity, url, str(authority.certificate), out=out))
        return scripts[-1]

    yield start
    for script in scripts:
        script.stop()


def configure(machine, provider, server):
    """Starts the daemon with an account that has a token or none."""
    lines = ("account default", "host 127.0.0.1", f"port {server.port}", "tls on", "tls_starttls off", f"tls_trust_file {machine.trust}",
             "from me@example.test", "syslog off", *provider.lines())
    machine.write("accounts", "\n".join(lines) + "\n", mode=0o600)
    machine.start(f"accounts {machine.folder / 'accounts'}")


def imbuca(machine, *arguments):
    """A command line of root's."""
    environment = os.environ | {"STATE_DIRECTORY": str(machine.folder / "state"), "LC_ALL": "C.UTF-8", "HOME": "/root"}
    return subprocess.Popen(
        [place.program("imbuca"), "-C", machine.folder / "accounts", *arguments], env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )


def log_in(machine, provider):
    with imbuca(machine, "login") as program:
        shown = ""
        while not (found := re.search(r"\n    (https://\S+)\n.*\n    (\w{4}-\w{4})\n", shown)):
            line = program.stdout.readline()
            assert line, program.stderr.read()
            shown += line
        provider.browser.log_in(f"{found[1]}?user_code={found[2]}", USER)
        out, err = program.communicate(timeout=60)
        assert program.returncode == 0, err
        assert machine.folder.name in out


def test_the_relay_has_tokens_that_no_user_sees(machine, provide, mailserver, tmp_path):
    provider = provide(access=3)
    configure(machine, provider, mailserver(provider))
    arrived = lambda: (tmp_path / "arrived").read_bytes().count(b"Subject: hi")
    tokens = machine.folder / "state" / "tokens"
    assert (tokens.stat().st_uid, stat.S_IMODE(tokens.stat().st_mode)) == (USERS["imbuca"], 0o700)

    machine.send("b@example.net")  # there is no token yet: it waits, and the log says what to do
    command = f"STATE_DIRECTORY={machine.folder}/state imbuca login"
    until(lambda: command in machine.log, "the log asks for a login, as root has to make it")
    assert arrived() == 0
    with imbuca(machine, "login", "--status") as program:
        assert program.wait(60) == 77

    log_in(machine, provider)
    (file,) = (path for path in tokens.iterdir() if path.suffix != ".lock")
    assert all(path.stat().st_uid == USERS["imbuca"] and stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tokens.iterdir())
    before = file.read_text()
    machine.send("c@example.net")
    until(lambda: arrived() == 2, "both were sent by token")
    assert file.read_text() != before  # renewed, since three seconds are nearly none
    assert file.stat().st_uid == USERS["imbuca"]
    assert subprocess.run(["cat", file], user=USERS["anna"], group=USERS["anna"], extra_groups=[], capture_output=True).returncode != 0

    with imbuca(machine, "logout") as program:
        assert program.wait(60) == 0, program.stderr.read()
    assert not file.exists()
