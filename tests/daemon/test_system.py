"""imbucad as root runs it: the mail of this machine's users, each delivered as its user."""

import base64
import ctypes
import os
import select
import shutil
import signal
import smtplib
import ssl
import stat
import subprocess
import time
from pathlib import Path

import pytest

import house as machines
import network
import sink
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


def give_home(machine, home):
    """Another home for the daemon's user, as the system has it."""
    passwd = (machine.folder / "passwd").read_text()
    machine.write("passwd", passwd.replace(f":{machine.home('imbuca')}:", f":{home}:"))


@pytest.mark.parametrize("home", ["/nonexistent", "/", "{folder}/roots", "{folder}/state"])
def test_root_without_an_alias_needs_no_home(machine, home):
    """adduser's /nonexistent, and a home that is the state folder, which systemd gives to root."""
    machine.write("aliases", "# none\n")
    (machine.folder / "roots").mkdir()
    (machine.folder / "state").mkdir()
    os.chown(machine.folder / "state", USERS["imbuca"], USERS["imbuca"])
    give_home(machine, home.format(folder=machine.folder))
    machine.configure()
    kept = machine.folder / "state/home/Maildir"
    for _ in range(2):
        said = machine.check("root")
        assert said.returncode == 0 and f"root\n  as imbuca into {kept}, unless" in said.stdout, said
        if not machine.process:
            machine.launch().send("root")
    (file,) = (kept / "new").iterdir()
    assert file.stat().st_uid == USERS["imbuca"] and 'file="imbuca:' in machine.log
    assert (machine.folder / "state").stat().st_uid == 0


def test_check_says_which_mailbox_cannot_be_written(machine):
    machine.write("aliases", "# none\n")
    (machine.folder / "state/home").mkdir(parents=True)
    give_home(machine, "/nonexistent")
    maildir = machine.home("anna") / "Maildir"
    maildir.mkdir()
    machine.configure()
    said = machine.check("root", "anna", "bert")
    assert said.returncode == 73, said
    assert f"wrong: the user 'imbuca' cannot write '{machine.folder}/state/home/Maildir': Permission denied\n" in said.stdout
    assert f"wrong: the user 'anna' cannot write '{maildir}': Permission denied\n" in said.stdout and "'bert'" not in said.stdout


@pytest.mark.parametrize("missing, there", [("key.pem", "certificate.pem"), ("certificate.pem", "key.pem")])
def test_a_certificate_is_not_replaced_because_its_key_is_gone(machine, missing, there):
    machine.start()
    state = machine.folder / "state"
    (state / missing).unlink()
    before = (state / there).read_bytes()
    told = f"'{state}/{missing}' is missing, and '{state}/{there}' is there"
    machine.process.send_signal(signal.SIGHUP)
    until(lambda: told in machine.log, "the log says so")
    machine.send("anna")
    machine.stop()
    started = subprocess.run(machine.command(), capture_output=True, text=True, timeout=30)
    assert started.returncode == 78 and told in started.stderr, started
    assert (state / there).read_bytes() == before and not (state / missing).exists()
    (state / there).unlink()
    machine.launch().send("anna")


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


@pytest.mark.parametrize("content", [b"hello\r\nworld\r\n", b"Dear all: no.\r\n\r\nhello\r\n"])
def test_text_without_a_header_stays_text(machine, content):
    """The lines that are put on top would make a header of what looks like a field or its continuation."""
    machine.start().send("anna", message=content)
    (mail,) = machine.mail("anna")
    header, _, body = mail.partition(b"\n\n")
    assert body == content.replace(b"\r\n", b"\n") and b"Received:" in header


def test_nobody_is_refused_at_once(machine):
    with machine.start().over_tcp() as client:
        client.ehlo()
        client.mail("a@b.example")
        code, text = client.rcpt("nobody-at-all")
        assert code == 550 and text.startswith(b"5.1.1 ")
        code, text = client.rcpt("someone@elsewhere.example")
        assert code == 550 and text.startswith(b"5.7.1 ")
        assert client.rcpt("anna")[0] == 250


def test_who_is_not_root_takes_its_own_mail_alone(machine):
    home, number = machine.home("anna"), USERS["anna"]
    machine.wrapper = ("setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups")
    machine.start(f"listen {home / 'socket'}", "listen 127.0.0.1:0", f"state {home / 'state'}", f"queue {home / 'queue'}", f"log {home / 'log'}")
    with machine.over_tcp() as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            client.sendmail("a@b.example", "bert", b"x\r\n")
        assert refused.value.recipients["bert"] == (550, b"5.1.1 Mail is taken here for 'anna' alone, and not for 'bert'")
        for name in ("anna", "anna+list", "postmaster"):
            client.sendmail("a@b.example", name, b"x\r\n")
    assert len(machine.mail("anna")) == 3


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


def test_a_command_runs_where_its_user_has_no_home(machine):
    give_home(machine, "/not/there")
    out = machine.folder / "log" / "out"
    script = machine.write("script", f"#!/bin/sh\npwd >{out}\n", mode=0o755)
    machine.write("aliases", f'run: "|{script}"\n')
    machine.start("commands on", f"mailbox mbox:{machine.folder}/%u").send("run")
    assert out.read_text() == "/\n"


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


def test_a_maildir_that_lacks_a_folder(machine):
    maildir = machine.home("anna") / "Maildir"
    (maildir / "tmp").mkdir(parents=True)
    for path in (maildir, maildir / "tmp"):
        os.chown(path, USERS["anna"], USERS["anna"])
    machine.start().send("anna")
    assert len(machine.mail("anna")) == 1
    shutil.rmtree(maildir / "new")
    (maildir / "new").write_text("in the way")
    with pytest.raises(smtplib.SMTPDataError):
        machine.send("anna")
    assert f"cannot make {maildir}/new/" in machine.log and not list((maildir / "tmp").iterdir())


def test_an_mbox(machine):
    box = machine.folder / "box"
    box.mkdir()
    box.chmod(0o1777)
    machine.start(f"mailbox mbox:{box}/%u")
    for _ in range(2):
        machine.send("anna", message=b"Subject: x\r\n\r\nFrom me\r\n")
    text = (box / "anna").read_text()
    assert text.count("\nSubject: x\n\n>From me\n\n") == 2 and (box / "anna").stat().st_uid == USERS["anna"]


def test_an_mbox_that_another_has_made_is_not_taken(machine):
    """Where all may make files, bert would read anna's mail."""
    folder = machine.folder / "box"
    folder.mkdir()
    folder.chmod(0o777)
    (folder / "anna").touch(mode=0o666)
    (folder / "anna").chmod(0o666)
    os.chown(folder / "anna", USERS["bert"], USERS["bert"])
    machine.start(f"mailbox mbox:{folder}/%u")
    with pytest.raises(smtplib.SMTPDataError) as refused:
        machine.send("anna")
    assert refused.value.smtp_code == 451 and b"belongs to another user" in refused.value.smtp_error
    assert (folder / "anna").stat().st_size == 0
    os.chown(folder / "anna", USERS["anna"], USERS["anna"])
    machine.send("anna")


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


def begin_message(machine, recipient):
    """A client in the midst of a message."""
    client = machine.over_socket()
    client.ehlo()
    client.mail("a@pi.example")
    assert client.rcpt(recipient)[0] == 250 and client.docmd("DATA")[0] == 354
    client.send(b"Subject: slow\r\n\r\n")
    return client


def test_who_has_connected_before_a_change_may_still_begin(machine):
    machine.start()
    clients = [machine.over_socket(), machine.over_tcp()]
    machine.configure("max_size 1234")
    machine.process.send_signal(signal.SIGHUP)

    def has_changed():
        with machine.over_socket() as client:
            client.ehlo()
            return client.esmtp_features["size"] == "1234"

    until(has_changed, "the new configuration has taken over")
    time.sleep(1)
    for client in clients:
        client.sendmail("cron@pi.example", "anna", b"Subject: x\r\n\r\nx\r\n")
    assert len(machine.mail("anna")) == 2
    until(lambda: all(client.noop()[0] == 421 for client in clients), "the old sessions are ended")


@pytest.mark.slow
def test_what_is_under_way_at_a_change_may_end_and_is_told_at_the_end(machine):
    provider = sink.Sink()
    try:
        machine.start(machine.provide(provider))
        mine, far = begin_message(machine, "anna"), begin_message(machine, "somebody@far.example")
        before = set(machine.processes())
        machine.process.send_signal(signal.SIGHUP)
        for _ in range(35):  # longer than the end of the daemon would wait
            time.sleep(1)
            for client in (mine, far):
                client.send(b"x" * 400 + b"\r\n")
        for client in (mine, far):
            client.send(b".\r\n")
            assert client.getreply()[0] == 250
        until(lambda: len(provider.mails) == 1, "the provider has it")
        assert len(machine.mail("anna")) == 1
        until(lambda: not before & set(machine.processes()), "the old ones are gone", 90)  # delivery processes idle
        last = begin_message(machine, "anna")
        machine.process.terminate()
        last.sock.settimeout(40)
        assert last.getreply()[0] == 421
        assert machine.process.wait(timeout=20) == 0
    finally:
        provider.close()


def test_a_second_change_ends_what_the_first_let_go_on(machine):
    machine.start()
    client = begin_message(machine, "anna")
    before = set(machine.processes())
    for _ in range(2):
        machine.process.send_signal(signal.SIGHUP)
        until(lambda: len(set(machine.processes()) - before) >= 3, "the new ones have begun")
        before |= set(machine.processes())
    client.sock.settimeout(40)
    assert client.getreply()[0] == 421


def test_of_many_changes_the_last_counts(machine):
    """Also where as many old ones as there may be have a message under way."""
    machine.start()
    clients = []

    def size():
        with machine.over_socket() as client:
            client.ehlo()
            return client.esmtp_features["size"]

    for number in range(12):
        clients.append(begin_message(machine, "anna"))
        machine.configure(f"max_size {1000 + number}")
        machine.process.send_signal(signal.SIGHUP)
        if number < 6:
            until(lambda: size() == str(1000 + number), "it has taken over")
    for client in clients:
        client.close()
    until(lambda: size() == "1011", "the last one has taken over")


def test_a_socket_that_is_kept_gets_its_new_mode_and_group(machine):
    machine.start(f"listen {machine.socket}")

    def has(mode, group):
        found = machine.socket.stat()
        return (stat.S_IMODE(found.st_mode), found.st_gid) == (mode, group)

    assert has(0o666, 0)
    machine.configure(f"listen {machine.socket} mode=0660 group=bert")
    machine.process.send_signal(signal.SIGHUP)
    until(lambda: has(0o660, USERS["bert"]), "the group's alone")
    machine.configure(f"listen {machine.socket}", "group nobody")  # a mistake: all stays
    machine.process.send_signal(signal.SIGHUP)
    until(lambda: "the configuration is the old one" in machine.log, "the mistake is in the log")
    assert has(0o660, USERS["bert"])
    machine.configure(f"listen {machine.socket}")
    machine.process.send_signal(signal.SIGHUP)
    until(lambda: has(0o666, 0), "everybody's")


def test_who_is_not_let_in_hears_so(machine):
    machine.start(f"listen {machine.socket} mode=0660 group=bert")
    name = "0" * 14
    told = f"imbucad's socket '{machine.socket}' does not let this user in".encode()
    for arguments, code in [(["root"], 75), (["queue"], 77), (["queue", "list", "--json"], 77), (["-bP"], 77),
                            (["queue", "remove", name], 77)]:
        done = machines.run(machine, "anna", *arguments, stdin=b"Subject: x\n\ny\n")
        assert done.returncode == code and told in done.stderr and not done.stdout, done
    assert machines.run(machine, "bert", "root", stdin=b"Subject: x\n\ny\n").returncode == 0
    assert machines.run(machine, "bert", "queue").stdout == b"the queue is empty\n"


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
    for uid, codes in ((USERS["anna"], "250 553\n"), (100055, "553 553\n")):  # the second has no name
        said = subprocess.run(
            ["/usr/bin/python3", "-c", code, machines.__file__.rsplit("/", 1)[0], machine.socket],
            user=uid, group=uid, extra_groups=[], capture_output=True, text=True,
        )
        assert said.stdout == codes, said


def test_a_login_that_is_an_address_sends_as_that(machine):
    users = machine.folder / "users"
    machine.configure(f"users {users}")
    subprocess.run(machine.command("user", "add", "bert@pi.example"), input=b"secret\n", check=True)
    machine.start(f"listen {machine.socket}", "listen 127.0.0.1:0 tls", f"users {users}", "bind_senders on")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with smtplib.SMTP_SSL("127.0.0.1", machine.port, timeout=20, context=context) as client:
        client.login("bert@pi.example", "secret")
        for sender, code in (("bert@pi.example", 250), ("anna@pi.example", 553), ("bert@elsewhere.example", 553)):
            client.mail(sender)
            assert client.rcpt("anna")[0] == code, sender
            client.rset()


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
    ("listen nowhere", "imbucad.conf:6:8: 'nowhere' is not ADDRESS or ADDRESS:PORT"),
    ("listen 127.0.0.1:99999", "imbucad.conf:6:8: '127.0.0.1:99999' is not ADDRESS or ADDRESS:PORT"),
    ("listen /run/" + "x" * 103, "xxx' is longer than the path of a socket can be, 107"),
    ("listen /run/x tls", "'tls' is for an address, and not for a socket's file"),
    ("listen 127.0.0.1:0 mode=0600", "'mode' is for a socket's file, and not for an address"),
    ("listen /run/x mode=9", "'9' is no mode, such as 0660"),
    ("max_size 5X", "'5X' is no size, such as 100000 or 50M"),
    ("mailbox maildir", "'maildir' is no mailbox"),
    ("commands maybe", "'maybe' is neither on nor off"),
    ("require_auth on", "a login is required, and there is no users file"),
    ("user root", "the user 'root' is root, and imbucad runs as another"),
    ("user nobody-at-all", "there is no user 'nobody-at-all' to run as"),
])
def test_a_mistake_in_the_configuration(machine, line, told):
    machine.configure(line)
    said = machine.check()
    assert said.returncode == 78 and told in said.stderr, said
    started = subprocess.run(machine.command(), capture_output=True, text=True, timeout=30)
    assert started.returncode == 78 and told in started.stderr, started


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


@pytest.mark.parametrize("owner, group, mode, after", [
    (None, None, None, ("root", "imbuca", 0o640)), ("root", "root", 0o600, ("root", "imbuca", 0o640)),
    ("root", "anna", 0o640, ("root", "anna", 0o640)), ("imbuca", "imbuca", 0o600, ("imbuca", "imbuca", 0o600)),
])
def test_root_adds_users_whom_the_daemon_can_read(machine, owner, group, mode, after):
    users = machine.folder / "users"
    number = machine.users | {"root": 0}
    if owner:
        machine.write("users", "# ours\n", mode=mode)
        os.chown(users, number[owner], number[group])
    machine.configure(f"users {users}", "log -")
    for password in ("old", "secret"):
        done = subprocess.run(machine.command("user", "add", "anna"), input=f"{password}\n", capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done
    facts = users.stat()
    assert (facts.st_uid, facts.st_gid, facts.st_mode & 0o777) == (number[after[0]], number[after[1]], after[2])
    said = machine.check()
    if group == "anna":
        assert said.returncode == 78 and f"chgrp imbuca '{users}' && chmod 640 '{users}'\n" in said.stdout
        subprocess.run(["sh", "-c", f"chgrp {number['imbuca']} '{users}' && chmod 640 '{users}'"], check=True)
        said = machine.check()
    assert said.returncode == 0, said
    with machine.launch().over_tcp() as client:
        client.starttls()
        assert client.login("anna", "secret")[0] == 235


@pytest.mark.parametrize("line, code, told", [
    ("accounts {folder}/nowhere", 78, "/nowhere"), ("accounts {folder}/broken", 78, "/broken:1:1: "),
    ("accounts {folder}/loose", 78, "/loose"), ("log {folder}/nowhere/log", 73, "the user 'imbuca' cannot write the log '{folder}/nowhere/log': "),
    ("log {folder}/log2", 73, "cannot write the log"), ("pid_file {folder}/nowhere/pid", 73, "cannot make the pid_file '{folder}/nowhere/pid': "),
    ("queue {folder}/nowhere/queue", 73, "cannot make the queue '{folder}/nowhere/queue': "),
    ("queue {folder}/home", 73, "the user 'imbuca' cannot write the queue "),
    ("listen 192.0.2.1:25", 71, "cannot listen on 192.0.2.1:25: "), ("listen [2001:db8::1]", 71, "cannot listen on [2001:db8::1]: "),
    ("listen {folder}/s group=nowhere", 78, "there is no group 'nowhere'"),
    ("state {folder}/aliases/state", 78, "/aliases/state/certificate.pem"), ("state {folder}/garbage", 78, "garbage"),
])
def test_check_says_what_keeps_the_daemon_from_its_work(machine, line, code, told):
    machine.write("broken", "bogus\n", mode=0o600)
    machine.write("loose", "account a\nhost h.example\nfrom a@h.example\nuser a\npassword secret\n", mode=0o644)
    (machine.folder / "garbage").mkdir()
    for name in ("certificate.pem", "key.pem"):
        machine.write(f"garbage/{name}", "garbage\n", mode=0o600)
    machine.configure()
    said = machine.check()
    assert said.returncode == 0 and "wrong" not in said.stdout, said
    machine.configure(line.format(folder=machine.folder))
    said = machine.check()
    (wrong,) = [one for one in said.stdout.splitlines() if one.startswith("wrong: ")]
    assert said.returncode == code and told.format(folder=machine.folder) in wrong, said


WITHOUT_IPV6 = """
echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
user=$1
shift
exec setpriv --reuid=$user --regid=$user --clear-groups "$@"
"""


@pytest.mark.parametrize("line, said", [("", "smtp 127.0.0.1:2525\n"), ("listen [::1]\n", None)])
def test_a_machine_without_ipv6_is_not_asked_for_it_unsaid(machine, line, said):
    home = machine.home("anna")
    machine.write("imbucad.conf", f"{line}mailbox maildir:{home}/Maildir\nstate {home}/state\nqueue {home}/queue\nlog -\n")
    machine.wrapper = ("sh", "-ec", WITHOUT_IPV6, "sh", str(USERS["anna"]))
    with network.own():
        process = subprocess.Popen(machine.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == (said or "")
        if said:
            assert process.stdout.readline() == "ready\n"
        else:
            assert process.wait(timeout=30) == 71 and "cannot listen on [::1]" in process.stderr.read()
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_check_says_that_all_can_read_the_key(machine):
    machine.start()
    assert machine.check().returncode == 0
    (machine.folder / "state/key.pem").chmod(0o644)
    said = machine.check()
    assert said.returncode == 78 and f"chmod o= '{machine.folder}/state/key.pem'\n" in said.stdout


def test_a_log_that_cannot_be_written_is_told_and_mail_goes_on(machine):
    machine.start(f"log {machine.folder}/nowhere/log").send("anna")
    told = f"the user 'imbuca' cannot write the log '{machine.folder}/nowhere/log': No such file or directory\n"
    machine.stop()
    assert told in machine.process.stderr.read() and len(machine.mail("anna")) == 1


def test_the_log_is_the_daemons_though_root_has_the_first_line(machine):
    machine.start("accounts /nonexistent").send("anna")
    assert machine.log_file.stat().st_uid == USERS["imbuca"]
    assert "/nonexistent" in machine.log and 'file="anna:' in machine.log


def test_check_says_which_users_have_no_password(machine):
    machine.write("users", "# none\n\nanna\nbert:x\nbert:$6$saltsalt$" + "a" * 86 + "\n", mode=0o600)
    machine.configure(f"users {machine.folder / 'users'}")
    said = machine.check()
    assert said.returncode == 78
    assert [f"/users:{line}: the line of '" in said.stdout for line in (1, 2, 3, 4, 5)] == [False, False, True, True, False]


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
