"""What the sender of a queued message is told (RFC 3464): of failure, of delay, as NOTIFY wants it."""

import email
import getpass
import time

import pytest

import sink

DAY = 24 * 3600


def report(mail):
    """The parts of a report that arrived: words, per-recipient fields, header of the message."""
    message = email.message_from_bytes(mail.content)
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    assert message["Auto-Submitted"] == "auto-replied" and message["Message-ID"] and message["Date"]
    words, status, original = message.get_payload()
    assert status.get_content_type() == "message/delivery-status"
    return words.get_payload(decode=True).decode(), status.get_payload(), original


def test_returns_what_is_refused(queue):
    queue.serve("queue on", answer={"RCPT TO:<you@example.net>": "550 5.1.1 no such user"}.get)
    queue.put("you@example.net", "other@example.net")
    assert queue.run("run").exit == 0
    assert queue.list() == []
    mail, bounce = queue.sink.mails
    assert mail.recipients == ["other@example.net"]
    assert bounce.sender == "" and bounce.recipients == ["sender@example.org"]
    words, (host, recipient), original = report(bounce)
    assert "you@example.net" in words and "550 5.1.1 no such user" in words
    assert recipient["Final-Recipient"] == "rfc822; you@example.net"
    assert (recipient["Action"], recipient["Status"]) == ("failed", "5.1.1")
    assert recipient["Diagnostic-Code"] == "smtp; 550 5.1.1 no such user"
    assert host["Reporting-MTA"] == "dns; client.example.org"
    assert "Subject: x" in original.get_payload()


def test_warns_once_and_gives_up_in_the_end(queue):
    queue.serve("queue on", "queue_warning 4h", answer={"RCPT TO:<you@example.net>": "450 4.2.0 later"}.get)
    name = queue.put("you@example.net")
    queue.run("run")
    queue.age(name, 5 * 3600)
    queue.run("run")
    queue.run("run")
    (warning,) = queue.sink.mails
    words, (_, recipient), _ = report(warning)
    assert (recipient["Action"], recipient["Status"]) == ("delayed", "4.2.0")
    assert recipient["Will-Retry-Until"] and "450 4.2.0 later" in words
    assert "wait some minutes" not in words  # the queue does
    queue.age(name, 6 * DAY)
    queue.run("run")
    _, failure = queue.sink.mails
    words, (_, recipient), _ = report(failure)
    assert (recipient["Action"], recipient["Status"]) == ("failed", "5.4.7")
    assert recipient["Diagnostic-Code"] == "smtp; 450 4.2.0 later"
    assert "It was given up after 6 days." in words and "wait some minutes" not in words
    assert queue.list() == []


def put_behind_another(queue, age):
    """Two messages of an account that nothing answers for, tried: one failed, the other so waited. Returns the reports."""
    queue.account("queue on", "queue_warning 4h")
    first = queue.put("first@example.net")
    time.sleep(0.01)
    second = queue.put("second@example.net")
    queue.age(second, age)
    queue.run("run")
    names = [name for name in queue.files() if not name.endswith(".log") and name not in (first, second)]
    contents = [(queue.folder / "ready" / name).read_bytes() for name in names]
    return [report(sink.Mail(content=content[content.index(b"From: Mail queue") :])) for content in contents]


@pytest.mark.parametrize("age, action", [(5 * 3600, "delayed"), (6 * DAY, "failed")])
def test_who_waited_for_the_account_alone_is_told_what_it_failed_of(queue, age, action):
    ((words, (_, recipient), _),) = put_behind_another(queue, age)
    assert recipient["Action"] == action
    assert "second@example.net\n    cannot connect to '127.0.0.1'" in words.replace("\r\n", "\n")
    assert "mailbox" not in words


def test_who_was_not_tried_and_nobody_knows_why_is_told_so(queue):
    queue.serve("queue on", "queue_warning 4h")
    name = queue.put("you@example.net")
    queue.age(name, 5 * 3600)
    now, later = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + hours * 3600)) for hours in (0, 1))
    queue.note(name, f"{now} next - {later} later 0 - ")
    queue.run("run")
    (delay,) = queue.sink.mails
    words, _, _ = report(delay)
    assert "it was not tried yet" in words and "mailbox" not in words


@pytest.mark.parametrize("wish, told", [("never", False), ("success", False), ("failure", True), ("delay,failure", True)])
def test_notify_is_honoured(queue, wish, told):
    queue.serve("queue on", answer={"RCPT TO:<you@example.net>": "550 5.1.1 no"}.get)
    queue.put("-N", wish, "you@example.net")
    queue.run("run")
    assert queue.list() == [] and len(queue.sink.mails) == told


def test_the_whole_message_comes_back_where_it_is_wanted(queue):
    queue.serve("queue on", answer={"RCPT TO:<you@example.net>": "550 5.1.1 no"}.get)
    queue.put("-R", "full", "-V", "me-1", "you@example.net")
    queue.run("run")
    _, (host, _), original = report(queue.sink.mails[0])
    assert original.get_content_type() == "message/rfc822"
    assert original.get_payload(0).get_payload().strip() == "body"
    assert host["Original-Envelope-Id"] == "me-1"


def test_a_report_that_cannot_be_delivered_is_kept_and_not_returned(queue):
    queue.serve("queue on", answer=lambda line: "550 5.1.1 no" if line.startswith("RCPT") else None)
    queue.put("you@example.net")
    result = queue.run("run")
    assert queue.files() == [] and queue.sink.mails == []
    (name,) = [n for n in queue.files("failed") if not n.endswith(".log")]
    assert f"the report {name} cannot be delivered either" in result.err


def test_says_once_what_a_person_has_to_mend(queue):
    queue.serve("queue on", answer={"MAIL FROM:<sender@example.org> SIZE=": None}.get)
    queue.sink.answer = lambda line: "550 5.7.60 SendAsDenied" if line.startswith("MAIL FROM:<sender") else None
    name = queue.put("you@example.net")
    queue.run("run")
    queue.run("retry", name)
    reports = [m for m in queue.sink.mails if m.sender == ""]
    assert len(reports) == 1
    words, _, _ = report(reports[0])
    assert "550 5.7.60 SendAsDenied" in words


@pytest.fixture
def daemon(queue):
    """imbucad's socket."""
    path = queue.home.folder / "socket"
    queue.home.environment["IMBUCAD_SOCKET"] = str(path)
    daemon = sink.Sink(path=path)
    yield daemon
    daemon.close()


def refuse_you(queue, *extra):
    """A server that knows no you@, and a message to them from a user of this machine."""
    queue.serve("queue on", *extra, answer={"RCPT TO:<you@example.net>": "550 5.1.1 no such user"}.get)
    text = queue.home.accounts.read_text().replace("from sender@example.org\n", "").replace("domain client.example.org", "domain localhost")
    queue.home.write_accounts(text)
    queue.put("you@example.net")


def test_a_sender_of_this_machine_is_told_in_his_mailbox_here(queue, daemon):
    refuse_you(queue)
    assert queue.run("run").exit == 0
    (bounce,) = daemon.mails
    assert bounce.sender == "" and bounce.recipients == [getpass.getuser()]
    assert "550 5.1.1 no such user" in report(bounce)[0]
    assert queue.sink.mails == [] and queue.list() == []


def test_where_nobody_delivers_here_the_account_brings_it(queue):
    queue.home.environment["IMBUCAD_SOCKET"] = str(queue.home.folder / "nothing")
    refuse_you(queue)
    assert queue.run("run").exit == 0
    (bounce,) = queue.sink.mails
    assert bounce.sender == "" and bounce.recipients == [f"{getpass.getuser()}@localhost"]


def test_an_address_that_the_account_owns_is_elsewhere(queue, daemon):
    queue.serve("queue on", answer={"RCPT TO:<you@example.net>": "550 5.1.1 no such user"}.get)
    queue.put("you@example.net")
    queue.run("run")
    assert daemon.mails == [] and len(queue.sink.mails) == 1


def test_where_no_null_sender_is_taken_the_account_says_its_own(queue):
    answers = {"RCPT TO:<you@example.net>": "550 5.1.1 no such user", "MAIL FROM:<>": "550 5.7.1 who are you"}
    queue.serve("queue on", keywords=("PIPELINING",), answer=answers.get)
    queue.put("you@example.net")
    queue.run("run")
    (bounce,) = queue.sink.mails
    assert bounce.sender == "sender@example.org" and bounce.recipients == ["sender@example.org"]
    assert report(bounce) and queue.files("failed") == []


def test_the_log_has_the_report_that_went_nowhere(queue):
    queue.serve("queue on", "logfile ~/log", answer=lambda line: "550 5.1.1 no" if line.startswith("RCPT") else None)
    queue.put("you@example.net")
    queue.run("run")
    (name,) = [n for n in queue.files("failed") if not n.endswith(".log")]
    lines = (queue.home.folder / "log").read_text().splitlines()
    assert [line for line in lines if f"queue={name}" in line and "550 5.1.1 no" in line], lines

