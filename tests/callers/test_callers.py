"""Programs that call sendmail, out of Debian's packages, unmodified; and what arrives of their mail.

A row is one program: its packages, the files that it wants, its command line, the envelope and the
text that must arrive, and what the header must have. Every program that can be run on its own is here;
tests/README says which ones are not.
"""

import email
import email.policy
import socket
from dataclasses import dataclass, field

import pytest

import imbuca
import jail

pytestmark = [pytest.mark.real, pytest.mark.root]

OWN = "sender@example.org"
ROOT = "admin@example.net"  # in the machine's aliases
HERE = "client.example.org"
BOB = "bob@example.com"

DOTS = "caff\u00e8\n.\nend\n".encode()


@dataclass
class Caller:
    name: str
    packages: tuple
    command: tuple
    to: tuple
    sender: str = OWN
    files: dict = field(default_factory=dict)
    user: str = "bob"
    stdin: bytes = b""
    header: tuple = ()  # whole fields
    never: tuple = ()
    body: bytes = b""  # all of it, where it is not empty
    text: str = ""  # something in it
    messages: int = 1


PATCH = """\
From 0123 Mon Sep 17 00:00:00 2001
From: Bob Doe <bob@example.com>
Date: Thu, 1 Jan 2026 12:00:00 +0000
Subject: [PATCH] caff\u00e8

.
---
 a | 1 +

"""

PHP = """<?php
exit(mail("d@example.net, e@example.net", "x", "one\\r\\ncaff\u00e8\\n.\\nend",
    ["From" => "bob@example.com", "Bcc" => "b@example.net"], "-fbob@example.com") === true ? 0 : 1);
"""

SYMFONY = """<?php
require "/usr/share/php/Symfony/Component/Mailer/autoload.php";
use Symfony\\Component\\Mailer\\{Transport, Mailer};
use Symfony\\Component\\Mime\\Email;
$mailer = new Mailer(Transport::fromDsn("sendmail://default" . ($argv[1] ?? "")));
for ($i = 0; $i < 3; $i++)
    $mailer->send((new Email())->from("bob@example.com")->to("d@example.net")->bcc("b@example.net")
        ->subject("x")->text("one\\n.\\nend\\n"));
"""

PYTHON = """
import subprocess
from email.message import EmailMessage
message = EmailMessage()
message["To"], message["From"], message["Bcc"], message["Subject"] = "d@example.net", "bob@example.com", "b@example.net", "x"
message.set_content("one\\n.\\nend\\n")
subprocess.run(["/usr/sbin/sendmail", "-t", "-oi"], input=message.as_bytes(), check=True)
"""

MAIL_MAILER = """
use Mail::Mailer;
my $m = Mail::Mailer->new("sendmail");
$m->open({From => 'bob@example.com', To => ['d@example.net', 'e@example.net'], Bcc => 'b@example.net', Subject => 'x'});
print $m "one\\n.\\nend\\n";
$m->close or die "failed";
"""

EMAIL_SENDER = """
use Email::Sender::Simple qw(sendmail);
use Email::Sender::Transport::Sendmail;
use Email::Simple;
my $e = Email::Simple->create(
    header => [From => 'bob@example.com', To => 'd@example.net', Bcc => 'b@example.net', Subject => 'x'],
    body => "one\\n.\\nend\\n");
sendmail($e, {transport => Email::Sender::Transport::Sendmail->new, to => ['d@example.net', 'b@example.net']});
"""

UNATTENDED = """
import importlib.machinery, importlib.util, sys
loader = importlib.machinery.SourceFileLoader("uu", "/usr/bin/unattended-upgrade")
uu = importlib.util.module_from_spec(importlib.util.spec_from_loader("uu", loader))
loader.exec_module(uu)
sys.exit(uu._send_mail_using_sendmail("root", "root", "unattended-upgrades result", "caff\u00e8\\n.\\nend"))
"""

# Its own function, since it asks a person for everything else. A text beyond ASCII it sends as base64.
REPORTBUG = """
from reportbug import submit
from reportbug.ui import text_ui
submit.ui = text_ui
submit.send_report("Package: x\\n\\ncaff\u00e8\\n.\\nend\\n", [], None, "Bob Doe <bob@example.com>", "d@example.net", "", "b@example.net",
    [("Subject", "x: does not work")], package="x", mta="/usr/sbin/sendmail", smtphost="")
"""

# What apt calls before it installs a package.
LISTCHANGES = """
set -e
mkdir -p /root/x/DEBIAN /root/x/usr/share/doc/x
printf 'Package: x\\nVersion: 1.0\\nArchitecture: all\\nMaintainer: Bob <bob@example.com>\\nDescription: x\\n' >/root/x/DEBIAN/control
printf 'x (1.0) unstable; urgency=low\\n\\n  * New: caff\\303\\250.\\n\\n -- Bob <bob@example.com>  Thu, 01 Jan 2026 12:00:00 +0000\\n' |
    gzip -9n >/root/x/usr/share/doc/x/changelog.gz
dpkg-deb --build /root/x /root/x.deb >/dev/null
apt-listchanges --frontend=mail --email-address=root --which=changelogs --show-all /root/x.deb
"""

SIEVE = """\
mail_location = maildir:~/Maildir
log_path = /dev/stderr
ssl = no
postmaster_address = bob@example.com
protocol lda {
  mail_plugins = sieve
}
plugin {
  sieve = ~/.dovecot.sieve
}
"""

SMARTD = {
    "MAILER": "/usr/sbin/sendmail", "ADDRESS": "root", "MESSAGE": "Test", "FAILTYPE": "EmailTest", "DEVICE": "/dev/sda",
    "DEVICETYPE": "auto", "DEVICESTRING": "/dev/sda", "TFIRST": "now", "TFIRSTEPOCH": "1", "PREVCNT": "0", "NEXTDAYS": "",
    "SUBJECT": "",
}

AT = """
mkdir -p /var/spool/cron/atjobs /var/spool/cron/atspool
touch /var/spool/cron/atjobs/.SEQ
chown -R daemon:daemon /var/spool/cron/at*
echo 'printf "caff\\303\\250\\n.\\nend"' | at -m now && sleep 1 && exec atd -s
"""

ONE = b"one\r\n.\r\nend\r\n"

CALLERS = [
    # what a system runs
    Caller("anacron", ("anacron",), ("anacron", "-d", "-f", "-n", "-S", "/var", "-t", "/etc/anacrontab"), (ROOT,), user=None,
           files={"etc/anacrontab": 'PATH=/usr/bin:/bin\nMAILTO=root\n1 0 job echo one; echo .; printf end\n'},
           header=(f"From: Anacron <{OWN}>", "X-Original-From: Anacron <root>", f"To: root@{HERE}"), body=ONE),
    Caller("at", ("at",), ("sh", "-c", AT), (ROOT,), user=None, header=(f"To: root@{HERE}",),
           body="caff\u00e8\r\n.\r\nend\r\n".encode()),
    Caller("sudo", ("sudo",), ("sh", "-c", "sudo -n true && sleep 1"), (ROOT,), user=None, messages=2,
           files={"etc/sudoers": 'Defaults mail_always\nDefaults mailto="root"\nroot ALL=(ALL) ALL\n'},
           header=("Auto-Submitted: auto-generated", f"From: root <{OWN}>"), text="COMMAND=/usr/bin/true"),
    Caller("logwatch", ("logwatch",),
           ("logwatch", "--output=mail", "--mailto=one@example.net two@example.net", "--range=all", "--service=sshd"),
           ("one@example.net", "two@example.net"), user=None,
           files={"var/log/auth.log": "Nov 25 10:00:00 vm sshd[1]: Accepted password for bob from 192.0.2.7 port 4711 ssh2\n"},
           header=("Precedence: bulk", "To: one@example.net", "To: two@example.net"), text="192.0.2.7"),
    Caller("smartd's script", ("smartmontools",),
           ("env", *(f"SMARTD_{name}={value}" for name, value in SMARTD.items()), "/usr/share/smartmontools/smartd_warning.sh"),
           (ROOT,), user=None, header=(f"Subject: SMART error (EmailTest) detected on host: {socket.gethostname()}",),
           text="generated by the smartd daemon"),
    Caller("mdadm --monitor --test", ("mdadm",),
           ("mdadm", "--monitor", "--test", "--oneshot", "--mail=root@localhost", "/dev/md0"), (ROOT,), user=None,
           header=(f"From: mdadm monitoring <{OWN}>",), text="A TestMessage event had been detected"),
    Caller("unattended-upgrades", ("unattended-upgrades",), ("/usr/bin/python3", "/root/script"), (ROOT,), user=None,
           files={"root/script": UNATTENDED}, header=(f"From: root <{OWN}>", "X-Original-From: root"), text="caff=C3=A8"),
    Caller("apt-listchanges", ("apt-listchanges",), ("sh", "-c", LISTCHANGES), (ROOT,), user=None,
           header=(f"To: root@{HERE}",), text="* New: caff"),
    Caller("reportbug", ("python3-reportbug",), ("/usr/bin/python3", "/home/bob/script"), ("d@example.net", "b@example.net"), BOB,
           files={"home/bob/script": REPORTBUG}, header=(f"From: Bob Doe <{BOB}>", "Subject: x: does not work"),
           never=(b"b@example.net",), text="UGFja2FnZTogeAoK"),
    # what people write mail with
    Caller("bsd-mailx", ("bsd-mailx",),
           ("bsd-mailx", "-s", "x", "-c", "Cc <cc@example.net>", "-b", "bcc@example.net", '"Doe, J" <d@example.net>', "root"),
           ("d@example.net", ROOT, "cc@example.net", "bcc@example.net"), stdin=DOTS,
           header=(f'To: "Doe, J" <d@example.net>, root@{HERE}', f"From: Bob Doe <{OWN}>"),
           never=(b"bcc@",), body="caff\u00e8\r\n.\r\nend\r\n".encode()),
    Caller("bsd-mailx -r", ("bsd-mailx",), ("bsd-mailx", "-s", "x", "-r", BOB, "d@example.net"), ("d@example.net",), BOB,
           stdin=b"one\n.\nend\n", header=(f"From: {BOB}",), body=ONE),
    Caller("s-nail", ("s-nail",), ("s-nail", "-:/", "-s", "x", "-c", "cc@example.net", "-b", "bcc@example.net", "d@example.net"),
           ("d@example.net", "cc@example.net", "bcc@example.net"), stdin=b"one\n", never=(b"bcc@",), body=b"one\r\n"),
    Caller("mailutils", ("mailutils",), ("mail.mailutils", "-s", "x", "-a", "Bcc: bcc@example.net", "d@example.net"),
           ("d@example.net", "bcc@example.net"), stdin=b"one\n.\nend\n", never=(b"bcc@",), body=ONE),
    Caller("mutt", ("mutt",),
           ("mutt", "-n", "-F", "/dev/null", "-e",
            f'set from={BOB} use_envelope_from=yes record="" dsn_notify="failure,delay" dsn_return=hdrs',
            "-s", "x", "-c", "cc@example.net", "-b", "bcc@example.net", "d@example.net"),
           ("d@example.net", "cc@example.net", "bcc@example.net"), BOB, stdin=b"one\n.\nend\n",
           header=(f"From: Bob Doe <{BOB}>",), never=(b"bcc@",), body=ONE),
    Caller("git send-email", ("git-email", "libmailtools-perl"),
           ("git", "-c", "user.name=Bob Doe", "-c", f"user.email={BOB}", "send-email", "--confirm=never", f"--from=Bob Doe <{BOB}>",
            "--envelope-sender=auto", '--to="Doe, J" <d@example.net>', "--cc=e@example.net", "--suppress-cc=all",
            "--8bit-encoding=UTF-8", "/home/bob/patch"),
           ("d@example.net", "e@example.net"), BOB, files={"home/bob/patch": PATCH},
           header=('To: "Doe, J" <d@example.net>',), body=b".\r\n---\r\n a | 1 +\r\n\r\n"),
    # what programs are written in
    Caller("PHP mail()", ("php8.2-cli",), ("php8.2", "-n", "/home/bob/script"),
           ("d@example.net", "e@example.net", "b@example.net"), BOB, files={"home/bob/script": PHP}, never=(b"b@example.net",),
           body="one\r\ncaff\u00e8\r\n.\r\nend\r\n".encode()),
    Caller("Symfony", ("php-symfony-mailer", "php8.2-cli"), ("php8.2", "-d", "extension=mbstring", "-d", "extension=ctype",
           "/home/bob/script"), ("d@example.net", "b@example.net"), BOB, files={"home/bob/script": SYMFONY},
           never=(b"b@example.net",), body=b"one\r\n.\r\nend\r\n\r\n", messages=3),
    Caller("Symfony, -t -i", ("php-symfony-mailer", "php8.2-cli"), ("php8.2", "-d", "extension=mbstring", "-d", "extension=ctype",
           "/home/bob/script", "?command=/usr/sbin/sendmail%20-t%20-i"), ("d@example.net", "b@example.net"), BOB,
           files={"home/bob/script": SYMFONY}, never=(b"b@example.net",), body=ONE, messages=3),
    Caller("Python", (), ("/usr/bin/python3", "/home/bob/script"), ("d@example.net", "b@example.net"),
           files={"home/bob/script": PYTHON}, never=(b"b@example.net",), body=ONE),
    Caller("Mail::Mailer", ("libmailtools-perl",), ("perl", "/home/bob/script"),
           ("d@example.net", "e@example.net", "b@example.net"), files={"home/bob/script": MAIL_MAILER},
           header=("To: d@example.net", "To: e@example.net"), never=(b"b@example.net",), body=ONE),
    Caller("Email::Sender", ("libemail-sender-perl",), ("perl", "/home/bob/script"), ("d@example.net", "b@example.net"), BOB,
           files={"home/bob/script": EMAIL_SENDER}, never=(b"b@example.net",), body=ONE),
    # what delivers and forwards
    Caller("procmail", ("procmail",), ("procmail", "-m", "/home/bob/rules"), ("one@example.net", "two@example.net"),
           files={"home/bob/rules": ":0\n! one@example.net, two@example.net\n"},
           stdin=b"From x@example.com Thu Jan  1 00:00:00 2026\nFrom: x@example.com\nTo: bob\n\none\n.\nend\n",
           header=("From: x@example.com", f"To: bob@{HERE}"), never=(b"From x@",), body=ONE + b"\r\n"),
    Caller("Dovecot's vacation", ("dovecot-sieve", "dovecot-core"),
           ("/usr/lib/dovecot/dovecot-lda", "-c", "/etc/dovecot/dovecot.conf", "-e", "-f", "x@example.com", "-a", BOB),
           ("x@example.com",), "", files={
               "etc/dovecot/dovecot.conf": SIEVE,
               "home/bob/.dovecot.sieve": f'require ["vacation"];\nvacation :addresses "{BOB}" "Not here";\n',
           },
           stdin=f"From: x@example.com\nTo: {BOB}\nSubject: x\nMessage-ID: <1@example.com>\n\none\n".encode(),
           header=("Auto-Submitted: auto-replied (vacation)",), text="Not here"),
]


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
def test_a_caller(machine, mailbox, caller):
    there = machine(*caller.packages)
    for path, text in caller.files.items():
        there.write(path, text, mode=0o440 if path == "etc/sudoers" else 0o644, user="bob" if path.startswith("home/") else None)
    result = there.run(*caller.command, user=caller.user, stdin=caller.stdin)
    assert result.exit == 0, result
    assert jail.wait_for(lambda: len(mailbox.mails) >= caller.messages), result
    assert len(mailbox.mails) == caller.messages
    for mail in mailbox.mails:
        assert (mail.sender, mail.recipients) == (caller.sender, list(caller.to))
        assert_arrived(mail, caller)


def assert_arrived(mail, caller):
    lines = mail.header.decode().split("\r\n")
    assert all(line in lines for line in caller.header), lines
    assert not any(bad in mail.content for bad in caller.never), lines
    assert not caller.body or mail.body == caller.body
    assert caller.text.encode() in mail.body
    message = email.message_from_bytes(mail.content, policy=email.policy.default)
    for name in ("From", "Date", "Message-ID"):
        assert len(message.get_all(name)) == 1, name
    assert f"from userid {0 if caller.user is None else 54001}" in message["Received"]
