"""Passwords in GNOME's keyring, found and put there through its own secret-tool."""

import pytest

import daemon as daemons
import machine as machines

pytestmark = [pytest.mark.real, pytest.mark.root, pytest.mark.slow]

PACKAGES = ("gnome-keyring", "libsecret-tools", "dbus-daemon", "dbus-session-bus-common")

ACCOUNT = """\
account default
host localhost
port {port}
tls on
tls_starttls off
tls_trust_file {trust}
auth on
user {user}
from sender@example.org
syslog off
"""

# A session whose keyring is open, as after a graphical login.
SESSION = """
mkdir -p -m 700 /run/me && export XDG_RUNTIME_DIR=/run/me
exec dbus-run-session -- sh -c 'printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$@"' sh "$@"
"""


@pytest.fixture
def server(home):
    daemon = daemons.start(home)
    yield daemon
    daemon.kill()


@pytest.fixture
def desktop(layers, tmp_path, server):
    """A machine with an account at the server, and a keyring that is open; run(SCRIPT) is a session there."""
    there = machines.Machine(tmp_path / "machine", layers(PACKAGES), server.port)
    there.write("root/trust.pem", (server.folder / "state/certificate.pem").read_bytes())
    account = ACCOUNT.format(port=server.tls_port, user=server.user, trust="/root/trust.pem")
    there.write("root/.config/imbuca/accounts", account, mode=0o600)
    there.session = lambda script, stdin=b"": there.run("sh", "-c", SESSION, "sh", "sh", "-c", script, stdin=stdin)
    return there


def test_a_password_that_msmtp_would_find(desktop, server):
    """With the attributes that msmtp's manual page has people store it with."""
    store = f"printf '{server.password}' | secret-tool store --label=mail host localhost service smtp user {server.user}"
    result = desktop.session(f"{store} && exec imbuca you@example.net", stdin=b"Subject: x\n\nHello\n")
    assert result.exit == 0, result
    assert len(server.messages) == 1 and b"ESMTPSA" in server.messages[0]


def test_without_it_the_login_has_no_password(desktop, server):
    result = desktop.session("exec imbuca you@example.net", stdin=b"Subject: x\n\nHello\n")
    assert result.exit == 77 and "password" in result.err, result
    assert server.messages == []
