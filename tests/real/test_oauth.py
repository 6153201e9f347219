"""XOAUTH2 with npm's smtp-server, which no package of Debian's speaks."""

import pytest

import imbuca
import jail
import npm

pytestmark = pytest.mark.real

MESSAGE = b"From: a@example.org\nSubject: by token\n\nHello\n"


@pytest.fixture
def server(identity, tmp_path):
    """The server's port, and the file that the messages go to."""
    with open(tmp_path / "arrived", "wb") as out:
        script = npm.Script("oauth.js", identity, "ya29.token", out=out)
    yield script.port, tmp_path / "arrived"
    script.stop()


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
    assert "(status 401, schemes bearer mac, scope mail)" in result.err


def test_a_wrong_token_is_told_with_the_status(home, authority, server):
    result = send(home, authority, server[0], "wrong")
    assert result.exit == 77, result
    assert "the server refuses the login (status 401, schemes bearer mac, scope mail): 535" in result.err
