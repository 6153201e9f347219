"""What goes to imbucad's socket: names of this machine, and all mail of who has no account."""

import contextlib
import email
import email.policy
import json
import subprocess

import pytest

import imbuca
import place
import sink

FROM_CRON = b"From: root (Cron Daemon)\nTo: root\nSubject: x\n\nHello\n"
B = "b@example.net"


@pytest.fixture
def daemon(home):
    path = home.folder / "socket"
    home.environment["IMBUCAD_SOCKET"] = str(path)
    server = sink.Sink(path=path)
    yield server
    server.close()


@pytest.fixture
def both(daemon, home, mailbox):
    """A home with an account, and imbucad."""
    home.write_accounts(imbuca.Account(mailbox.port, extra=("aliases /dev/null",)).text())
    return home.run


def header(mail):
    return email.message_from_bytes(mail.content, policy=email.policy.default)


def test_a_name_of_this_machine(both, daemon, mailbox):
    result = both("root@localhost", stdin=FROM_CRON)
    assert (result.exit, result.out, result.err) == (0, "", "")
    assert [mail.recipients for mail in daemon.mails] == [["root"]]
    assert mailbox.mails == []
    assert daemon.mails[0].sender == "root@client.example.org"
    assert b"From: root@client.example.org (Cron Daemon)\r\nTo: root@client.example.org\r\n" in daemon.mails[0].header


def test_each_gets_its_own(both, daemon, mailbox):
    assert both("root", B, "joe", stdin=FROM_CRON).exit == 0
    assert [mail.recipients for mail in daemon.mails] == [["root", "joe"]]
    assert [mail.recipients for mail in mailbox.mails] == [[B]]
    assert mailbox.mails[0].sender == "sender@example.org"
    assert str(header(mailbox.mails[0])["From"]) == "Cron Daemon <sender@example.org>"
    assert header(mailbox.mails[0])["Message-ID"] == header(daemon.mails[0])["Message-ID"]
    assert mailbox.mails[0].body == daemon.mails[0].body == b"Hello\r\n"


def test_the_sender_of_f(both, daemon):
    assert both("-f", "fail2ban", "root", stdin=b"\n").exit == 0
    assert both("-f", "<>", "root", stdin=b"\n").exit == 0
    assert [mail.sender for mail in daemon.mails] == ["fail2ban@client.example.org", ""]


def test_a_refused_one_stops_nobody(both, daemon, mailbox):
    result = both("no-one", "joe", B, stdin=FROM_CRON)
    assert result.exit == 67
    assert "550 5.1.1 no such user" in result.err
    assert [mail.recipients for mail in daemon.mails + mailbox.mails] == [["joe"], [B]]


def test_what_fails_at_both_is_told_of_both(both, daemon, mailbox):
    result = both("no-one", f"no-{B}", stdin=FROM_CRON)
    assert result.exit == 67 and result.err.count("no such user") == 2
    assert daemon.mails == mailbox.mails == []


def test_imbucad_is_asked_whether_it_knows_a_name(both, daemon, mailbox):
    result = both("-bv", "no-one", "joe", B, "jörg")
    assert result.exit == 67 and "imbuca: imbucad: the server refuses the recipient <no-one>: 550 5.1.1\n  server     no such user\n" in result.err
    assert [line.partition("...")[0] for line in result.out.splitlines()] == ["joe", "jörg", B]
    assert daemon.mails == mailbox.mails == []


def test_without_an_accounts_file_all_is_handed_over(daemon, home):
    result = home.run("root", B, stdin=FROM_CRON)
    assert (result.exit, result.err) == (0, "")
    assert [mail.recipients for mail in daemon.mails] == [["root", B]]


def test_it_goes_in_chunks_where_imbucad_takes_them(home, tmp_path):
    server = sink.Sink(("PIPELINING", "CHUNKING", "8BITMIME"), path=tmp_path / "socket")
    home.environment["IMBUCAD_SOCKET"] = str(tmp_path / "socket")
    result = home.run("root", stdin=FROM_CRON + b".\r\n..\n")
    server.close()
    assert (result.exit, result.err, server.chunks) == (0, "", 2)
    assert [mail.body for mail in server.mails] == [b"Hello\r\n.\r\n..\r\n"]


def test_a_session_without_an_accounts_file(daemon, home):
    commands = f"EHLO x\nMAIL FROM:<root>\nRCPT TO:<{B}>\nDATA\nSubject: x\n\n.\nQUIT\n"
    result = home.run("-bs", stdin=commands.encode())
    assert (result.exit, result.err) == (0, "")
    assert [mail.recipients for mail in daemon.mails] == [[B]]


@pytest.mark.parametrize("arguments", [("-a", "work"), ("-C", "nowhere")], ids=str)
def test_an_account_that_was_asked_for_is_not_passed_over(daemon, home, arguments):
    assert home.run(*arguments, B, stdin=FROM_CRON).exit == 78
    assert daemon.mails == []


def test_a_bad_accounts_file_is_not_passed_over(daemon, home):
    home.write_accounts("account x\nhots 127.0.0.1\n")
    assert home.run(B, stdin=FROM_CRON).exit == 78
    assert daemon.mails == []


def test_a_daemon_that_is_gone_is_no_daemon(daemon, home, mailbox):
    daemon.close()
    home.write_accounts(imbuca.Account(mailbox.port, extra=("aliases /dev/null", f"default_recipient {B}")).text())
    assert home.run("root", stdin=FROM_CRON).exit == 0
    assert [mail.recipients for mail in mailbox.mails] == [[B]]


# --- where imbucad does not answer, and there is a queue ---


@pytest.fixture
def later(home, mailbox):
    """A home with an account and a queue; imbucad's socket, where nobody is yet."""
    path = home.folder / "socket"
    home.environment["IMBUCAD_SOCKET"] = str(path)
    home.write_accounts(imbuca.Account(mailbox.port, extra=("aliases /dev/null", "queue on")).text())
    return path


def put_off(line):
    return "451 4.3.0 later" if line.startswith("RCPT") else None


def refuse(line):
    return "550 5.1.1 There is no such user" if line.startswith("RCPT") else None


def waiting(home):
    return [message["account"] for message in json.loads(home.run("queue", "list", "--json").out)]


def test_it_waits_in_the_queue_until_imbucad_answers(later, home, mailbox):
    result = home.run("root", B, stdin=FROM_CRON)
    assert result.exit == 0 and result.err.startswith("imbuca: queued as "), result
    assert [mail.recipients for mail in mailbox.mails] == [[B]]
    assert home.run("queue", "retry").exit == 0
    assert waiting(home) == [":imbucad"]
    with contextlib.closing(sink.Sink(path=later)) as daemon:
        assert home.run("queue", "retry").exit == 0
        assert [mail.recipients for mail in daemon.mails] == [["root"]]
        assert header(daemon.mails[0])["Message-ID"] == header(mailbox.mails[0])["Message-ID"]
    assert len(mailbox.mails) == 1 and waiting(home) == []


@pytest.mark.parametrize("option", ["-odb", "-odq", "-odd"])
def test_it_is_queued_in_silence_where_the_caller_wants_that(later, home, option):
    result = home.run(option, "root", stdin=FROM_CRON)
    assert (result.exit, result.out, result.err) == (0, "", "")
    assert waiting(home) == [":imbucad"]


def test_who_asks_is_told(later, home):
    assert home.run("-bv", "root").out == "root... deliverable: the queue, until imbucad answers\n"
    assert home.run("-P", "root", stdin=FROM_CRON).out.startswith(f"imbucad {later} (absent: by the queue)\n")
    assert waiting(home) == []


def test_what_imbucad_puts_off_waits_for_it_too(later, home):
    with contextlib.closing(sink.Sink(path=later, answer=put_off)) as daemon:
        result = home.run("root", stdin=FROM_CRON)
        assert result.exit == 0 and "451 4.3.0 later" in result.err, result
        assert waiting(home) == [":imbucad"]
        assert daemon.mails == []


def test_a_queue_that_the_account_does_not_want_is_none(later, home, mailbox):
    home.write_accounts(imbuca.Account(mailbox.port, extra=("aliases /dev/null", "queue off")).text())
    result = home.run("root", stdin=FROM_CRON)
    assert result.exit == 75 and "'root' is a name of this machine" in result.err
    assert waiting(home) == []


def test_without_an_accounts_file_the_queue_keeps_it_all(later, home):
    assert home.run("-odq", "root", stdin=FROM_CRON).exit == 0  # makes the queue
    home.accounts.unlink()
    result = home.run("root", B, stdin=FROM_CRON)
    assert result.exit == 0 and "queued as" in result.err
    with contextlib.closing(sink.Sink(path=later)) as daemon:
        assert home.run("queue", "retry").exit == 0
        assert sorted(mail.recipients for mail in daemon.mails) == [["root"], ["root", B]]


def test_without_accounts_file_and_queue_it_is_worth_another_try_where_imbucad_was(later, home):
    home.accounts.unlink()
    assert home.run("root", stdin=FROM_CRON).exit == 78
    later.touch()
    result = home.run("root", stdin=FROM_CRON)
    assert result.exit == 75 and f"does not answer at '{later}'" in result.err


def test_what_imbucad_refuses_is_said_by_its_socket(home):
    """`localhost port 25` may be another program's."""
    path = home.folder / "socket"
    home.environment["IMBUCAD_SOCKET"] = str(path)
    with contextlib.closing(sink.Sink(path=path, answer=refuse)):
        result = home.run("nosuch", stdin=FROM_CRON)
    assert result.exit == 67 and result.err.startswith(f"imbuca: {path}: the server refuses the recipient <nosuch>: 550 5.1.1"), result


@pytest.mark.root
@pytest.mark.parametrize("mode, code", [("0700", 75), ("0755", 78)])
def test_an_accounts_file_that_is_kept_from_users_is_imbucads(home, mode, code):
    """An imbucad that was stopped has taken its socket along. In a mount namespace of its own."""
    place.let_everybody_enter(home.folder)
    binary = home.folder / "imbuca"
    binary.write_bytes(place.program("imbuca").read_bytes())
    binary.chmod(0o755)
    enter = 'mount -t tmpfs -o mode=755 tmpfs "$1" && mkdir -m "$2" "$1/imbuca" && shift 2 && exec "$@"'
    done = subprocess.run(
        [place.need("unshare"), "-m", "sh", "-c", enter, "sh", place.sysconfdir(), mode, "setpriv", "--reuid=54321",
         "--regid=54321", "--clear-groups", binary, "root"],
        env={"PATH": home.environment["PATH"], "IMBUCAD_SOCKET": str(home.folder / "socket")}, input=FROM_CRON, capture_output=True,
    )
    assert done.returncode == code, done
    assert (b"imbucad, which would take the message, does not answer" in done.stderr) == (code == 75), done.stderr
    assert b"looked for /" in done.stderr or code == 75, done.stderr
    assert (b"systemctl enable --now imbucad.socket" in done.stderr) == (code == 75), done.stderr
