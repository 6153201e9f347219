"""-bs: SMTP on standard input and output, as programs speak it to a sendmail that they keep open."""

import os
import select
import smtplib

import pytest

import imbuca

B = "b@example.net"
MESSAGE = "Subject: x\r\n\r\nHello\r\n"


class Talk:
    """A session, a command at a time. Every reply comes within seconds, or the test fails."""

    def __init__(self, home, *arguments):
        self.process = home.start("-bs", *arguments, bufsize=0)

    def reply(self):
        lines = []
        while not lines or lines[-1][3:4] == b"-":
            assert select.select([self.process.stdout], [], [], imbuca.LONGEST)[0], lines
            lines.append(self.process.stdout.readline())
            assert lines[-1], (lines, self.process.stderr.read())
        return b"".join(lines).decode()

    def say(self, text, end="\r\n"):
        self.process.stdin.write((text + end).encode())
        return self.reply()

    def ends(self):
        self.process.stdin.close()
        rest = self.process.stdout.read()
        assert self.process.wait(imbuca.LONGEST) == 0
        return rest.decode(), self.process.stderr.read().decode()


@pytest.fixture
def talk(home, mailbox):
    home.write_accounts(imbuca.Account(mailbox.port).text())
    talks = []

    def start(*arguments):
        talks.append(Talk(home, *arguments))
        return talks[-1]

    yield start
    for one in talks:
        one.process.kill()
        one.process.wait()


def begin(session, hello="EHLO [127.0.0.1]", end="\r\n"):
    assert session.reply().startswith("220 ")
    return session.say(hello, end)


@pytest.mark.parametrize("end", ["\r\n", "\n"], ids=["crlf", "lf"])
@pytest.mark.parametrize("hello", ["HELO [127.0.0.1]", "EHLO client"])
def test_many_messages(talk, mailbox, hello, end):
    session = talk()
    assert begin(session, hello, end).startswith("250")
    for number in range(3):
        assert session.say("MAIL FROM:<me@example.com>", end).startswith("250 ")
        assert session.say(f"RCPT TO:<{number}@example.net>", end).startswith("250 ")
        assert session.say("RCPT TO:<c@example.net>", end).startswith("250 ")
        assert session.say("DATA", end).startswith("354 ")
        assert session.say(f"Subject: {number}{end}{end}..dot{end}.", end).startswith("250 ")
    assert session.say("QUIT", end).startswith("221 ")
    assert session.ends() == ("", "")
    assert [mail.recipients for mail in mailbox.mails] == [[f"{n}@example.net", "c@example.net"] for n in range(3)]
    assert all(mail.sender == "me@example.com" and mail.body == b".dot\r\n" for mail in mailbox.mails)
    assert all(b"\r\nMessage-ID: <" in mail.header and b"\r\nFrom: " in mail.header for mail in mailbox.mails)


def test_what_is_offered(talk):
    words = {line[4:].split()[0] for line in begin(talk()).splitlines()[1:]}
    assert {"PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "DSN", "CHUNKING", "ENHANCEDSTATUSCODES"} <= words
    assert not words & {"STARTTLS", "AUTH"}


def test_commands_before_the_banner_and_all_at_once(home, mailbox):
    home.write_accounts(imbuca.Account(mailbox.port).text())
    commands = f"EHLO x\nMAIL FROM:<me@example.com>\nRCPT TO:<{B}>\nDATA\nSubject: x\n\nHello\n.\nQUIT\n"
    result = home.run("-bs", stdin=commands.encode())
    assert result.exit == 0 and result.err == ""
    assert [line[:4] for line in result.out.splitlines() if line[3] == " "] == ["220 ", "250 ", "250 ", "250 ", "354 ", "250 ", "221 "]
    assert mailbox.mails[0].body == b"Hello\r\n"


def test_rset_vrfy_noop_and_an_unknown_word(talk, mailbox):
    session = talk()
    begin(session)
    assert session.say("MAIL FROM:<me@example.com>").startswith("250 ")
    assert session.say("RCPT TO:<lost@example.net>").startswith("250 ")
    assert session.say("RSET").startswith("250 ")
    assert session.say("DATA").startswith("503 ")
    assert session.say("VRFY root").startswith("252 ")
    assert session.say("NOOP").startswith("250 ")
    assert session.say("XYZZY").startswith("500 ")
    assert session.say("MAIL FROM:<>").startswith("250 ")
    assert session.say(f"RCPT TO: {B}").startswith("250 ")
    assert session.say("DATA").startswith("354 ")
    assert session.say(MESSAGE + ".").startswith("250 ")
    assert session.ends() == ("", "")
    assert [(mail.sender, mail.recipients) for mail in mailbox.mails] == [("", [B])]


@pytest.mark.parametrize("said", ["", "EHLO x\n", f"EHLO x\nMAIL FROM:<>\nRCPT TO:<{B}>\nDATA\nSubject: x\n\nhalf"])
def test_the_end_without_quit_sends_nothing(home, mailbox, said):
    home.write_accounts(imbuca.Account(mailbox.port).text())
    result = home.run("-bs", stdin=said.encode())
    assert (result.exit, result.err) == (0, "")
    assert mailbox.mails == []


def test_other_options_beside_it(talk, mailbox):
    session = talk("-oi", "-f", "you@example.com", "-oem", "-G")
    begin(session)
    session.say("MAIL FROM:<me@example.com>")
    session.say(f"RCPT TO:<{B}>")
    session.say("DATA")
    assert session.say("X: y\r\n\r\n.").startswith("250 ")
    assert mailbox.mails[0].sender == "me@example.com"
    assert mailbox.mails[0].content == b"X: y\r\n\r\n"


def test_a_name_of_this_machine(talk, home, mailbox):
    (home.folder / "aliases").write_text(f"root: {B}\n")
    session = talk("-oA", "-oAaliases")
    begin(session)
    session.say("MAIL FROM:<root>")
    assert session.say("RCPT TO:<root>").startswith("250 ")
    session.say("DATA")
    assert session.say("From: root\r\n\r\n.").startswith("250 ")
    assert (mailbox.mails[0].sender, mailbox.mails[0].recipients) == ("sender@example.org", [B])


def test_a_failure_is_the_reply_and_the_next_message_goes(talk, mailbox):
    session = talk("-oAaliases")
    begin(session)
    session.say("MAIL FROM:<root>")
    session.say("RCPT TO:<nobody>")
    session.say("DATA")
    assert session.say(MESSAGE + ".").startswith("451 4.3.5 ")
    session.say("MAIL FROM:<me@example.com>")
    session.say(f"RCPT TO:<{B}>")
    session.say("DATA")
    assert session.say(MESSAGE + ".").startswith("250 ")
    assert session.ends()[0] == ""
    assert len(mailbox.mails) == 1


def test_a_nul_in_a_message_is_refused(talk, mailbox):
    session = talk()
    begin(session)
    session.say("MAIL FROM:<me@example.com>")
    session.say(f"RCPT TO:<{B}>")
    session.say("DATA")
    assert session.say("a\0b\r\n.").startswith("550 ")
    assert mailbox.mails == []


def test_chunks(talk, mailbox):
    session = talk()
    begin(session)
    session.say("MAIL FROM:<me@example.com> SIZE=20 BODY=8BITMIME")
    session.say(f"RCPT TO:<{B}>")
    assert session.say("BDAT 14\r\nSubject: x\r\n\r\n", "").startswith("250 ")
    assert session.say("BDAT 7 LAST\r\nHello\r\n", "").startswith("250 ")
    assert mailbox.mails[0].body == b"Hello\r\n"


def test_too_big_is_said_at_once(talk):
    session = talk()
    begin(session)
    assert session.say("MAIL FROM:<me@example.com> SIZE=99999999999").startswith("552 ")


def test_reports_are_passed_on(home):
    import sink

    server = sink.Sink(("PIPELINING", "DSN"))
    try:
        home.write_accounts(imbuca.Account(server.port, extra=("tls off",)).text())
        commands = (
            "EHLO x\nMAIL FROM:<me@example.com> RET=HDRS ENVID=abc\n"
            f"RCPT TO:<{B}> NOTIFY=FAILURE,DELAY ORCPT=rfc822;other@example.net\nDATA\nX: y\n\n.\nQUIT\n"
        )
        result = home.run("-bs", "-d", stdin=commands.encode())
    finally:
        server.close()
    assert result.exit == 0
    assert "RET=HDRS ENVID=abc" in result.err
    assert "NOTIFY=FAILURE,DELAY ORCPT=rfc822;other@example.net" in result.err


def test_python_talks_to_it(home, mailbox):
    """smtplib over a socket pair, which is what the program has for standard input and output."""
    import socket

    home.write_accounts(imbuca.Account(mailbox.port).text())
    ours, theirs = socket.socketpair()
    with theirs:
        process = home.start("-bs", stdin=theirs, stdout=theirs)

    class Client(smtplib.SMTP):
        def _get_socket(self, *_):
            ours.settimeout(imbuca.LONGEST)
            return ours

    with Client("localhost") as client:
        for number in range(20):
            client.sendmail("me@example.com", [B, f"{number}@example.net"], MESSAGE)
    assert process.wait(imbuca.LONGEST) == 0
    assert process.communicate()[1] == b""
    assert len(mailbox.mails) == 20


def test_nobody_reads_the_replies(home, mailbox):
    home.write_accounts(imbuca.Account(mailbox.port).text())
    read, write = os.pipe()
    os.close(read)
    process = home.start("-bs", stdout=write)
    os.close(write)
    assert process.communicate(b"QUIT\n", timeout=imbuca.LONGEST)[1].startswith(b"imbuca: ")
    assert process.returncode == 74
