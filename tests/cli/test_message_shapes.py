"""The shapes in which programs hand a message over, and what arrives of each: one table.

README shows beside it what sendmail, Postfix, msmtp, nullmailer and dma make of the same.
"""

import email
import email.policy
import os
import pwd
import re
import socket
from dataclasses import dataclass, field

import pytest

import imbuca
import place

OWN = "sender@example.org"
HERE = "client.example.org"  # the account's domain
B = "b@example.net"


@dataclass
class Shape:
    name: str
    message: bytes
    arguments: tuple = (B,)
    to: list = field(default_factory=lambda: [B])
    sender: str = OWN
    has: tuple = ()  # lines of the header that arrives, or patterns of whole lines
    never: tuple = ()  # bytes that nothing of it may have
    body: bytes = b"Hello\r\n"
    exit: int = 0
    account: tuple = ()


FROM_CRON = b"From: root (Cron Daemon)\nTo: root\nSubject: x\n\nHello\n"
LIST = (
    b'To: "Doe, J" <a@example.net>,\n\tc@example.net (one, two),\n grp: d@example.net, "we ird"@example.net;,\n'
    b" e@example.net\nTo: f@example.net\nCc: , g@example.net\n\nHello\n"
)

SHAPES = [
    # what is generated
    Shape("From is added", b"Subject: x\n\nHello\n", has=(r"From: .*<sender@example\.org>",)),
    Shape("From, with -F", b"Subject: x\n\nHello\n", ("-FDoe, J", B), has=('From: "Doe, J" <sender@example.org>',)),
    Shape("From, null sender", b"Subject: x\n\nHello\n", ("-f", "", B), sender="",
          has=(r"From: .*@client\.example\.org>",), never=(b"From: <>", b"<@")),
    Shape("Date is added", b"Subject: x\n\nHello\n", has=(r"Date: \w{3}, \d\d? \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}",)),
    Shape("Message-ID is added", b"Subject: x\n\nHello\n", has=(r"Message-ID: <[^<>@\s]+@[^<>@\s]+>",)),
    Shape("Received has the uid", b"Subject: x\n\nHello\n", account=("set_received_header on",),
          has=(rf"Received: by \S+ \(imbuca, from userid {os.getuid()}\);",)),
    Shape("no To or Cc", b"Subject: x\n\nHello\n", never=(b"\r\nTo:", b"\r\nCc:", b"Bcc:")),
    Shape("unqualified names", b"From: me@example.org\nTo: root, b@example.net\nCc: Grp: a (x, y);\nReply-To: bob\n\nHello\n",
          has=(f"To: root@{HERE}, b@example.net", f"Cc: Grp: a@{HERE} (x, y);", f"Reply-To: bob@{HERE}")),
    Shape("From of this machine", FROM_CRON,
          has=("From: Cron Daemon <sender@example.org>", "X-Original-From: root (Cron Daemon)")),
    Shape("Sender of this machine", b"From: me@example.org\nSender: root\n\nHello\n", has=("Sender: root <sender@example.org>",)),
    Shape("-f of this machine", b"Subject: x\n\nHello\n", ("-f", "fail2ban", B)),
    Shape("Return-Path", b"Return-Path: <x@example.com>\nContent-Length: 3\nSubject: x\n\nHello\n",
          never=(b"Return-Path", b"Content-Length")),
    Shape("8-bit body", b"Subject: x\n\ncaff\xe8\n", body=b"caff\xe8\r\n"),
    Shape("NUL", b"Subject: x\n\na\0b\n", exit=65),
    Shape("CRLF", b"Subject: x\r\n\r\nHello\r\n", has=("Subject: x",)),
    Shape("mixed line ends", b"Subject: x\r\nX-A: y\n\r\nHello\nyou\r\n", has=("Subject: x", "X-A: y"), body=b"Hello\r\nyou\r\n"),
    Shape("bare CR", b"Subject: x\rX-A: y\r\rHello\r", has=("Subject: x", "X-A: y")),
    Shape("leading From line", b">From a@b Thu Jan  1\nFrom a@b Thu Jan  1\nSubject: x\n\nHello\n",
          has=("Subject: x",), never=(b"From a@b",)),
    Shape("no header", b"hello\nworld\n", body=b"hello\r\nworld\r\n"),
    Shape("a line that is no field", b"Subject: x\nbody text\n", has=("Subject: x",), body=b"body text\r\n"),
    Shape("no line end at the end", b"Subject: x\n\nHello", has=("Subject: x",)),
    Shape("a header alone, cut off", b"Subject: x", has=("Subject: x",), body=b""),
    Shape("nothing at all", b"", body=b""),
    # -t
    Shape("-t and operands", b"To: a@example.net, c@example.net\nBcc: b@example.net\n\nHello\n",
          ("-t", "c@example.net", "d@example.net"),
          ["c@example.net", "d@example.net", "a@example.net", B], never=(b"Bcc", B.encode())),
    Shape("-t of a message sent again", b"To: a@example.net\nCc: c@example.net\nResent-To: b@example.net\n"
          b"Resent-Bcc: hidden@example.net\n\nHello\n", ("-t",), [B, "hidden@example.net"], has=("To: a@example.net",),
          never=(b"Resent-Bcc", b"hidden@")),
    Shape("Bcc without -t", b"Bcc: secret@example.net\nSubject: x\n\nHello\n", never=(b"Bcc", b"secret")),
    Shape("-t, a Bcc alone", b"Bcc: b@example.net\nSubject: x\n\nHello\n", ("-t",), never=(b"Bcc", B.encode())),
    Shape("-t, repeated To", b"To: a@example.net\nTo: b@example.net\n\nHello\n", ("-t",), ["a@example.net", B]),
    Shape("-t, folds, groups, quotes", LIST, ("-t",),
          [f"{name}@example.net" for name in ("a", "c", "d", '"we ird"', "e", "f", "g")]),
    Shape("-t, an empty group and Bcc", b"To: undisclosed-recipients:;\nBcc: b@example.net\n\nHello\n", ("-t",),
          has=("To: undisclosed-recipients:;",), never=(b"Bcc",)),
    Shape("-t, a blank between names", b"To: foo bar@example.net\nCc: b@example.net\n\nHello\n", ("-t",), exit=65,
          has=("To: foo bar@example.net",)),
    Shape("-t, nobody", b"Subject: x\n\nHello\n", ("-t",), exit=64),
    Shape("the same twice", b"To: b@EXAMPLE.net, B@example.net\n\nHello\n", ("-t", B, B), [B, "B@example.net"]),
]

LOST = {64, 65}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_shape(home, mailbox, shape):
    home.write_accounts(imbuca.Account(mailbox.port, extra=shape.account).text())
    result = home.run(*shape.arguments, stdin=shape.message)
    assert (result.exit, result.out) == (shape.exit, ""), result
    assert bool(result.err) == (shape.exit != 0)
    if shape.exit in LOST and not shape.has:
        assert mailbox.mails == []
        return
    mail = mailbox.mails[0]
    assert (mail.sender, mail.recipients, mail.body) == (shape.sender, shape.to, shape.body)
    lines = mail.header.decode("latin-1").split("\r\n")
    for wanted in shape.has:
        assert wanted in lines or any(re.match(wanted, line) for line in lines), lines
    for bad in shape.never:
        assert bad not in mail.content
    assert_complete(mail)


def assert_complete(mail):
    """One of each field that a message has, all lines ended by CRLF."""
    message = email.message_from_bytes(mail.content, policy=email.policy.default)
    for name in ("From", "Date", "Message-ID"):
        assert len(message.get_all(name)) == 1, name
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", mail.content) is None


def arrived_from(home, mailbox, message, *arguments):
    assert home.run(*arguments, B, stdin=message).exit == 0
    header = email.message_from_bytes(mailbox.mails[-1].content, policy=email.policy.default)
    return header["From"].addresses[0], header


@pytest.mark.parametrize("value, name", [
    ("root", "root"),
    ("Logwatch", "Logwatch"),
    ('"(Cron Daemon)" <root>', "(Cron Daemon)"),
    ("Doe, J <joe>", "Doe"),
    ("mdadm monitoring <root@{host}>", "mdadm monitoring"),
    ("=?utf-8?Q?J=C3=B6rg_M?= <joe@localhost>", "J\u00f6rg M"),
    ("J\u00f6rg <joe@localhost.localdomain>", "J\u00f6rg"),
    ("a@localhost, b@example.com", "a"),
])
def test_a_from_of_this_machine_becomes_the_accounts(sends, home, mailbox, value, name):
    value = value.format(host=socket.gethostname())
    got, header = arrived_from(home, mailbox, f"From: {value}\n\nHello\n".encode())
    assert (got.display_name, got.addr_spec) == (name, OWN)
    assert header["X-Original-From"]


def test_a_from_of_elsewhere_stays(sends, home, mailbox):
    got, header = arrived_from(home, mailbox, b"From: Ann <ann@example.com>\n\nHello\n")
    assert str(got) == "Ann <ann@example.com>"
    assert header["Reply-To"] is None and header["X-Original-From"] is None


def test_a_from_of_this_machine_that_the_account_owns_stays(home, mailbox):
    account = imbuca.Account(mailbox.port, extra=("from joe@localhost",))
    home.write_accounts(account.text())
    got, header = arrived_from(home, mailbox, b"From: Joe <joe@localhost>\n\nHello\n")
    assert str(got) == "Joe <joe@localhost>"
    assert mailbox.mails[0].sender == "joe@localhost"
    assert header["X-Original-From"] is None


@pytest.mark.parametrize("switch, message, reply_to, original", [
    ("on", b"From: Ann <ann@example.com>\n\n", "Ann <ann@example.com>", None),
    ("on", b"From: ann@example.com\nReply-To: r@example.com\n\n", "r@example.com", "ann@example.com"),
    ("on", b"From: root\n\n", None, "root"),
    ("on", b"From: sender@example.org\n\n", None, None),
    ("on", b"Subject: x\n\n", None, None),
    ("off", b"From: root\n\n", None, None),
])
def test_set_from_header_keeps_what_was_there(home, mailbox, switch, message, reply_to, original):
    home.write_accounts(imbuca.Account(mailbox.port, extra=(f"set_from_header {switch}",)).text())
    got, header = arrived_from(home, mailbox, message)
    assert got.addr_spec == (OWN if switch == "on" else f"root@{HERE}")
    assert (header["Reply-To"], header["X-Original-From"]) == (reply_to, original)


def test_no_received_for_the_owner_of_the_account(sends, mailbox):
    assert sends(B, stdin=b"Subject: x\n\n").exit == 0
    assert b"Received" not in mailbox.mails[0].content


def test_the_name_of_the_environment(home, mailbox):
    home.write_accounts(imbuca.Account(mailbox.port).text())
    home.environment["NAME"] = "Doe, J"
    assert arrived_from(home, mailbox, b"\n")[0].display_name == "Doe, J"
    assert arrived_from(home, mailbox, b"\n", "-FAnn")[0].display_name == "Ann"


@pytest.mark.root
@pytest.mark.parametrize("gecos, name", [
    ("Joe Doe,,,", "Joe Doe"),
    ("& Doe,Room 1", "Joe Doe"),
    ('Joe "Ad" (D)', 'Joe "Ad" (D)'),
    ("J\u00f6 D", "J\u00f6 D"),
    ("", ""),
])
def test_the_name_of_the_passwd_entry(home, mailbox, gecos, name):
    """In a mount namespace, which has a passwd file of its own."""
    passwd = home.folder / "passwd"
    passwd.write_text(f"joe:x:{os.getuid()}:0:{gecos}:/:/bin/sh\n")
    home.write_accounts(imbuca.Account(mailbox.port).text())
    home.environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    mount = f'mount --bind {passwd} /etc/passwd && exec "$0" "$@"'
    result = home.run("--mount", "sh", "-c", mount, place.program("imbuca"), B, program=place.need("unshare"), stdin=b"\n")
    assert result.exit == 0, result
    header = email.message_from_bytes(mailbox.mails[-1].content, policy=email.policy.default)
    assert header["From"].addresses[0].display_name == name
