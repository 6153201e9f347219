"""The servers of bench/receive: imbucad, and Debian's others in jails (tests/lib/jail.py), each with ten users."""

import os
import pathlib
import re
import subprocess

import house
import jail
from load import DOMAIN
from servers import dovecot, exim, opensmtpd, postfix

TOP = pathlib.Path(os.environ.get("IMBUCA_BUILDDIR", pathlib.Path(__file__).resolve().parent.parent))
NAMES = [f"u{number}" for number in range(10)]
USERS = {name: 42000 + number for number, name in enumerate(NAMES)}


class Imbucad:
    name, lmtp, idle = "imbucad", False, 2000

    def __init__(self, folder):
        self.machine = house.Machine(folder, USERS)
        self.machine.start("domain " + DOMAIN, "max_sessions 3000")
        self.address = ("127.0.0.1", self.machine.port)

    def home(self, user):
        return self.machine.home(user)

    def processes(self):
        return [self.machine.process.pid, *self.machine.processes()]

    def end(self):
        self.machine.end()


class Jailed:
    """One of the others: `prepare` writes its configuration and says what to start."""

    lmtp, idle = False, 100

    def __init__(self, folder):
        self.jail = jail.Jail(folder, self.packages, USERS)
        self.port = jail.free_port()
        self.address = ("127.0.0.1", self.port)
        for path in ("var/log", "run/dovecot", "run/exim4"):
            (self.jail.root / path).mkdir(parents=True, exist_ok=True)
        self.jail.start(*self.prepare(), ports=[self.port])

    def home(self, user):
        return self.jail.root / "home" / user

    def processes(self):
        """Those whose root is the jail."""
        found = []
        for path in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(path / "root") == str(self.jail.root):
                    found.append(int(path.name))
            except OSError:
                pass  # it has just ended
        return found

    def end(self):
        self.jail.stop()


class Postfix(Jailed):
    name, packages = "Postfix", postfix.PACKAGES

    def prepare(self):
        settings = re.sub(r"(?m)^(luser_relay|smtpd_tls|smtpd_sasl|smtpd_recipient_limit).*\n", "", postfix.MAIN)
        self.jail.write("etc/postfix/main.cf", settings + "smtpd_tls_security_level = none\n")
        services = [line for line in postfix.SERVICES.splitlines() if not re.match(r".*\{(starttls|tls)\}|tlsmgr", line)]
        self.jail.write("etc/postfix/master.cf", "\n".join(services).format(plain=self.port) + "\n")
        postfix.make_folders(self.jail)
        self.jail.add_libraries("usr/lib/postfix/sbin/smtpd", "usr/lib/postfix/sbin/local", "usr/sbin/postdrop")
        return "/usr/lib/postfix/sbin/master", "-d"


class Exim(Jailed):
    name, packages = "Exim", exim.PACKAGES

    def prepare(self):
        text = exim.CONFIGURATION.format(domain=DOMAIN, user="user", password="", plain=self.port, starttls=0, tls=0, far=0)
        text = re.sub(r"(?ms)^begin authenticators.*|^tls_.*?\n|^auth_.*?\n", "", text)
        text = re.sub(r"(?m)^local_interfaces.*$", f"local_interfaces = <; [127.0.0.1]:{self.port}", text)
        text = text.replace("  domains = +local_domains", "  domains = +local_domains\n  check_local_user")
        text = text.replace("/home/user/Maildir", "$home/Maildir")
        text = re.sub(r"  (user|group) = user\n", "", text)
        # Else a connection's messages after its tenth, and all from the twentieth connection on, would wait.
        text = "smtp_accept_max = 0\nsmtp_accept_queue_per_connection = 0\n" + text
        self.jail.write("etc/exim4/exim4.conf", text)
        for path in ("var/spool/exim4", "var/log", "run/exim4"):
            (self.jail.root / path).mkdir(parents=True, exist_ok=True)
            self.jail.own(path, "Debian-exim")
        self.jail.add_libraries("usr/sbin/exim4")
        return "/usr/sbin/exim4", "-bdf"


class OpenSMTPD(Jailed):
    name, packages = "OpenSMTPD", opensmtpd.PACKAGES

    def prepare(self):
        self.jail.write("etc/smtpd.conf", f"""\
smtp limit max-mails 100000
listen on 127.0.0.1 port {self.port}
action deliver maildir
match from any for domain "{DOMAIN}" action deliver
""")
        (self.jail.root / "var/spool/smtpd").mkdir(parents=True, mode=0o711)
        self.jail.write("etc/mailname", f"mail.{DOMAIN}\n")
        self.jail.add_libraries("usr/sbin/smtpd", "usr/libexec/opensmtpd/*")
        return "/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf"


class Dovecot(Jailed):
    name, packages, lmtp = "Dovecot LMTP", dovecot.PACKAGES, True

    def prepare(self):
        self.jail.write("etc/dovecot/dovecot.conf", dovecot.CONFIGURATION.format(plain=self.port, imap=jail.free_port()))
        self.jail.write("etc/dovecot/users", "".join(
            f"{name}:{{PLAIN}}secret:{uid}:{uid}::/home/{name}::\n" for name, uid in USERS.items()
        ), mode=0o600, user="dovecot")
        self.jail.add_libraries("usr/sbin/dovecot", "usr/lib/dovecot/*")
        return "/usr/sbin/dovecot", "-F"


ALL = (Imbucad, Postfix, Exim, OpenSMTPD, Dovecot)


class Nullmailer:
    """A queue alone: what its sendmail does is all there is to it."""

    name, packages = "nullmailer", ("nullmailer", "libgnutls30")

    def __init__(self, folder):
        self.jail = jail.Jail(folder, self.packages, {"mail": 8})
        self.queue = self.jail.root / "var/spool/nullmailer/queue"
        self.jail.write("etc/nullmailer/me", f"mail.{DOMAIN}\n")
        os.mkfifo(self.jail.root / "var/spool/nullmailer/trigger")
        self.jail.add_libraries("usr/sbin/sendmail", "usr/sbin/nullmailer-queue", "usr/bin/nullmailer-inject")

    def end(self):
        self.jail.stop()


# What hands a message over in a loop of the shell: how many times, the message, the command.
LOOP = 'i=0; while [ $i -lt "$1" ]; do "$3" -i u0 <"$2" || exit 1; i=$((i + 1)); done'


def caller(server, count, message):
    """A process that hands `count` messages over to the server, one by one, as a program of its machine would."""
    loop = ["sh", "-c", LOOP, "sh", str(count)]
    if isinstance(server, Imbucad):
        return subprocess.Popen(
            [*loop, message, TOP / "imbuca"],
            env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "IMBUCAD_SOCKET": str(server.machine.socket)},
        )
    (server.jail.root / "message").write_bytes(pathlib.Path(message).read_bytes())
    return subprocess.Popen(
        ["chroot", server.jail.root, *loop, "/message", "/usr/sbin/sendmail"], env={"PATH": "/usr/sbin:/usr/bin:/bin"},
        stderr=subprocess.DEVNULL,
    )
