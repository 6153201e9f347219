"""What the sender of a queued message is told (RFC 3464): of failure, of delay, as NOTIFY wants it."""

import email
import getpass
import time

import pytest

import place
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


def moment(seconds):
    """So many seconds from now, as a journal has it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


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
    queue.note(name, f"{moment(0)} next - {moment(3600)} later 0 - ")
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


def longest_line(content):
    return max(len(line) for line in content.split(b"\r\n"))


def refuse_and_return(queue, *options, message=b"Subject: x\n\nbody\n", answer="550 5.1.1 no", **serve):
    """The report of a message that a server has refused."""
    queue.serve("queue on", answer=lambda line: answer if line.startswith("RCPT TO:<bad") else None, **serve)
    result = queue.send("-odq", *options, "bad@example.net", stdin=message)
    assert result.exit == 0, result
    queue.run("run")
    (bounce,) = queue.sink.mails
    return bounce


@pytest.mark.parametrize("word", ["w" * 150, "à" * 75], ids=["ascii", "8bit"])
def test_a_long_reply_is_cut_and_folded_for_programs(queue, word):
    reply = "\r\n".join([f"550-5.1.1 {word}"] * 30 + ["550 5.1.1 end"])
    bounce = refuse_and_return(queue, answer=reply)
    words, (_, recipient), _ = report(bounce)
    assert longest_line(bounce.content) <= 998 and bounce.content.isascii()
    assert len(recipient["Diagnostic-Code"]) < 998
    assert words.count(word) > 10


MULTIPART = b"Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: 8bit\n\n%s\n--b--\n"


@pytest.mark.parametrize("message, type", [
    (b"Subject: x\n\n" + b"z" * 5000, "message/rfc822"),
    (MULTIPART % b"short", "message/rfc822"),
    (MULTIPART % (b"z" * 5000), "text/rfc822-headers"),
], ids=["encoded", "short", "long"])
def test_a_whole_message_comes_back_where_its_lines_can_be_short(queue, message, type):
    bounce = refuse_and_return(queue, "-R", "full", message=message)
    assert longest_line(bounce.content) <= 998
    assert report(bounce)[2].get_content_type() == type


def test_8bit_text_comes_back_encoded(queue):
    bounce = refuse_and_return(queue, "-R", "full", message="Subject: è\n\nè\n".encode())
    (original,) = report(bounce)[2].get_payload()
    assert bounce.content.isascii() and original.get_payload(decode=True).decode().strip() == "è"


def test_what_comes_back_as_8bit_says_so(queue):
    bounce = refuse_and_return(queue, "-R", "full", message=MULTIPART % "è".encode())
    assert b"\r\n\r\n\xc3\xa8\r\n" in bounce.content and "BODY=8BITMIME" in bounce.parameters
    assert email.message_from_bytes(bounce.content)["Content-Transfer-Encoding"] == "8bit"
    assert report(bounce)[2]["Content-Transfer-Encoding"] == "8bit"


def test_a_report_without_the_message_is_ascii(queue, speak):
    speak("it")
    bounce = refuse_and_return(queue, message="Subject: x\nX-Name: è\n\nbody\n".encode())
    words, _, original = report(bounce)
    assert bounce.content.isascii() and "È nella coda" in words
    assert "X-Name: è" in original.get_payload(decode=True).decode()


def test_an_address_that_is_not_ascii_is_written_so(queue):
    keywords = ("PIPELINING", "8BITMIME", "SMTPUTF8")
    queue.serve("queue on", keywords=keywords, answer=lambda line: "550 5.1.1 no" if line.startswith("RCPT TO:<j") else None)
    queue.put("jörg@example.net")
    queue.run("run")
    (bounce,) = queue.sink.mails
    words, (_, recipient), _ = report(bounce)
    assert bounce.content.isascii() and "jörg@example.net" in words
    assert recipient["Final-Recipient"] == "utf-8; j\\x{F6}rg@example.net"


def test_a_message_id_that_cannot_be_said_keeps_no_report_back(queue):
    bounce = refuse_and_return(queue, message=b"Message-ID: <a\n b@x>\nSubject: x\n\nbody\n")
    assert report(bounce)[2].get_content_type() == "text/rfc822-headers"


@pytest.mark.parametrize("size, limit, answer, type", [
    (800_000, "SIZE 100000000", "550 5.1.1 no", "message/rfc822"),
    (800_000, "SIZE 100000000", "552 5.3.4 too large", "text/rfc822-headers"),
    (800_000, "SIZE 700000", None, "text/rfc822-headers"),
    (1_500_000, "SIZE 100000000", "550 5.1.1 no", "text/rfc822-headers"),
])
def test_a_message_that_was_too_large_does_not_come_back_whole(queue, size, limit, answer, type):
    bounce = refuse_and_return(queue, "-R", "full", message=b"Subject: x\n\n" + (b"x" * 79 + b"\n") * (size // 80), answer=answer, keywords=("PIPELINING", limit))
    assert report(bounce)[2].get_content_type() == type
    assert queue.list() == [] and queue.files("failed") == []


def test_a_report_of_thousands_is_made(queue):
    count = 520 if place.is_sanitized() else 5200
    queue.serve("queue on")
    name = queue.put(*[f"you{i}@example.net" for i in range(count)])
    queue.note(name, f"{moment(0)} refused 0-{count - 1} - rcpt 550 5.1.1 {'no such user ' * 130}")
    assert queue.run("run").err == ""
    (bounce,) = queue.sink.mails
    _, (_, *recipients), _ = report(bounce)
    assert len(recipients) == count and len(bounce.content) < 16 << 20


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

