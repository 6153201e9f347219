"""A name that stands for several places, of which some fail: each gets the message, and once."""

import os
import smtplib

import pytest

from house import USERS, queued, run, until

pytestmark = pytest.mark.root


def break_mailbox(machine, user):
    (machine.home(user) / "Maildir").write_text("in the way")


def mend_mailbox(machine, user):
    (machine.home(user) / "Maildir").unlink()


def forward(machine, user, text):
    path = machine.home(user) / ".forward"
    path.write_text(text)
    os.chown(path, USERS[user], USERS[user])


def counts(machine, *users):
    return [len(machine.mail(user)) for user in users]


def waiting(machine):
    """The names of the messages that wait."""
    return [name for name in os.listdir(machine.folder / "queue/ready") if not name.endswith(".log")]


def journal(machine, name):
    try:
        return (machine.folder / "queue/ready" / f"{name}.log").read_text()
    except FileNotFoundError:
        return ""


def retry(machine):
    """Tries all that waits; returns when it has been tried."""
    before = {name: journal(machine, name) for name in waiting(machine)}
    for name in before:
        assert run(machine, "root", "queue", "retry", name).returncode == 0
    until(lambda: all(journal(machine, name) != text for name, text in before.items()), "it was tried")
    until(lambda: all(name not in waiting(machine) or journal(machine, name).endswith("\n") for name in before), "all of it")


def script(machine):
    """A command that fails for now while a file is there, and notes whom it ran for."""
    broken = machine.write("log/broken", "")
    return machine.write(
        "script", f'#!/bin/sh\ncat >/dev/null\n[ ! -e {broken} ] || exit 75\necho "$RECIPIENT" >>{machine.folder}/log/ran\n', mode=0o755
    ), broken, machine.folder / "log/ran"


def test_who_failed_alone_gets_it_once_more(machine):
    machine.write("aliases", "team: anna, bert, imbuca\n")
    break_mailbox(machine, "bert")
    assert machine.start().send("team") == {}
    assert counts(machine, "anna", "imbuca") == [1, 1]
    (message,) = queued(machine)
    head, _, content = message.partition(b"\n\n")
    assert b"\nrecipient: bert@user.localhost\n" in head and head.count(b"recipient: ") == 1
    assert head.endswith(b"\norcpt: rfc822;team@pi.example") and content.startswith(b"Delivered-To: team\nReceived: ")
    assert "Maildir" in machine.log and 'file="anna:' in machine.log and "bert:queue/" in machine.log
    names = waiting(machine)
    retry(machine)
    assert waiting(machine) == names and counts(machine, "anna", "imbuca") == [1, 1]
    mend_mailbox(machine, "bert")
    retry(machine)
    until(lambda: not queued(machine), "nothing waits")
    assert counts(machine, "anna", "bert", "imbuca") == [1, 1, 1]
    (late,) = machine.mail("bert")
    assert late.startswith(b"Return-Path: <cron@pi.example>\nReceived: ") and late.count(b"Delivered-To: team\n") == 1
    assert b"localhost" not in late.split(b"Delivered-To: ")[1]


def test_two_that_fail_are_tried_each_for_itself(machine):
    machine.write("aliases", "team: anna, bert+x, imbuca\nowner-team: imbuca\n")
    for user in ("anna", "bert"):
        break_mailbox(machine, user)
    machine.start().send("team")
    (message,) = queued(machine)
    assert b"\nsender: owner-team@pi.example\n" in message
    assert b"\nrecipient: anna@user.localhost\n" in message and b"\nrecipient: bert+x@user.localhost\n" in message
    mend_mailbox(machine, "anna")
    retry(machine)
    until(lambda: machine.mail("anna"), "anna has it")
    mend_mailbox(machine, "bert")
    retry(machine)
    until(lambda: not queued(machine), "nothing waits")
    assert counts(machine, "anna", "bert", "imbuca") == [1, 1, 1]


@pytest.mark.parametrize("aliases, sent", [("root: root, anna, bert\n", "root"), ("anna: anna, bert\n", "anna"), ("anna: y, bert\ny: anna\n", "anna")])
def test_a_name_that_is_in_its_own_line(machine, aliases, sent):
    machine.write("aliases", aliases)
    break_mailbox(machine, "bert")
    machine.start().send(sent)
    before = counts(machine, "anna", "imbuca")
    mend_mailbox(machine, "bert")
    retry(machine)
    until(lambda: not queued(machine), "nothing waits")
    assert counts(machine, "anna", "imbuca") == before and counts(machine, "bert") == [1]


def test_a_name_of_which_nobody_has_it_is_kept_as_it_is(machine):
    """What it stands for may be another then."""
    machine.write("aliases", "team: anna, bert\n")
    for user in ("anna", "bert"):
        break_mailbox(machine, user)
    machine.start().send("team", "imbuca")
    assert b"\nrecipient: team@pi.example\n" in queued(machine)[0]
    with pytest.raises(smtplib.SMTPDataError):
        machine.send("team")
    machine.write("aliases", "team: imbuca\n")
    retry(machine)
    until(lambda: not queued(machine), "nothing waits")
    assert counts(machine, "imbuca") == [2]


def test_a_place_that_two_names_lead_to_is_one(machine):
    machine.write("aliases", "a: anna, bert\nb: bert\n")
    break_mailbox(machine, "bert")
    machine.start().send("a", "b")
    mend_mailbox(machine, "bert")
    retry(machine)
    until(lambda: not queued(machine), "nothing waits")
    assert counts(machine, "anna", "bert") == [1, 1]
    assert {b"Delivered-To: a", b"Delivered-To: b"} <= set(machine.mail("bert")[0].split(b"\n"))


def test_lmtp_answers_yes_where_some_have_it(machine):
    machine.write("aliases", "team: anna, bert\n")
    break_mailbox(machine, "bert")
    machine.start(f"listen {machine.socket} lmtp")
    client = machine.over_socket()
    client.docmd("LHLO me")
    client.mail("a@b.example")
    assert [client.rcpt(name)[0] for name in ("team", "bert+x")] == [250, 250]
    client.docmd("DATA")
    client.send(b"Subject: x\r\n\r\ny\r\n.\r\n")
    assert [client.getreply()[0] for _ in range(2)] == [250, 451]
    client.quit()
    (message,) = queued(machine)
    assert b"\nrecipient: bert@user.localhost\n" in message and b"bert+x" not in message


def test_a_command_of_the_aliases_is_tried_by_itself(machine):
    command, broken, ran = script(machine)
    machine.write("aliases", f'team: anna, "|{command} of the team"\n')
    machine.start("commands on").send("team")
    assert b"@target.localhost\n" in queued(machine)[0] and b"script" not in queued(machine)[0].split(b"\n\n")[0]
    retry(machine)
    assert not ran.exists()
    broken.unlink()
    retry(machine)
    until(lambda: not queued(machine), "nothing waits")
    assert ran.read_text() == "team\n" and counts(machine, "anna") == [1]


def test_what_the_aliases_name_no_more_is_not_run_and_the_sender_hears_of_it(machine):
    command, broken, ran = script(machine)
    machine.write("aliases", f'team: anna, "|{command}"\n')
    machine.start("commands on").send("team", sender="bert@pi.example")
    machine.write("aliases", "team: anna\n", age=5)
    broken.unlink()
    retry(machine)
    until(lambda: machine.mail("bert"), "bert has heard of it")
    (report,) = machine.mail("bert")
    assert b"Original-Recipient: rfc822;team@pi.example\n" in report and b" (team@pi.example)\n" in report
    assert b"Status: 5.1.1\n" in report and b"do not name" in report and b"script" not in report.split(b"text/rfc822")[0]
    assert not ran.exists() and counts(machine, "anna") == [1]


def test_what_fails_for_good_is_told_by_the_name_that_was_written(machine):
    machine.write("aliases", f'team: anna, "|/bin/sh -c \'cat >/dev/null; exit 67\'"\n')
    machine.start("commands on").send("team", sender="bert@pi.example")
    until(lambda: machine.mail("bert"), "bert has heard of it")
    (report,) = machine.mail("bert")
    assert b"Original-Recipient: rfc822;team@pi.example\n" in report and b"Action: failed\n" in report
    assert counts(machine, "anna") == [1]


def test_a_report_to_an_owner_who_is_the_list_ends(machine):
    """The report fails where the list did, and must not be reported to the same owner for ever."""
    machine.write("aliases", f'team: anna, "|/bin/sh -c \'cat >/dev/null; exit 67\'"\nowner-team: team\n')
    machine.start("commands on").send("team")
    until(lambda: "cannot be delivered either" in machine.log, "the report has failed")
    until(lambda: not queued(machine), "nothing waits")
    first, report = machine.mail("anna")
    assert first.startswith(b"Return-Path: <owner-team@pi.example>\n") and report.startswith(b"Return-Path: <>\n")


def test_a_command_of_a_forward_is_tried_by_itself(machine):
    command, broken, ran = script(machine)
    (machine.folder / "log").chmod(0o777)
    forward(machine, "anna", f'\\anna\nbert\n"|{command}"\n')
    machine.start("commands on").send("anna")
    assert counts(machine, "anna", "bert") == [1, 1]
    assert b".anna@target.localhost\n" in queued(machine)[0]
    names = waiting(machine)
    retry(machine)
    assert waiting(machine) == names and counts(machine, "anna", "bert") == [1, 1] and not ran.exists()
    broken.unlink()
    retry(machine)
    until(lambda: not queued(machine), "nothing waits")
    assert ran.read_text() == "anna\n" and counts(machine, "anna", "bert") == [1, 1]


def test_a_file_of_an_alias_that_a_forward_names_is_the_aliases(machine):
    """Written as the daemon's user, and so tried by itself: the ~/.forward does not name it, and would lead to all again."""
    archive = machine.home("imbuca") / "archive"
    archive.mkdir()
    machine.write("aliases", f"team: bert, {archive}\n")
    forward(machine, "anna", "\\anna, team\n")
    machine.start().send("anna")
    for _ in range(2):
        assert b".anna@" not in queued(machine)[0]
        retry(machine)
    assert counts(machine, "anna", "bert") == [1, 1]
    archive.rmdir()
    retry(machine)
    until(lambda: not queued(machine), "nothing waits")
    assert counts(machine, "anna", "bert") == [1, 1]
    assert archive.stat().st_uid == USERS["imbuca"] and archive.read_text().count("\nSubject: hi\n") == 1


def test_the_own_mailbox_of_a_forward_is_tried_by_itself(machine):
    forward(machine, "anna", "\\anna\nbert\n")
    break_mailbox(machine, "anna")
    machine.start().send("anna")
    assert b"\nrecipient: anna@mailbox.localhost\n" in queued(machine)[0] and counts(machine, "bert") == [1]
    mend_mailbox(machine, "anna")
    retry(machine)
    until(lambda: not queued(machine), "nothing waits")
    assert counts(machine, "anna", "bert") == [1, 1]


def test_a_forward_that_leads_nowhere_yet_is_read_again(machine):
    forward(machine, "anna", "bert\n")
    break_mailbox(machine, "bert")
    machine.start()
    with pytest.raises(smtplib.SMTPDataError):
        machine.send("anna")
    machine.send("anna", "imbuca")
    assert b"\nrecipient: anna@pi.example\n" in queued(machine)[0]


def test_success_is_told_when_it_is_one(machine):
    machine.write("aliases", "team: anna, bert\n")
    break_mailbox(machine, "bert")
    machine.start()
    with machine.over_socket() as client:
        client.ehlo()
        client.mail("imbuca@pi.example")
        client.rcpt("team", ["NOTIFY=SUCCESS"])
        assert client.data(b"Subject: hi\r\n\r\nhello\r\n")[0] == 250
    assert counts(machine, "anna", "imbuca") == [1, 0]
    mend_mailbox(machine, "bert")
    retry(machine)
    until(lambda: machine.mail("imbuca"), "it is told")
    (report,) = machine.mail("imbuca")
    assert b"Original-Recipient: rfc822;team@pi.example\n" in report and counts(machine, "anna", "bert") == [1, 1]


@pytest.mark.parametrize("sent", [["anna+" + "x" * 235], ["anna", "bert+" + "x" * 245]])
def test_a_name_as_long_as_one_may_be_is_queued_as_one_that_can_be_read(machine, sent):
    """The queue's name for the place, or with the domain, would be longer than any address."""
    broken = machine.home("anna") / "broken"
    broken.touch()
    forward(machine, "anna", f"\\anna, \"|/bin/sh -c 'cat >/dev/null; [ ! -e {broken} ] || exit 75'\"\n")
    break_mailbox(machine, "bert")
    machine.start("commands on").send(*sent)
    assert counts(machine, "anna") == [1] and queued(machine)
    retry(machine)
    broken.unlink()
    mend_mailbox(machine, "bert")
    retry(machine)
    until(lambda: not queued(machine), "nothing waits")
    assert counts(machine, "anna", "bert") == [1, len(sent) - 1] and "no whole message" not in machine.log


def test_places_are_nothing_for_clients(machine):
    machine.start()
    for client in (machine.over_socket(), machine.over_tcp()):
        client.ehlo()
        client.mail("a@b.example")
        for name in ("anna@user.localhost", "anna@mailbox.localhost", "0123456789abcdef.anna@target.localhost"):
            assert client.rcpt(name)[0] == 550, name
        client.quit()


def test_a_message_that_was_there_is_still_a_loop(machine):
    machine.write("aliases", "team: anna, bert\n")
    break_mailbox(machine, "bert")
    machine.start().send("team")
    mend_mailbox(machine, "bert")
    retry(machine)
    until(lambda: machine.mail("bert"), "bert has it")
    with pytest.raises(smtplib.SMTPDataError) as refused:
        machine.send("team", message=machine.mail("bert")[0].replace(b"\n", b"\r\n"))
    assert refused.value.smtp_error.startswith(b"5.4.6 ")
