"""imbuca submits through Debian's Postfix, Exim and OpenSMTPD, and what arrives is what was sent."""

import quopri
import random
import re

import pytest

import imbuca
import wire
from dialogue import found
from servers import kerberos
from servers.server import PASSWORD, USER

pytestmark = [pytest.mark.real, pytest.mark.root]

MECHANISMS = {
    "postfix": ("plain", "login", "cram-md5", "digest-md5", "scram-sha-1", "scram-sha-256"),
    "exim": ("plain", "login", "cram-md5"),
    "opensmtpd": ("plain", "login"),
}

HEADER = b"""\
From: Sender <sender@example.org>
To: user@example.test
Subject: A test
Date: Thu, 01 Jan 2026 12:00:00 +0000
Message-ID: <%s@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

"""


def large():
    """Five megabytes of lines of every length up to 900, many of them with dots at their beginning."""
    chance = random.Random(4711)
    line = lambda: b"." * chance.choice((0, 0, 0, 1, 2)) + bytes(chance.choices(b"abc .=\xc3", k=chance.randrange(900)))
    return b"".join(line() + b"\n" for _ in range(11000))


BODIES = {
    "small": b"Hello\n",
    "empty": b"",
    "dots": b".\n..\n.a\na.\n\n.\n",
    "eight-bit": "Grüße aus Köln\n".encode(),
    "line-ends": b"unix\ndos\r\nmixed\n\r\nlast without end",
    "large": large(),
}


def cases():
    for server, mechanisms in MECHANISMS.items():
        together = pytest.mark.xdist_group(server)
        for body in BODIES:
            yield pytest.param(server, "plain", None, body, id=f"{server}-plain-{body}", marks=together)
        for transport in ("starttls", "tls"):
            for mechanism in mechanisms:
                for body in BODIES if mechanism == "plain" else ("small",):
                    name = f"{server}-{transport}-{mechanism}-{body}"
                    yield pytest.param(server, transport, mechanism, body, id=name, marks=together)


def submit(home, authority, server, transport, mechanism, message):
    login = (f"auth {mechanism}", f"user {USER}", f"password {PASSWORD}") if mechanism else ()
    account = imbuca.Account(server.ports[transport], transport, authority.certificate, login)
    accounts = home.write_accounts(account.text())
    result = home.run("-C", accounts, "-i", server.address, stdin=message)
    assert result.exit == 0, f"{result}\n{server.jail.logs()}"
    return server.arrived(re.search(rb"Message-ID: <.*>", message).group())


@pytest.mark.parametrize("name, transport, mechanism, body", cases())
def test_arrives_byte_for_byte(name, transport, mechanism, body, start, home, authority):
    message = HEADER % f"{transport}.{mechanism}.{body}".encode() + BODIES[body]
    arrived = submit(home, authority, start(name), transport, mechanism, message)
    expected = wire.lines_ended(message).replace(b"\r\n", b"\n")
    at = arrived.find(b"From: Sender")
    assert arrived[at:] == expected


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in MECHANISMS])
def test_a_long_line_arrives_as_it_was(name, start, home, authority):
    header = HEADER.replace(b"8bit", b"7bit") % b"long"
    body = b"x" * 5000 + b" = y\n.\nFrom here\n"
    arrived = submit(home, authority, start(name), "plain", None, header + body)
    head, _, came = arrived.partition(b"\n\n")
    assert re.search(rb"(?im)^content-transfer-encoding: *quoted-printable$", head)
    assert max(map(len, came.splitlines())) <= 76
    assert quopri.decodestring(came) == body


@pytest.mark.xdist_group("postfix")
def test_a_wrong_password_is_told(start, home, authority):
    server = start("postfix")
    login = ("auth plain", f"user {USER}", "password wrong")
    accounts = home.write_accounts(
        imbuca.Account(server.ports["starttls"], "starttls", authority.certificate, login).text()
    )
    result = home.run("-C", accounts, server.address, stdin=HEADER % b"wrong")
    assert result.exit == 77
    assert "authentication failed" in result.err


@pytest.mark.parametrize("transport", ["starttls", "tls"])
@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("postfix", "exim")])
def test_the_next_run_resumes_the_session(name, transport, start, home, authority):
    server = start(name)
    login = ("auth plain", f"user {USER}", f"password {PASSWORD}")
    account = imbuca.Account(server.ports[transport], transport, authority.certificate, login)
    accounts = home.write_accounts(account.text())
    for words in ("(?<!resumed)", ", resumed"):
        result = home.run("-d", "-C", accounts, server.address, stdin=HEADER % b"resumed")
        assert result.exit == 0 and re.search(rf"^-- TLS\S+ \S+{words}$", result.err, re.M), f"{result}\n{server.jail.logs()}"
        server.arrived(b"<resumed@example.org>")


def external(home, authority, server, transport, certificate):
    """Logs in by a client's certificate."""
    login = ("auth external", f"user {USER}")
    if certificate is not None:
        login += (f"tls_cert_file {certificate.certificate}", f"tls_key_file {certificate.key}")
    account = imbuca.Account(server.ports[transport], transport, authority.certificate, login)
    return home.run("-d", "-C", home.write_accounts(account.text()), server.address, stdin=HEADER % b"external")


@pytest.mark.xdist_group("exim")
@pytest.mark.parametrize("transport", ["starttls", "tls"])
def test_a_certificate_logs_in(transport, start, home, authority):
    server = start("exim")
    result = external(home, authority, server, transport, authority.issue(USER))
    assert result.exit == 0 and "AUTH EXTERNAL" in result.err, f"{result}\n{server.jail.logs()}"
    server.arrived(b"<external@example.org>")


@pytest.mark.xdist_group("exim")
@pytest.mark.parametrize("transport", ["starttls", "tls"])
def test_a_certificate_of_another_or_none_does_not(transport, start, home, authority):
    server = start("exim")
    other = external(home, authority, server, transport, authority.issue("another"))
    assert other.exit == 77 and found("535", other.err), f"{other}\n{server.jail.logs()}"
    none = external(home, authority, server, transport, None)
    assert none.exit == 77 and "EXTERNAL" in none.err, f"{none}\n{server.jail.logs()}"


@pytest.mark.xdist_group("postfix")
@pytest.mark.parametrize("transport", ["starttls", "tls"])
def test_a_ticket_of_kerberos_logs_in(transport, start, home, authority):
    server = start("postfix")
    login = ("auth gssapi", f"user {USER}")
    account = imbuca.Account(server.ports[transport], transport, authority.certificate, login, host="localhost")
    accounts = home.write_accounts(account.text())
    without = home.run("-C", accounts, server.address, stdin=HEADER % b"no ticket")
    assert without.exit != 0, without
    home.environment |= kerberos.environment(server.jail)
    result = home.run("-d", "-C", accounts, server.address, stdin=HEADER % b"ticket")
    assert result.exit == 0 and "AUTH GSSAPI" in result.err, f"{result}\n{server.jail.logs()}"
    server.arrived(b"<ticket@example.org>")
