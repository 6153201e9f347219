"""An imbucad of the tests' own: a user who may log in, a Maildir for everything, free ports."""

import re
import smtplib
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Daemon:
    process: subprocess.Popen
    folder: Path
    ports: list  # of the plain listener, the one for TLS, and those of further options
    user: str = "anna"
    password: str = "correct horse"

    @property
    def port(self):
        return self.ports[0]

    @property
    def tls_port(self):
        return self.ports[1]

    @property
    def messages(self):
        """What lies in the Maildir, the oldest first."""
        return [path.read_bytes() for path in sorted((self.folder / "Maildir/new").glob("*"))]

    @property
    def log(self):
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def forget(self):
        """Empties Maildir and log, for the next who uses this daemon."""
        for path in (self.folder / "Maildir/new").glob("*"):
            path.unlink()
        (self.folder / "log").write_text("")

    def context(self):
        """Trusts the daemon's own certificate and nothing else, the name included."""
        return ssl.create_default_context(cafile=self.folder / "state/certificate.pem")

    def connect(self, *, tls=False):
        if tls:
            return smtplib.SMTP_SSL("localhost", self.tls_port, timeout=10, context=self.context())
        return smtplib.SMTP("127.0.0.1", self.port, timeout=10)

    def children(self):
        """The process ids of what the supervisor has started."""
        pid = self.process.pid
        return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(timeout=40)

    def kill(self):
        self.process.kill()
        self.process.wait()


def start(home, *options, wrapper=()):
    """Starts one in that home, with further options; `wrapper` is what it is started by."""
    users = home.folder / "users"
    done = home.run("--users", users, "user", "add", Daemon.user, program="imbucad", stdin=Daemon.password.encode() + b"\n")
    assert done.exit == 0, done
    process = home.start(
        "--listen", "127.0.0.1:0", "--listen-tls", "127.0.0.1:0", "--maildir", "Maildir", "--users", users,
        "--state", "state", "--log", "log", "--hostname", "mx.example", *options,
        program="imbucad", wrapper=wrapper, stdin=subprocess.DEVNULL,
    )
    ports = []
    for line in process.stdout:
        if line == b"ready\n":
            return Daemon(process, home.folder, ports)
        ports.append(int(re.search(rb":(\d+)$", line.strip()).group(1)))
    raise AssertionError(process.stderr.read())
