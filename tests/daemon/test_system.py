"""imbucad as root runs it: the mail of this machine's users, each delivered as its user."""

import base64
import ctypes
import os
import select
import shutil
import signal
import smtplib
import ssl
import subprocess
from pathlib import Path

import pytest

import house as machines
from house import USERS, until

pytestmark = pytest.mark.root


def test_mail_to_root_goes_where_the_alias_says(machine):
    machine.start().send("root")
    (message,) = machine.mail("anna")
    lines = message.split(b"\n")
    assert lines[0] == b"Return-Path: <cron@pi.example>" and lines[1] == b"Delivered-To: root"
    assert b" (uid 0)\n\tby pi.example with ESMTP id " in message and message.endswith(b"\n\nhello\n")
    (file,) = (machine.home("anna") / "Maildir/new").iterdir()
    assert file.stat().st_uid == USERS["anna"] and file.stat().st_mode & 0o777 == 0o600
    assert "from=cron@pi.example recipient=root" in machine.log and 'file="anna:' in machine.log


def test_nothing_but_the_supervisor_is_root(machine):
    machine.start().send("anna")
    assert machines.uid_of(machine.process.pid) == 0
    assert sorted(machine.processes().values()) == [USERS["imbuca"]] * 3 + [USERS["anna"]]


def test_root_without_an_alias_is_the_daemons(machine):
    machine.write("aliases", "# none\n")
    machine.start().send("root", "postmaster@pi.example", "PostMaster")
    assert len(machine.mail("imbuca")) == 1 and 'file="imbuca:' in machine.log


@pytest.mark.parametrize("name, folder", [
    ("anna", "Maildir"), ("ANNA", "Maildir"), ("anna@PI.example", "Maildir"), ("anna@localhost", "Maildir"),
    ("anna@[127.0.0.1]", "Maildir"), ("anna@[IPv6:::1]", "Maildir"),
    ("anna+work", "Maildir/.work"), ("anna+none", "Maildir"), ("anna+..", "Maildir"), ("anna+/../../bert", "Maildir"),
])
def test_names(machine, name, folder):
    below = machine.home("anna") / "Maildir/.work"
    below.mkdir(parents=True)
    for path in (below, below.parent):
        os.chown(path, USERS["anna"], USERS["anna"])
    machine.start().send(name if ".." not in name else f'<"{name}">')
    assert len(machine.mail("anna", folder)) == 1


def test_nobody_is_refused_at_once(machine):
    with machine.start().over_tcp() as client:
        client.ehlo()
        client.mail("a@b.example")
        code, text = client.rcpt("nobody-at-all")
        assert code == 550 and text.startswith(b"5.1.1 ")
        code, text = client.rcpt("someone@elsewhere.example")
        assert code == 550 and text.startswith(b"5.7.1 ")
        assert client.rcpt("anna")[0] == 250


def test_aliases_are_seen_when_they_change(machine):
    machine.start()
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        machine.send("team")
    machine.write("aliases", f"team: anna,\n  bert, :include:{machine.folder}/more\nowner-team: bert\nsink: {machine.folder}/sink\n")
    machine.write("more", "anna@pi.example\n\\bert\n")
    machine.send("team")
    assert [len(machine.mail(name)) for name in ("anna", "bert")] == [1, 1]
    assert machine.mail("anna")[0].startswith(b"Return-Path: <owner-team@pi.example>\n")
    machine.write("aliases", "team: bert,\nbert\n")
    machine.send("team")
    assert [len(machine.mail(name)) for name in ("anna", "bert")] == [2, 2] and "aliases:2:" in machine.log


def test_a_file_and_a_command_of_the_aliases_are_the_daemons(machine):
    out = machine.folder / "log" / "out"
    box = machine.folder / "log" / "box"
    script = machine.write("script", f'#!/bin/sh\n{{ id -u; env; cat; }} >{out}\n', mode=0o755)
    machine.write("aliases", f'box: {box}\nrun: "|{script} a b"\n')
    machine.start("commands on").send("box", "run+more")
    assert box.stat().st_uid == USERS["imbuca"] and box.read_text().startswith("From cron@pi.example ")
    said = out.read_text()
    assert said.startswith("41000\n") and "SENDER=cron@pi.example\n" in said and said.endswith("\n\nhello\n")


def test_a_command_is_refused_where_none_is_allowed(machine):
    machine.write("aliases", 'run: "|/bin/true"\n')
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        machine.start().send("run")
    assert refused.value.recipients["run"][0] == 550


def forward(machine, text, *, mode=0o644):
    path = machine.home("anna") / ".forward"
    path.write_text(text)
    path.chmod(mode)
    os.chown(path, USERS["anna"], USERS["anna"])


def test_forward_is_followed(machine):
    forward(machine, f"bert\n\\anna\n{machine.home('anna')}/copy\n")
    machine.start().send("anna")
    assert [len(machine.mail(name)) for name in ("anna", "bert")] == [1, 1]
    copy = machine.home("anna") / "copy"
    assert copy.stat().st_uid == USERS["anna"] and "Subject: hi" in copy.read_text()


def test_forward_in_a_circle_ends_in_the_mailboxes(machine):
    forward(machine, "bert\n")
    other = machine.home("bert") / ".forward"
    other.write_text("anna\n")
    os.chown(other, USERS["bert"], USERS["bert"])
    machine.start().send("anna")
    assert len(machine.mail("anna")) + len(machine.mail("bert")) >= 1


@pytest.mark.parametrize("text, mode", [("bert\n", 0o666), ("@@\n", 0o644), (":include:/etc/passwd\n", 0o644)])
def test_a_forward_that_cannot_be_trusted_holds_the_mail(machine, text, mode):
    forward(machine, text, mode=mode)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        machine.start().send("anna")
    assert refused.value.smtp_code == 451 and machine.mail("anna") == machine.mail("bert") == []
    assert ".forward" in machine.log


def test_an_mbox(machine):
    box = machine.folder / "box"
    box.mkdir()
    box.chmod(0o1777)
    machine.start(f"mailbox mbox:{box}/%u")
    for _ in range(2):
        machine.send("anna", message=b"Subject: x\r\n\r\nFrom me\r\n")
    text = (box / "anna").read_text()
    assert text.count("\nSubject: x\n\n>From me\n\n") == 2 and (box / "anna").stat().st_uid == USERS["anna"]


def test_a_message_that_was_here_is_a_loop(machine):
    machine.start()
    with pytest.raises(smtplib.SMTPDataError) as refused:
        machine.send("anna", message=b"Delivered-To: anna\r\n\r\nx\r\n")
    assert refused.value.smtp_error.startswith(b"5.4.6 ")
    with pytest.raises(smtplib.SMTPDataError) as refused:
        machine.send("anna", message=b"Received: x\r\n" * 51 + b"\r\nx\r\n")
    assert refused.value.smtp_code == 554
    machine.send("anna", message=b"Received: x\r\n" * 50 + b"\r\nDelivered-To: anna\r\n")


def test_lmtp_answers_for_each(machine):
    machine.start(f"listen {machine.socket} lmtp mode=0600")
    assert machine.socket.stat().st_mode & 0o777 == 0o600
    (machine.home("bert") / "Maildir").write_text("in the way")
    client = machine.over_socket()
    client.docmd("LHLO me")
    client.mail("a@b.example")
    assert [client.rcpt(name)[0] for name in ("anna", "bert", "anna")] == [250, 250, 250]
    assert client.docmd("DATA")[0] == 354
    client.send(b"Subject: x\r\n\r\ny\r\n.\r\n")
    assert [client.getreply()[0] for _ in range(3)] == [250, 451, 250]
    client.quit()
    assert len(machine.mail("anna")) == 1


@pytest.mark.parametrize("victim", range(4))
def test_what_dies_is_started_again(machine, victim):
    machine.start().send("anna")
    pid = sorted(machine.processes())[victim]
    os.kill(pid, signal.SIGKILL)
    until(lambda: pid not in machine.processes(), "the process is gone")

    def works():
        try:
            return machine.send("anna") == {}
        except (OSError, smtplib.SMTPException):
            return False

    until(works, "mail goes again")
    assert machine.process.poll() is None and len(machine.mail("anna")) == 2
    assert victim == 3 or "ended by signal 9 and is started again" in machine.log


def test_a_session_has_so_many_messages(machine):
    client = machine.start("max_mails 2").over_socket()
    client.ehlo()
    assert "MAILMAX=2" in client.esmtp_features["limits"].split()
    for _ in range(2):
        client.sendmail("cron@pi.example", ["anna"], b"Subject: x\r\n\r\ny\r\n")
    assert client.mail("cron@pi.example") == (421, b"4.5.3 Too many messages for one session, please come back")
    assert len(machine.mail("anna")) == 2
    machine.send("anna")


def test_a_change_of_the_configuration_is_taken_over(machine):
    machine.start()
    old = machine.over_tcp()
    old.ehlo()
    old.mail("a@b.example")
    old.rcpt("anna")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        machine.send("anna@new.example")
    machine.configure("domain new.example")
    machine.process.send_signal(signal.SIGHUP)

    def knows():
        try:
            return machine.send("anna@new.example") == {}
        except (OSError, smtplib.SMTPException):
            return False

    until(knows, "the new domain is local")
    assert old.data(b"Subject: old\r\n\r\nx\r\n")[0] == 250
    machine.write("imbucad.conf", "domian x\n")
    machine.process.send_signal(signal.SIGHUP)
    until(lambda: "did you mean 'domain'" in machine.log, "the mistake is in the log")
    machine.send("anna@new.example")


def test_a_user_sends_in_its_own_name(machine):
    machine.start("bind_senders on")
    client = machine.over_socket()
    client.ehlo()
    client.mail("anybody@elsewhere.example")
    assert client.rcpt("anna")[0] == 250  # root may
    client.quit()
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import house; c = house.OverSocket(sys.argv[2]); c.ehlo();"
        "c.mail('anna@pi.example'); a = c.rcpt('bert')[0]; c.rset(); c.mail('bert@pi.example'); print(a, c.rcpt('bert')[0])"
    )
    said = subprocess.run(
        ["/usr/bin/python3", "-c", code, machines.__file__.rsplit("/", 1)[0], machine.socket],
        user=USERS["anna"], group=USERS["anna"], capture_output=True, text=True,
    )
    assert said.stdout == "250 553\n", said


def test_check_says_what_would_happen(machine):
    machine.write("aliases", "root: anna, bert+x\nteam: \\bert\n")
    machine.configure()
    said = machine.check("root", "team", "anna+work", "who@elsewhere.example", "nobody-at-all")
    assert said.returncode == 67
    assert f"  as bert into {machine.home('bert')}/Maildir, for the detail 'x', unless" in said.stdout
    assert f"root\n  as anna into {machine.home('anna')}/Maildir, unless ~/.forward says else\n" in said.stdout
    assert f"team\n  as bert into {machine.home('bert')}/Maildir\n" in said.stdout
    assert "for the detail 'work'" in said.stdout and "who@elsewhere.example\n  elsewhere\n" in said.stdout
    assert "wrong: There is no user 'nobody-at-all' here" in said.stdout
    assert "hostname pi.example\n" in machine.check().stdout


@pytest.mark.parametrize("line, told", [
    ("max_sise 5", "imbucad.conf:8:1: unknown keyword 'max_sise' (did you mean 'max_size'?)"),
    ("listen 127.0.0.1:0 smpt", "imbucad.conf:6:8: 'smpt' is nothing that a listener can have (did you mean 'smtp'?)"),
    ("listen /run/x tls", "'tls' is for an address, and not for a socket's file"),
    ("listen 127.0.0.1:0 mode=0600", "'mode' is for a socket's file, and not for an address"),
    ("listen /run/x mode=9", "'9' is no mode, such as 0660"),
    ("max_size 5X", "'5X' is no size, such as 100000 or 50M"),
    ("mailbox maildir", "'maildir' is no mailbox"),
    ("commands maybe", "'maybe' is neither on nor off"),
    ("require_auth on", "a login is required, and there is no users file"),
    ("user nobody-at-all", "there is no user 'nobody-at-all' to run as"),
])
def test_a_mistake_in_the_configuration(machine, line, told):
    machine.configure(line)
    said = machine.check()
    assert said.returncode == 78 and told in said.stderr, said


def test_a_missing_user_hides_no_mistake(machine):
    machine.write("aliases", "root anna\n")
    machine.configure("user nobody-at-all", f"listen {machine.socket} group=no-such-group")
    said = machine.check("anna")
    assert said.returncode == 78 and "there is no group 'no-such-group'" in said.stderr, said
    told = [said.stdout.find(text) for text in ("no group 'no-such-group'", "/aliases:1:", "no user 'nobody-at-all'")]
    assert -1 not in told and told == sorted(told), said.stdout
    started = subprocess.run(machine.command(), capture_output=True, text=True, timeout=30)
    assert started.returncode == 78 and "there is no group 'no-such-group'" in started.stderr, started
    machine.configure("user nobody-at-all")
    started = subprocess.run(machine.command(), capture_output=True, text=True, timeout=30)
    assert started.returncode == 78 and "there is no user 'nobody-at-all' to run as" in started.stderr, started
    assert not machine.socket.exists()


def test_commands_have_not_the_group_of_the_mailboxes(machine):
    out = machine.folder / "log" / "out"
    script = machine.write("script", f"#!/bin/sh\nid -G >{out}\n", mode=0o755)
    machine.write("aliases", f'run: "|{script}"\n')
    box = machine.folder / "box"
    box.mkdir()
    shutil.chown(box, "root", "mail")
    box.chmod(0o775)
    machine.start("commands on", f"mailbox mbox:{box}/%u").send("anna")
    assert (box / "anna").read_text().startswith("From ")
    machine.send("run")
    assert out.read_text().split() == ["41000"]


def test_check_says_all_that_is_wrong_with_the_aliases(machine):
    machine.write("aliases", "root: anna\nteam anna\nlist: :include:/nowhere\nbad: @@\n")
    machine.configure()
    said = machine.check()
    assert said.returncode == 78
    assert [f"/aliases:{line}:" in said.stdout for line in (1, 2, 3, 4)] == [False, True, True, True], said.stdout


def test_the_pid_file_has_the_supervisor(machine):
    pid = machine.folder / "pid"
    machine.start(f"pid_file {pid}")
    number = int(pid.read_text())
    assert number in (machine.process.pid, *machine.processes())
    machine.process.terminate()
    machine.process.wait(timeout=60)
    assert not pid.exists()


def test_a_hash_of_crypt_lets_in_while_others_are_served(machine):
    """A slow hash: nobody else waits for it."""
    libcrypt = ctypes.CDLL("libcrypt.so.1")
    libcrypt.crypt.restype = ctypes.c_char_p
    quick = libcrypt.crypt(b"secret", b"$6$saltsalt").decode()
    slow = libcrypt.crypt(b"secret", b"$2b$11$abcdefghijklmnopqrstuu").decode()
    machine.write("users", f"bert:{quick}:1000:more\nanna:{{BLF-CRYPT}}{slow}\n", mode=0o600, owner="imbuca")
    machine.start(f"listen {machine.socket}", "listen 127.0.0.1:0 tls", f"users {machine.folder / 'users'}")

    def login(name, password):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        client = smtplib.SMTP_SSL("127.0.0.1", machine.port, timeout=60, context=context)
        client.ehlo()
        assert client.esmtp_features["auth"].split() == ["PLAIN", "LOGIN"]
        return client, base64.b64encode(f"\0{name}\0{password}".encode()).decode()

    for name, password, code in [("bert", "secret", 235), ("bert", "wrong", 535), ("nobody", "secret", 535), ("anna", "secret", 235)]:
        client, word = login(name, password)
        assert client.docmd("AUTH", f"PLAIN {word}")[0] == code, name
        client.close()
    # Six slow logins are under way; somebody else's mail is not held up until all of them are through.
    waiting = [login("anna", "wrong") for _ in range(6)]
    for client, word in waiting:
        client.putcmd("AUTH", f"PLAIN {word}")
    assert machine.send("bert") == {}
    assert not all(select.select([client.sock], [], [], 0)[0] for client, _ in waiting), "the logins took no time"
    assert [client.getreply()[0] for client, _ in waiting] == [535] * 6
    maps = {pid: "libcrypt" in Path(f"/proc/{pid}/maps").read_text() for pid in machine.processes()}
    assert sum(maps.values()) == 1
