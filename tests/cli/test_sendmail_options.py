"""Every option that any sendmail knows, as a command: what arrives, the exit code, what is printed.

The rows stand in the order of the options' meaning: how a command line is read, the modes of -b, and
what belongs to a submission. Without a word about it a row's message arrives, from the account's
sender, with nothing printed on either stream.
"""

import json
import socket
from dataclasses import dataclass

import pytest

import imbuca
import jail
import place

B = "b@example.net"
SENDER = "sender@example.org"
HOST = socket.gethostname() if "." in socket.gethostname() else "localhost.localdomain"
MESSAGE = b"To: to@example.net\nSubject: x\n\none\n"


@dataclass
class Row:
    arguments: tuple
    to: tuple = (B,)  # the recipients that it arrives for; () for nothing sent
    sender: str = SENDER
    exit: int = 0
    out: str = ""  # all of stdout
    err: str = ""  # what stderr has, of a row that fails
    has: bytes = b""  # what the message has that arrives
    program: str = "sendmail"
    message: bytes = MESSAGE

    def __str__(self):
        return " ".join((self.program if self.program != "sendmail" else "", *self.arguments)).strip() or "nothing"


def refused(*arguments, err, exit=64, **more):
    return Row(arguments, to=(), exit=exit, err=err, **more)


def prints(*arguments, out="", **more):
    return Row(arguments, to=(), out=out, **more)


DOTS = b"Subject: x\n\none\n.\ntwo\n"
ENDS_IN_DOT = b"Subject: x\n\none\n.\n"

READING = [
    Row((B, "-i"), exit=75, err="'-i' is a name of this machine"),
    Row(("--", B)),
    Row(("-i", "--", "-b@example.net"), to=("-b@example.net",)),
    Row(("-it",), to=("to@example.net",)),
    Row(("-ti",), to=("to@example.net",)),
    Row(("-tfme@example.com",), to=("to@example.net",), sender="me@example.com"),
    Row(("-f", "me@example.com", B), sender="me@example.com"),
    Row(("-fme@example.com", B), sender="me@example.com"),
    Row(("-f", "", B), sender=""),
    Row(("-f", "<>", B), sender=""),
    Row(("-f<>", B), sender=""),
    Row(("-f", "<me@example.com>", B), sender="me@example.com"),
    Row(("-f", "Me <me@example.com>", B), sender="me@example.com"),
    refused("-Z", B, err="unknown option '-Z'"),
    refused("--foo", B, err="unknown option '--foo'"),
    refused("-f", err="option '-f' needs a value"),
    refused(err="no recipients"),
    refused("-t", err="names no recipient", message=b"Subject: x\n\n"),
    refused("-t", err="names no recipient", message=b"To: undisclosed-recipients:;\nCc: ,\n\n"),
    Row(("a@example.net,b@example.net",), to=("a@example.net", B)),
    Row(("a@example.net,", "b@example.net"), to=("a@example.net", B)),
    Row(("Joe <a@example.net>, b@example.net (Bob, x)",), to=("a@example.net", B)),
    Row(("grp: a@example.net, b@example.net;",), to=("a@example.net", B)),
    Row(('"Doe, J" <b@example.net>',)),
    Row(('"we ird"@example.net',), to=('"we ird"@example.net',)),
    Row((B, "", "nobody:;")),
    Row((B, "b@EXAMPLE.NET", B)),
    Row((B, "B@example.net"), to=(B, "B@example.net")),
    Row(("a@@example.net", B), exit=65, err="recipient 1 of the command line"),
    refused("a@@example.net", err="recipient 1 of the command line", exit=65),
    Row(("-t", "c@example.net", "to@example.net"), to=("c@example.net", "to@example.net")),
    Row((B,), program="send-mail"),
    Row((B,), program="rmail", message=b"From a@b Thu Jan  1 00:00:00 1970\n" + ENDS_IN_DOT, has=b"one\r\n.\r\n"),
]

EMPTY = "Mail queue is empty\n"

MODES = [
    Row(("-bm", B)),
    Row(("-b", "m", B)),
    Row(("-bd", "-bm", B)),
    prints("-bp", out=EMPTY),
    prints(program="mailq", out=EMPTY),
    prints("-v", "-Ac", program="mailq", out=EMPTY),
    prints("-bp", program="newaliases", out=EMPTY),
    prints("-bP", out="0\n"),
    prints("-bv", B, out=f"{B}... deliverable: account test, server 127.0.0.1 port {{port}}\n"),
    refused("-bv", err="no recipients"),
    prints("-bs", message=b"QUIT\n", out="220 {host} ESMTP\r\n221 2.0.0 Bye\r\n"),
    prints("-bi"),
    prints("-I"),
    prints(program="newaliases"),
    prints("-oA/etc/aliases", program="newaliases"),
    prints(program="runq"),
    *(prints(f"-q{what}") for what in ("", "f", "I1ngd", "Rnet", "Sorg")),  # there is no queue
    prints("-q", program="mailq"),
    *(refused(f"-q{what}", err=f"'-q{what}' is none of -q") for what in ("L", "p", "Gx", "!Ix", "Qx", "x")),
    refused("-q", B, err="takes no operand"),
    prints("-bh"),
    prints("-bH"),
    refused("-bd", err="this program is no daemon"),
    refused("-bD", err="imbucad(8)"),
    refused("-bl", err="this program is no daemon"),
    refused("-bt", B, err="-P shows what would be done"),
    *(refused(f"-b{mode}", B, err=f"no mode '-b{mode}'") for mode in "aSzx"),
    refused("-Q", B, err="unknown option '-Q'"),
]

SUBMISSION = [
    Row(("-r", "me@example.com", B), sender="me@example.com"),
    Row(("-f", "a@example.com", "-f", "me@example.com", B), sender="me@example.com"),
    Row(("-FJoe Doe", B), has=b"From: Joe Doe <sender@example.org>\r\n"),
    Row(("-F", "Doe, J", B), has=b'From: "Doe, J" <sender@example.org>\r\n'),
    Row(("-F", "J\u00f6", "-fme@example.com", B), sender="me@example.com", has=b"From: =?utf-8?"),
    *(Row((*arguments, B), message=ENDS_IN_DOT, has=b"\r\n\r\none\r\n.\r\n") for arguments in (
        ("-i",), ("-oi",), ("-oitrue",), ("-OIgnoreDots=True",), ("-O", "IgnoreDots"),
    )),
    *(Row((*arguments, B), message=ENDS_IN_DOT, has=b"\r\n\r\none\r\n") for arguments in ((), ("-oifalse",))),
    Row((B,), message=DOTS, has=b"\r\n\r\none\r\n.\r\ntwo\r\n"),
    *(Row((option, B)) for option in ("-B7BIT", "-B8BITMIME", "-BBINARYMIME", "-Bnonsense")),
    Row(("-B", "8BITMIME", B)),
    Row(("-N", "failure,delay", "-R", "hdrs", "-V", "id", B)), Row(("-Nnever", B)), Row(("-R", "full", B)),
    refused("-N", "x", B, err="x"), refused("-R", "x", B, err="x"), refused("-V", "", B, err="-V"),
    Row(("-h", "3", B)), Row(("-h3", B)),
    Row(("-n", B)), Row(("-m", B)), Row(("-om", B)), Row(("-ov", B)), Row(("-v", B)),
    *(Row((f"-{prefix}e{mode}", B)) for prefix in ("", "o") for mode in "mpqwe"),
    Row(("-e", "m", B)), Row(("-oex", B)), Row(("-OErrorMode=q", B)),
    *(Row((f"-o{option}", B)) for option in (
        "o", "U", "7", "r0s", "L", "T", "Q", "s", "b", "q", "A", "8x", "MrNAME", "?", "D",
    )),
    Row(("-o", "r0s", B)),
    Row(("-O", "NoSuchOption=1", B)), Row(("-OTimeout.queuereturn=2d", B)), Row(("-O", "", B)),
    *(Row((f"-od{mode}", B)) for mode in "ibqdfx"),  # there is no queue
    Row(("-OAliasFile=/dev/null", B)), Row(("-ODeliveryMode=q", B)), Row(("-OVerbose=False", B)),
    Row(("-L", "tag", B)), Row(("-Ltag", B)),
    Row(("-p", "UUCP:host", B)), Row(("-pUUCP", B)),
    Row(("-X", "traffic", B)), Row(("-Xtraffic", B)),
    refused("-XV", B, err="VERP"), refused("-XV+=", B, err="VERP"),
    Row(("-U", B)), Row(("-Am", B)), Row(("-Ac", B)),
    Row(("-c", B)), Row(("-x", B)), Row(("-E", B)), Row(("-J", B)), Row(("-T", "1d", B)), Row(("-D", "file", B)),
    Row(("-MXvalue", B)), Row(("-M", "Xvalue", B)),
    Row(("-d21.12", B)),
    Row(("-s", "SMART error (x) on: y", B), message=b"just a text\n", has=b"Subject: SMART error (x) on: y\r\n"),
    Row(("-s", "not this", B), has=b"\r\nSubject: x\r\n"),
    Row(("-s", "caff\u00e8", B), message=b"text\n", has=b"Subject: =?utf-8?B?Y2FmZsOo?=\r\n"),
    Row(("-oA", B)),
    refused("-oAnowhere", "root", err="nowhere", exit=78),
    refused("-C", "nowhere", B, err="nowhere", exit=78),
    refused("-a", "nobody", B, err="unknown account 'nobody'", exit=78),
]

# What cron, mutt, git and others say, word for word.
CALLERS = [
    Row(("-FCronDaemon", "-i", "-B8BITMIME", "-oem", B)),
    Row(("-FCronDaemon", "-odi", "-oem", "-or0s", B)),
    Row(("-FAnacron", "-odi", B)),
    Row(("-oem", "-oi", "-f", "me@example.com", "--", B), sender="me@example.com"),
    Row(("-i", "-f", "<>", "--", B), sender=""),
    Row(("-oi", "a@example.net,", B), to=("a@example.net", B)),
    Row(("-oem", "-odb", "-oi", "-om", "-fme@example.com", B), sender="me@example.com"),
    Row(("-oi", "-f", "me@example.com", "-oA/dev/null", "-oep", "-odi", "-t"), to=("to@example.net",),
        sender="me@example.com"),
    Row(("-oi", "-oem", B, "c@example.net"), to=(B, "c@example.net")),  # reportbug
    Row(("-f", "me@example.com", "-oi", "-oem", B), sender="me@example.com"),  # the same, with an envelope sender
    Row(("-oi", "-t"), to=("to@example.net",)),  # apt-listchanges, unattended-upgrades
    Row(("-i", "-t", "-i", B), to=(B, "to@example.net")),
]

VERBOSE = {"-v", "-ov"}


@pytest.fixture
def called(sends, home, tmp_path):
    """called(ROW) runs the program under the row's name."""

    def run(row):
        folder = tmp_path / "sbin"
        folder.mkdir()
        (folder / row.program).symlink_to(place.program("imbuca"))
        return home.run(*row.arguments, program=folder / row.program, stdin=row.message)

    return run


@pytest.mark.parametrize("row", READING + MODES + SUBMISSION + CALLERS, ids=str)
def test_a_row(called, mailbox, row):
    result = called(row)
    assert result.exit == row.exit, result
    assert [(mail.sender, tuple(mail.recipients)) for mail in mailbox.mails] == [(row.sender, row.to)] * bool(row.to), result
    assert result.out == row.out.replace("{port}", str(mailbox.port)).replace("{host}", HOST)
    if row.exit == 0 and not VERBOSE & set(row.arguments):
        assert result.err == ""
    assert row.err in result.err
    if row.to:
        assert row.has in mailbox.mails[0].content


@pytest.mark.parametrize("arguments", [("-d0.1",), ("-bV",), ("-d0",), ("-d0.1", "-bt")], ids=str)
def test_the_version(home, arguments):
    result = home.run(*arguments)
    assert result.exit == 0 and result.out.startswith("imbuca ")


@pytest.mark.parametrize("mode", ["-bC", "-bO"])
def test_the_configuration(sends, mode):
    result = sends(mode)
    assert result.exit == 0 and "127.0.0.1" in result.out


@pytest.mark.parametrize("arguments", [("-oeq",), ("-eq",), ("-O", "ErrorMode=q")], ids=str)
def test_an_error_can_be_told_by_the_exit_code_alone(home, arguments):
    home.write_accounts("account a\nhost 127.0.0.1\nport 1\ntls off\nfrom a@example.org\n")
    result = home.run(*arguments, B, stdin=MESSAGE)
    assert result.exit == 75 and result.out == result.err == ""


@pytest.mark.parametrize("arguments", [(), ("-oem",), ("-oep",), ("-oew",), ("-oee",)], ids=str)
def test_an_error_is_told_else(home, arguments):
    home.write_accounts("account a\nhost 127.0.0.1\nport 1\ntls off\nfrom a@example.org\n")
    result = home.run(*arguments, B, stdin=MESSAGE)
    assert result.exit == 75 and result.out == "" and result.err.startswith("imbuca: ")


@pytest.mark.parametrize("mode, waits", [("", False), ("i", False), ("f", False), ("q", True), ("d", True)])
@pytest.mark.parametrize("form", ["-od{}", "-ODeliveryMode={}"])
def test_where_there_is_a_queue_od_says_who_sends(home, mailbox, form, mode, waits):
    home.write_accounts(imbuca.Account(mailbox.port, extra=("queue on",)).text())
    result = home.run(form.format(mode), B, stdin=MESSAGE)
    assert (result.exit, result.out, result.err) == (0, "", "")
    assert (len(mailbox.mails), home.run("-bP").out) == ((0, "1\n") if waits else (1, "0\n"))
    assert home.run("-q").exit == 0
    assert (len(mailbox.mails), home.run("-bP").out) == (1, "0\n")


def test_odb_sends_behind_the_caller(home, mailbox):
    home.write_accounts(imbuca.Account(mailbox.port, extra=("queue on",)).text())
    result = home.run("-odb", B, stdin=MESSAGE)
    assert (result.exit, result.out, result.err) == (0, "", "")
    assert jail.wait_for(lambda: mailbox.mails)


@pytest.mark.parametrize("what, sends", [
    ("I{id}", True), ("I1ngd00000000", False), ("Rexample.net", True), ("Rexample.com", False), ("Ssender@", True), ("Snobody", False),
])
def test_q_sends_what_it_names(home, mailbox, what, sends):
    home.write_accounts(imbuca.Account(mailbox.port, extra=("queue on",)).text())
    assert home.run("-odq", B, stdin=MESSAGE).exit == 0
    (message,) = json.loads(home.run("queue", "list", "--json").out)
    result = home.run("-q" + what.format(**message))
    assert (result.exit, result.out, result.err) == (0, "", "")
    assert len(mailbox.mails) == sends


@pytest.mark.parametrize("time", ["1s", "15m", "1h30m", "2"])
def test_q_with_a_time_stays_in_the_background(home, mailbox, time):
    home.write_accounts(imbuca.Account(mailbox.port, extra=("queue on",)).text())
    assert home.run("-odq", B, stdin=MESSAGE).exit == 0
    result = home.run(f"-q{time}")
    runners = place.processes(home.folder)
    try:
        assert (result.exit, result.out, result.err) == (0, "", "")
        assert runners
        assert jail.wait_for(lambda: mailbox.mails)
    finally:
        place.end_processes(home.folder)
    assert jail.wait_for(lambda: place.processes(home.folder) == [])


def test_a_gateway_adds_nothing(sends, mailbox):
    assert sends("-G", B, stdin=b"Subject: x\nBcc: c@example.net\n\none\n").exit == 0
    assert mailbox.mails[0].content == b"Subject: x\r\n\r\none\r\n"


def test_no_aliases(home, mailbox):
    (home.folder / "aliases").write_text("root: b@example.net\n")
    home.write_accounts(imbuca.Account(mailbox.port, extra=("aliases ~/aliases",)).text())
    assert "recipient <b@example.net>" in home.run("-P", "root", stdin=MESSAGE).out
    assert "'root' is a name of this machine" in home.run("-P", "-n", "root", stdin=MESSAGE).err
    (home.folder / "others").write_text("root: c@example.net\n")
    assert "recipient <c@example.net>" in home.run("-P", "-oAothers", "root", stdin=MESSAGE).out


def test_the_tag_is_the_name_in_the_syslog(home, mailbox):
    """Without a log daemon the line goes nowhere, and that is no error."""
    home.write_accounts(imbuca.Account(mailbox.port, extra=("syslog on",)).text())
    result = home.run("-Lnightly", B, stdin=MESSAGE)
    assert (result.exit, result.out, result.err) == (0, "", "")
