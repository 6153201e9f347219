"""Mailboxes that another server keeps, by LMTP: a server of the test's own, and Dovecot."""

import os
import smtplib
import socketserver
import threading

import pytest

import house as machines
import place
import unit_filter
from house import USERS, queued, run, until


class Store:
    """An LMTP server that takes what is not refused: {recipient: reply to the content}."""

    def __init__(self, path):
        self.taken, self.refused, self.connections = [], {}, 0
        self.server = socketserver.ThreadingUnixStreamServer(str(path), self.serve)
        self.server.daemon_threads = True
        os.chmod(path, 0o666)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def serve(self, connection, _address, _server):
        self.connections += 1
        with connection, connection.makefile("rwb", buffering=0) as lines:
            lines.write(b"220 store LMTP\r\n")
            recipients = []
            for line in lines:
                verb = line[:4].upper().strip().decode()
                if verb == "RCPT":
                    recipients.append(line[line.index(b"<") + 1 : line.rindex(b">")].decode())
                if verb == "DATA" and not recipients:
                    lines.write(b"503 5.5.1 nobody is to get it\r\n")
                    continue
                if verb == "DATA":
                    lines.write(b"354 go\r\n")
                    content = b"".join(iter(lines.readline, b".\r\n"))
                    for recipient in recipients:
                        answer = self.refused.get(recipient, "250 2.0.0 stored")
                        if answer.startswith("2"):
                            self.taken.append((recipient, content))
                        lines.write(answer.encode() + b"\r\n")
                    recipients = []
                    continue
                if verb == "QUIT":
                    lines.write(b"221 bye\r\n")
                    return
                lines.write(b"250-store\r\n250 PIPELINING\r\n" if verb == "LHLO" else b"250 2.0.0 ok\r\n")


@pytest.fixture
def machine():
    made = machines.Machine()
    yield made
    made.end()


@pytest.fixture
def store(machine):
    made = Store(machine.folder / "store")
    yield made
    made.close()


@pytest.mark.root
def test_each_recipient_has_an_answer(machine, store):
    store.refused = {"bert": "452 4.2.2 Mailbox full"}
    machine.start(f"mailbox lmtp:{machine.folder / 'store'}", f"listen {machine.socket} lmtp")
    client = machine.over_socket()
    client.docmd("LHLO me")
    client.mail("a@b.example")
    assert [client.rcpt(name)[0] for name in ("anna+work", "bert")] == [250, 250]
    client.docmd("DATA")
    client.send(b"Subject: x\r\n\r\n.y\r\n.\r\n")
    assert client.getreply()[0] == 250
    code, text = client.getreply()
    assert code == 452 and text.startswith(b"4.2.2 ") and b"Mailbox full" in text
    ((recipient, content),) = store.taken
    assert recipient == "anna+work" and content.startswith(b"Delivered-To: anna+work\r\n")
    assert content.endswith(b"\r\nSubject: x\r\n\r\ny\r\n")


@pytest.mark.root
def test_what_is_refused_here_is_not_said_to_be_the_servers(machine, store):
    machine.start(f"mailbox lmtp:{machine.folder / 'store'}")
    with machine.over_socket() as client:
        client.ehlo()
        client.mail("a@b.example", ["SMTPUTF8"])
        assert client.rcpt("anna+jörg")[0] == 250
        code, text = client.data(b"Subject: x\r\n\r\ny\r\n")
    assert code == 553 and text.startswith(b"5.6.7 the address <anna+"), text
    assert b"server says" not in text and store.taken == []


@pytest.mark.root
def test_who_failed_alone_gets_it_once_more(machine, store):
    store.refused = {"bert+x": "452 4.2.2 Mailbox full"}
    machine.write("aliases", "team: anna, bert+x\n")
    machine.start(f"mailbox lmtp:{machine.folder / 'store'}")
    assert machine.send("team") == {} and [recipient for recipient, _ in store.taken] == ["anna"]
    (message,) = queued(machine)
    assert b"\nrecipient: bert+x@user.localhost\n" in message
    (name,) = [path.stem for path in (machine.folder / "queue/ready").glob("*.log")]
    store.refused = {}
    assert run(machine, "root", "queue", "retry", name).returncode == 0
    until(lambda: not queued(machine), "nothing waits")
    assert [recipient for recipient, _ in store.taken] == ["anna", "bert+x"]


@pytest.mark.root
def test_several_messages_go_over_one_connection(machine, store):
    machine.start(f"mailbox lmtp:{machine.folder / 'store'}")
    for _ in range(5):
        assert machine.send("anna") == {}
    assert len(store.taken) == 5 and store.connections == 1


@pytest.mark.root
def test_a_server_that_is_not_there_is_for_now(machine):
    machine.start(f"mailbox lmtp:{machine.folder / 'store'}")
    with pytest.raises(smtplib.SMTPDataError) as refused:
        machine.send("anna")
    assert refused.value.smtp_code == 451 and "/store" in machine.log


@pytest.mark.root
def test_forward_comes_before_the_server(machine, store):
    path = machine.home("anna") / ".forward"
    path.write_text("bert\n")
    os.chown(path, USERS["anna"], USERS["anna"])
    machine.start(f"mailbox lmtp:{machine.folder / 'store'}").send("anna")
    assert [recipient for recipient, _ in store.taken] == ["bert"]


@pytest.mark.parametrize("wrapper", [(), unit_filter.command("imbucad-lmtp.service")], ids=["alone", "unit"])
def test_who_is_not_root_hands_mail_over_for_all(home, tmp_path, wrapper):
    """Delivery by LMTP alone needs no privileges: whoever runs the daemon, the server has the mailboxes."""
    if wrapper:
        place.need("systemd-analyze")
    store = Store(tmp_path / "store")
    conf = home.folder / "imbucad.conf"
    conf.write_text("listen 127.0.0.1:0\nhostname pi.example\nlog log\nmailbox lmtp:%s\naliases\nstate state\n" % (tmp_path / "store"))
    conf.chmod(0o600)
    somebody = {} if os.getuid() else {"user": 65534, "group": 65534, "extra_groups": []}
    if somebody:
        for path in (home.folder, conf, *home.folder.iterdir(), home.folder.parent):
            os.chown(path, 65534, 65534)
        for path in (tmp_path, *tmp_path.parents):
            if path.is_relative_to("/tmp") and path.name:
                os.chmod(path, os.stat(path).st_mode | 0o055)
    daemon = home.start("-C", str(conf), program="imbucad", wrapper=wrapper, **somebody)
    try:
        port = int(daemon.stdout.readline().rsplit(b":", 1)[1])
        assert daemon.stdout.readline() == b"ready\n"
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
            assert client.sendmail("a@b.example", ["daemon", "bin+x"], b"Subject: x\r\n\r\ny\r\n") == {}
        assert sorted(recipient for recipient, _ in store.taken) == ["bin+x", "daemon"]
    finally:
        daemon.terminate()
        daemon.wait(timeout=40)
        store.close()


@pytest.mark.root
@pytest.mark.parametrize("mailbox, told", [
    ("lmtp:", "'lmtp:' is no mailbox"), ("lmtp:host", "is no mailbox"), ("lmtp:host:0", "is no mailbox"),
    ("lmtp:[::1]:24", None), ("lmtp:localhost:24", None), ("lmtp:/run/dovecot/lmtp", None),
])
def test_what_a_server_may_be_called(machine, mailbox, told):
    machine.configure(f"mailbox {mailbox}")
    said = machine.check("anna")
    assert told in said.stderr if told else f"as anna into {mailbox} as anna" in said.stdout, said
