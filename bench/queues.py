"""The programs with a queue that bench/queue compares, each in a jail of unpacked packages (tests/lib/jail.py)."""

import os
import pathlib
import shutil
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / "tests" / "lib"), str(TOP / "tests")]

import jail as jails
from servers import postfix

BUILD = pathlib.Path(os.environ.get("IMBUCA_BUILDDIR", TOP))
MESSAGE = "From: a@example.org\nTo: b@example.net\nSubject: bench\nDate: Thu, 01 Jan 2026 12:00:00 +0000\n" \
    "Message-ID: <1@bench>\n\n" + 20 * "a line of cron output, of which there are many\n"
LOOP = "i=0; while [ $i -lt {count} ]; do {command} < /tmp/message || exit 1; i=$((i+1)); done"
NO_SYNC = "/usr/lib/x86_64-linux-gnu/libeatmydata.so.1"
PATIENCE = 600
LIBRARIES = ("libdb5.3", "libicu72", "libnsl2", "libsasl2-2", "libssl3", "libtirpc3")


class Queue:
    """What the programs have in common. `spool` are the folders whose files are messages that wait."""

    name = ""
    packages = ()
    programs = ()
    command = "/usr/sbin/sendmail -f a@example.org b@example.net"
    spool = ()
    pattern = "*"

    def __init__(self, folder, port):
        self.port = port
        self.jail = jails.Jail(folder, (*self.packages, "libeatmydata1"))
        self.jail.write("tmp/message", MESSAGE)
        self.jail.write("etc/mailname", "bench.example.org\n")
        self.install()
        self.jail.add_libraries(*self.programs)
        self.prepare()

    def install(self):
        """Puts in what is in no package."""

    def prepare(self):
        """Writes its configuration."""

    def insert(self, count, writers, durably=True):
        """Seconds for so many messages in all, by so many writers at a time."""
        loop = LOOP.format(count=count // writers, command=self.command)
        begin = time.perf_counter()
        running = [self.start("sh", "-c", loop, durably=durably) for _ in range(writers)]
        if any(process.wait(PATIENCE) for process in running):
            raise SystemExit(f"{self.name} takes no mail:\n{self.jail.logs()}")
        return time.perf_counter() - begin

    def flush(self):
        """Seconds until everything has gone to the sink."""
        raise NotImplementedError

    def start(self, *command, durably=True):
        """Starts a program; where not durably, it believes that all is on the disk as soon as it was written."""
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "TZ": "UTC"}
        return subprocess.Popen(
            ["chroot", self.jail.root, *command], env=environment | ({} if durably else {"LD_PRELOAD": NO_SYNC}), cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )

    def waiting(self):
        """How many messages wait."""
        return sum(1 for folder in self.spool for path in (self.jail.root / folder).rglob(self.pattern) if path.is_file())

    def await_end(self, begin):
        while self.waiting() > 0:
            if time.perf_counter() - begin > PATIENCE:
                raise SystemExit(f"{self.name} does not send:\n{self.jail.logs()}")
            time.sleep(0.02)
        return time.perf_counter() - begin


class Imbuca(Queue):
    name = "imbuca"
    programs = ("usr/bin/imbuca",)
    command = "/usr/bin/imbuca -odq -f a@example.org b@example.net"
    spool = ("root/.local/state/imbuca/queue/ready",)

    def install(self):
        (self.jail.root / "usr/bin").mkdir(parents=True, exist_ok=True)
        shutil.copy(BUILD / "imbuca", self.jail.root / "usr/bin/imbuca")

    def prepare(self):
        self.jail.write("root/.config/imbuca/accounts", "account default\nhost 127.0.0.1\n"
                        f"port {self.port}\ntls off\nfrom a@example.org\nqueue on\n", mode=0o600)
        if self.start("/usr/bin/imbuca", "queue", "enable").wait() != 0:
            raise SystemExit("imbuca makes no queue")

    def flush(self):
        begin = time.perf_counter()
        self.start("/usr/bin/imbuca", "queue", "run").wait(PATIENCE)
        return self.await_end(begin)


class Nullmailer(Queue):
    name = "nullmailer"
    packages = ("nullmailer",)
    programs = ("usr/sbin/nullmailer-*", "usr/sbin/sendmail", "usr/bin/nullmailer-inject", "usr/lib/nullmailer/smtp")
    spool = ("var/spool/nullmailer/queue",)

    def prepare(self):
        self.jail.write("etc/nullmailer/me", "bench.example.org\n")
        self.jail.write("etc/nullmailer/remotes", f"127.0.0.1 smtp --port={self.port}\n", mode=0o600)
        os.mkfifo(self.jail.root / "var/spool/nullmailer/trigger", 0o622)
        (self.jail.root / "usr/sbin/nullmailer-queue").chmod(0o755)  # all of it is root's here

    def flush(self):
        begin = time.perf_counter()
        sender = self.start("/usr/sbin/nullmailer-send")
        seconds = self.await_end(begin)
        sender.terminate()
        sender.wait()
        return seconds


class Dma(Queue):
    name = "dma"
    packages = ("dma",)
    programs = ("usr/sbin/dma",)
    spool = ("var/spool/dma",)
    pattern = "Q*"

    def prepare(self):
        self.jail.write("etc/dma/dma.conf", f"SMARTHOST 127.0.0.1\nPORT {self.port}\nDEFER\nMAILNAME bench.example.org\n")
        self.jail.write("etc/group", (self.jail.root / "etc/group").read_text() + "mail:x:8:\n")
        self.jail.write("etc/passwd", (self.jail.root / "etc/passwd").read_text() + "mail:x:8:8::/var/mail:/bin/sh\n")

    def flush(self):
        begin = time.perf_counter()
        self.start("/usr/sbin/dma", "-q").wait(PATIENCE)
        return self.await_end(begin)


class Postfix(Queue):
    """Its messages are inserted into maildrop, and lie in deferred before the flush is measured."""

    name = "Postfix"
    packages = ("postfix", *LIBRARIES)
    programs = ("usr/lib/postfix/sbin/*", "usr/sbin/post*", "usr/sbin/sendmail")
    spool = tuple(f"var/spool/postfix/{name}" for name in ("maildrop", "incoming", "active", "deferred"))

    MAIN = postfix.PLACES + """\
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C LD_PRELOAD
myhostname = bench.example.org
mydestination =
alias_maps =
relayhost = [127.0.0.1]:{port}
default_destination_concurrency_limit = 1
initial_destination_concurrency = 1
smtp_destination_recipient_limit = 1
smtp_connection_cache_destinations = 127.0.0.1
smtp_tls_security_level = none
minimal_backoff_time = 1h
queue_run_delay = 1h
"""
    SERVICES = """\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
smtp unix - - n - - smtp
scache unix - - n - 1 scache
showq unix n - n - - showq
anvil unix - - n - 1 anvil
flush unix n - n 1000? 0 flush
postlog unix-dgram n - n - 1 postlogd
"""

    def prepare(self):
        self.jail.write("etc/postfix/main.cf", self.MAIN.format(port=self.port))
        self.jail.write("etc/postfix/master.cf", self.SERVICES)
        postfix.make_folders(self.jail)

    def set_deferred(self, deferred):
        text = self.MAIN.format(port=self.port) + ("defer_transports = smtp\n" if deferred else "")
        self.jail.write("etc/postfix/main.cf", text)

    def flush(self):
        self.set_deferred(True)
        self.with_master(self.await_deferred, durably=False)
        self.set_deferred(False)
        return self.with_master(self.send)

    def with_master(self, work, **options):
        master = self.start("/usr/lib/postfix/sbin/master", "-d", **options)
        try:
            time.sleep(2)
            return work()
        finally:
            master.terminate()
            master.wait()

    def send(self):
        begin = time.perf_counter()
        self.start("/usr/sbin/postqueue", "-f").wait()
        return self.await_end(begin)

    def await_deferred(self):
        """Waits until all have been taken up and put off."""
        folders = [self.jail.root / folder for folder in self.spool[:3]]
        while any(path.is_file() for folder in folders for path in folder.rglob("*")):
            time.sleep(0.1)


ALL = (Imbuca, Nullmailer, Dma, Postfix)
