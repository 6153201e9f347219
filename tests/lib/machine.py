"""A machine whose sendmail is imbuca, for programs that know no other path than /usr/sbin/sendmail.

It is this machine in a mount namespace: over /usr, /etc, /var, /home and /root lie folders of the test, with packages
that are unpacked there and never installed, so that none brings a mail server along and nothing outside changes. It
takes root.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import imbuca
import jail
import place

COVERED = ("usr", "etc", "var", "home", "root")
MERGED = ("bin", "sbin", "lib", "lib32", "lib64")

# What depends on a mail server gets ours.
SERVERS = re.compile(r"^(exim4|postfix|default-mta|bsd-mailx|mailutils)")

ENTER = """
set -e
mount --make-rprivate /
for name in {covered}; do
    mount -t overlay overlay -o "lowerdir={layers}/$name:/$name,upperdir={upper}/$name,workdir={work}/$name" "/$name"
done
mount -t tmpfs tmpfs /run
mkdir -p /run/lock && chmod 1777 /run/lock
exec "$@"
"""

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def unpack(folder, packages):
    """Unpacks packages, and what they need that this machine has not, below `folder`."""
    stage = Path(folder)
    for name in COVERED:
        (stage / name).mkdir()
    for package in _with_dependencies(packages):
        one = stage / ".one"
        subprocess.run(["dpkg-deb", "-x", jail.fetch(package), one], check=True)
        for name in MERGED:
            if (one / name).is_dir():
                shutil.copytree(one / name, one / "usr" / name, dirs_exist_ok=True, symlinks=True)
        for name in COVERED:
            if (one / name).is_dir():
                subprocess.run(["cp", "-a", f"{one / name}/.", stage / name], check=True)
        shutil.rmtree(one)
    return stage


def _with_dependencies(packages):
    command = ["apt-get", "install", "--simulate", "--no-install-recommends", *packages]
    for prepare in ((), ("apt-get", "update", "-qq")):
        if prepare:
            subprocess.run(prepare, check=False, capture_output=True)
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"LC_ALL": "C"})
        found = re.findall(r"^Inst (\S+)", done.stdout, re.M)
        if done.returncode == 0:
            return [name for name in {*found, *packages} if name in packages or not SERVERS.match(name)]
    return place.missing(f"apt-get knows no {' '.join(packages)}: {done.stderr.strip()}")


class Machine:
    """One machine: `layers` are the unpacked packages, what it writes is in `upper`."""

    USERS = {"bob": 54001}

    def __init__(self, folder, layers, port):
        self.folder = Path(folder)
        self.upper, self.work, self.layers = self.folder / "upper", self.folder / "work", layers
        for name in COVERED:
            (self.upper / name).mkdir(parents=True)
            (self.work / name).mkdir(parents=True)
            os.chmod(self.upper / name, 0o700 if name == "root" else 0o755)
        self._install(port)

    def _install(self, port):
        for program in ("imbuca", "imbuca-tls.so"):
            shutil.copy(place.program(program), self._place(f"usr/bin/{program}"))
        for link in ("usr/sbin/sendmail", "usr/lib/sendmail", "usr/bin/mailq", "usr/bin/newaliases"):
            self._place(link).symlink_to("/usr/bin/imbuca")
        accounts = imbuca.Account(port, extra=("syslog off", "logfile /var/log/imbuca.log")).text()
        for place_of in ("usr/local/etc/imbuca/accounts", "etc/imbuca/accounts"):
            self.write(place_of, accounts)
        self.write("var/log/imbuca.log", "", mode=0o666)
        self.write("etc/aliases", "root: admin@example.net\nbob: bob@example.net\n")
        self.write("etc/passwd", Path("/etc/passwd").read_text() + "".join(
            f"{name}:x:{uid}:{uid}:{name.title()} Doe,,,:/home/{name}:/bin/sh\n" for name, uid in self.USERS.items()
        ))
        self.write("etc/shadow", "".join(f"{name}:*:20000:0:99999:7:::\n" for name in ("root", *self.USERS)), mode=0o600)
        self.write("etc/group", Path("/etc/group").read_text() + "".join(f"{n}:x:{uid}:\n" for n, uid in self.USERS.items()))
        for name, uid in self.USERS.items():
            (self.upper / "home" / name).mkdir()
            os.chown(self.upper / "home" / name, uid, uid)

    def _place(self, path):
        target = self.upper / path
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def write(self, path, text, *, mode=0o644, user=None):
        """Writes a file of the machine; `path` is relative to its root."""
        target = self._place(path)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
        target.chmod(mode)
        if user is not None:
            os.chown(target, self.USERS[user], self.USERS[user])

    def command(self, *command, user=None):
        """The command line that runs a program there."""
        enter = ENTER.format(covered=" ".join(COVERED), layers=self.layers, upper=self.upper, work=self.work)
        if user is not None:
            uid = self.USERS[user]
            command = ("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *command)
        return ["unshare", "--mount", "sh", "-c", enter, "sh", *map(str, command)]

    def environment(self, user=None):
        home = f"/home/{user}" if user else "/root"
        return {"PATH": PATH, "HOME": home, "USER": user or "root", "LOGNAME": user or "root", "TZ": "UTC", "LC_ALL": "C.UTF-8"}

    def run(self, *command, user=None, stdin=b"", **options):
        """Runs a program there to its end."""
        done = subprocess.run(
            self.command(*command, user=user), input=stdin, capture_output=True, timeout=imbuca.LONGEST,
            env=self.environment(user), cwd="/", start_new_session=True, **options,
        )
        return imbuca.Result(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def start(self, *command, user=None):
        """Runs one that stays; the caller ends it."""
        return subprocess.Popen(
            self.command(*command, user=user), env=self.environment(user), cwd="/", start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
