"""What a person reads where a message cannot be sent, whole, in English and Italian: what failed and
the code, the cause, what to do, the page, the line of the accounts file."""

import contextlib
import os
import pty
import re
import socket
import ssl
import subprocess

import pytest

import certificates
import expected
import host
import imbuca
import jail
import place

pytestmark = pytest.mark.xdist_group("italian")

LOGIN = ("auth on", "user me", "password secret")
GREETING = b"220 mail.example.org ESMTP\r\n"


def answering(**replies):
    """A server that greets, and answers each command as it is told, by the first word."""

    def talk(connection, greet=True):
        if greet:
            connection.sendall(GREETING)
        lines = connection.makefile("rb")
        while line := lines.readline():
            word = line.split()[0].decode().lower()
            reply = replies.get(word, "221 Bye" if word == "quit" else "250 Ok")
            connection.sendall(reply.encode() + b"\r\n")
            if word == "quit":
                return

    return talk


def over_tls(context, talk=answering()):
    def talk_tls(connection):
        with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as protected:
            talk(protected)

    return talk_tls


def silent(connection):
    connection.recv(1)


def old_context(identity):
    context = identity.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    return context


@pytest.fixture(scope="session")
def shown(authority, identity, tmp_path_factory):
    """Certificates by what is wrong with them."""
    other = tmp_path_factory.mktemp("failures")
    return {
        "good": identity,
        "expired": authority.issue("failures-expired", days=-1),
        "other-name": authority.issue("failures-other", names="DNS:mail.example.com,DNS:example.com"),
        "unknown-issuer": certificates.make_authority(other, "stranger").issue("failures-unknown"),
        "self-signed": certificates.make_self_signed(other, "alone"),
        "not-yet-valid": certificates.make_self_signed(other, "early", start="20900101000000Z", end="20910101000000Z"),
    }


# What the server does, the account's transport and further lines, the exit code.
CASES = {
    "wrong-password": (answering(ehlo="250-mail.example.org\r\n250 AUTH PLAIN", auth="535 5.7.8 Authentication failed"), "plain", ("auth plain", *LOGIN[1:]), 77),
    "sender-refused": (answering(mail="553 5.7.1 Sender address rejected: not owned by user me"), "plain", (), 77),
    "no-room": (answering(mail="452 4.3.1 Insufficient system storage"), "plain", (), 75),
    "no-starttls": (answering(), "starttls", (), 76),
    "plain-text-on-tls-port": (lambda c: (c.sendall(GREETING), c.recv(999)), "tls", (), 76),
    "silent": (silent, "plain", ("timeout 1",), 75),
    "no-common-mechanism": (("good", answering(ehlo="250-mail.example.org\r\n250 AUTH X-OWN")), "tls", LOGIN, 77),
    "login-in-clear": (answering(ehlo="250-mail.example.org\r\n250 AUTH PLAIN"), "plain", LOGIN, 77),
    "no-login": (("good", answering()), "tls", LOGIN, 77),
    "passwordeval": (answering(ehlo="250-mail.example.org\r\n250 AUTH PLAIN"), "plain", ("auth plain", "user me", "passwordeval exit 3"), 77),
    "expired": ("expired", "tls", (), 77),
    "other-name": ("other-name", "tls", (), 77),
    "unknown-issuer": ("unknown-issuer", "tls", (), 77),
    "self-signed": ("self-signed", "tls", (), 77),
    "not-yet-valid": ("not-yet-valid", "tls", (), 77),
    "tls-1.0": ("old", "tls", (), 76),
}


def told(result, home, port=99999):
    return expected.masked(result.err, home, port)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
@pytest.mark.parametrize("language", expected.languages())
@pytest.mark.parametrize("case", CASES)
def test_of_a_session(home, speak, authority, shown, case, language):
    speak(language)
    talk, transport, lines, code = CASES[case]
    if talk == "old":
        talk = over_tls(old_context(shown["good"]))
    elif not callable(talk):
        name, talk = (talk, answering()) if isinstance(talk, str) else talk
        talk = over_tls(shown[name].context(), talk)
    with host.Host(host.listen(), talk) as server:
        port = server.port
        home.write_accounts(imbuca.Account(port, transport, authority.certificate, lines).text())
        result = home.run("you@example.net", stdin=b"\nx\n")
    assert (result.exit, result.out) == (code, ""), result
    expected.compare(f"failure-{case}", told(result, home, port), language)


@pytest.mark.parametrize("language", expected.languages())
def test_of_a_closed_port_where_another_answers(home, speak, language):
    speak(language)
    closed = jail.free_port()
    with host.Host(host.listen(), lambda connection: None) as other:
        (home.folder / ".config/imbuca/providers").write_text(
            f"provider mine\ntitle Mine\nkind mailbox\nhost localhost\nport {closed} tls\nport {other.port} starttls\n"
            "user address\npassword account\nhelp_page https://example.org/help\n"
        )
        home.write_accounts(imbuca.Account(closed, "plain", None, ("provider mine", "host localhost", "auth off")).text())
        result = home.run("you@example.net", stdin=b"\nx\n")
        text = told(result, home, closed).replace(str(other.port), "OTHER")
    assert result.exit == 75, result
    expected.compare("failure-closed-port", text, language)


@pytest.mark.parametrize("language", expected.languages())
def test_of_a_server_that_does_not_answer(home, speak, language):
    """A full backlog: the kernel drops what would connect."""
    speak(language)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    port = listener.getsockname()[1]
    waiting = [socket.socket() for _ in range(4)]
    try:
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        home.write_accounts(imbuca.Account(port, extra=("timeout 2",)).text())
        result = home.run("you@example.net", stdin=b"\nx\n")
    finally:
        for one in (*waiting, listener):
            one.close()
    assert result.exit == 75, result
    text = told(result, home, port)
    # Which of the usual ports of this machine answers is none of this test's.
    expected.compare("failure-timed-out", re.sub(r"(?m)^(  (remedy|rimedio) +).*$", r"\1REMEDY", text), language)


@pytest.mark.root
@pytest.mark.parametrize("language", expected.languages())
def test_without_a_network(home, speak, language):
    speak(language)
    home.write_accounts(imbuca.Account(587, host="192.0.2.1").text())
    result = home.run("-n", place.program("imbuca"), "you@example.net", program=place.need("unshare"), stdin=b"\nx\n")
    assert result.exit == 75, result
    expected.compare("failure-no-network", told(result, home), language)


@pytest.mark.parametrize("language", expected.languages())
def test_of_a_host_that_does_not_exist(home, speak, language):
    speak(language)
    home.write_accounts(imbuca.Account(587, host="smtp.example.invalid").text())
    result = home.run("you@example.net", stdin=b"\nx\n")
    words = {"en": ("cause", "remedy", "account"), "it": ("causa", "rimedio", "account")}[language]
    assert result.exit in (68, 75) and "smtp.example.invalid" in result.err.splitlines()[0], result
    assert [line.split()[0] for line in result.err.splitlines()[1:]] == list(words), result


@pytest.mark.parametrize("language", expected.languages())
def test_of_a_password_that_others_can_read(home, speak, language):
    speak(language)
    home.write_accounts(imbuca.Account(587, extra=LOGIN).text(), mode=0o644)
    result = home.run("you@example.net", stdin=b"\nx\n")
    assert result.exit == 78, result
    expected.compare("failure-loose-file", told(result, home), language)


# --- colour ---


def on_a_terminal(home, **environment):
    master, terminal = pty.openpty()
    home.environment |= {"TERM": "xterm", **environment}
    with os.fdopen(terminal, "wb") as err:
        home.write_accounts(imbuca.Account(jail.free_port()).text())
        program = home.start("you@example.net", stdin=subprocess.DEVNULL, stderr=err)
        code = program.wait(30)
    text = b""
    with contextlib.suppress(OSError):
        while more := os.read(master, 4096):
            text += more
    os.close(master)
    assert code == 75
    return text.decode()


def test_it_is_coloured_on_a_terminal_only(home):
    text = on_a_terminal(home)
    assert text.startswith("\33[31;1mimbuca:\33[m cannot connect") and "\33[1mcause\33[m      the server" in text
    assert "or a\r\n             firewall says no" in text
    assert "\33" not in on_a_terminal(home, NO_COLOR="1")
    assert "\33" not in on_a_terminal(home, TERM="dumb")
    result = home.run("you@example.net", stdin=b"\nx\n")
    assert "\33" not in result.err and result.err.splitlines()[1].startswith("  cause      ")
