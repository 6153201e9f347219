"""Names that lead to nobody, to one place by two ways, or in a circle: no message is lost, none comes twice."""

import os
import smtplib

import pytest

import house as machines
import sink
from house import USERS, queued, run, until

pytestmark = pytest.mark.root


def forward(machine, user, text):
    path = machine.home(user) / ".forward"
    path.write_text(text)
    os.chown(path, machine.users[user], machine.users[user])


def waiting(machine):
    """The names of the messages that wait."""
    return [name for name in os.listdir(machine.folder / "queue/ready") if not name.endswith(".log")]


def counts(machine, *users):
    return [len(machine.mail(user)) for user in users]


def refusal(machine, *names):
    """The code with which the only name, or the message, is refused."""
    try:
        machine.send(*names)
    except smtplib.SMTPRecipientsRefused as refused:
        return refused.recipients[names[0]][0]
    except smtplib.SMTPDataError as refused:
        return refused.smtp_code
    return None


# --- nobody ---


@pytest.mark.parametrize("text", ["", "\n\n \n", "# nothing yet\n", ",\n"])
def test_an_empty_forward_is_none(machine, text):
    forward(machine, "anna", text)
    machine.start().send("anna")
    assert counts(machine, "anna") == [1]


def test_a_forward_that_was_emptied_while_the_message_waited(machine):
    script = machine.write("script", "#!/bin/sh\nexit 75\n", mode=0o755)
    forward(machine, "anna", f'bert\n"|{script}"\n')
    machine.start("commands on").send("anna")
    assert counts(machine, "anna", "bert") == [0, 1]
    forward(machine, "anna", "")
    (name,) = waiting(machine)
    run(machine, "root", "queue", "retry", name)
    until(lambda: not waiting(machine), "nothing waits")
    assert counts(machine, "anna", "bert") == [1, 1]


@pytest.mark.parametrize("text", ["", "# nobody yet\n"])
def test_a_list_of_nobody_is_refused(machine, text):
    machine.write("list", text)
    machine.write("aliases", f"staff: :include:{machine.folder}/list\nroot: staff\nboth: staff, anna\n")
    forward(machine, "bert", "staff\n")
    machine.start()
    assert [refusal(machine, name) for name in ("staff", "root", "bert")] == [451] * 3
    assert "'staff' stands for nobody" in machine.log
    machine.send("both")
    assert counts(machine, "anna", "bert", "imbuca") == [1, 0, 0]
    said = machine.check("staff")
    assert said.returncode == 78 and "'staff' stands for nobody" in said.stdout


# --- one mailbox by two ways ---


def test_a_mailbox_that_is_meant_gets_it_though_another_name_is_passed_on(machine):
    machine.write("aliases", "all: \\anna, \\bert\nboss: anna\n")
    forward(machine, "anna", "bert\n")
    machine.start().send("all", "boss")
    assert counts(machine, "anna", "bert") == [1, 1]


@pytest.mark.parametrize("text", [None, "", "\\anna\n", "anna\n"])
@pytest.mark.parametrize("names", [("archive", "anna"), ("anna", "archive"), ("archive", "bert"), ("bert", "archive"), ("anna", "bert")])
def test_a_mailbox_gets_it_once(machine, text, names):
    machine.write("aliases", "archive: \\anna\n")
    forward(machine, "bert", "anna\n")
    if text is not None:
        forward(machine, "anna", text)
    machine.start().send(*names)
    assert counts(machine, "anna", "bert") == [1, 0]


def test_a_mailbox_by_two_ways_that_fails_is_queued_once(machine):
    machine.write("aliases", "archive: \\anna\n")
    (machine.home("anna") / "Maildir").write_text("in the way")
    machine.start().send("archive", "anna", "bert")
    (machine.home("anna") / "Maildir").unlink()
    (name,) = waiting(machine)
    run(machine, "root", "queue", "retry", name)
    until(lambda: not waiting(machine), "nothing waits")
    assert counts(machine, "anna", "bert") == [1, 1]


# --- circles ---


def test_two_who_send_to_each_other_have_one_copy_each(machine):
    forward(machine, "anna", "\\anna, bert\n")
    forward(machine, "bert", "\\bert, anna\n")
    machine.start().send("anna")
    assert counts(machine, "anna", "bert") == [1, 1]
    machine.send("bert", "anna")
    assert counts(machine, "anna", "bert") == [2, 2]


def test_a_circle_without_a_mailbox_ends_where_it_began(machine):
    forward(machine, "anna", "bert\n")
    forward(machine, "bert", "anna\n")
    machine.start().send("anna")
    assert counts(machine, "anna", "bert") == [1, 0]
    machine.send("anna", "bert")
    assert counts(machine, "anna", "bert") == [2, 0]


@pytest.mark.parametrize("names", [("anna", "bert"), ("bert", "anna")])
def test_who_is_passed_on_already_is_followed_for_others_too(machine, names):
    forward(machine, "anna", "bert\n")
    forward(machine, "bert", "imbuca\n")
    machine.start().send(*names)
    assert counts(machine, "anna", "bert", "imbuca") == [0, 0, 1]
    assert {b"Delivered-To: anna", b"Delivered-To: bert"} <= set(machine.mail("imbuca")[0].split(b"\n"))


@pytest.fixture
def provider():
    server = sink.Sink(("PIPELINING", "8BITMIME", "DSN"))
    yield server
    server.close()


@pytest.mark.parametrize("by", ["aliases", "forward"])
def test_what_comes_back_from_elsewhere_is_a_loop(machine, provider, by):
    if by == "aliases":
        machine.write("aliases", "anna: anna@far.example\n")
    else:
        forward(machine, "anna", "anna@far.example\n")
    machine.start(machine.provide(provider)).send("anna@pi.example", sender="x@else.example")
    until(lambda: provider.mails, "it is at the provider's")
    (mail,) = provider.mails
    with pytest.raises(smtplib.SMTPDataError) as refused:
        machine.send("anna@pi.example", sender="x@else.example", message=b"Received: from far\r\n" + mail.content)
    assert refused.value.smtp_error.startswith(b"5.4.6 ")


def test_no_name_is_told_to_another_elsewhere(machine, provider):
    machine.write("aliases", "a: a@far.example\nb: b@far.example\n")
    machine.start(machine.provide(provider)).send("a", "b")
    machine.send("c@far.example")
    until(lambda: len(provider.mails) == 2, "they are at the provider's")
    assert not any(b"Delivered-To" in mail.content for mail in provider.mails)


# --- one bad name among several ---


@pytest.mark.parametrize("bad, code", [
    ("nosuchuser", b"5.1.1"), ("admin@far.example", b"5.7.1"), ('"|/bin/true"', b"5.7.1"),
])
@pytest.mark.parametrize("order", ["{bad}, \\{user}", "\\{user}, {bad}"])
@pytest.mark.parametrize("by", ["aliases", "forward"])
def test_one_bad_name_keeps_the_message_from_no_other(machine, bad, code, order, by):
    if by == "aliases":
        machine.write("aliases", f"anna: {order.format(bad=bad, user='anna')}\n")
    else:
        forward(machine, "anna", order.format(bad=bad, user="anna") + "\n")
    machine.start()
    assert machine.send("anna", sender="bert@pi.example") == {}
    assert counts(machine, "anna") == [1]
    until(lambda: machine.mail("bert"), "the sender has heard of it")
    (report,) = machine.mail("bert")
    assert b"Status: " + code in report and b"Original-Recipient: rfc822;anna@pi.example\n" in report
    until(lambda: not waiting(machine), "nothing waits")
    assert counts(machine, "anna") == [1]


def test_where_nothing_else_is_named_the_message_is_refused(machine):
    machine.write("aliases", "root: nosuchuser, admin@far.example\n")
    forward(machine, "anna", "nosuchuser\n")
    machine.start()
    assert [refusal(machine, name) for name in ("root", "anna")] == [550, 550]
    assert counts(machine, "anna", "bert", "imbuca") == [0, 0, 0] and not waiting(machine)


def test_check_tells_of_one_bad_name_among_several(machine):
    machine.write("aliases", "root: anna, nosuchuser\n")
    machine.configure()
    said = machine.check("root")
    assert said.returncode == 67 and "wrong: There is no user 'nosuchuser' here" in said.stdout and "  as anna into " in said.stdout


# --- one name among several that cannot be worked out yet: it waits, and no other does ---

def retry(machine):
    (name,) = waiting(machine)
    run(machine, "root", "queue", "retry", name)
    until(lambda: not waiting(machine), "nothing waits")


@pytest.mark.parametrize("aliases, mended, listed", [
    ("all: anna, later, bert\nlater: @@\n", "later: imbuca\n", ""),
    ("all: anna, later, bert\nlater: :include:{list}\n", "", "imbuca\n"),
    ("all: anna, :include:{list}, bert\nowner-all: anna\n", "", "imbuca\n"),
    ("all: anna, :include:{outer}, bert\n", "", "imbuca\n"),
    ("all: :include:{list}, staff\nstaff: anna, bert\n", "", "imbuca, anna\n"),
])
def test_a_name_of_the_aliases_that_is_not_known_yet(machine, aliases, mended, listed):
    list_, outer = machine.folder / "list", machine.folder / "outer"
    aliases = aliases.format(list=list_, outer=outer)
    outer.write_text(f"\n:include:{list_}\n")
    outer.chmod(0o644)
    machine.write("aliases", aliases)
    machine.start().send("all")
    assert counts(machine, "anna", "bert", "imbuca") == [1, 1, 0]
    again = listed.count("anna")
    machine.write("aliases", aliases.replace("later: @@\n", mended))
    machine.write("list", listed)
    retry(machine)
    assert counts(machine, "anna", "bert", "imbuca") == [1 + again, 1, 1]
    assert [b"Return-Path: <owner-all@" in machine.mail(name)[0] for name in ("bert", "imbuca")] == ["owner" in aliases] * 2


def test_a_name_of_a_forward_that_is_not_known_yet(machine):
    machine.write("aliases", f"later: :include:{machine.folder}/list\n")
    forward(machine, "anna", "bert, later, \\anna\n")
    machine.start().send("anna")
    assert counts(machine, "anna", "bert", "imbuca") == [1, 1, 0]
    machine.write("list", "imbuca\n")
    retry(machine)
    assert counts(machine, "anna", "bert", "imbuca") == [1, 1, 1]


def test_a_list_that_waits_and_is_named_no_more_is_returned(machine):
    machine.write("aliases", f"all: anna, :include:{machine.folder}/list\n")
    machine.start().send("all", sender="bert@pi.example")
    machine.write("aliases", "all: anna\n", age=5)
    retry(machine)
    until(lambda: machine.mail("bert"), "the sender has heard of it")
    assert counts(machine, "anna", "bert") == [1, 1] and b"do not name this file, command or list any more" in machine.mail("bert")[0]


def test_a_list_that_waits_is_not_given_up_for_a_line_that_is_wrong(machine):
    aliases = f"all: anna, :include:{machine.folder}/list\n"
    machine.write("aliases", aliases)
    machine.start().send("all")
    machine.stop()
    machine.write("aliases", "all: @@\n")
    machine.launch()
    (name,) = waiting(machine)
    run(machine, "root", "queue", "retry", name)
    until(lambda: "name this no more" in machine.log, "it was tried")
    machine.write("aliases", aliases)
    machine.write("list", "imbuca\n")
    retry(machine)
    assert counts(machine, "anna", "imbuca") == [1, 1]


# --- postmaster ---


@pytest.mark.parametrize("name", ["postmaster", "PostMaster@pi.example", "postmaster+x", "abuse"])
def test_postmaster_is_whom_root_stands_for(machine, name):
    machine.write("aliases", "root: anna, bert\nabuse: postmaster\n")
    machine.start().send(name)
    assert counts(machine, "anna", "bert", "imbuca") == [1, 1, 0]


def test_postmaster_of_a_forward_is_root_too(machine):
    forward(machine, "bert", "postmaster\n")
    machine.start().send("bert")
    assert counts(machine, "anna", "bert", "imbuca") == [1, 0, 0]


def test_root_who_is_postmaster_is_no_circle(machine):
    machine.write("aliases", "root: postmaster\n")
    machine.start().send("root")
    assert counts(machine, "imbuca") == [1]


def test_a_user_postmaster_is_one():
    machine = machines.Machine(users={"postmaster": 41003})
    try:
        machine.start().send("postmaster")
        assert counts(machine, "postmaster", "anna") == [1, 0]
    finally:
        machine.end()


# --- details ---


@pytest.mark.parametrize("text", ["\\anna\n", "anna, bert\n", "bert, ANNA\n", "\\anna+work\n"])
def test_a_detail_leads_to_its_folder_by_the_users_own_forward(machine, text):
    below = machine.home("anna") / "Maildir/.work"
    below.mkdir(parents=True)
    for path in (below, below.parent):
        os.chown(path, USERS["anna"], USERS["anna"])
    forward(machine, "anna", text)
    machine.start().send("anna+work")
    assert [len(machine.mail("anna", folder)) for folder in ("Maildir/.work", "Maildir")] == [1, 0]


@pytest.mark.parametrize("name, said", [("run+more", "more"), ("run", ""), ("anna+work", "work"), ("both+x", "x"), ("fixed", "y")])
def test_a_command_gets_the_detail(machine, name, said):
    broken = machine.write("log/broken", "")
    out = machine.write("log/out", "", mode=0o666)
    script = machine.write("script", f'#!/bin/sh\n[ ! -e {broken} ] || exit 75\necho "[$EXTENSION]" >>{out}\n', mode=0o755)
    machine.log_file.parent.chmod(0o777)
    machine.write("aliases", f'run: "|{script}"\nboth: bert, "|{script}"\nfixed: anna+y\n')
    forward(machine, "anna", f'bert, "|{script}"\n')
    machine.start("commands on").send(name, "imbuca")
    names = waiting(machine)
    broken.unlink()
    run(machine, "root", "queue", "retry", *names)
    until(lambda: not waiting(machine), "nothing waits")
    assert out.read_text() == f"[{said}]\n" and counts(machine, "imbuca") == [1]


# --- a ~/.forward that is not used ---


def make_fifo(path):
    os.mkfifo(path)
    os.chown(path, USERS["anna"], USERS["anna"])


def make_folder(path):
    path.mkdir()
    os.chown(path, USERS["anna"], USERS["anna"])


def make_file(mode, user="anna"):
    def make(path):
        path.write_text("bert\n")
        path.chmod(mode)
        os.chown(path, USERS[user], USERS[user])
    return make


@pytest.mark.parametrize("make, told", [
    (make_fifo, "is not a regular file"),
    (make_folder, "is not a regular file"),
    (make_file(0o644, "bert"), "belongs to another user"),
    (make_file(0o664), "can be written by other users"),
    (make_file(0), "see that the user can read it"),
])
def test_what_is_wrong_with_a_forward_is_said(machine, make, told):
    make(machine.home("anna") / ".forward")
    assert refusal(machine.start(), "anna") == 451
    assert told in machine.log and "the mail waits" not in machine.log
    assert ("chmod go-w" in machine.log) == (told == "can be written by other users")
    assert counts(machine, "anna", "bert") == [0, 0]


# --- wrong lines ---


def test_a_wrong_line_leaves_the_aliases_as_they_were(machine):
    machine.write("aliases", "root: anna\nteam: anna\n")
    machine.start().send("root")
    for text in ("root: bert\nteam bert\nnew: bert\n", "root: bert\n\0\n"):
        machine.write("aliases", text)
        told = machine.log.count("aliases:2:")
        for _ in range(2):
            machine.send("root", "team", "bert")
        assert machine.log.count("aliases:2:") == told + 1 and "until that is mended" in machine.log
    assert counts(machine, "anna", "bert") == [5, 4] and refusal(machine, "new") == 550
    machine.write("aliases", "root: bert\n", mode=0o666, age=5)
    machine.send("root")
    machine.aliases.chmod(0o644)
    machine.send("root")
    assert counts(machine, "anna", "bert") == [6, 5] and refusal(machine, "team") == 550


@pytest.mark.parametrize("wrong", ["team anna", "team: @@", "team:", "team: anna\nTEAM: bert", "team: bert\n root: bert", '"team" anna'])
def test_a_wrong_line_from_the_start_is_about_its_own_name(machine, wrong):
    machine.write("aliases", f"root: anna\n{wrong}\nall: anna, bert, team\n")
    machine.start().send("root", "bert")
    assert counts(machine, "anna", "bert") == [1, 1]
    assert [refusal(machine, name) for name in ("team", "all", "unknown")] == [451, None, 451]
    assert counts(machine, "anna", "bert") == [2, 2] and machine.log.count("until that is mended") == 1
    machine.write("aliases", "team: imbuca\n", age=5)
    retry(machine)
    machine.send("team")
    assert counts(machine, "anna", "bert", "imbuca") == [2, 2, 2] and refusal(machine, "unknown") == 550


def test_an_unknown_name_waits_while_somebody_writes_the_aliases(machine):
    """Who changes a file in its place empties it first."""
    machine.write("aliases", "root: anna\nteam: anna\n")
    machine.start().send("team")
    for text in ("", "root: an", "root: anna\nteam: anna\n"):
        machine.write("aliases", text)
        assert refusal(machine, "unknown") == 451 and refusal(machine, "anna") is None
        assert refusal(machine, "team") == (None if "team" in text else 451)
    until(lambda: refusal(machine, "unknown") == 550, "that is over")


def test_mail_for_nobody_ends_in_dev_null(machine):
    machine.write("aliases", "noreply: /dev/null\n")
    assert machine.start().send("noreply", "anna") == {}
    assert machine.send("noreply") == {} and not queued(machine) and len(machine.mail("anna")) == 1
    assert "imbuca:/dev/null" in machine.log


def test_what_is_wrong_with_a_line_is_told_where_it_is(machine):
    machine.write("aliases", "# x\nroot: anna\n# comment\n bert: anna\n")
    machine.configure()
    said = machine.check()
    assert said.returncode == 78 and "/aliases:4:2: a line that begins with a blank continues the one above it" in said.stdout
    assert "x0a" not in said.stdout
