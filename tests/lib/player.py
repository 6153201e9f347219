"""Plays a dialogue on a socket: sends one side's lines and holds the other to theirs.

A player is one side ("S" or "C"); it sends the lines of its own letter and expects the others'. So it
is the server of a client under test, and the client of a daemon under test.
"""

import socket
import ssl
import struct
import time

import wire
from dialogue import pattern, spell, unescape


class Broken(Exception):
    """The other side did not do what the page says."""


class Player:
    """One connection. `context` is for the TLS handshake; all waits end at `deadline` (time.monotonic)."""

    def __init__(self, side, connection, context, deadline, *, split=False, message=b"", content=None, again=None):
        self.side = side
        self.other = "C" if side == "S" else "S"
        self.connection = connection
        self.context = context
        self.deadline = deadline
        self.split = split
        self.content = wire.content(message if content is None else content)
        self.chunk = wire.lines_ended(message if content is None else content)
        self.again = again
        self.received = b""
        self.closed = False
        self.heard = []

    def play(self, steps):
        """Plays the steps, then expects the other side to close without another word."""
        if self.connection.family != socket.AF_UNIX:
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        steps = list(steps)
        try:
            while steps:
                self._step(steps)
            if not self.closed:
                self._expect_silence()
        except (Broken, OSError) as error:
            raise Broken(self._story(error, steps)) from None
        finally:
            self.connection.close()

    def _step(self, steps):
        step = self.step = steps.pop(0)
        if step.kind.startswith("@"):
            getattr(self, "do_" + step.kind[1:])(step.text, steps)
        elif step.kind[0] == self.side:
            self._send(spell(step.text).encode() + b"\r\n")
        elif step.kind.endswith("?"):
            self._take_if(step.text)
        else:
            self._expect(step.text)

    # --- what pages may ask for: one method a directive ---

    def do_tls(self, _text, _steps):
        """The TLS handshake."""
        self._must_have_read_all()
        self.connection.settimeout(self._left())
        self.connection = self.context.wrap_socket(
            self.connection, server_side=self.side == "S",
            server_hostname=None if self.side == "S" else "localhost",
        )
        self._note(f"[{self.connection.version()}]")

    def do_refused(self, _text, _steps):
        """A TLS handshake that the other side must break off, at the latest before its first word."""
        try:
            self.do_tls("", ())
            self._expect_silence()
        except (ssl.SSLError, ConnectionError):
            self._note("[handshake broken off]")
        self.closed = True

    def do_send(self, text, _steps):
        """Bytes, with escapes, in one write."""
        self._send(unescape(spell(text)))

    def do_flood(self, text, _steps):
        r"""`COUNT TEXT`: the text with its escapes, so many times, as far as the other side takes it."""
        count, _, text = text.partition(" ")
        unit = unescape(text)
        self._note(f"[{int(count)} times] {_shown(unit)}")
        block = unit * max(1, 65536 // len(unit))
        left = int(count) * len(unit)
        while left > 0 and self._write(block[:left]):
            left -= len(block)

    def do_drip(self, text, _steps):
        """One byte a second until the other side gives up, which it must."""
        for byte in unescape(text):
            self._send(bytes([byte]))
            if self._gave_up_within(1):
                self.closed = True
                return
        raise Broken("the other side waited for the last of the dripping bytes")

    def do_stall(self, _text, _steps):
        """Not a word more; the other side must give up. What it says until then does not matter."""
        self._note("[stalls]")
        while self._fill():
            self.received = b""
        self.closed = True

    def do_pause(self, text, _steps):
        """Neither reads nor writes for so many seconds."""
        time.sleep(float(text))

    def do_again(self, _text, _steps):
        """The other side must close without another word, unless we have, and come back over a new connection."""
        if not self.closed:
            self._expect_silence()
            self.connection.close()
        self.closed, self.received = False, b""
        self._note("[connects again]")
        self.connection = self.again()
        if self.connection is None:
            raise Broken("the other side did not come back")

    def do_close(self, _text, _steps):
        self._note("[closes]")
        self.connection.close()
        self.closed = True

    def do_reset(self, _text, _steps):
        """Ends the connection as a crash or a firewall does."""
        self._note("[resets]")
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.closed = True

    def do_together(self, _text, steps):
        """The lines that follow must come in one write: one segment, one TLS record."""
        self._must_have_read_all()
        if not self._fill():
            raise Broken("the other side closed")
        while steps and steps[0].kind == self.other:
            self.step = steps.pop(0)
            if b"\n" not in self.received:
                raise Broken(f"the group ended before this line: {self.step.text}")
            self._expect(self.step.text)
        self._must_have_read_all()

    def do_reply(self, text, _steps):
        """A reply with this code, of however many lines."""
        line = b"-"
        while line[3:4] != b" ":
            line = self._line()
            if line is None or not line.startswith(text.encode()) or line[3:4] not in (b"-", b" "):
                raise Broken(f"no line of a reply {text}: {_shown(line or b'')}")

    def do_content(self, text, _steps):
        """The message as it goes over the wire, to the lone dot; `@content any` takes any."""
        if self.side == "C":
            self._write(self.content)
            return
        while not (self.received.startswith(b".\r\n") or b"\r\n.\r\n" in self.received):
            if not self._fill():
                raise Broken(f"the other side closed within the content, after: {_shown(self.received[-200:])}")
        end = 3 if self.received.startswith(b".\r\n") else self.received.index(b"\r\n.\r\n") + 5
        came, self.received = self.received[:end], self.received[end:]
        self._note(f"[content, {end} bytes]")
        if text != "any" and came != self.content:
            raise Broken(_difference(self.content, came))

    def do_chunk(self, _text, _steps):
        """The message as one chunk, behind the BDAT that says its size (RFC 3030)."""
        if self.side == "C":
            self._write(b"BDAT %d\r\n%s" % (len(self.chunk), self.chunk))
            return
        self._expect(f"BDAT {len(self.chunk)}")
        while len(self.received) < len(self.chunk):
            if not self._fill():
                raise Broken(f"the other side closed within the chunk, after: {_shown(self.received[-200:])}")
        came, self.received = self.received[: len(self.chunk)], self.received[len(self.chunk) :]
        self._note(f"[chunk, {len(came)} bytes]")
        if came != self.chunk:
            raise Broken(_difference(self.chunk, came))

    # --- sending ---

    def _send(self, data):
        self._note(f"{self.side}: {_shown(data)}")
        for piece in ([bytes([byte]) for byte in data] if self.split else [data]):
            if not self._write(piece):
                return

    def _write(self, data):
        """False where the other side is gone; whether it might be, later lines tell."""
        self.connection.settimeout(self._left())
        try:
            self.connection.sendall(data)
            return True
        except (ConnectionError, ssl.SSLError):
            self._note("[the other side is gone]")
            return False

    # --- receiving ---

    def _left(self):
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("time is up")
        return left

    def _fill(self):
        """One read; False at the end of the connection, however it ends."""
        self.connection.settimeout(self._left())
        try:
            data = self.connection.recv(1 << 17)
        except (ConnectionError, ssl.SSLError):
            data = b""
        self.received += data
        return bool(data)

    def _gave_up_within(self, seconds):
        self.connection.settimeout(seconds)
        try:
            return not self.connection.recv(1 << 16)
        except TimeoutError:
            return False
        except OSError:
            return True

    def _line(self):
        """The next line without its CRLF; None at the end."""
        while b"\n" not in self.received:
            if not self._fill():
                if self.received:
                    raise Broken(f"the other side closed within a line: {_shown(self.received)}")
                return None
        line, self.received = self.received.split(b"\n", 1)
        if not line.endswith(b"\r"):
            raise Broken(f"a line without a CR: {_shown(line)}")
        self._note(f"{self.other}: {_shown(line)}")
        return line[:-1]

    def _expect(self, text):
        line = self._line()
        if line is None:
            raise Broken("the other side closed")
        if not pattern(text).fullmatch(line):
            raise Broken(f"not what was expected: {_shown(line)}")

    def _take_if(self, text):
        line = self._line()
        if line is not None and not pattern(text).fullmatch(line):
            raise Broken(f"neither that nor the end: {_shown(line)}")

    def _expect_silence(self):
        self._must_have_read_all()
        if self._fill():
            raise Broken(f"more than was expected: {_shown(self.received)}")

    def _must_have_read_all(self):
        if self.received:
            raise Broken(f"too early, or too much: {_shown(self.received)}")

    # --- telling ---

    def _note(self, text):
        self.heard.append(text)

    def _story(self, error, steps):
        """What a reader of a failure needs: the dialogue so far, the line at fault, what was still to come."""
        step = self.step
        coming = "".join(f"\n    {rest.kind} {rest.text}" for rest in steps[:3])
        return "\n".join(
            ["the dialogue so far:", *(f"    {line}" for line in self.heard[-40:]),
             f"line {step.number}: {step.kind} {step.text}", f"  {error or type(error).__name__}",
             f"still to come:{coming or ' nothing'}"]
        )


def _shown(data):
    text = data.removesuffix(b"\r\n").removesuffix(b"\r").decode(errors="backslashreplace")
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    return text if len(text) <= 300 else f"{text[:300]}... ({len(data)} bytes)"


def _difference(expected, came):
    """Where two contents part, with a little of both."""
    at = next((i for i, pair in enumerate(zip(expected, came)) if pair[0] != pair[1]), min(len(expected), len(came)))
    around = slice(max(0, at - 40), at + 40)
    return f"the content differs at byte {at}\n  expected: {expected[around]!r}\n  received: {came[around]!r}"
