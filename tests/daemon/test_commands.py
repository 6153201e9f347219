"""Every command in every state, over SMTP and LMTP: its code, and where it leaves the session."""

import base64
import socket
import ssl

import pytest

from place import SOURCE

TABLE = SOURCE / "tests" / "daemon" / "commands.tsv"
RECIPIENT = "RCPT TO:<c@d.example>"
ENVELOPE = ("MAIL FROM:<a@b.example>", RECIPIENT)


def cells():
    rows = [line.split("\t") for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    for command, *row in rows[1:]:
        for state, cell in zip(rows[0][1:], row, strict=True):
            code, _, after = cell.partition(" ")
            yield pytest.param(command, state, code, after or state, id=f"{command.partition(':')[0]}-{state}")


class Client:
    """Says a line, hears a reply."""

    def __init__(self, port, context, lmtp):
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.context, self.hello = context, "LHLO me" if lmtp else "EHLO me"
        self.replies = self.connection.makefile("rb")
        self.hear()

    def hear(self):
        """The code of the next reply, "" at the end."""
        line = b"   -"
        while line[3:4] == b"-":
            line = self.replies.readline()
        return line[:3].decode()

    def say(self, line):
        self.connection.sendall(line.encode() + b"\r\n")
        return self.hear()

    def secure(self):
        assert self.say("STARTTLS") == "220"
        self.shake_hands()

    def shake_hands(self):
        self.connection = self.context.wrap_socket(self.connection, server_hostname="localhost")
        self.replies = self.connection.makefile("rb")

    def reach(self, state):
        """Brings a new session there."""
        lines = {
            "connected": (), "greeted": (self.hello,), "helo": ("HELO me",), "mail": (self.hello, ENVELOPE[0]),
            "rcpt": (self.hello, *ENVELOPE), "chunks": (self.hello, *ENVELOPE, "BDAT 0"),
            "challenge": (self.hello, "AUTH SCRAM-SHA-256"), "secured": (self.hello,), "login": (self.hello,),
        }
        codes = [self.say(line) for line in lines[state]]
        assert set(codes) <= {"250", "334"}, codes
        if state in ("secured", "login"):
            self.secure()
        if state == "login":
            secret = base64.b64encode(b"\0anna\0correct horse").decode()
            assert [self.say(self.hello), self.say(f"AUTH PLAIN {secret}")] == ["250", "235"]

    def state(self):
        """Where the session is, found by commands that change nothing where they are refused."""
        if self.say("DATA") == "354":
            return "rcpt"
        if self.say(RECIPIENT) == "250":
            return "mail"
        if self.say("BDAT 0") == "250":
            return "chunks"
        return "greeted" if self.say(ENVELOPE[0]) == "250" else "connected"


SAME = {"helo": "greeted", "login": "greeted", "secured": "connected"}


def of_lmtp(command, state, code, after):
    """A cell of the table as LMTP has it, which has one greeting."""
    command = {"EHLO me": "LHLO me", "LHLO me": "EHLO me"}.get(command, command)
    if command == "HELO me" and state != "challenge":
        return command, state, "500", state
    return command, state, code, after


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
@pytest.mark.parametrize("command, state, code, after", cells())
def test_command(command, state, code, after, lmtp, shared):
    if lmtp:
        command, state, code, after = of_lmtp(command, SAME[state] if state == "helo" else state, code, after)
    daemon = shared("--listen", "127.0.0.1:0 lmtp")
    client = Client(daemon.ports[2 if lmtp else 0], daemon.context(), lmtp)
    client.reach(state)
    assert client.say(command) == code
    if after == "closed":
        assert client.hear() == ""
        return
    if after == "content":
        assert client.say("QUIT\r\n.") == "250"
    elif after == "challenge":
        assert client.say("*") == "501"
    elif after == "secured" and state != "secured":
        client.shake_hands()
    assert client.state() == {"content": "greeted", "challenge": "greeted", **SAME}.get(after, after)
    client.connection.close()
