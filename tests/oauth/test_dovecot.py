"""Mail by token through Dovecot's submission server, whose oauth2 passdb asks oidc-provider about it."""

import pytest

import imbuca
import place
import sink
from servers import dovecot_oauth

pytestmark = [pytest.mark.real, pytest.mark.root]

MESSAGE = b"From: me@example.test\nSubject: by token\n\nHello\n"


@pytest.fixture
def submission(provide, authority, tmp_path_factory):
    """submission(MECHANISMS) is (home, provider, the mailbox behind the server)."""
    provider, behind, jails = provide(), sink.Sink(), []

    def start(mechanisms):
        folder = tmp_path_factory.mktemp("dovecot")
        place.let_everybody_enter(folder)
        jail, port = dovecot_oauth.start(folder, authority, provider.port, behind.port, mechanisms)
        jails.append(jail)
        account = imbuca.Account(port, "tls", authority.certificate, provider.lines())
        provider.home.write_accounts(account.text())
        provider.open_browser()
        assert provider.home.run("login", "--browser").exit == 0
        return provider, behind, jail

    yield start
    for jail in jails:
        jail.stop()
    behind.close()


@pytest.mark.parametrize("mechanisms, taken", [("oauthbearer xoauth2", "OAUTHBEARER"), ("xoauth2", "XOAUTH2")])
def test_a_token_sends_mail(submission, mechanisms, taken):
    provider, behind, jail = submission(mechanisms)
    result = provider.home.run("-d", "b@example.net", stdin=MESSAGE)
    assert result.exit == 0, f"{result}\n{jail.logs()}"
    assert f"C: AUTH {taken}" in result.err
    assert [mail.recipients for mail in behind.mails] == [["b@example.net"]]

    file, = (path for path in provider.tokens().iterdir() if path.suffix != ".lock")
    file.write_text("".join(f"{name} {value}\n" for name, value in (provider.token() | {"access_token": "old"}).items()))
    result = provider.home.run("-d", "b@example.net", stdin=MESSAGE)
    assert result.exit == 0, f"{result}\n{jail.logs()}"
    assert result.err.count(f"C: AUTH {taken}") == 2

    file.write_text("access_token wrong\nexpires_at 9999999999\n")
    result = provider.home.run("b@example.net", stdin=MESSAGE)
    assert result.exit == 77 and "imbuca login test" in result.err, result
