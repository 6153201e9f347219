"""Many clients of one SMTP or LMTP server at once, in one thread, so that they cost little beside it."""

import selectors
import socket
import time

SENDER, DOMAIN = "a@example.org", "example.test"
PATIENCE = 60  # seconds that a server may be silent


class Client:
    """One connection: the envelope goes in one write where the server pipelines, the content in another."""

    def __init__(self, load, address):
        self.load, self.buffer, self.step, self.together, self.envelope = load, b"", self.greeted, False, []
        self.socket = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        self.socket.connect(address)
        if self.socket.family == socket.AF_INET:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def hear(self):
        """Takes what came, a reply at a time."""
        data = self.socket.recv(65536)
        if not data:
            raise SystemExit("bench: the server closed the connection")
        self.buffer += data
        while b"\n" in self.buffer:
            line, self.buffer = self.buffer.split(b"\n", 1)
            if line[:1] not in b"23":
                raise SystemExit(f"bench: the server said: {line.decode()}")
            self.together |= line.rstrip().upper().endswith(b"PIPELINING")
            if line[3:4] != b"-":
                self.step(line)

    def say(self, data):
        self.socket.sendall(data)

    def greeted(self, _line):
        self.step = self.next
        self.say(b"LHLO bench\r\n" if self.load.lmtp else b"EHLO bench\r\n")

    def next(self, _line):
        """The envelope of the next message, or the end."""
        recipient = self.load.take()
        if recipient is None:
            self.load.leave(self)
            return
        self.step = self.enveloped
        self.envelope = [
            b"MAIL FROM:<%s>\r\n" % SENDER.encode(), b"RCPT TO:<%s@%s>\r\n" % (recipient.encode(), DOMAIN.encode()), b"DATA\r\n"
        ]
        if self.together:
            self.envelope = [b"".join(self.envelope)]
        self.say(self.envelope.pop(0))

    def enveloped(self, line):
        if self.envelope:
            self.say(self.envelope.pop(0))
        elif line.startswith(b"354"):
            self.step = self.accepted
            self.say(self.load.content)

    def accepted(self, line):
        self.load.done += 1
        self.next(line)


class Load:
    """So many messages over so many connections, to the recipients in turns."""

    def __init__(self, address, content, recipients, *, lmtp=False):
        self.address, self.recipients, self.lmtp = address, recipients, lmtp
        self.content = content + b".\r\n"
        self.left = self.done = 0
        self.selector = None

    def run(self, messages, connections):
        """Seconds until the last of them was accepted."""
        self.left, self.done, self.selector = messages, 0, selectors.DefaultSelector()
        began = time.perf_counter()
        for _ in range(connections):
            client = Client(self, self.address)
            self.selector.register(client.socket, selectors.EVENT_READ, client)
        while self.selector.get_map():
            ready = self.selector.select(PATIENCE)
            if not ready:
                raise SystemExit(f"bench: the server was silent for {PATIENCE} s")
            for key, _ in ready:
                key.data.hear()
        return time.perf_counter() - began

    def take(self):
        """The recipient of the next message; None where none is left."""
        if self.left == 0:
            return None
        self.left -= 1
        return self.recipients[self.left % len(self.recipients)]

    def leave(self, client):
        self.selector.unregister(client.socket)
        client.say(b"QUIT\r\n")
        client.socket.close()
