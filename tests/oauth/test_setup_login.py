"""imbuca setup where the provider wants a token: the login at npm's oidc-provider, the check at npm's smtp-server."""

import json
import os
import pty
import re
import select

import pytest

import place
from provider import USER

pytestmark = pytest.mark.real

ROW = """\
provider testing
title Testing Mail
kind mailbox
known confirmed
domains example.test
host localhost
port {port} tls
auth XOAUTH2 PLAIN
user address
password {password}
oauth_auth {url}/auth
oauth_token {url}/token
oauth_device {url}/device/auth
oauth_revoke {url}/token/revocation
oauth_scope openid offline_access mail
oauth_page https://testing.example/register
help_page https://testing.example/help
"""


class Screen:
    """imbuca setup with a terminal of its own."""

    def __init__(self, home, *arguments):
        home.environment["TERM"] = "dumb"
        self._process, self._screen = pty.fork()
        if self._process == 0:
            os.chdir(home.folder)
            os.execve(place.program("imbuca"), ["imbuca", "setup", *arguments], home.environment)
        self._bytes = b""

    @property
    def text(self):
        return self._bytes.decode(errors="replace").replace("\r\n", "\n")

    def wait_for(self, pattern):
        """Reads on until the pattern fits what was printed since the last one did."""
        while not (found := re.search(pattern, self.text)):
            assert select.select([self._screen], [], [], 60)[0], self.text
            try:
                self._bytes += os.read(self._screen, 10000)
            except OSError as ended:
                raise AssertionError(self.text) from ended
        self._bytes = self.text[found.end():].encode()
        return found

    def type(self, line):
        os.write(self._screen, line.encode() + b"\n")

    def ended(self):
        code = os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])
        os.close(self._screen)
        return code


@pytest.fixture
def known(provide, mailserver, authority):
    """known(PASSWORD, LINES) is the provider of addresses at example.test, and what setup is to be told of it."""

    def start(password="oauth", lines=""):
        provider = provide()
        port = mailserver(provider).port
        home = provider.home
        home.accounts.unlink()
        row = ROW.format(port=port, password=password, url=f"https://localhost:{provider.port}")
        (home.accounts.parent / "providers").write_text(row + lines)
        provider.arguments = (f"--tls-trust-file={authority.certificate}", "--domain=client.example.org", USER)
        return provider

    return start


def sends(provider):
    return provider.home.run("b@example.net", stdin=b"Subject: by token\n\nHello\n")


def test_a_person_is_led_through_the_login(known):
    provider = known()
    screen = Screen(provider.home, *provider.arguments)
    screen.wait_for("Testing Mail gives tokens only to programs that are registered there")
    screen.wait_for("README says step by step")
    screen.wait_for("https://testing.example/register")
    screen.wait_for("Client identifier: ")
    screen.type("public")
    screen.wait_for(r"Client secret .*: ")
    screen.type("")
    shown = screen.wait_for(r"\n    (https://\S+)\n.*\n    (\w{4}-\w{4})\n")
    provider.browser.log_in(f"{shown[1]}?user_code={shown[2]}", USER)
    screen.wait_for("Logged in as me@example.test")
    screen.wait_for("login +accepted, as me@example.test")
    screen.wait_for("It works|All is well")
    screen.wait_for("The account 'testing' stands in ")
    assert screen.ended() == 0
    text = provider.home.accounts.read_text()
    assert "provider testing\n" in text and "auth XOAUTH2\n" in text and "oauth_client_id public\n" in text
    # What the provider's row says is not written down, so that it can change.
    assert "oauth_token_url" not in text and "secret" not in text and "password" not in text
    assert sends(provider).exit == 0
    assert provider.home.run("check", "testing").exit == 0


def test_a_browser_and_a_client_with_a_secret(known):
    provider = known()
    provider.open_browser()
    screen = Screen(provider.home, "--browser", "--oauth-client-id=confidential", *provider.arguments)
    screen.wait_for("Waiting until it comes back|token is in")  # the identifier is known, and no question asked
    screen.wait_for("invalid_client|Logged in")
    assert screen.ended() != 0 and not provider.home.accounts.exists()
    screen = Screen(provider.home, "--browser", *provider.arguments)
    screen.wait_for("Client identifier: ")
    screen.type("confidential")
    screen.wait_for(r"Client secret .*: ")
    screen.type("its secret & more")
    screen.wait_for("stands in ")
    assert "its secret" not in screen.text and screen.ended() == 0
    assert 'oauth_client_secret "its secret & more"\n' in provider.home.accounts.read_text()
    assert sends(provider).exit == 0


def test_a_login_that_is_denied_writes_nothing(known):
    provider = known()
    screen = Screen(provider.home, "--oauth-client-id=public", *provider.arguments)
    shown = screen.wait_for(r"\n    (https://\S+)\n.*\n    (\w{4}-\w{4})\n")
    provider.browser.log_in(f"{shown[1]}?user_code={shown[2]}", USER, deny=True)
    screen.wait_for("denied")
    assert screen.ended() == 77 and not provider.home.accounts.exists()


def test_a_check_that_fails_leaves_no_token_behind(known):
    provider = known()
    screen = Screen(provider.home, "--oauth-client-id=public", *provider.arguments)
    shown = screen.wait_for(r"\n    (https://\S+)\n.*\n    (\w{4}-\w{4})\n")
    provider.browser.log_in(f"{shown[1]}?user_code={shown[2]}", "somebody@example.test")
    screen.wait_for("Nothing was written")
    assert screen.ended() == 77 and not provider.home.accounts.exists()
    assert [path.suffix for path in provider.home.folder.rglob("tokens/*@*")] == [".lock"]


def test_the_keyring_keeps_the_token_where_that_is_wished(known):
    provider = known()
    provider.open_browser()
    kept = provider.home.folder / "kept"
    tool = provider.home.folder / "bin" / "secret-tool"
    tool.write_text(f"#!/bin/sh\ncase $1 in store) cat >{kept} ;; lookup) cat {kept} 2>/dev/null ;; esac\n")
    tool.chmod(0o755)
    provider.home.environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere"
    screen = Screen(provider.home, "--browser", "--oauth-client-id=public", *provider.arguments)
    screen.wait_for(r"Keep the token in the keyring, and not in a file\? \[y/n\] ")
    screen.type("y")
    screen.wait_for("stands in ")
    assert screen.ended() == 0 and "refresh_token" in kept.read_text()
    assert "token_store keyring\n" in provider.home.accounts.read_text()
    assert sends(provider).exit == 0


@pytest.mark.parametrize("how", [(), ("--yes",), ("--json",)])
def test_without_a_person_it_writes_what_it_knows_and_says_what_is_left(known, how):
    provider = known()
    incomplete = provider.home.run("setup", *how, *provider.arguments)
    assert incomplete.exit == 78 and "It lacks oauth_client_id" in incomplete.out and not incomplete.err, incomplete
    assert "imbuca login testing" in incomplete.out
    provider.home.accounts.unlink()
    complete = provider.home.run("setup", *how, "--oauth-client-id=public", *provider.arguments)
    assert complete.exit == 0 and "Then log in: imbuca login testing" in complete.out, complete
    assert "oauth_client_id public\n" in provider.home.accounts.read_text()
    if how:
        return
    # And that is enough.
    provider.open_browser()
    assert provider.home.run("login", "--browser", "testing").exit == 0
    assert provider.home.run("check", "testing").exit == 0


def test_a_provider_that_takes_both_is_asked_for_the_token_where_that_is_wanted(known):
    provider = known("app oauth")
    screen = Screen(provider.home, *provider.arguments)
    screen.wait_for("Testing Mail wants an app password")
    screen.wait_for("Testing Mail takes a token too")
    screen.wait_for("to get one: imbuca setup --auth=XOAUTH2 me@example.test")
    screen.wait_for("Password for me@example.test: ")
    screen.type("")
    assert screen.ended() == 77
    result = provider.home.run("setup", "--auth=XOAUTH2", "--oauth-client-id=public", *provider.arguments)
    assert result.exit == 0 and "imbuca login testing" in result.out, result
    assert "auth XOAUTH2\n" in provider.home.accounts.read_text()


def test_a_provider_at_which_this_program_is_registered_needs_no_word(known):
    provider = known("app oauth", "oauth_client public\n")
    provider.open_browser()
    screen = Screen(provider.home, "--browser", *provider.arguments)
    screen.wait_for("stands in ")
    assert screen.ended() == 0
    assert "oauth_client_id" not in provider.home.accounts.read_text()
    assert sends(provider).exit == 0


@pytest.mark.parametrize("address, name, device", [
    ("me@outlook.com", "outlook", "https://login.microsoftonline.com/common/oauth2/v2.0/devicecode"),
    ("me@hotmail.it", "outlook", "https://login.microsoftonline.com/common/oauth2/v2.0/devicecode"),
    ("me@gmail.com", "gmail", None),
])
def test_outlook_and_gmail_lead_here(home, address, name, device):
    how = () if name == "outlook" else ("--auth=xoauth2",)
    result = home.run("setup", "--yes", *how, "--oauth-client-id=mine", address)
    assert result.exit == 0 and f"imbuca login {name}" in result.out, result
    settings = json.loads(home.run("config", "--json", name).out)["settings"]
    found = {key: settings[key]["value"] for key in ("auth", "oauth_client_id", "oauth_device_url")}
    assert found == {"auth": "XOAUTH2", "oauth_client_id": "mine", "oauth_device_url": device}
    assert settings["oauth_token_url"]["value"].startswith("https://")
