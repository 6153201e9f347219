"""Mail that imbucad brings elsewhere by the account of the machine, and what waits in its queue."""

import json
import os
import re
import signal
import smtplib
import time

import pytest

import place
import sink
from house import USERS, queued, run, until

pytestmark = pytest.mark.root

CRON = b"From: root (Cron Daemon)\r\nTo: root\r\nSubject: Cron\r\n\r\nout\r\n"


@pytest.fixture
def provider():
    """Makes servers that answer as they are told."""
    made = []

    def make(answer=lambda line: None):
        made.append(sink.Sink(("PIPELINING", "8BITMIME", "DSN"), answer=answer))
        return made[-1]

    yield make
    for server in made:
        server.close()


def test_mail_for_elsewhere_goes_by_the_account(machine, provider):
    server = provider()
    machine.write("aliases", "root: anna, admin@far.example\n")
    machine.start(machine.provide(server)).send("root", message=CRON, sender="root@pi.example")
    until(lambda: server.mails, "the provider has it")
    (sent,) = server.mails
    assert sent.sender == "me@provider.example" and sent.recipients == ["admin@far.example"]
    assert b"From: Cron Daemon <me@provider.example>\r\n" in sent.content, sent.content
    assert b"(uid 0) by pi.example with ESMTP id" in re.sub(rb"\r\n\s", b" ", sent.content)
    assert len(machine.mail("anna")) == 1
    until(lambda: not queued(machine), "nothing waits")
    assert sorted(machine.processes().values()) == [USERS["imbuca"]] * 4 + [USERS["anna"]]


def test_an_address_with_its_domain_in_other_letters_is_one(machine, provider):
    """Each of the two that lead there hears what became of it, and it is not queued for the second."""
    server = provider()
    machine.write("aliases", "team: bert@Far.example, anna\n")
    machine.start(machine.provide(server))
    with machine.over_socket() as client:
        client.ehlo()
        client.docmd("MAIL FROM:<a@b.example> XWAIT")
        for name in ("team", "bert@far.example", "Bert@far.example"):
            assert client.rcpt(name)[0] == 250
        client.docmd("DATA")
        client.send(b"Subject: x\r\n\r\ny\r\n.\r\n")
        assert [client.getreply()[0] for _ in range(3)] == [250] * 3
    assert [mail.recipients for mail in server.mails] == [["bert@Far.example", "Bert@far.example"]]
    assert len(machine.mail("anna")) == 1 and not queued(machine)


def test_a_list_too_long_for_the_relay_is_the_queues(machine, provider):
    """A client that waits would hear 'later' each time it comes."""
    server = provider()
    machine.start(machine.provide(server))
    names = [f"{'x' * 200}{number}@far.example" for number in range(700)]
    with machine.over_socket() as client:
        client.ehlo()
        client.docmd("MAIL FROM:<a@b.example> XWAIT")
        client.send("".join(f"RCPT TO:<{name}>\r\n" for name in names))
        assert {client.getreply()[0] for name in names} == {250}
        client.docmd("DATA")
        client.send(b"Subject: x\r\n\r\ny\r\n.\r\n")
        assert {client.getreply()[0] for name in names} == {250}
    until(lambda: sum(len(mail.recipients) for mail in server.mails) == 700, "all have it")


@pytest.mark.parametrize("sender", ["www@pi.example", "www@new.example", "www"])
def test_the_display_name_and_reply_to_are_kept(machine, provider, sender):
    server = provider()
    machine.start(machine.provide(server), "domain new.example")
    machine.send("someone@far.example", sender=sender, message=(
        b"From: Shop <%s>\r\nReply-To: Help <help@else.example>\r\n\r\nx\r\n" % sender.encode()))
    until(lambda: server.mails, "the provider has it")
    (sent,) = server.mails
    lines = sent.content.split(b"\r\n")
    assert sent.sender == "me@provider.example" and b"From: Shop <me@provider.example>" in lines, lines
    assert b"Reply-To: Help <help@else.example>" in lines


@pytest.mark.parametrize("relay, over_tcp, code", [
    ("users", False, 250), ("users", True, 550), ("loopback", True, 250), ("off", False, 550), ("off", True, 550),
])
def test_who_is_relayed_for(machine, provider, relay, over_tcp, code):
    machine.start(machine.provide(provider()), f"relay {relay}")
    with machine.over_tcp() if over_tcp else machine.over_socket() as client:
        client.ehlo()
        client.mail("a@pi.example")
        assert client.rcpt("someone@far.example")[0] == code
        assert client.rcpt("anna")[0] == 250


def test_what_the_provider_cannot_take_waits(machine, provider):
    server = provider(lambda line: "451 4.3.0 Not today" if line.startswith("MAIL") else None)
    machine.start(machine.provide(server))
    with machine.over_socket() as client:
        client.ehlo()
        client.mail("cron@pi.example")
        assert client.rcpt("someone@far.example")[0] == 250
        code, text = client.data(b"Subject: hi\r\n\r\nhello\r\n")
    assert code == 250 and text.startswith(b"2.0.0 Queued as ")
    journal = machine.folder / "queue" / "ready" / f"{text.split()[-1].decode()}.log"
    until(lambda: journal.exists() and "Not today" in journal.read_text(), "the provider was asked")
    (message,) = queued(machine)
    assert b"\nuid: 0\n" in message and b"\nsender: cron@pi.example\n" in message and message.endswith(b"\r\n\r\nhello\r\n")
    assert machine.mail("imbuca") == []


def test_the_queue_outlives_the_daemon(machine, provider):
    machine.start(machine.provide(type("Nobody", (), {"port": 1}))).send("someone@far.example")
    until(lambda: list((machine.folder / "queue" / "ready").glob("*.log")), "it was tried")
    for pid in machine.processes():
        os.kill(pid, 9)
    machine.process.kill()
    machine.process.wait()
    assert len(queued(machine)) == 1
    for name in os.listdir(machine.folder / "queue" / "accounts"):
        (machine.folder / "queue" / "accounts" / name).unlink()
    for path in (machine.folder / "queue" / "ready").glob("*.log"):
        path.unlink()
    server = provider()
    machine.start(machine.provide(server))
    until(lambda: server.mails, "it is sent after all")
    until(lambda: not queued(machine), "and waits no longer")


def test_what_is_refused_for_good_is_returned_to_the_sender_here(machine, provider):
    server = provider(lambda line: "550 5.1.1 No such user" if line.startswith("RCPT") else None)
    machine.write("aliases", "root: anna\n")
    machine.start(machine.provide(server)).send("nobody@far.example", sender="root@pi.example")
    until(lambda: machine.mail("anna"), "root has heard of it")
    (report,) = machine.mail("anna")
    assert report.startswith(b"Return-Path: <>\nDelivered-To: root@pi.example\n")
    assert b"Final-Recipient: rfc822; nobody@far.example" in report and b"5.1.1 No such user" in report
    until(lambda: not queued(machine), "nothing waits")
    assert server.mails == []


def test_it_is_returned_here_by_an_imbucad_at_the_usual_socket_too(machine, provider, monkeypatch):
    """What imbuca would hand to that socket, imbucad's own runner must not give to the provider."""
    monkeypatch.setenv("IMBUCAD_SOCKET", str(machine.socket))
    server = provider(lambda line: "550 5.1.1 No such user" if line.startswith("RCPT TO:<nobody") else None)
    machine.start(machine.provide(server)).send("nobody@far.example", sender="anna@localhost")
    until(lambda: machine.mail("anna") or server.mails, "somebody has heard of it")
    assert server.mails == []
    assert b"5.1.1 No such user" in machine.mail("anna")[0]


def test_one_of_several_that_fails_for_now_is_queued(machine):
    (machine.home("bert") / "Maildir").write_text("in the way")
    machine.start()
    assert machine.send("anna", "bert", "anna+x") == {}
    assert len(machine.mail("anna")) >= 1
    (message,) = queued(machine)
    assert b"\nrecipient: bert@pi.example\n" in message and b"anna" not in message.split(b"\n\n")[0]
    (machine.home("bert") / "Maildir").unlink()
    (waiting,) = json.loads(run(machine, "root", "queue", "--json").stdout)
    assert run(machine, "root", "queue", "retry", waiting["id"]).returncode == 0
    until(lambda: machine.mail("bert"), "he has it in the end")
    until(lambda: not queued(machine), "nothing waits")
    assert len(machine.mail("bert")) == 1 and b"Subject: hi" in machine.mail("bert")[0]


def test_if_nobody_gets_it_it_stays_with_the_client(machine):
    (machine.home("bert") / "Maildir").write_text("in the way")
    machine.start()
    with pytest.raises(smtplib.SMTPDataError) as refused:
        machine.send("bert")
    assert refused.value.smtp_code == 451 and queued(machine) == []


def test_who_wants_to_hear_of_success_does(machine, provider):
    server = provider()
    machine.start(machine.provide(server))
    with machine.over_socket() as client:
        client.ehlo()
        assert client.has_extn("dsn")
        client.mail("anna@pi.example", ["RET=HDRS", "ENVID=e1"])
        client.rcpt("bert", ["NOTIFY=SUCCESS", "ORCPT=rfc822;bert@old.example"])
        client.rcpt("someone@far.example", ["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;other@far.example"])
        assert client.data(b"Subject: hi\r\n\r\nhello\r\n")[0] == 250
    until(lambda: machine.mail("anna") and server.mails, "both have it")
    (report,) = machine.mail("anna")
    assert b"Original-Envelope-Id: e1\n" in report and b"Original-Recipient: rfc822;bert@old.example\n" in report
    assert b"Action: delivered\nStatus: 2.0.0\n" in report and b"far.example" not in report
    (sent,) = server.mails
    assert "ENVID=e1" in sent.parameters and "RET=HDRS" in sent.parameters


@pytest.mark.parametrize("reply, code, told", [
    (None, 0, ""), ("550 5.1.1 No such user", 67, "No such user"), ("451 4.3.0 Not today", 75, "Not today"),
])
def test_who_waits_hears_what_the_provider_says(machine, provider, reply, code, told):
    server = provider(lambda line: reply if line.startswith("RCPT") else None)
    machine.start(machine.provide(server))
    said = run(machine, "anna", "-odi", "someone@far.example", program="imbuca", stdin=b"Subject: x\n\ny\n")
    assert said.returncode == code and told in said.stderr.decode(), said
    assert len(server.mails) == (code == 0) and queued(machine) == []


def test_who_waits_hears_it_of_each_recipient(machine, provider):
    """Those here and those elsewhere; and nothing of it is queued."""
    replies = {"RCPT TO:<gone@far.example>": "550 5.1.1 No such user", "RCPT TO:<later@far.example>": "451 4.2.1 Not today"}
    server = provider(lambda line: next((reply for start, reply in replies.items() if line.startswith(start)), None))
    machine.start(machine.provide(server))
    said = run(machine, "anna", "-odi", "good@far.example", "gone@far.example", "later@far.example", "bert", stdin=b"Subject: x\n\ny\n")
    told = said.stderr.decode()
    assert said.returncode == 75 and "gone@far.example" in told and "No such user" in told and "Not today" in told, told
    assert "good@far.example" not in told and queued(machine) == []
    assert [mail.recipients for mail in server.mails] == [["good@far.example"]] and len(machine.mail("bert")) == 1


def test_what_is_refused_here_is_not_said_to_be_the_providers(machine, provider):
    server = provider()
    machine.start(machine.provide(server))
    said = run(machine, "anna", "-odi", "jörg@far.example", stdin=b"Subject: x\n\ny\n")
    told = said.stderr.decode()
    assert said.returncode != 0 and "needs a server that offers SMTPUTF8" in told and "provider" not in told, told
    assert server.mails == [] and queued(machine) == []


def keep_two(machine, provider):
    """A message of anna's and one of bert's that wait."""
    server = provider(lambda line: "451 4.3.0 Not today" if line.startswith("MAIL") else None)
    machine.start(machine.provide(server))
    for user in ("anna", "bert"):
        said = run(machine, user, f"{user}s-friend@far.example", stdin=b"Subject: of %s\n\ny\n" % user.encode())
        assert said.returncode == 0, said
    until(lambda: "Not today" in run(machine, "anna", "queue").stdout.decode(), "the provider was asked")
    return server


def test_users_see_their_own_mail_in_the_queue_of_the_machine(machine, provider):
    keep_two(machine, provider)
    listed = run(machine, "anna", "queue").stdout.decode()
    assert "annas-friend@far.example: 451 4.3.0 Not today" in listed and "bert" not in listed, listed
    mailq = machine.folder / "mailq"
    mailq.symlink_to(place.program("imbuca"))
    seen = run(machine, "bert", program=mailq).stdout.decode()
    assert "berts-friend@far.example" in seen and "annas" not in seen and seen.endswith("in 1 Request.\n")
    assert run(machine, "imbuca", "-bP").stdout == b"0\n"
    (waiting,) = json.loads(run(machine, "anna", "queue", "--json").stdout)
    shown = run(machine, "anna", "queue", "show", waiting["id"]).stdout.decode()
    assert "recipient: annas-friend@far.example\n" in shown and "Subject: of anna\n" in shown.replace("\r", "")
    assert "Not today" in shown
    assert run(machine, "bert", "queue", "show", waiting["id"]).returncode == 66
    assert run(machine, "root", "-bP").stdout == b"2\n"


def test_users_change_their_own_mail_in_the_queue_of_the_machine(machine, provider):
    server = keep_two(machine, provider)
    (of_anna,) = json.loads(run(machine, "anna", "queue", "--json").stdout)
    (of_bert,) = json.loads(run(machine, "bert", "queue", "--json").stdout)
    refused = run(machine, "bert", "queue", "remove", "--yes", of_anna["id"])
    assert refused.returncode == 66 and len(queued(machine)) == 2
    assert run(machine, "anna", "queue", "hold", of_anna["id"]).returncode == 0
    assert len(queued(machine, "held")) == 1
    held = run(machine, "anna", "queue", "retry", of_anna["id"])
    assert held.returncode == 65 and b"is in 'held'" in held.stderr and b"queue release" in held.stderr
    assert run(machine, "anna", "queue", "remove", "--yes", of_anna["id"]).returncode == 0
    assert queued(machine, "held") == [] and len(queued(machine)) == 1
    server.answer = lambda line: None
    assert run(machine, "bert", "queue", "retry", of_bert["id"]).returncode == 0
    until(lambda: server.mails and not queued(machine), "it is sent")
    assert server.mails[0].recipients == ["berts-friend@far.example"]


def test_the_queue_is_nothing_for_strangers(machine, provider):
    machine.start(machine.provide(provider()))
    with machine.over_tcp() as client:
        client.ehlo()
        assert not client.has_extn("xqueue") and client.docmd("XQUEUE LIST")[0] == 500
        assert client.docmd("MAIL FROM:<a@b.example> XWAIT")[0] == 555
    with machine.over_socket() as client:
        assert client.docmd("XQUEUE LIST")[0] == 503
        client.ehlo()
        assert client.docmd("XQUEUE LIST") == (250, b"2.0.0 0 bytes follow")
        assert client.docmd("XQUEUE")[0] == client.docmd("XQUEUE SHOW")[0] == client.docmd("XQUEUE STEAL x")[0] == 501
        assert client.docmd("XQUEUE SHOW ../../etc/passwd")[0] == client.docmd("XQUEUE SHOW 22222222222222")[0] == 550
        assert client.noop()[0] == 250


def test_a_wrong_accounts_file_is_told_at_once_and_local_mail_goes_on(machine, provider):
    server = provider()
    line = machine.provide(server, "bogus y")
    kept = machine.home("bert") / "Maildir"
    kept.write_text("in the way")
    machine.write("aliases", "both: anna, bert\n")
    machine.start(line)
    begin = time.monotonic()
    done = run(machine, "anna", "-odi", "x@far.example", stdin=b"Subject: x\n\ny\n")
    assert done.returncode == 75 and time.monotonic() - begin < 10
    assert re.search(rb"/accounts:\d+:1: unknown keyword 'bogus'", done.stderr), done
    machine.send("both", "y@far.example")
    assert len(machine.mail("anna")) == 1 and len(queued(machine)) == 2
    kept.unlink()
    for name in [one for one in os.listdir(machine.folder / "queue/ready") if not one.endswith(".log")]:
        run(machine, "root", "queue", "retry", name)
    until(lambda: len(machine.mail("bert")) == 1, "the mended mailbox has it")
    (waiting,) = queued(machine)
    assert b"y@far.example" in waiting and re.search(r"/accounts:\d+:1: unknown keyword 'bogus'", machine.log)
    machine.provide(server)
    machine.process.send_signal(signal.SIGHUP)
    until(lambda: not queued(machine), "what has waited for the account is sent")
