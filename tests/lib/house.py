"""A machine of its own for imbucad as root runs it: users, homes, aliases, a configuration.

The users are in a passwd file that only the daemon sees, in a mount namespace. It takes root.
"""

import contextlib
import os
import re
import smtplib
import socket
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import place

USERS = {"imbuca": 41000, "anna": 41001, "bert": 41002}
PATIENCE = 15

ENTER = 'mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/group && shift 2 && exec "$@"'


class OverSocket(smtplib.SMTP):
    """smtplib over a socket in the file system."""

    def __init__(self, path, timeout=20):
        self.path = str(path)
        super().__init__("socket", timeout=timeout)

    def _get_socket(self, host, port, timeout):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        connection.connect(self.path)
        return connection


class Machine:
    def __init__(self, where=None, users=None):
        """In a folder of its own below `where`; `users` are more of them: their numbers by name."""
        # Beside pytest's own folders, which each run closes to other users.
        self.folder = folder = Path(tempfile.mkdtemp(prefix="imbuca-machine-", dir=where))
        self.users = USERS | (users or {})
        folder.chmod(0o755)
        self.process = None
        self.wrapper = ()  # what the daemon is started by
        self.socket = folder / "run" / "socket"
        self.aliases = folder / "aliases"
        self.log_file = folder / "log" / "log"
        for name, uid in self.users.items():
            home = self.home(name)
            home.mkdir(parents=True)
            os.chown(home, uid, uid)
            home.chmod(0o755)
        (folder / "home").chmod(0o755)
        self.log_file.parent.mkdir()
        os.chown(self.log_file.parent, USERS["imbuca"], USERS["imbuca"])
        self.write("passwd", Path("/etc/passwd").read_text() + "".join(
            f"{name}:x:{uid}:{uid}::{self.home(name)}:/bin/sh\n" for name, uid in self.users.items()))
        self.write("group", Path("/etc/group").read_text() + "".join(f"{name}:x:{uid}:\n" for name, uid in self.users.items()))
        self.write("aliases", "root: anna\n")

    def home(self, name):
        return self.folder / "home" / name

    def write(self, name, text, *, mode=0o644, owner=None, age=0):
        """A file that was changed `age` seconds ago."""
        path = self.folder / name
        path.write_text(text)
        changed = path.stat().st_mtime_ns - age * 10**9
        os.utime(path, ns=(changed, changed))
        path.chmod(mode)
        if owner:
            os.chown(path, self.users[owner], self.users[owner])
        return path

    def configure(self, *lines):
        said = {line.split()[0] for line in lines}
        usual = [
            "hostname pi.example", f"listen {self.socket}", "listen 127.0.0.1:0", f"aliases {self.aliases}",
            f"state {self.folder / 'state'}", f"queue {self.folder / 'queue'}", f"log {self.log_file}",
        ]
        kept = [line for line in usual if line.split()[0] not in said]
        return self.write("imbucad.conf", "\n".join([*kept, *lines]) + "\n")

    def provide(self, provider, *more, mode=0o600):
        """Writes an account for `provider`, which has a port; the line that configures it."""
        self.write("accounts", "\n".join([
            "account default", "host 127.0.0.1", f"port {provider.port}", "tls off", "from me@provider.example", "syslog off",
            *more, "",
        ]), mode=mode)
        return f"accounts {self.folder / 'accounts'}"

    def command(self, *arguments):
        return [
            place.need("unshare"), "-m", "sh", "-c", ENTER, "sh", self.folder / "passwd", self.folder / "group",
            *self.wrapper, place.program("imbucad"), "-C", self.folder / "imbucad.conf", *arguments,
        ]

    def check(self, *arguments):
        return subprocess.run(self.command("check", *arguments), capture_output=True, text=True, timeout=30)

    def start(self, *lines):
        self.configure(*lines)
        return self.launch()

    def launch(self):
        """Starts it as it is configured."""
        self.process = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )
        ports = {}
        for line in self.process.stdout:
            if found := re.search(r"(\S+?)\]?:(\d+)$", line.strip()):
                ports[found[1].lstrip("[")] = int(found[2])
            if line == "ready\n":
                self.ports = ports
                return self
        raise AssertionError(self.process.stderr.read())

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)

    def end(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def over_socket(self):
        return OverSocket(self.socket)

    @property
    def port(self):
        return self.ports["127.0.0.1"]

    def over_tcp(self):
        return smtplib.SMTP("127.0.0.1", self.port, timeout=20)

    def send(self, *recipients, message=b"Subject: hi\r\n\r\nhello\r\n", sender="cron@pi.example"):
        with self.over_socket() as client:
            return client.sendmail(sender, recipients, message)

    def mail(self, user, folder="Maildir"):
        """What lies in a user's Maildir."""
        return [path.read_bytes() for path in sorted((self.home(user) / folder / "new").glob("*"))]

    @property
    def log(self):
        return self.log_file.read_text() if self.log_file.exists() else ""

    def processes(self):
        """The process ids of the daemon's children, and the uid of each."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        found = {int(pid): uid_of(pid) for pid in children}
        return {pid: uid for pid, uid in found.items() if uid is not None}


def uid_of(pid):
    """A process's user; None once it is gone."""
    with contextlib.suppress(OSError):
        return int(re.search(r"^Uid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)[1])


def switches(pid):
    """How often a process's threads began to wait so far; 0 once it is gone."""
    found = 0
    with contextlib.suppress(OSError):
        for status in Path(f"/proc/{pid}/task").glob("*/status"):
            found += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status.read_text(), re.M)[1])
    return found


def until(condition, what, patience=PATIENCE):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.05)


def queued(machine, folder="ready"):
    """The messages that wait, as they lie there."""
    names = [name for name in os.listdir(machine.folder / "queue" / folder) if not name.endswith(".log")]
    return [(machine.folder / "queue" / folder / name).read_bytes() for name in names]


def run(machine, user, *arguments, stdin=b"", program="imbuca"):
    """Somebody of this machine, without an account of their own."""
    uid = USERS.get(user, 0)
    return subprocess.run(
        [place.program(program), *arguments], input=stdin, capture_output=True, timeout=60, user=uid, group=uid,
        extra_groups=[], cwd="/", env={"HOME": str(machine.home(user)), "IMBUCAD_SOCKET": str(machine.socket), "LC_ALL": "C.UTF-8"},
    )
