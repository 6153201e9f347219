"""-e, -oe: how the caller, or whoever else, hears that a message was refused."""

import contextlib
import email
import email.policy
import json
import os
import pty
import select
import struct
import subprocess

import pytest

import imbuca
import place
import sink

MESSAGE = b"Subject: x\n\nHello\n"
GOOD, BAD = "b@example.net", "no-one@example.net"
SENDER = "sender@example.org"
REFUSED = f"{BAD}: refused for good: 550 5.1.1 no such user\n"
SUMMARY = "imbuca: the message went to 1 of 2 recipients; 1 refused for good, 0 for now\n"


@pytest.fixture
def queued(home, mailbox):
    """A home whose account has a queue."""
    home.write_accounts(imbuca.Account(mailbox.port, extra=("queue on",)).text())
    return home.run


def reports(home, mailbox):
    """Runs the queue, which is empty then, and returns the reports that came."""
    before = len(mailbox.mails)
    assert home.run("queue", "run").exit == 0
    assert home.run("-bP").out == "0\n"
    return [email.message_from_bytes(mail.content, policy=email.policy.default) for mail in mailbox.mails[before:]
            if (mail.sender, mail.recipients) == ("", [SENDER])]


def failed(report):
    """The recipients that a report (RFC 3464) is about, and what is said of them."""
    status = next(part for part in report.walk() if part.get_content_type() == "message/delivery-status")
    return [(str(block["Final-Recipient"]), str(block["Action"]), str(block["Status"]))
            for block in status.get_payload()[1:] if block["Final-Recipient"]]


def test_m_mails_it_back_and_prints(queued, home, mailbox):
    result = queued("-oem", GOOD, BAD, stdin=MESSAGE)
    assert (result.exit, result.out) == (67, "")
    assert result.err.startswith(REFUSED) and result.err.endswith(SUMMARY) and "a report to the sender is queued as" in result.err
    (report,) = reports(home, mailbox)
    assert failed(report) == [(f"rfc822; {BAD}", "failed", "5.1.1")]
    assert [mail.recipients for mail in mailbox.mails if mail.sender] == [[GOOD]]


def test_e_mails_it_back_and_says_no_word(queued, home, mailbox):
    result = queued("-oee", GOOD, BAD, stdin=MESSAGE)
    assert (result.exit, result.out, result.err) == (0, "", "")
    (report,) = reports(home, mailbox)
    assert failed(report) == [(f"rfc822; {BAD}", "failed", "5.1.1")]


def test_e_of_a_message_that_nobody_gets(queued, home, mailbox):
    assert queued("-oee", BAD, stdin=MESSAGE).exit == 0
    assert len(reports(home, mailbox)) == 1


@pytest.mark.parametrize("mode", "me")
@pytest.mark.parametrize("arguments", [("-f", "<>"), ("-N", "never"), ("-N", "success")], ids=str)
def test_who_must_not_be_mailed_is_told_by_the_exit_code(queued, home, mailbox, mode, arguments):
    result = queued(f"-oe{mode}", *arguments, GOOD, BAD, stdin=MESSAGE)
    assert (result.exit, result.err) == (67, REFUSED + SUMMARY)
    assert reports(home, mailbox) == []


@pytest.mark.parametrize("mode", "mpwe")
def test_without_a_queue_it_is_printed(sends, home, mailbox, mode):
    result = sends(f"-oe{mode}", GOOD, BAD, stdin=MESSAGE)
    assert (result.exit, result.out, result.err) == (67, "", REFUSED + SUMMARY)


def test_a_report_that_cannot_be_queued_is_no_success(queued, home, mailbox):
    state = home.folder / ".state"
    state.write_text("no folder")
    result = queued("-oee", GOOD, BAD, stdin=MESSAGE)
    assert result.exit != 0 and "cannot be queued" in result.err


@pytest.mark.parametrize("mode", "pqw")
def test_the_others_mail_nothing(queued, home, mailbox, mode):
    result = queued(f"-oe{mode}", GOOD, BAD, stdin=MESSAGE)
    assert (result.exit, result.err) == (67, "" if mode == "q" else REFUSED + SUMMARY)
    assert reports(home, mailbox) == []


def test_what_is_refused_beside_what_waits(home):
    """Both are kept in one message: one to be tried again, the other to be told of."""
    late = lambda line: "451 4.3.0 later" if "late@" in line else None
    with contextlib.closing(sink.Sink(answer=late)) as server:
        home.write_accounts(imbuca.Account(server.port, extra=("queue on",)).text())
        assert home.run("-oee", BAD, "late@example.net", stdin=MESSAGE).exit == 0
        (message,) = json.loads(home.run("queue", "list", "--json").out)
        assert sorted(r["address"] for r in message["recipients"]) == ["late@example.net", BAD], message
        server.answer = lambda line: None
        assert home.run("queue", "retry").exit == 0
        assert home.run("queue", "run").exit == 0
        assert [mail.recipients for mail in server.mails] == [["late@example.net"], [SENDER]]
    assert home.run("-bP").out == "0\n"


def read_terminal(terminal):
    text = b""
    while select.select([terminal], [], [], 0.2)[0]:
        try:
            text += os.read(terminal, 4096)
        except OSError:
            break
    return text.decode()


def test_w_writes_to_the_terminal_it_was_started_from(sends, home):
    terminal, other = pty.openpty()
    script = f'exec {place.program("imbuca")} -oew {GOOD} {BAD} 2>err'
    process = subprocess.Popen(
        ["setsid", "--ctty", "sh", "-c", 'printf "Subject: x\n\n" | { ' + script + "; }"],
        stdin=other, stdout=other, stderr=subprocess.DEVNULL, env=home.environment, cwd=home.folder,
    )
    assert process.wait(imbuca.LONGEST) == 67
    shown = read_terminal(terminal)
    os.close(other)
    os.close(terminal)
    assert "550 5.1.1 no such user\r" in shown and "1 refused for good" in shown
    assert (home.folder / "err").read_text() == ""


@pytest.mark.root
def test_w_writes_to_where_the_user_is_logged_in(sends, home):
    """As cron would: without a terminal of its own. utmp says where the user is."""
    terminal, other = pty.openpty()
    line = os.ttyname(other).removeprefix("/dev/").encode()
    # struct utmp of glibc, a USER_PROCESS.
    record = struct.pack("hi32s4s32s256shhiii4i20x", 7, os.getpid(), line, b"", b"root", b"", 0, 0, 0, 0, 0, 0, 0, 0, 0)
    (home.folder / "utmp").write_bytes(record)
    script = f"mount -t tmpfs none /run && cp utmp /run/utmp && exec {place.program('imbuca')} -oew {BAD}"
    result = home.run("-m", "sh", "-c", script, program=place.need("unshare"), stdin=MESSAGE)
    shown = read_terminal(terminal)
    os.close(other)
    os.close(terminal)
    assert (result.exit, result.err) == (67, ""), result
    assert "550 5.1.1\r" in shown and "no such user" in shown
