"""An imbucad of the test's own: a user, a Maildir, free ports."""

import re
import smtplib
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Daemon:
    process: subprocess.Popen
    folder: Path
    port: int
    tls_port: int
    user: str = "anna"
    password: str = "correct horse"

    @property
    def messages(self):
        """What lies in the Maildir, the oldest first."""
        return [path.read_bytes() for path in sorted((self.folder / "Maildir/new").glob("*"))]

    @property
    def log(self):
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def context(self):
        """Trusts the daemon's own certificate and nothing else, the name included."""
        return ssl.create_default_context(cafile=self.folder / "state/certificate.pem")

    def connect(self, *, tls=False):
        if tls:
            return smtplib.SMTP_SSL("localhost", self.tls_port, timeout=10, context=self.context())
        return smtplib.SMTP("127.0.0.1", self.port, timeout=10)

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(timeout=40)


@pytest.fixture
def start(home):
    """Starts daemons with further options; ends them."""
    running = []

    def start(*options):
        users = home.folder / "users"
        done = home.run("--users", users, "user", "add", Daemon.user, program="imbucad", stdin=Daemon.password.encode() + b"\n")
        assert done.exit == 0, done
        process = home.start(
            "--listen", "127.0.0.1:0", "--listen-tls", "127.0.0.1:0", "--maildir", "Maildir", "--users", users,
            "--state", "state", "--log", "log", "--hostname", "mx.example", *options,
            program="imbucad", stdin=subprocess.DEVNULL,
        )
        running.append(process)
        ports = [int(re.search(rb":(\d+)$", process.stdout.readline().strip()).group(1)) for _ in range(2)]
        assert process.stdout.readline() == b"ready\n"
        return Daemon(process, home.folder, *ports)

    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def daemon(start):
    return start()
