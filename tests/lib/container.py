"""A machine that systemd has booted, for what only a running systemd can show: units, timers, sockets of both kinds.

It is this machine's files below folders of the test (one overlay), in namespaces of its own (systemd-nspawn), with a
network that nobody else has. It takes root.
"""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

import house
import imbuca
import place

PACKAGES = ("dbus-user-session", "libpam-systemd")
USER, UID = "bob", 54001
PATIENCE = 60  # seconds for the boot

# What is booted: nothing of this machine's own services but what keeps sessions of users.
TARGET = """\
[Unit]
Requires=basic.target
Wants=dbus.socket systemd-logind.service systemd-user-sessions.service
After=basic.target systemd-logind.service systemd-user-sessions.service
"""


class Container:
    def __init__(self, layers, prepare):
        """`prepare(container)` puts into it what a test wants, before it is booted."""
        nspawn = place.need("systemd-nspawn")
        # An overlay's folders want a file system of the kernel's own, and a path that everybody may enter.
        self.folder = Path(tempfile.mkdtemp(prefix="imbuca-container-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.root, self.upper = self.folder / "root", self.folder / "upper"
        for name in ("root", "upper", "work"):
            (self.folder / name).mkdir()
        self.users = {}
        subprocess.run(["cp", "-a", f"{layers}/.", self.upper], check=True)
        self.upper.chmod(0o755)
        self._prepare()
        prepare(self)
        options = f"lowerdir=/,upperdir={self.upper},workdir={self.folder / 'work'}"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, self.root], check=True)
        self.log = open(self.folder / "log", "w+b")
        self.process = subprocess.Popen(
            [nspawn, "--quiet", "--register=no", "--keep-unit", "--private-network", "--link-journal=no", "-D",
             self.root, "--boot", "systemd.unit=test.target"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True,
        )
        self.leader = self._booted()

    def _prepare(self):
        self.write("usr/lib/systemd/system/test.target", TARGET)
        self.write("etc/hostname", "box\n")
        self.write("etc/machine-id", "")
        for name in ("passwd", "group", "shadow"):
            self.write(f"etc/{name}", (Path("/etc") / name).read_text(), mode=0o640 if name == "shadow" else 0o644)
        self.add_user(USER, UID)
        self.write(f"var/lib/systemd/linger/{USER}", "")

    def install(self):
        """The programs and units, where a build of one's own has them."""
        subprocess.run(["make", "-s", "-C", place.BUILD, "install", f"DESTDIR={self.upper}"], check=True, capture_output=True)

    def add_user(self, name, uid):
        for file, line in {
            "passwd": f"{name}:x:{uid}:{uid}:{name.title()}:/home/{name}:/bin/sh\n", "group": f"{name}:x:{uid}:\n",
            "shadow": f"{name}:*:20000:0:99999:7:::\n",
        }.items():
            with open(self.upper / "etc" / file, "a", encoding="utf-8") as users:
                users.write(line)
        home = self.upper / "home" / name
        home.mkdir(parents=True)
        os.chown(home, uid, uid)
        self.users[name] = uid

    def write(self, path, text, *, mode=0o644, home=None):
        """Writes a file of it, before it is booted; `path` is relative to its root, or to the home of a user."""
        target = self.upper / "home" / home / path if home else self.upper / path
        for part in reversed(target.parents):
            if not part.exists():
                part.mkdir()
                self._give(part, home)
        target.write_text(text)
        target.chmod(mode)
        self._give(target, home)

    def _give(self, path, user):
        if user:
            os.chown(path, self.users[user], self.users[user])

    def _booted(self):
        """The number of its first process, once the target is reached."""
        begin = time.monotonic()
        while time.monotonic() - begin < PATIENCE and self.process.poll() is None:
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            if children:
                self.leader = int(children[0])
                if self.run("systemctl", "is-active", "test.target").exit == 0:
                    return self.leader
            time.sleep(0.2)
        said = (self.folder / "log").read_text(errors="replace")[-500:]
        self.end()
        return pytest.skip(f"systemd does not boot in a container on this machine: {said}")

    def run(self, *command, user=None, stdin=b""):
        """Runs a command in it to its end."""
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "HOME": "/root", "LC_ALL": "C.UTF-8"}
        enter = ["nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--net", "--pid", "--wd=/"]
        if user:
            uid = self.users[user]
            environment |= {"HOME": f"/home/{user}", "USER": user, "XDG_RUNTIME_DIR": f"/run/user/{uid}"}
            enter += ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
        done = subprocess.run(
            [*enter, *command], env=environment, input=stdin, capture_output=True, timeout=imbuca.LONGEST
        )
        return imbuca.Result(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def must(self, *command, **options):
        """The output of a command that succeeds."""
        done = self.run(*command, **options)
        assert done.exit == 0, (command, done, self.run("journalctl", "--no-pager", "-n", "60").out)
        return done.out

    def wait_for(self, holds, what):
        try:
            house.until(holds, what)
        except AssertionError as failed:
            raise AssertionError(f"{failed}\n{self.run('journalctl', '--no-pager', '-n', '60').out}") from failed

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        subprocess.run(["umount", self.root], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
