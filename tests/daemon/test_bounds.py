"""imbucad under pressure: thousands of idle clients, slow ones, too many, those that die; no room on the disk."""

import os
import re
import resource
import select
import signal
import smtplib
import socket
import struct
import time
from pathlib import Path

import pytest

import house as machines
import place
import sink
from house import until

MESSAGE = b"Subject: hello\r\n\r\nworld\r\n"
ENVELOPE = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"
IDLE = 2000
KB_A_SESSION = 16


def deliver(daemon):
    with daemon.connect() as client:
        client.sendmail("a@b.example", ["c@d.example"], MESSAGE)


def opened(daemon, greet=True):
    """A connection whose greeting was heard."""
    connection = socket.create_connection(("127.0.0.1", daemon.port), timeout=20)
    assert connection.recv(1000).startswith(b"220 ")
    if greet:
        connection.sendall(b"EHLO me\r\n")
        assert connection.recv(1000).startswith(b"250-")
    return connection


def memory(daemon):
    """kB of all the daemon's processes, what they share counted once."""
    rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in daemon.children()]
    return sum(int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1]) for text in rollups)


@pytest.fixture
def descriptors():
    """As many as are allowed; how many idle sessions those are enough for, here and in the daemon."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8 * IDLE
    if hard < wanted and os.geteuid() == 0:
        hard = wanted
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield min(IDLE, (hard - 200) // 8)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.slow
def test_idle_sessions_disturb_nobody_and_take_little(start, descriptors):
    daemon = start("--max-sessions", str(2 * IDLE))
    deliver(daemon)
    before = memory(daemon)
    idle = [opened(daemon) for _ in range(descriptors)]
    try:
        each = (memory(daemon) - before) / len(idle)
        began = time.monotonic()
        deliver(daemon)
        assert time.monotonic() - began < 10 and len(daemon.messages) == 2
        assert each <= KB_A_SESSION, f"{each} kB a session"
        print(f"{len(idle)} idle sessions, {each:.1f} kB each")
    finally:
        for connection in idle:
            connection.close()


def test_too_many_are_told_so_in_order_and_may_come_when_others_went(start):
    daemon = start("--max-sessions", "3")
    inside = [opened(daemon) for _ in range(3)]
    outside = [socket.create_connection(("127.0.0.1", daemon.port), timeout=20) for _ in range(2)]
    for connection in outside:
        said = b""
        while more := connection.recv(1000):
            said += more
        assert said == b"421 4.3.2 Too many connections, please come back later\r\n"
    with pytest.raises(smtplib.SMTPConnectError) as refusal:  # under TLS, so that a client can read it
        daemon.connect(tls=True)
    assert refusal.value.smtp_code == 421
    for connection in inside:
        connection.sendall(b"NOOP\r\n")
        assert connection.recv(1000).startswith(b"250 ")
    for connection in inside + outside:
        connection.close()
    until(lambda: not refused(daemon), "somebody is let in again")
    deliver(daemon)


def refused(daemon):
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=20) as connection:
        connection.sendall(b"QUIT\r\n")
        said = b""
        while more := connection.recv(1000):
            said += more
    return b"421" in said


@pytest.mark.root
def test_one_peer_cannot_have_all():
    machine = machines.Machine()
    try:
        machine.start("max_sessions_per_peer 2")
        inside = [machine.over_socket() for _ in range(2)]
        with pytest.raises(smtplib.SMTPConnectError) as refusal:
            machine.over_socket()
        assert refusal.value.smtp_code == 421
        os.seteuid(machines.USERS["bert"])
        try:
            other = machine.over_socket()
        finally:
            os.seteuid(0)
        assert other.noop()[0] == inside[0].noop()[0] == 250
        for client in (other, *inside):
            client.quit()
    finally:
        machine.end()


def ask_to_store(machine, user):
    """A connection that has a message for `user` on its way; its reply is to come."""
    client = machine.over_tcp()
    client.sock.settimeout(60)
    client.ehlo()
    client.mail("a@b.example")
    assert client.rcpt(user)[0] == 250 and client.docmd("DATA")[0] == 354
    client.send(b"x\r\n.\r\n")
    return client


def until_told(clients, count):
    """The clients that have a reply, once so many of them have."""

    def told():
        ready = select.select([client.sock for client in clients], [], [], 0)[0]
        return [client for client in clients if client.sock in ready]

    until(lambda: len(told()) >= count, "replies")
    return told()


@pytest.mark.root
def test_who_stops_its_deliveries_stops_nobody_elses(machine):
    machine.start()
    machine.send("anna")
    worker = next(pid for pid, uid in machine.processes().items() if uid == machine.users["anna"])
    os.kill(worker, signal.SIGSTOP)
    try:
        waiting = [ask_to_store(machine, "anna") for _ in range(64)]
        for wait in (25, 5):  # at first it is waited a little whether the others' turn comes
            began = time.monotonic()
            machine.send("bert")
            assert time.monotonic() - began < wait
        with pytest.raises(smtplib.SMTPDataError) as refused:
            machine.send("anna")
        assert refused.value.smtp_code == 451 and b"4.2.0 too much waits" in refused.value.smtp_error
        told = until_told(waiting, 48)
        assert {client.getreply()[0] for client in told} == {451}
    finally:
        os.kill(worker, signal.SIGCONT)
    assert {client.getreply()[0] for client in waiting if client not in told} == {250}
    machine.send("anna")
    assert len(machine.mail("anna")) == 2 + 16, "what was told no is not there"


# --- slow ones ---


@pytest.fixture
def hasty(start, home):
    """A daemon that gives a client two seconds for a command."""
    configuration = home.folder / "imbucad.conf"
    configuration.write_text("timeout 2\n")
    configuration.chmod(0o600)
    return start("-C", configuration)


def drip(connection, data):
    """A byte each half second until the other side says its last word or closes; all that it said."""
    said = b""
    connection.settimeout(0.5)
    for byte in data:
        try:
            connection.sendall(bytes([byte]))
            more = connection.recv(4096)
        except TimeoutError:
            continue
        except ConnectionError:
            return said
        said += more
        if not more or b"421 " in said:
            return said
    raise AssertionError("it waited for the last byte")


@pytest.mark.parametrize("before, slowly", [
    (b"", b"EHLO client.example.org\r\n"),
    (b"EHLO me\r\n", b"MAIL FROM:<a@b.example>\r\n"),
    (b"EHLO me\r\n" + ENVELOPE + b"DATA\r\n", b"Subject: a message that never ends\r\n"),
    (b"EHLO me\r\n" + ENVELOPE + b"BDAT 1000 LAST\r\n", b"Subject: a message that never ends\r\n"),
    (b"EHLO me\r\nAUTH SCRAM-SHA-256\r\n", b"biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=\r\n"),
    (b"EHLO me\r\nSTARTTLS\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 and so on and on"),
], ids=["greeting", "command", "content", "chunk", "login", "handshake"])
def test_a_byte_now_and_then_is_no_progress(hasty, before, slowly):
    with opened(hasty, greet=False) as connection:
        connection.sendall(before)
        said = drip(connection, slowly)
    assert b"STARTTLS" in before or said.splitlines()[-1].startswith(b"421 4.4.2 "), said
    assert hasty.messages == []
    deliver(hasty)


def test_who_brings_a_hundred_bytes_a_second_may_go_on(hasty):
    with opened(hasty) as connection:
        connection.sendall(ENVELOPE + b"DATA\r\n")
        for _ in range(8):
            connection.sendall(b"a line of a message that comes slowly, and yet it comes, as it is to be\r\n" * 2)
            time.sleep(0.5)
        connection.sendall(b".\r\nQUIT\r\n")
        said = b""
        while more := connection.recv(1000):
            said += more
    assert said.splitlines()[-2].startswith(b"250 2.0.0 ") and len(hasty.messages) == 1


# --- those that die ---

SESSIONS = {
    "data": b"EHLO me\r\n" + ENVELOPE + b"DATA\r\nSubject: x\r\n\r\nyes\r\n.\r\n",
    "chunks": b"EHLO me\r\n" + ENVELOPE + b"BDAT 12\r\nSubject: x\r\nBDAT 7 LAST\r\n\r\nyes\r\n",
}


def whole_session(daemon, script):
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=20) as connection:
        connection.sendall(script + b"QUIT\r\n")
        while connection.recv(1000):
            pass


@pytest.mark.parametrize("way", ["end", "reset"])
@pytest.mark.parametrize("name", SESSIONS)
def test_a_client_that_dies_at_each_byte(shared, name, way):
    """Only the whole session is a message; nothing is left of the others."""
    daemon, script = shared(), SESSIONS[name]
    whole_session(daemon, script)  # by then all its processes have what they keep open
    reception = max(daemon.children(), key=lambda pid: len(os.listdir(f"/proc/{pid}/fd")) if readable(pid) else 0)
    before = len(os.listdir(f"/proc/{reception}/fd")) if readable(reception) else None
    for count in range(len(script)):
        connection = socket.create_connection(("127.0.0.1", daemon.port), timeout=20)
        connection.sendall(script[:count])
        if way == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    whole_session(daemon, script)
    assert [message.endswith(b"Subject: x\n\nyes\n") for message in daemon.messages] == [True, True]
    if before is not None:
        until(lambda: len(os.listdir(f"/proc/{reception}/fd")) <= before, "its descriptors are closed")


def readable(pid):
    return os.access(f"/proc/{pid}/fd", os.R_OK)


# --- no room ---


def test_a_message_that_cannot_fit_is_refused_before_it_comes(start):
    daemon = start("--max-size", "900000G")
    with daemon.connect() as client:
        client.ehlo()
        assert client.mail("a@b.example", ["SIZE=900000000000000"])[0] == 250
        code, text = client.rcpt("c@d.example")
        assert code == 452 and text.startswith(b"4.3.1 ")
        client.rset()
        client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
    assert len(daemon.messages) == 1


def test_a_file_that_must_not_grow_so_is_told(start):
    """The limit of the process (RLIMIT_FSIZE) ends the message and not the daemon."""
    daemon = start(wrapper=[place.need("prlimit"), "--fsize=100000"])
    with daemon.connect() as client:
        with pytest.raises(smtplib.SMTPDataError) as told:
            client.sendmail("a@b.example", ["c@d.example"], MESSAGE + b"a line of many\r\n" * 10000)
        assert told.value.smtp_code in (452, 552)
        client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
    assert len(daemon.messages) == 1


@pytest.mark.root
@pytest.mark.parametrize("full", [".tmp", "Maildir"])
def test_a_full_disk_is_for_now(start, home, full):
    """Whether what comes has no room or what goes into the mailbox: 452, and the next small one goes."""
    (home.folder / full).mkdir(exist_ok=True)
    mount = 'mount -t tmpfs -o size=200k tmpfs "$0" && exec "$@"'
    daemon = start(wrapper=[place.need("unshare"), "-m", "sh", "-c", mount, home.folder / full])
    big = MESSAGE + b"a line of many\r\n" * 20000
    with daemon.connect() as client:
        client.helo()  # so that it does not tell the size
        for _ in range(2):
            with pytest.raises(smtplib.SMTPDataError) as told:
                client.sendmail("a@b.example", ["c@d.example"], big)
            assert told.value.smtp_code == 452 and told.value.smtp_error.startswith(b"4.3.1 ")
        client.ehlo()
        client.mail("a@b.example", [f"SIZE={len(big)}"])
        assert client.rcpt("c@d.example")[0] == (452 if full == ".tmp" else 250)
        client.rset()

        def goes():
            try:
                return client.sendmail("a@b.example", ["c@d.example"], MESSAGE) == {}
            except smtplib.SMTPRecipientsRefused:
                return False

        # The room is there again once both processes have let the refused message go.
        until(goes, "the small one goes")


def test_too_many_recipients_are_told_and_the_others_get_it(start, home):
    configuration = home.folder / "imbucad.conf"
    configuration.write_text("max_recipients 3\n")
    configuration.chmod(0o600)
    daemon = start("-C", configuration)
    with daemon.connect() as client:
        client.ehlo()
        client.mail("a@b.example")
        codes = [client.rcpt(f"r{number}@d.example") for number in range(5)]
        assert [code for code, _ in codes] == [250, 250, 250, 452, 452]
        assert codes[3][1].startswith(b"4.5.3 ")
        assert client.data(MESSAGE)[0] == 250
    assert daemon.messages[0].count(b"Delivered-To: ") == 3


@pytest.mark.root
def test_who_looks_for_names_is_told_to_go(machine):
    machine.start()
    with machine.over_tcp() as client:
        client.ehlo()
        client.mail("a@b.example")
        said = [client.rcpt(f"nobody{i}")[0] for i in range(100)]
        assert set(said) == {550} and client.getreply()[0] == 421
        client.close()


@pytest.mark.root
def test_the_recipients_beyond_the_limit_harm_nobody(machine):
    machine.start("max_recipients 2")
    with machine.over_tcp() as client:
        refused = client.sendmail("a@b.example", ["anna", "bert", *(f"anna+{i}" for i in range(40))], MESSAGE)
    assert {code for code, _ in refused.values()} == {452} and len(refused) == 40
    assert len(machine.mail("anna")) == len(machine.mail("bert")) == 1


@pytest.mark.root
def test_each_of_a_thousand_hears_what_became_of_it(machine):
    """However long the words are; who got it must not be told to come again with it."""
    (machine.home("bert") / "Maildir").write_text("in the way")
    machine.start(f"listen {machine.socket} lmtp")
    with machine.over_socket() as client:
        client.docmd("LHLO me")
        client.mail("a@b.example")
        names = [*(f"bert+{i}" for i in range(998)), "anna", "imbuca"]
        client.send("".join(f"RCPT TO:<{name}>\r\n" for name in names))
        assert {client.getreply()[0] for name in names} == {250}
        client.docmd("DATA")
        client.send(b"Subject: x\r\n\r\ny\r\n.\r\n")
        assert [client.getreply()[0] for name in names] == [451] * 998 + [250] * 2
    assert len(machine.mail("anna")) == len(machine.mail("imbuca")) == 1


@pytest.mark.root
def test_a_message_for_hundreds_has_the_descriptors_it_takes(machine):
    machine.wrapper = ("sh", "-c", 'ulimit -S -n 256 && exec "$@"', "sh")
    machine.start()
    with machine.over_tcp() as client:
        assert client.sendmail("a@b.example", [f"anna+{i}" for i in range(400)], MESSAGE) == {}
    assert len(machine.mail("anna")) == 400 and "Too many open files" not in machine.log


@pytest.mark.root
def test_a_full_queue_is_told_before_the_message_comes(machine):
    queue = machine.folder / "queue"
    queue.mkdir()
    mount = f'mount -t tmpfs -o size=128k,mode=0700,uid={machine.users["imbuca"]} tmpfs "$0" && exec "$@"'
    machine.wrapper = ("sh", "-c", mount, queue)
    provider = sink.Sink()
    try:
        machine.start(machine.provide(provider))
        with machine.over_socket() as client:
            client.ehlo()
            client.mail("a@pi.example", ["SIZE=400000"])
            code, text = client.rcpt("somebody@far.example")
            assert code == 452 and text.startswith(b"4.3.1 ")
            assert client.rcpt("anna")[0] == 250  # her mailbox has another disk
            client.rset()
            client.mail("a@pi.example", ["SIZE=400"])
            assert client.rcpt("somebody@far.example")[0] == 250
    finally:
        provider.close()
