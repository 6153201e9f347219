"""Whatever state a caller leaves a program in: it sends the message, or says why not, and no more."""

import os
import signal
import subprocess
import sys

import pytest

import imbuca
import place

MESSAGE = b"Subject: x\n\nHello\n"
B = "b@example.net"


@pytest.fixture
def command(home, mailbox):
    """The command line, which names all that it needs."""
    return [str(place.program("imbuca")), "-C", str(home.write_accounts(imbuca.Account(mailbox.port).text())), B]


def run(command, **options):
    return subprocess.run(command, input=MESSAGE, capture_output=True, timeout=imbuca.LONGEST, **options)


def assert_sent(done, mailbox):
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert [mail.recipients for mail in mailbox.mails] == [[B]]


@pytest.mark.parametrize("environment", [
    {}, {"HOME": ""}, {"HOME": "/nonexistent"}, {"LC_ALL": "xx_YY.UTF-8"}, {"LANG": "", "LANGUAGE": ":::"},
    {"PATH": ""}, {"TZ": "Nowhere/Land"}, {"TMPDIR": "/nonexistent"}, {"USER": "x\r\ny", "LOGNAME": "\x1b[2J", "NAME": "a\nb"},
], ids=str)
def test_any_environment(command, mailbox, environment):
    assert_sent(run(command, env=environment), mailbox)
    mailbox.mails[0].header.decode("ascii")


def test_a_folder_for_temporary_files_that_is_another_users(command, mailbox):
    """As sudo and su leave pam_tmpdir's behind."""
    message = MESSAGE + b"0123456789abcdef\n" * 200000
    with subprocess.Popen(command, env={"TMPDIR": "/nonexistent"}, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.communicate(message)[1] == b"" and process.returncode == 0
    assert mailbox.mails[0].body.endswith(b"0123456789abcdef\r\n")


def test_a_folder_that_is_gone(command, mailbox, tmp_path):
    (tmp_path / "gone").mkdir()
    script = f'cd {tmp_path}/gone && rmdir ../gone && exec "$@"'
    assert_sent(run(["sh", "-c", script, "sh", *command]), mailbox)


def test_few_descriptors_most_of_them_taken(command, mailbox):
    script = 'ulimit -n 24; exec 3</dev/null 4<&3 5<&3 6<&3 7<&3 8<&3 9<&3; exec "$@"'
    assert_sent(run(["sh", "-c", script, "sh", *command]), mailbox)


@pytest.mark.parametrize("state", ["SIG_IGN", "SIG_DFL"])
def test_any_state_of_the_signals(command, mailbox, state):
    """Ignored and blocked signals are inherited: cron and daemons leave them so."""

    def prepare():
        for number in (signal.SIGPIPE, signal.SIGCHLD, signal.SIGHUP, signal.SIGALRM, signal.SIGTERM):
            signal.signal(number, getattr(signal, state))
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD, signal.SIGALRM, signal.SIGPIPE])

    assert_sent(run(command, preexec_fn=prepare), mailbox)


def test_a_standard_error_that_nobody_reads(home, mailbox):
    home.write_accounts(imbuca.Account(mailbox.port).text())
    read, write = os.pipe()
    os.close(read)
    try:
        assert subprocess.run(
            [place.program("imbuca"), "-d", B], input=MESSAGE, env=home.environment, stderr=write, stdout=write
        ).returncode == 0
        assert subprocess.run([place.program("imbuca"), "a@@"], input=MESSAGE, env=home.environment, stderr=write).returncode == 65
    finally:
        os.close(write)
    assert len(mailbox.mails) == 1


def test_a_non_blocking_standard_input(home, mailbox):
    home.write_accounts(imbuca.Account(mailbox.port).text())
    read, write = os.pipe()
    os.set_blocking(read, False)
    process = home.start(B, stdin=read)
    os.close(read)
    os.write(write, MESSAGE[:9])
    os.write(write, MESSAGE[9:])
    os.close(write)
    assert process.wait(imbuca.LONGEST) == 0
    assert mailbox.mails[0].body == b"Hello\r\n"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda n: n.name)
def test_killed_while_it_reads_it_sends_nothing(home, mailbox, number):
    home.write_accounts(imbuca.Account(mailbox.port).text())
    process = home.start(B)
    process.stdin.write(MESSAGE)
    process.stdin.flush()
    while process.poll() is None and b"pipe_read" not in wait_channel(process.pid):
        pass
    process.send_signal(number)
    assert process.wait(imbuca.LONGEST) == -number
    process.stdin.close()
    assert mailbox.mails == []


def wait_channel(pid):
    """Where the process waits in the kernel; what says nothing is taken for there."""
    try:
        with open(f"/proc/{pid}/wchan", "rb") as file:
            return file.read().replace(b"anon_pipe", b"pipe") or b"pipe_read"
    except OSError:
        return b"pipe_read"


def test_a_caller_that_is_gone_before_the_result(home, mailbox):
    """A parent that does not wait, as sudo's is: the child sends what it has."""
    home.write_accounts(imbuca.Account(mailbox.port).text())
    script = "import subprocess, sys; subprocess.Popen(sys.argv[1:], stdin=sys.stdin, start_new_session=True)"
    done = home.run("-c", script, place.program("imbuca"), B, program=sys.executable, stdin=MESSAGE)
    assert done.exit == 0
    assert len(mailbox.mails) == 1  # run() has waited for standard output to be closed by all


@pytest.mark.root
def test_a_user_without_a_passwd_entry_in_a_folder_that_is_closed_to_it(mailbox, tmp_path):
    place.let_everybody_enter(tmp_path)
    accounts = tmp_path / "accounts"
    accounts.write_text(imbuca.Account(mailbox.port, extra=("from *@example.org",)).text())
    (tmp_path / "closed").mkdir(mode=0o700)
    binary = tmp_path / "imbuca"
    binary.write_bytes(place.program("imbuca").read_bytes())
    binary.chmod(0o755)
    accounts.chmod(0o644)
    done = run(
        ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", binary, "-C", accounts, B],
        cwd=tmp_path / "closed", env={},
    )
    assert_sent(done, mailbox)
    assert mailbox.mails[0].sender == "uid54321@client.example.org"
    assert b"From: <uid54321@client.example.org>\r\n" in mailbox.mails[0].header


@pytest.mark.root
@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_a_home_that_is_another_users(home, tmp_path, mode):
    """cron calls as the job's user, with root's HOME: its accounts file is nobody else's matter."""
    place.let_everybody_enter(tmp_path)
    home.write_accounts("account a\nhost 127.0.0.1\n")
    home.accounts.parent.chmod(mode)
    binary = tmp_path / "imbuca"
    binary.write_bytes(place.program("imbuca").read_bytes())
    binary.chmod(0o755)
    done = run(["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", binary, B], env=home.environment)
    assert done.returncode == 78 and b"there is no accounts file" in done.stderr, done.stderr
