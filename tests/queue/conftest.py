"""Fixtures for tests of the queue."""

import json
import re
import time

import pytest

import imbuca
import sink
from checksum import crc32c


class Queue:
    """A home whose account submits to a server that the test may change its mind about."""

    def __init__(self, home):
        self.home = home
        self.folder = home.folder / ".state" / "imbuca" / "queue"
        self.sink = None

    def account(self, *extra, port=1):
        """Writes the account; port 1 is where nobody listens."""
        self.home.write_accounts(imbuca.Account(port, extra=extra or ("queue on",)).text())

    def serve(self, *extra, **options):
        """A server that takes mail, and the account that knows it."""
        self.sink = sink.Sink(**options)
        self.account(*extra, port=self.sink.port)
        return self.sink

    def send(self, *arguments, stdin=b"Subject: x\n\nbody\n"):
        return self.home.run(*arguments, stdin=stdin)

    def run(self, *arguments):
        return self.home.run("queue", *arguments)

    def put(self, *recipients):
        """Queues a message untried and returns its name."""
        before = {m["id"] for m in self.list()}
        result = self.send("-odq", *recipients)
        assert (result.exit, result.err) == (0, ""), result
        (name,) = {m["id"] for m in self.list()} - before
        return name

    def put_many(self, count):
        """Queues so many small messages, one to each of you0@example.net and so on, by one program."""
        lines = ["EHLO me"]
        for number in range(count):
            lines += ["MAIL FROM:<sender@example.org>", f"RCPT TO:<you{number}@example.net>", "DATA", f"Subject: {number}", "", "body", "."]
        result = self.home.run("-bs", "-odq", stdin="".join(f"{line}\r\n" for line in [*lines, "QUIT"]).encode())
        assert result.exit == 0 and len(self.list()) == count, result

    def list(self):
        result = self.run("list", "--json")
        assert result.exit == 0, result
        return json.loads(result.out)

    def files(self, folder="ready"):
        return sorted(p.name for p in (self.folder / folder).iterdir())

    def journal(self, name, folder="ready"):
        return (self.folder / folder / f"{name}.log").read_text()

    def age(self, name, seconds):
        """Makes a message seem to have been queued so long ago."""
        path = self.folder / "ready" / name
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds))
        rest = re.sub(rb"time: \S+", b"time: " + moment.encode(), path.read_bytes()[51:], count=1)
        path.write_bytes(b"imbuca-queue 1 checksum %08x size %012d\n" % (crc32c(rest), len(rest)) + rest)

    def note(self, name, line):
        """Adds a line to a message's journal."""
        with (self.folder / "ready" / f"{name}.log").open("ab") as journal:
            journal.write(b"%08x %s\n" % (crc32c(line.encode()), line.encode()))


@pytest.fixture
def queue(home):
    queue = Queue(home)
    yield queue
    if queue.sink:
        queue.sink.close()
