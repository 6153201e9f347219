"""`imbuca check`: what it prints, whole, against a server that follows a page of tests/dialogues/check.

Times, ports, dates and fingerprints are masked.
"""

import json
import re
import ssl
import textwrap
import threading
import time

import pytest

import dialogue
import expected
import host
import imbuca
import jail
import player
from place import SOURCE
from test_dialogues import identities  # noqa: F401

PAGES = sorted((SOURCE / "tests/dialogues/check").glob("*.txt"))

def variants():
    for path in PAGES:
        page = dialogue.read(path)
        for transport in page.transports:
            for language in expected.languages():
                yield pytest.param(page, transport, language, id=f"{path.stem}-{transport}-{language}")


class Server:
    """Plays a page on a free port; takes as many connections as the page needs, and then refuses."""

    def __init__(self, page, transport, context, listener=None):
        self.listener = listener or host.listen()
        self.port = self.listener.getsockname()[1]
        self.page, self.transport, self.context = page, transport, context
        self.steps = list(page.steps_over(transport))
        self.left = 1 + sum(step.kind == "@again" for step in self.steps)
        self.deadline = time.monotonic() + float(page.within)
        self.story = None
        self.thread = threading.Thread(target=self._play)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join()

    def _accept(self):
        self.listener.settimeout(float(self.page.within))
        try:
            return self.listener.accept()[0]
        finally:
            self.left -= 1
            if self.left == 0:
                self.listener.close()

    def _play(self):
        try:
            player.Player(
                "S", self._accept(), self.context, self.deadline, message=self.page.message, again=self._accept
            ).play(self.steps)
        except (player.Broken, OSError) as error:
            self.story = str(error)


def context_of(page, identities):
    if page.certificate != "old":
        return identities[page.certificate].context()
    context = identities["lasting"].context()
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
@pytest.mark.parametrize("page, transport, language", variants())
def test_a_page(home, speak, authority, identities, page, transport, language):  # noqa: F811
    speak(language)
    context = context_of(page, identities)
    with Server(page, transport, context) as server:
        account = imbuca.Account(server.port, transport, authority.certificate, tuple(page.account))
        home.write_accounts(account.text())
        result = home.run(*page.command(port=server.port))
    assert server.story is None, f"{server.story}\n{result}"
    assert (result.exit, result.err) == (int(page.exit), ""), result
    for text in page.never:
        assert not re.search(text.strip("/"), result.out), result
    expected.compare(f"check-{page.path.stem}-{transport}", expected.masked(result.out, home, server.port), language)


def account(home, port, *lines):
    home.write_accounts(imbuca.Account(port, extra=lines).text())


@pytest.mark.parametrize("language", expected.languages())
def test_a_closed_port(home, speak, language):
    speak(language)
    port = jail.free_port()
    account(home, port)
    result = home.run("check", "test")
    assert (result.exit, result.err) == (75, "")
    expected.compare("check-closed", expected.masked(result.out, home, port), language)


@pytest.mark.parametrize("language", expected.languages())
def test_a_host_that_does_not_exist(home, speak, language):
    speak(language)
    account(home, 587, "host smtp.example.invalid")
    result = home.run("check")
    assert result.exit in (68, 75) and result.err == "", result
    assert result.out.splitlines()[1].split()[0] != "ok" and "smtp.example.invalid" in result.out


def test_the_account_is_found_by_its_address(home, mailbox):
    text = "".join(
        imbuca.Account(mailbox.port, extra=(f"from {name}@example.org",)).text().replace("account test", f"account {name}")
        for name in ("one", "two")
    )
    home.write_accounts(text)
    result = home.run("check", "two@example.org")
    assert result.exit == 0 and "'two', line " in result.out and "<two@example.org>" in result.out, result
    assert mailbox.mails == []
    other = home.run("check", "three@example.net", "-a", "one")
    assert "none for three@example.net: it is sent by 'one', line 1 of" in other.out, other
    unknown = home.run("check", "three")
    assert unknown.exit == 78 and "unknown account 'three'" in unknown.out and unknown.err == "", unknown


def test_a_message_is_sent_where_it_is_wanted(home, mailbox):
    account(home, mailbox.port)
    assert home.run("check", "--send").exit == 0
    (mail,) = mailbox.mails
    assert mail.recipients == ["sender@example.org"] and b"Subject: imbuca check\r\n" in mail.header


@pytest.mark.parametrize("to, exit, words", [
    ("not an address", 65, "option '--send': a comma"), ("root", 64, "'root' is no whole address"),
])
def test_whom_a_message_cannot_go_to_is_told_at_once(home, mailbox, to, exit, words):
    account(home, mailbox.port)
    result = home.run("check", f"--send={to}")
    assert result.exit == exit and words in result.out and "greeting" not in result.out, result
    assert mailbox.mails == []


def test_as_json(home, mailbox):
    account(home, mailbox.port)
    result = home.run("check", "--json", "test")
    report = json.loads(result.out)
    assert result.exit == 0 and report["verdict"].startswith("All is well"), result
    assert [finding["topic"] for finding in report["findings"]] == [
        "account", "connection", "greeting", "EHLO", "extensions", "mechanisms", "login", "sender", "size",
    ]
    assert all(finding["ms"] >= 0 and finding["mark"] in ("ok", "note") for finding in report["findings"])
    account(home, jail.free_port())
    failed = json.loads(home.run("check", "--json").out)
    assert failed["findings"][1]["mark"] == "failed" and "cannot connect" in failed["verdict"]


def test_it_takes_one_account(home):
    result = home.run("check", "a", "b")
    assert result.exit == 64 and "check takes one account or address, not 2" in result.err


def test_the_readme_shows_what_it_prints():
    """The file that it is held against is what test_a_page has seen the program print."""
    shown = (SOURCE / "README").read_text().partition("    $ imbuca check\n")[2].partition("\nAn existing")[0]
    home = type("Home", (), {"folder": "/home/me"})
    report = expected.masked(textwrap.dedent(shown), home, 465)
    assert report == (expected.FOLDER / "en/check-all-well-tls.txt").read_text()
