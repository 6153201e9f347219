"""README's table of what arrives: the columns of the others, by the programs themselves.

A row is a message, a command line, and what is looked for in what arrives: its word must be README's.
"""

import re
import socket
from dataclasses import dataclass

import jail
import place
import pytest

pytestmark = [pytest.mark.real, pytest.mark.root, pytest.mark.slow]

B = "b@example.net"
COLUMNS = ("imbuca", "Sendmail", "Postfix", "msmtp", "nullmailer", "dma")


def table():
    """README's table: {row: {program: word}}."""
    lines = (place.SOURCE / "README").read_text().splitlines()
    head = next(i for i, line in enumerate(lines) if re.search(r"imbuca +Sendmail +Postfix", line))
    starts = [re.search(rf"\b{name}\b", lines[head]).start() for name in COLUMNS]
    rows, line = {}, head + 1
    while lines[line].strip():
        cells = [lines[line][a:b].strip() for a, b in zip(starts, [*starts[1:], None])]
        rows[lines[line][: starts[0]].strip()] = dict(zip(COLUMNS, cells))
        line += 1
    return rows


@dataclass
class Row:
    name: str
    message: bytes
    judge: object  # of the exit code and the mail that arrived, or None: README's word
    arguments: tuple = (B,)
    recipients: int = 0  # to wait for, since dma sends to each on its own


def has(pattern, yes, no):
    return lambda code, mail: yes if re.search(pattern, mail.content, re.M | re.I) else no


def header_has(pattern, yes, no):
    return lambda code, mail: yes if re.search(pattern, b"\r\n" + mail.header, re.I) else no


def fate_of_text(code, mail):
    """Of a message that is text alone."""
    if b"hello" not in mail.content:
        return "line lost"
    return "text kept" if mail.body.startswith(b"hello\r\nworld") else "glued"


def fate_of_line(code, mail):
    """Of a line that is no field, at the end of a header."""
    if b"body text" not in mail.content:
        return "line lost"
    return "in header" if b"body text" in mail.header else "text kept"


def sender_in_trace(code, mail):
    """What Received says of who has called."""
    words = {rb"u(ser)?id 0": "yes", rb"\(from root@": "login"}
    return next((word for pattern, word in words.items() if re.search(rb"\nReceived: (.|\n)*" + pattern, b"\r\n" + mail.header)), "no")


ROWS = [
    Row("no From", b"Subject: x\n\nHello\n", header_has(rb"\nFrom: ", "added", "missing")),
    Row("no Date", b"Subject: x\n\nHello\n", header_has(rb"\nDate: ", "added", "missing")),
    Row("no Message-ID", b"Subject: x\n\nHello\n", header_has(rb"\nMessage-ID: ", "added", "missing")),
    Row("no To, Cc", b"Subject: x\n\nHello\n", header_has(rb"\nCc: ", "a Cc added", "as it is")),
    Row("Received with the uid", b"Subject: x\n\nHello\n", sender_in_trace),
    Row("names without a domain", b"To: root\nSubject: x\n\nHello\n", header_has(rb"\nTo: root@", "completed", "as they are")),
    Row("RCPT TO:<root>", b"Subject: x\n\nHello\n", lambda code, mail: "yes" if "root" in mail.recipients else "no", ("root", B), 2),
    Row("Return-Path", b"Return-Path: <x@example.com>\nFrom: y@example.com\nSubject: x\n\nHello\n",
        lambda code, mail: "kept" if b"Return-Path" in mail.header else "is sender" if mail.sender == "x@example.com" else "removed"),
    Row("From line at the top", b"From a@b Thu Jan  1 00:00:00 2026\nSubject: x\n\nHello\n", has(rb"^From a@b", "sent", "removed")),
    Row("no header", b"hello\nworld\n", fate_of_text),
    Row("text after the header", b"Subject: x\nbody text\n", fate_of_line),
    Row("header cut off", b"Subject: x", header_has(rb"\nSubject: x\r\n", "kept", "line lost")),
    Row("-t with recipients", b"To: a@example.net\nSubject: x\n\nHello\n",
        lambda code, mail: "adds" if sorted(mail.recipients) == ["a@example.net", B] else str(mail.recipients), ("-t", B), 2),
    Row("-t finds nobody", b"Subject: x\n\nHello\n", lambda code, mail: f"exit {code}", ("-t",)),
    Row("Bcc without -t", b"Bcc: secret@example.net\nSubject: x\n\nHello\n", header_has(rb"secret@", "sent", "removed")),
    Row("Resent-Bcc", b"Resent-To: b@example.net\nResent-Bcc: secret@example.net\nTo: b@example.net\n\nHello\n",
        header_has(rb"\nResent-Bcc", "sent", "removed"), ("-t",)),
]


POSTFIX = """\
compatibility_level = 3.6
myorigin = /etc/mailname
myhostname = client.example.org
mydestination =
alias_maps =
relayhost = [127.0.0.1]:{port}
inet_interfaces = loopback-only
inet_protocols = ipv4
maillog_file = /var/log/postfix.log
"""


SENDMAIL = """\
VERSIONID(`tests')
OSTYPE(`linux')
define(`confDOMAIN_NAME', `client.example.org')
define(`confTRUSTED_USERS', `root')
define(`SMART_HOST', `[relay.example.org]')
define(`RELAY_MAILER_ARGS', `TCP $h {port}')
FEATURE(`nocanonify')
MAILER(`smtp')
"""

PACKAGES = {"Sendmail": ("sendmail-bin", "sendmail-cf", "m4")}


class Peer:
    """A program in a machine of its own, whose mail goes to `mailbox`."""

    def __init__(self, name, there, layers, port):
        self.name, self.there = name, there
        self.program = {"msmtp": "/usr/bin/msmtp"}.get(name, layers / "usr/sbin" / {"nullmailer": "sendmail"}.get(name, name))
        there.write("etc/mailname", "client.example.org\n")
        if name == "msmtp":
            there.write("etc/msmtprc", f"account default\nhost 127.0.0.1\nport {port}\nfrom sender@example.org\ntls off\nauth off\n")
        elif name == "nullmailer":
            there.write("etc/nullmailer/remotes", f"127.0.0.1 smtp --port={port}\n")
            there.write("etc/nullmailer/defaultdomain", "example.org\n")
            there.write("etc/nullmailer/me", "client.example.org\n")
        elif name == "Postfix":
            self.program = "/usr/sbin/sendmail"
            self._make_postfix(there, layers, port)
        elif name == "Sendmail":
            self.program = "/usr/libexec/sendmail/sendmail"
            there.write("etc/mail/sendmail.mc", SENDMAIL.format(port=port))
            there.write("etc/mail/service.switch", "hosts files\naliases files\npasswd files\n")
            # It waits for a minute where it does not find the whole of its name, and relays to no address of its own.
            names = ("localhost", f"client.example.org {socket.gethostname()}", "relay.example.org")
            there.write("etc/hosts", "".join(f"127.0.0.1 {name}\n" for name in names))
        else:
            there.write("etc/dma/dma.conf", f"SMARTHOST 127.0.0.1\nPORT {port}\nMAILNAME client.example.org\n")

    def _make_postfix(self, there, layers, port):
        """All of it but the daemon that listens."""
        (there.upper / "usr/sbin/sendmail").unlink()
        for file, line in ("passwd", "postfix:x:54100:54100::/var/spool/postfix:/bin/false\n"), ("group", "postfix:x:54100:\npostdrop:x:54101:\n"):
            there.write(f"etc/{file}", (there.upper / "etc" / file).read_text() + line)
        services = (layers / "usr/share/postfix/master.cf.dist").read_text()
        there.write("etc/postfix/master.cf", re.sub(r"(?m)^smtp +inet.*\n", "", services))
        there.write("etc/postfix/main.cf", POSTFIX.format(port=port))

    def submit(self, row):
        """The exit code. What it queues, it brings within seconds."""
        script = 'exec "$@"'
        if self.name == "nullmailer":
            script = (
                "mkdir -p /var/spool/nullmailer/queue /var/spool/nullmailer/tmp /var/spool/nullmailer/failed\n"
                "mkfifo /var/spool/nullmailer/trigger; chmod 622 /var/spool/nullmailer/trigger\n"
                "nullmailer-send >/dev/null 2>&1 & \n"
                '"$@"; code=$?\n'
                'for i in $(seq 100); do [ "$(ls /var/spool/nullmailer/queue)" ] || break; sleep 0.1; done\n'
                "kill $!; exit $code"
            )
        elif self.name == "Postfix":
            script = (
                "mkdir -p /var/spool/postfix /var/lib/postfix; chown postfix /var/lib/postfix; postfix start >/dev/null 2>&1\n"
                '"$@"; code=$?\n'
                'for i in $(seq 100); do postqueue -p | grep -q "queue is empty" && break; sleep 0.1; done\n'
                "postfix stop >/dev/null 2>&1; exit $code"
            )
        elif self.name == "Sendmail":
            script = (
                "mkdir -p /var/spool/mqueue && cd /etc/mail &&\n"
                "m4 -D_CF_DIR_=/usr/share/sendmail/cf/ /usr/share/sendmail/cf/m4/cf.m4 sendmail.mc >sendmail.cf &&\n"
                'program=$1 && shift && exec "$program" -Am -odi "$@"'
            )
        elif self.name == "dma":
            script = 'mkdir -p /var/spool/dma && touch /var/spool/dma/flush; exec "$@"'
        return self.there.run("sh", "-c", script, "sh", self.program, *row.arguments, stdin=row.message)


def recipients(mailbox):
    return [name for mail in mailbox.mails for name in mail.recipients]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@pytest.mark.parametrize("name", COLUMNS[1:])
def test_a_cell(layers, machine, mailbox, name, row):
    packages = PACKAGES.get(name, (name.lower(),))
    peer = Peer(name, machine(*packages), layers(packages), mailbox.port)
    result = peer.submit(row)
    jail.wait_for(lambda: mailbox.mails, 0.1 if row.name == "-t finds nobody" else 20)
    jail.wait_for(lambda: len(recipients(mailbox)) >= row.recipients, 3)
    mail = mailbox.mails[0] if mailbox.mails else None
    assert mail is not None or row.name == "-t finds nobody", result
    if mail is not None:
        mail.recipients = recipients(mailbox)
    assert row.judge(result.exit, mail) == table()[row.name][name], (result, mail)
