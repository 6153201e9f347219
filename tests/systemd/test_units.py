"""The units of contrib/ under a systemd that runs: a user's timer and path, and the daemon by its socket."""

import json
import re

import pytest

import container
import place

pytestmark = [pytest.mark.real, pytest.mark.root, pytest.mark.slow, pytest.mark.xdist_group("systemd")]

ACCOUNTS = """\
account default
host 127.0.0.1
port 2525
tls off
auth off
from bob@example.org
queue on
"""
MESSAGE = b"Subject: %s\n\nHello\n"
INBOX, MAILDIR = "/home/bob/inbox", "/home/bob/Maildir"

# The timer's own minutes are for people; a test has seconds.
SOON = """\
[Timer]
OnStartupSec=
OnUnitInactiveSec=
OnStartupSec=1s
OnUnitInactiveSec=3s
RandomizedDelaySec=0
AccuracySec=100ms
"""


def commands_of_the_readme():
    """Those by which it has an administrator turn the daemon on."""
    section = (place.SOURCE / "README").read_text().partition("Mail for this machine's users\n")[2].partition("\n`make check`")[0]
    return re.findall(r"^    (.*)$", section, re.M)


@pytest.fixture(scope="module")
def box(layers):
    """The machine: bob has an account on port 2525, where nothing listens yet, and root's mail is his."""
    machine = container.Container(layers(container.PACKAGES), prepare)
    machine.wait_for(lambda: machine.run("test", "-S", f"/run/user/{container.UID}/bus").exit == 0, "bob's own systemd")
    machine.said = {line: machine.must("sh", "-c", line) for line in commands_of_the_readme()}
    yield machine
    machine.end()


def prepare(box):
    box.install()
    box.write(".config/imbuca/accounts", ACCOUNTS, mode=0o600, home="bob")
    box.write("etc/aliases", "root: bob\n")
    box.write("usr/local/etc/imbuca/imbucad.conf", "relay off\n")
    box.write("etc/systemd/user/imbuca-queue.timer.d/soon.conf", SOON)


def test_the_readmes_commands_turn_the_daemon_on(box):
    """The fixture has run them: what follows needs the user that they make."""
    assert len(box.said) == 4 and "bob" in box.said["imbucad check root"], box.said
    assert "It works." in box.must("sh", "-c", f"cat {MAILDIR}/new/*")
    box.must("systemctl", "disable", "--now", "imbucad.socket", "imbucad")


@pytest.mark.parametrize("home", ["/var/lib/imbuca/home", "/var/lib/imbuca", "/nonexistent"])
def test_roots_mail_without_an_alias_arrives(box, home):
    """With the home that the README's commands give to the daemon's user, and with others that it may have."""
    box.must("mv", "/etc/aliases", "/etc/aliases.not")
    move = 'sed -i "/^imbuca:/s,^\\(.*:\\)[^:]*:\\([^:]*\\)$,\\1$1:\\2," /etc/passwd'
    box.must("sh", "-c", move, "sh", home)
    box.must("systemctl", "start", "imbucad.socket")
    checked = box.must("imbucad", "check", "root")
    kept = "/var/lib/imbuca/home/Maildir"
    assert f"as imbuca into {kept}," in checked
    box.must("imbuca", "root", stdin=MESSAGE % home.encode())
    assert home in subjects(box, kept)
    box.must("systemctl", "stop", "imbucad", "imbucad.socket")
    box.must("mv", "/etc/aliases.not", "/etc/aliases")


def subjects(box, folder):
    """Of the messages in a Maildir."""
    done = box.run("sh", "-c", f"cat {folder}/new/* | sed -n 's/^Subject: //p'")
    return done.out.split()


def test_the_queue_of_a_user_is_run_by_its_timer_and_by_its_path(box):
    told = box.must("imbuca", "queue", "enable", user="bob")
    assert "the timer imbuca-queue.timer sends what waits" in told
    assert "imbuca-queue.timer" in box.must("systemctl", "--user", "list-timers", user="bob")
    box.must("imbuca", "-odq", "you@example.net", stdin=MESSAGE % b"waits", user="bob")
    (waiting,) = json.loads(box.must("imbuca", "queue", "list", "--json", user="bob"))
    assert [recipient["address"] for recipient in waiting["recipients"]] == ["you@example.net"]
    box.wait_for(lambda: "Connection refused" in box.must("imbuca", "queue", "show", waiting["id"], user="bob"), "a try")
    # Who takes it is the daemon without root, by its own unit.
    box.must("mkdir", "-p", MAILDIR, user="bob")
    box.must("systemctl", "start", "imbucad@bob")
    box.must("imbuca", "queue", "retry", user="bob")
    box.must("imbuca", "-odq", "you@example.net", stdin=MESSAGE % b"timer", user="bob")
    box.wait_for(lambda: subjects(box, MAILDIR) == ["waits", "timer"], "the timer sends")
    box.must("systemctl", "--user", "disable", "--now", "imbuca-queue.timer", user="bob")
    box.must("systemctl", "--user", "enable", "--now", "imbuca-queue.path", user="bob")
    box.must("imbuca", "-odq", "you@example.net", stdin=MESSAGE % b"path", user="bob")
    box.wait_for(lambda: len(subjects(box, MAILDIR)) == 3, "the path unit sends")
    assert json.loads(box.must("imbuca", "queue", "list", "--json", user="bob")) == []


def main_process(box):
    return int(box.must("systemctl", "show", "--value", "-p", "MainPID", "imbucad"))


def test_the_daemon_comes_by_its_socket_and_again_when_it_is_killed(box):
    box.must("systemctl", "enable", "--now", "imbucad.socket")
    assert box.run("systemctl", "is-active", "imbucad").out == "inactive\n"
    sent = ["first", "reloaded", "restarted", "again"]
    box.must("imbuca", "root", stdin=MESSAGE % b"first", user="bob")
    assert box.must("systemctl", "is-active", "imbucad") == "active\n"
    first = main_process(box)
    box.must("systemctl", "reload", "imbucad")
    box.must("imbuca", "root", stdin=MESSAGE % b"reloaded", user="bob")
    assert main_process(box) == first
    box.must("systemctl", "kill", "--kill-whom=main", "--signal=KILL", "imbucad")
    # What comes meanwhile waits in the socket.
    box.must("imbuca", "root", stdin=MESSAGE % b"restarted", user="bob")
    assert main_process(box) not in (0, first)
    box.must("systemctl", "restart", "imbucad")
    box.must("imbuca", "root", stdin=MESSAGE % b"again", user="bob")
    assert sorted(one for one in subjects(box, MAILDIR) if one in sent) == sorted(sent)
    status = box.must("systemctl", "show", "--value", "-p", "StatusText", "imbucad").strip()
    assert status
    box.must("systemctl", "stop", "imbucad", "imbucad.socket")
    assert box.run("systemctl", "is-failed", "imbucad").out == "inactive\n"


def test_the_daemon_without_root_hands_mail_over_to_another_server(box):
    """By the name of imbucad.service, which it takes: the last test, therefore. The server is an imbucad of bob's own."""
    box.must("tee", "/etc/store.conf", stdin=b"listen /run/store/lmtp lmtp\ncatch_all /home/bob/store\nlog -\n")
    box.must("systemd-run", "--unit=store", "--uid=bob", "-p", "RuntimeDirectory=store", "-p", "StateDirectory=store", "-p",
             "Type=notify", "/usr/local/sbin/imbucad", "-C", "/etc/store.conf", "--state", "/var/lib/store")
    box.must("tee", "/usr/local/etc/imbuca/imbucad.conf", stdin=b"mailbox lmtp:/run/store/lmtp\nrelay off\n")
    box.must("systemctl", "enable", "--now", "imbucad-lmtp")
    box.must("imbuca", "root", stdin=MESSAGE % b"handed", user="bob")
    box.wait_for(lambda: subjects(box, "/home/bob/store") == ["handed"], "the server has it")
    assert main_process(box) != 0
    processes = box.must("sh", "-c", "ps -o user= -C imbucad | sort | uniq -c")
    assert "root" not in processes and "imbuca" in processes, processes
    box.must("systemctl", "restart", "imbucad-lmtp")
    box.must("imbuca", "root", stdin=MESSAGE % b"again", user="bob")
    box.wait_for(lambda: len(subjects(box, "/home/bob/store")) == 2, "that, too")
    box.must("systemctl", "stop", "imbucad-lmtp", "imbucad.socket", "store")
