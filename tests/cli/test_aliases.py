"""The aliases: whom a name of this machine stands for, and where that one's mail goes."""

import contextlib
import os
import socket

import pytest

import imbuca
import place
import sink

ALIASES = """\
# Example aliases file

root: joe_smith@example.com, jane_chang@example.com
cron: mark_jones@example.com # not to root
Circle: square
square: circle, round@example.com
self: self, other@example.com
all: root, cron, "Last, First" <f@example.com>
"""


@pytest.fixture(autouse=True)
def daemon(home):
    """Somebody listens where imbucad does; -P says no more to it."""
    home.environment["IMBUCAD_SOCKET"] = str(home.folder / "socket")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(home.environment["IMBUCAD_SOCKET"])
        listener.listen()
        yield listener


def targets(home, *arguments):
    """Names of this machine, then <addresses> elsewhere, in the order that -P has them in."""
    result = home.run("-P", *arguments, stdin=b"\n")
    assert result.exit == 0, result
    words = [line.split(" ", 1) for line in result.out.partition("\nsize")[0].splitlines()]
    return [text[1:-1] for word, text in words if word == "local"] + [text for word, text in words if word == "recipient"]


def recipients(home, *names, aliases=ALIASES, account=""):
    (home.folder / "aliases").write_text(aliases)
    home.write_accounts(f"account a\nhost mail.example.org\ndomain here.example\naliases ~/aliases\n{account}")
    return targets(home, *names)


@pytest.mark.parametrize("name, stands_for", [
    ("root", ["<joe_smith@example.com>", "<jane_chang@example.com>"]),
    ("CRON", ["<mark_jones@example.com>"]),
    ("circle", ["circle", "<round@example.com>"]),
    ("self", ["self", "<other@example.com>"]),
    ("all", ["<joe_smith@example.com>", "<jane_chang@example.com>", "<mark_jones@example.com>", "<f@example.com>"]),
    ("nobody", ["nobody"]),
    ("root@localhost", ["<joe_smith@example.com>", "<jane_chang@example.com>"]),
    ("CRON@LocalHost.LocalDomain", ["<mark_jones@example.com>"]),
    (f"cron@{socket.gethostname()}", ["<mark_jones@example.com>"]),
    ("nobody@localhost", ["nobody"]),
    ("root@here.example", ["<root@here.example>"]),
    ("root@example.net", ["<root@example.net>"]),
])
def test_a_name(home, name, stands_for):
    assert recipients(home, name) == stands_for


def test_the_default(home):
    aliases = ALIASES + "default: admin\nadmin: boss@example.com, more\n"
    assert recipients(home, "x", "cron", aliases=aliases) == [
        "more", "<boss@example.com>", "<mark_jones@example.com>",
    ]


def test_nobody_twice(home):
    assert recipients(home, "root", "jane_chang@example.com") == ["<joe_smith@example.com>", "<jane_chang@example.com>"]


@pytest.mark.parametrize("line, told", [
    ("root joe", "2:1: a line is 'name: address, address'"),
    (": joe", "2:1: a line is 'name: address, address'"),
    ("root:", "2:1: 'root' stands for nobody"),
    ("root: joe, @", "2:12: "),
    ("root: joe\n  anna@\n", "3:3: a line that begins with a blank continues the one above it"),
    ("root: joe # once\n # twice\n anna: joe\n", "4:2: a line that begins with a blank continues the one above it"),
    ("root: joe,\n  anna@\n", "3:3: "),
    ('"root: joe', "2:1: this quote is not closed"),
    ("root: joe\nROOT: anna", "3:1: 'ROOT' has a line already"),
    ("  root: joe", "2:1: a line that begins with a blank continues the one above it"),
    ("root: :include:list", "2:7: ':include:' wants the whole path of a file"),
    ("root: |", "2:7: nothing that can be used follows '|'"),
    ("root: a\x01b", "2:8: a control byte (0x01) in a text file"),
])
def test_a_bad_line(home, line, told):
    (home.folder / "aliases").write_text(f"# one\n{line}\n")
    result = home.run("--host=mail.example.org", "--aliases=aliases", "-P", "root", stdin=b"\n")
    assert result.exit == 78
    assert result.err.startswith(f"imbuca: aliases:{told}")


@pytest.mark.parametrize("target", [
    "|/bin/cat /etc/x", '"|/bin/cat a, b"', '|"/bin/cat"', "/var/log/mail", '"/var/log/a mail"',
])
def test_a_name_that_stands_for_a_file_or_a_command_is_imbucads(home, target):
    assert recipients(home, "root", aliases=f"root: {target}, b@example.com\n") == ["root", "<b@example.com>"]


def test_lines_go_on_and_names_are_quoted(home):
    aliases = 'staff: one@example.com, # first\n  two@example.com,\n# not a line\n\n\tthree@example.com\n"post box": "q r"@example.com\n'
    assert recipients(home, "staff", aliases=aliases) == ["<one@example.com>", "<two@example.com>", "<three@example.com>"]
    assert recipients(home, '"post box"', aliases=aliases) == ['<"q r"@example.com>']


def test_a_detail_belongs_to_its_name(home):
    aliases = "anna: a@example.com\nanna+work: w@example.com\n"
    assert recipients(home, "anna+home", "anna+work", aliases=aliases) == ["<a@example.com>", "<w@example.com>"]


def test_a_backslash_ends_the_search(home):
    assert recipients(home, "anna", aliases="anna: \\bert, carl\nbert: x@example.com\ncarl: y@example.com\n") == [
        "bert", "<y@example.com>",
    ]


def test_an_included_list(home):
    list_ = home.folder / "list"
    list_.write_text("a@example.com\nb@example.com, c@example.com # three\n\nall\n")
    list_.chmod(0o644)
    assert recipients(home, "all", aliases=f"all: :include:{list_}\n") == [
        "all", "<a@example.com>", "<b@example.com>", "<c@example.com>",
    ]


@pytest.mark.parametrize("text, mode, told", [
    ("a@example.com\n", 0o666, "can be written by other users"),
    ("a@example.com\n|/bin/cat\n", 0o644, "may list addresses alone"),
    ("a@example.com\n@\n", 0o644, "list:2:1: "),
])
def test_an_included_list_that_is_not_taken(home, text, mode, told):
    list_ = home.folder / "list"
    list_.write_text(text)
    list_.chmod(mode)
    (home.folder / "aliases").write_text(f"all: :include:{list_}\n")
    result = home.run("--host=mail.example.org", "--aliases=aliases", "-P", "all", stdin=b"\n")
    assert result.exit == 78 and told in result.err, result


def test_names_without_an_end_are_refused(home):
    text = "".join(f"a{i}: a{i + 1}, a{i + 1}@here.example, b{i}\nb{i}: a{i + 1}\n" for i in range(20))
    (home.folder / "aliases").write_text(text)
    result = home.run("--host=mail.example.org", "--aliases=aliases", "-P", "a0", stdin=b"\n")
    assert result.exit == 78 and "stands for more than" in result.err, result


def test_no_file(home):
    result = home.run("--host=mail.example.org", "--aliases=nowhere", "-P", "root", stdin=b"\n")
    assert result.exit == 78
    assert "nowhere" in result.err


def test_a_bad_file_stops_only_names_of_this_machine(home):
    assert recipients(home, "b@example.net", aliases="no line\n") == ["<b@example.net>"]


# --- without a daemon ---

STRANDED = "is a name of this machine, and nothing here takes mail for it"


@pytest.fixture
def alone(daemon):
    daemon.close()


def test_a_name_that_nobody_takes_is_no_providers(alone, home, mailbox):
    home.write_accounts(imbuca.Account(mailbox.port, extra=("aliases /dev/null",)).text())
    result = home.run("root", "nobody@localhost", stdin=b"\n")
    assert result.exit == 75
    assert all(f"'{name}' {STRANDED}" in result.err for name in ("root", "nobody"))
    assert mailbox.mails == []


@pytest.mark.parametrize("target", ["|cat", '"|cat -n"', "/tmp/file"])
@pytest.mark.parametrize("name", ["root", "admin", "root@localhost"])
def test_a_file_or_a_command_is_told_by_its_line(alone, home, mailbox, name, target):
    (home.folder / "aliases").write_text(f"# one\nroot: {target}, b@example.net\nadmin: root@localhost\n")
    home.write_accounts(imbuca.Account(mailbox.port, extra=("aliases ~/aliases",)).text())
    result = home.run(name, "nobody", stdin=b"\n")
    line = 3 if name == "admin" else 2
    words = f"{home.folder}/aliases:{line}: '{name.partition('@')[0]}' stands for '{target.strip(chr(34)).lstrip('|')}', and only imbucad"
    assert words in result.err and "name an address there, or start imbucad" in result.err, result
    assert f"'nobody' {STRANDED}" in result.err and result.exit == 75, result
    assert [mail.recipients for mail in mailbox.mails] == [["b@example.net"]]


def test_only_a_command_is_a_mistake_of_the_aliases(alone, home):
    (home.folder / "aliases").write_text("root: |cat\n")
    home.write_accounts(imbuca.Account(1, extra=("aliases ~/aliases",)).text())
    assert home.run("root", stdin=b"\n").exit == 78


def test_others_get_it_all_the_same(alone, home, mailbox):
    home.write_accounts(imbuca.Account(mailbox.port, extra=("aliases /dev/null",)).text())
    result = home.run("root", "b@example.net", stdin=b"\n")
    assert result.exit == 75 and f"'root' {STRANDED}" in result.err and "default_recipient" in result.err
    assert mailbox.mails[0].recipients == ["b@example.net"]


def test_the_default_recipient(alone, home):
    account = "default_recipient boss@example.com, b@example.com\n"
    assert recipients(home, "nobody", "root", account=account) == [
        "<joe_smith@example.com>", "<jane_chang@example.com>", "<boss@example.com>", "<b@example.com>",
    ]


def test_the_default_recipient_gets_nothing_where_imbucad_answers(home):
    assert recipients(home, "nobody", account="default_recipient boss@example.com\n") == ["nobody"]


@pytest.mark.parametrize("value", ["root", "boss@localhost"])
def test_a_default_recipient_that_is_none(alone, home, value):
    home.write_accounts(f"account a\nhost mail.example.org\naliases /dev/null\ndefault_recipient {value}\n")
    result = home.run("-P", "root", stdin=b"\n")
    assert result.exit == 78 and "account 'a': default_recipient: " in result.err


def test_an_address_that_the_account_has_is_no_name_of_this_machine(home):
    account = "from me@localhost\nfrom *@localhost.localdomain\n"
    assert recipients(home, "me@localhost", "x@localhost.localdomain", "y@localhost", account=account) == [
        "y", "<me@localhost>", "<x@localhost.localdomain>",
    ]


# --- where it would go ---


def test_verify(home):
    assert recipients(home, "root", "nobody")
    home.environment["IMBUCAD_SOCKET"] = str(home.folder / "imbucad")
    with contextlib.closing(sink.Sink(path=home.folder / "imbucad")):
        result = home.run("-bv", "cron", "nobody", "b@example.net", stdin=b"")
    server = "account a, server mail.example.org port 587"
    assert (result.exit, result.err) == (0, "")
    assert result.out.splitlines() == [
        "nobody... deliverable: imbucad",
        f"mark_jones@example.com... deliverable: {server}",
        f"b@example.net... deliverable: {server}",
    ]


def test_verify_says_what_would_fail_and_reads_nothing(alone, home):
    home.write_accounts("account a\nhost mail.example.org\naliases /dev/null\n")
    process = home.start("-bv", "root", "a@@", "b@example.net")  # its standard input stays open
    assert process.wait(imbuca.LONGEST) == 75
    assert b"b@example.net... deliverable: account a" in process.stdout.read()
    assert STRANDED.encode() in process.stderr.read()
    assert home.run("-bv").exit == 64


# --- newaliases ---

WRONG = """\
root joe
good: a@example.com
# a comment
anna: anna@
  b@example.com
list: :include:/nowhere, b@example.com
GOOD: x
nobody:
"""
FAULTS = [
    "1:1: a line is 'name: address, address'",
    "4:7: ",
    "7:1: 'GOOD' has a line already",
    "8:1: 'nobody' stands for nobody",
    "6:1: 'list': cannot open '/nowhere'",
]


@pytest.mark.parametrize("program, arguments", [("newaliases", ()), ("sendmail", ("-bi",)), ("sendmail", ("-I",))], ids=str)
def test_newaliases_says_all_that_is_wrong_by_line(home, tmp_path, program, arguments):
    (tmp_path / program).symlink_to(place.program("imbuca"))
    aliases = home.folder / "aliases"
    aliases.write_text(WRONG)
    home.write_accounts("account a\nhost mail.example.org\naliases ~/aliases\n")
    result = home.run(*arguments, program=tmp_path / program)
    assert (result.exit, result.out) == (78, "")
    told = result.err.splitlines()
    assert len(told) == len(FAULTS), result
    for line, fault in zip(told, FAULTS):
        assert line.startswith(f"imbuca: {aliases}:{fault}"), line


def test_newaliases_is_silent_where_all_is_well(home):
    (home.folder / "aliases").write_text(ALIASES)
    home.write_accounts("account a\nhost mail.example.org\naliases ~/aliases\n")
    for arguments in (("-bi",), ("-bi", "-oAaliases")):
        result = home.run(*arguments)
        assert (result.exit, result.out, result.err) == (0, "", "")


def test_newaliases_needs_no_account(home):
    (home.folder / "aliases").write_text("root joe\n")
    assert home.run("-bi", "-oAaliases").err.startswith("imbuca: aliases:1:1: ")
    assert home.run("-bi", "-oAnowhere").exit == 78
    assert home.run("-bi", "-oA/etc/aliases").err.count("no accounts file") == 0


def test_aliases_that_others_can_write_are_not_taken(home):
    (home.folder / "aliases").write_text("root: me@example.net\n")
    (home.folder / "aliases").chmod(0o666)
    home.write_accounts(imbuca.Account(1, extra=("aliases ~/aliases",)).text())
    result = home.run("-P", "root", stdin=b"\n")
    assert result.exit == 78 and f"'{home.folder}/aliases' can be written by other users" in result.err, result
    (home.folder / "aliases").chmod(0o644)
    assert home.run("-P", "root", stdin=b"\n").exit == 0


def test_an_alias_for_thousands(home):
    """A quadratic number of comparisons of addresses would take a minute of processor time and more."""
    count = 2000 if place.is_sanitized() else 19000
    many = ",\n ".join(f"u{number}@example.org" for number in range(count))
    (home.folder / "aliases").write_text(f"all: {many}\n")
    home.write_accounts(imbuca.Account(1, extra=("aliases ~/aliases",)).text())
    before = os.times()
    result = home.run("-P", "all", stdin=b"\n")
    after = os.times()
    assert result.exit == 0 and result.out.count("recipient u") + result.out.count("recipient <u") == count, result.err
    assert after.children_user - before.children_user < 20
