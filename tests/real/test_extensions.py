"""What the real servers make of the extensions: DSN, SMTPUTF8, CHUNKING, too many recipients; and Dovecot's LMTP."""

import re
import smtplib

import pytest

import house
import imbuca
import wire
from real.test_submit import BODIES, HEADER
from servers import dovecot

pytestmark = [pytest.mark.real, pytest.mark.root]


def on(*names):
    """The tests of one server run in one worker, which has started it."""
    return [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in names]


def submit(home, server, *arguments, extra=(), message=HEADER % b"extension"):
    home.write_accounts(imbuca.Account(server.ports["plain"], extra=extra).text())
    return home.run("-d", "-i", *arguments, stdin=message)


def told(result, server):
    return f"{result}\n{server.jail.logs()}"


# What a report says again of what was asked; OpenSMTPD's knows neither our name of the envelope nor ORCPT.
REPEATED = {
    "postfix": (r"(?i)original-envelope-id: our\+1", r"(?i)original-recipient: rfc822; ?user@example\.test"),
    "opensmtpd": (r"(?i)final-recipient: rfc822; ?user@example\.test",),
}


@pytest.mark.parametrize("name", on(*REPEATED))
def test_a_report_comes_back(name, start, home):
    """The message arrives, and so does the report that was asked for, without the message's body."""
    server = start(name)
    result = submit(home, server, "-f", server.address, "-N", "success", "-R", "hdrs", "-V", "our+2B1", server.address,
                    message=HEADER % b"report" + b"Secret plans\n")
    assert result.exit == 0, told(result, server)
    message, report = sorted((server.arrived() for _ in range(2)), key=lambda one: b"delivery-status" in one)
    assert b"Secret plans" in message
    assert b"Secret plans" not in report
    assert b"message/delivery-status" in report
    assert all(re.search(said, report.decode()) for said in REPEATED[name])


@pytest.mark.parametrize("address", ["jörg@example.test", "Δοκιμή@example.test"])
@pytest.mark.xdist_group("postfix")
def test_an_address_beyond_ascii_arrives(address, start, home):
    server = start("postfix")
    result = submit(home, server, address)
    assert result.exit == 0, told(result, server)
    assert "SMTPUTF8\n" in result.err
    assert b"A test" in server.arrived()


@pytest.mark.xdist_group("opensmtpd")
def test_an_address_beyond_ascii_is_refused_where_nobody_takes_it(start, home):
    server = start("opensmtpd")
    result = submit(home, server, "jörg@example.test", server.address)
    assert result.exit == 67, told(result, server)
    assert "jörg@example.test: refused for good" in result.err
    assert b"A test" in server.arrived()


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("name", on("postfix", "exim"))
def test_a_chunk_arrives_byte_for_byte(name, body, start, home):
    server = start(name)
    message = HEADER % f"chunk.{body}".encode() + BODIES[body]
    result = submit(home, server, server.address, extra=("chunking on",), message=message)
    assert result.exit == 0, told(result, server)
    assert "C: BDAT 0 LAST\n" in result.err
    arrived = server.arrived()
    assert arrived[arrived.find(b"From: Sender") :] == wire.lines_ended(message).replace(b"\r\n", b"\n")


@pytest.mark.xdist_group("postfix")
def test_too_many_recipients_are_split(start, home):
    server = start("postfix")
    names = [f"one{number}@example.test" for number in range(5)]
    result = submit(home, server, *names)
    assert result.exit == 0, told(result, server)
    assert "S: 452 4.5.3" in result.err
    assert result.err.count("C: MAIL FROM:") == 2
    assert all(b"A test" in server.arrived() for _ in range(2))


@pytest.mark.parametrize("extra", [(), ("chunking on",), ("pipelining off",)], ids=["usual", "chunk", "one-by-one"])
@pytest.mark.parametrize("way", ["port", "socket"])
@pytest.mark.xdist_group("dovecot")
def test_lmtp(way, extra, start, home):
    """A mailbox that there is has the message, one that there is not is refused alone."""
    server = start("dovecot")
    to_socket = (f"socket {server.jail.root / dovecot.SOCKET}",) if way == "socket" else ()
    result = submit(home, server, "nobody@example.test", server.address, extra=("protocol lmtp", *extra, *to_socket))
    assert result.exit == 67, told(result, server)
    assert "nobody@example.test: refused for good: 550 5.1.1" in result.err
    assert b"A test" in server.arrived()


@pytest.mark.root
@pytest.mark.xdist_group("dovecot")
@pytest.mark.parametrize("way", ["socket", "port"])
def test_imbucad_hands_mailboxes_to_dovecot(start, way):
    server = start("dovecot")
    where = server.jail.root / dovecot.SOCKET if way == "socket" else f"127.0.0.1:{server.ports['plain']}"
    folder = server.jail.root / "home/user/anna/Maildir/new"
    before = len(list(folder.glob("*")))
    machine = house.Machine()
    try:
        machine.start(f"mailbox lmtp:{where}")
        for _ in range(3):
            assert machine.send("anna+work", message=b"Subject: kept\r\n\r\n.over\r\n") == {}
        with pytest.raises(smtplib.SMTPDataError) as refused:
            machine.send("bert")
        assert refused.value.smtp_code == 550 and b"5.1.1" in refused.value.smtp_error
    finally:
        machine.end()
    files = sorted(folder.glob("*"))
    assert len(files) == before + 3 and b"\n\n.over\n" in files[-1].read_bytes()
