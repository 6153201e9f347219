"""A real server from Debian's packages, in a jail: a folder that it takes for the whole machine.

Debian's mail servers can't be installed beside each other, so their packages are only downloaded and
unpacked. In the jail the paths and the users that they were compiled with are right, and nothing of
this machine is touched. It takes root (chroot, and the servers' own users).
"""

import contextlib
import fcntl
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import place

FIRST_PORT, PORTS_A_WORKER = 10000, 2000

# How long a server may take to answer on its ports, and to end.
PATIENCE = 20

# Runs a server until its standard input ends: so it ends with the tests even where they are killed.
UNTIL_INPUT_ENDS = '"$0" "$@" & read -r _; kill $!; wait'

USERS = {
    "root": 0, "nobody": 65534, "postfix": 501, "postdrop": 502, "Debian-exim": 503, "opensmtpd": 504,
    "opensmtpq": 505, "dovecot": 506, "dovenull": 507, "user": 1000,
}


def cache():
    """Where packages are kept between runs."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "imbuca-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def fetch(package):
    """The file of a package of this Debian, or of another suite ("NAME/SUITE"), from cache or mirror."""
    name, _, suite = package.partition("/")
    folder = cache() / (suite or "this")
    folder.mkdir(exist_ok=True)
    with open(folder / ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another worker may be at the same package
        return _fetch(name, suite, folder)


def _fetch(name, suite, folder):
    options = _apt_for(suite, folder) if suite else []
    for prepare in ((), ("update", "-qq")):
        if prepare:
            subprocess.run(["apt-get", *options, *prepare], check=False, capture_output=True)
        if not sorted(folder.glob(f"{name}_*.deb")):
            done = subprocess.run(
                ["apt-get", *options, "download", name], cwd=folder, check=False, capture_output=True, text=True
            )
        if found := sorted(folder.glob(f"{name}_*.deb")):
            return found[-1]
    place.missing(f"cannot download {name}: {done.stderr.strip()}")


def _apt_for(suite, folder):
    """Options that have apt-get know that suite alone, and leave this machine's own lists as they are."""
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    source = folder / "source.list"
    source.write_text(f"deb [signed-by={keyring}] http://deb.debian.org/debian {suite} main\n")
    (folder / "lists/partial").mkdir(parents=True, exist_ok=True)
    settings = {
        "Dir::Etc::sourcelist": source, "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": folder / "lists", "Dir::Cache": folder,
    }
    return [f"-o{name}={value}" for name, value in settings.items()]


def own_ports():
    """Those of this worker, below the ones that the kernel gives to whoever asks for any."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    first = FIRST_PORT + worker % 10 * PORTS_A_WORKER
    return itertools.cycle(first + (os.getpid() + i) % PORTS_A_WORKER for i in range(PORTS_A_WORKER))


OWN_PORTS = own_ports()


def free_port():
    """A port that nobody listens on; nor will, but for whom it is told."""
    for port in OWN_PORTS:
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class Jail:
    """A folder with unpacked packages and what they need of this machine, and the servers run in it."""

    def __init__(self, folder, packages, users=None):
        """`users` are more of them: their numbers by name."""
        self.root = Path(folder)
        self.users = USERS | (users or {})
        self.running = []
        for package in packages:
            subprocess.run(["dpkg-deb", "-x", fetch(package), self.root], check=True)
        self._add_system()

    def _add_system(self):
        homes = [f"home/{name}" for name, uid in self.users.items() if uid >= 1000 and name != "nobody"]
        for folder in ("dev", "etc", "tmp", "run", "var/mail", "var/empty", *homes):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        self.write("etc/passwd", "".join(f"{name}:x:{uid}:{uid}::/home/{name}:/bin/sh\n" for name, uid in self.users.items()))
        self.write("etc/group", "".join(f"{name}:x:{uid}:\n" for name, uid in self.users.items()))
        self.write("etc/hosts", "127.0.0.1 localhost\n")
        self.write("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n")
        self.write("etc/resolv.conf", "")
        self.write("etc/services", "smtp 25/tcp\n")
        (self.root / "var/run").symlink_to("/run")
        for name, minor in (("null", 3), ("zero", 5), ("random", 8), ("urandom", 9)):
            os.mknod(self.root / "dev" / name, 0o020666, os.makedev(1, minor))
            os.chmod(self.root / "dev" / name, 0o666)
        os.chmod(self.root / "tmp", 0o1777)
        (self.root / "bin").mkdir(exist_ok=True)
        shutil.copy("/bin/sh", self.root / "bin/sh")
        for home in homes:
            self.own(home, home.removeprefix("home/"))

    def own(self, path, user):
        os.chown(self.root / path, self.users[user], self.users[user])

    def write(self, path, text, *, mode=0o644, user="root"):
        """Writes a file in the jail; `path` is relative to its root."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)
        self.own(path, user)

    def install(self, identity):
        """Puts a certificate and its key where every server's configuration has them."""
        self.write("etc/mail.pem", identity.certificate.read_text())
        self.write("etc/mail.key", identity.key.read_text(), mode=0o600)
        self.write("etc/ssl/certs/ca-certificates.crt", identity.certificate.read_text())

    def add_libraries(self, *programs):
        """Copies from this machine the libraries that these programs (patterns) of the jail miss."""
        inside = {path.parent for path in self.root.rglob("*.so*")}
        environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, sorted(inside)))}
        files = [path for pattern in programs for path in self.root.glob(pattern)]
        listing = subprocess.run(["ldd", *files], env=environment, capture_output=True, text=True).stdout
        for library in set(re.findall(r"(/\S+) \(0x", listing)):
            target = self.root / library.lstrip("/")
            if not library.startswith(str(self.root)) and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(library, target)

    def start(self, *command, ports=(), socket_path=None):
        """Starts a server that stays in the foreground, and waits for its ports or its socket."""
        log = self.root / f"{Path(command[0]).name}.out"
        with open(log, "wb") as out:
            process = subprocess.Popen(
                ["sh", "-c", UNTIL_INPUT_ENDS, "chroot", self.root, *command], stdin=subprocess.PIPE, stdout=out, stderr=out,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC"}, start_new_session=True,
            )
        self.running.append(process)
        ready = lambda: all(map(answers, ports)) and (socket_path is None or (self.root / socket_path).exists())
        if not wait_for(ready):
            self.stop()
            raise RuntimeError(f"{command[0]} does not start:\n{self.logs()}")

    def stop(self):
        """Ends the servers, the last first."""
        for process in reversed(self.running):
            process.stdin.close()
            try:
                process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def logs(self):
        """What the servers of the jail wrote, for a failure's message."""
        files = sorted({*self.root.glob("*.out"), *self.root.glob("var/log/**/*")})
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-6000:]}" for path in files if path.is_file())


def wait_for(condition, seconds=PATIENCE):
    """Waits until the condition holds; whether it did in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    return None


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False
