"""Where the password of an account comes from, in which order, and what is never asked."""

import os
import pty
import signal
import socket
import termios
import time

import pytest

import dialogue
import imbuca
import jail
import place
import player

USER = ("auth plain", "user user")


@pytest.fixture
def server():
    """A listening socket, and how the account test of a file names it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        yield listener


def account(server, *extra):
    return imbuca.Account(server.getsockname()[1], extra=(*USER, *extra)).text()


def accept(server, password):
    """Takes one session, in which the client logs in with that password."""
    page = dialogue.Dialogue(None)
    page.steps = [
        dialogue.Step(0, "@open", "AUTH PLAIN"),
        dialogue.Step(0, "C", rf"AUTH PLAIN {{base64 \0user\0{password}}}"),
        dialogue.Step(0, "S", "535 5.7.8 No"),
        dialogue.Step(0, "C?", "QUIT"),
        dialogue.Step(0, "S", "221 2.0.0 Bye"),
    ]
    peer = player.Player("S", server.accept()[0], None, time.monotonic() + 10)
    peer.play(page.steps_over("plain"))


def gives(home, server, password, *arguments, extra=()):
    """Runs imbuca with the account, and expects the password on the wire."""
    home.write_accounts(account(server, *extra))
    with home.start(*arguments, "b@example.net") as program:
        program.stdin.close()
        accept(server, password)
        said = program.stderr.read().decode()
    assert program.returncode == 77, said
    return said


def fails(home, server, code, *arguments, extra=()):
    """Runs imbuca, and expects that it does not even connect."""
    home.write_accounts(account(server, *extra))
    result = home.run(*arguments, "b@example.net")
    assert result.exit == code, result
    return result.err


def keyring(home, script):
    """A secret-tool that is this shell script, and a session bus to make it worth asking."""
    tool = home.folder / "bin" / "secret-tool"
    tool.parent.mkdir(exist_ok=True)
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    home.environment |= {"PATH": f"{tool.parent}:/usr/bin:/bin", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}


def netrc(home, text="machine 127.0.0.1 login user password netrc", mode=0o600):
    (home.folder / ".netrc").write_text(text + "\n")
    (home.folder / ".netrc").chmod(mode)


def credential(home, name="imbuca.test", text="systemd\n", mode=0o400):
    folder = home.folder / "credentials"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    (folder / name).chmod(mode)
    home.environment["CREDENTIALS_DIRECTORY"] = str(folder)


def test_the_first_source_that_has_it_counts(home, server):
    fails(home, server, 77)
    netrc(home)
    gives(home, server, "netrc")
    keyring(home, "printf keyring")
    gives(home, server, "keyring")
    credential(home)
    gives(home, server, "systemd")
    gives(home, server, "eval", extra=["passwordeval echo eval"])
    gives(home, server, "file", extra=["password file"])


def test_waits_for_a_command_and_not_for_what_it_leaves_behind(home, server):
    begin = time.monotonic()
    gives(home, server, "eval", extra=["passwordeval sleep 9 2>/dev/null & echo eval"])
    assert time.monotonic() - begin < 8


def test_the_keyring_is_asked_with_the_attributes_of_msmtp(home, server):
    keyring(home, r"""[ "$*" = "lookup host 127.0.0.1 service smtp user user" ] && printf 'two words\nnot this'""")
    gives(home, server, "two words")


@pytest.mark.parametrize("script", ["echo not this; echo nor this >&2; exit 1", "exit 0", "kill -9 $$"])
def test_a_keyring_without_it_is_passed_over_in_silence(home, server, script):
    netrc(home)
    keyring(home, script)
    assert "this" not in gives(home, server, "netrc")


def test_the_keyring_is_not_asked_without_a_session_bus(home, server):
    keyring(home, f"touch {home.folder}/asked; printf keyring")
    del home.environment["DBUS_SESSION_BUS_ADDRESS"]
    fails(home, server, 77)
    assert not (home.folder / "asked").exists()
    (home.folder / ".run" / "bus").touch()
    gives(home, server, "keyring")


def test_no_shell_sees_the_user(home, server):
    keyring(home, f"""printf %s "$7" >{home.folder}/user""")
    home.write_accounts(account(server).replace("user user", "user $(touch${IFS}x)"))
    home.run("b@example.net")
    assert (home.folder / "user").read_text() == "$(touch${IFS}x)"
    assert not (home.folder / "x").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_netrc_that_others_can_read_is_refused(home, server, mode):
    netrc(home, mode=mode)
    assert "chmod 600" in fails(home, server, 78)


def test_a_netrc_without_it_may_be_as_it_likes(home, server):
    netrc(home, "machine elsewhere.example.org login user password x", mode=0o644)
    assert "no password" in fails(home, server, 77)


def test_a_credential_that_others_can_read_is_refused(home, server):
    credential(home, mode=0o644)
    assert "chmod 600" in fails(home, server, 78)


def test_a_credential_of_another_account_is_none(home, server):
    credential(home, "imbuca.other")
    assert "no password" in fails(home, server, 77)


def test_what_is_kept_for_the_account_stays_with_its_host(home, server):
    credential(home)
    fails(home, server, 77, "-a", "test", "--host=localhost")
    netrc(home, "machine localhost login user password theirs")
    gives(home, server, "theirs", "-a", "test", "--host=localhost")


def test_nothing_stored_goes_without_tls_by_option(home, server):
    credential(home)
    netrc(home)
    keyring(home, "printf keyring")
    secure = account(server).replace("tls off\n", "tls on\n")
    home.write_accounts(secure)
    result = home.run("--tls=off", "b@example.net")
    assert result.exit == 77, result


def test_an_empty_command_is_an_error_and_its_words_are_seen(home, server):
    netrc(home)
    said = fails(home, server, 77, extra=["passwordeval echo locked >&2"])
    assert "locked" in said and "printed nothing" in said


def test_a_command_of_plain_words_needs_no_shell(home, server):
    # A shell would set it.
    assert "status 1" in fails(home, server, 77, extra=["passwordeval printenv PWD"])
    gives(home, server, str(home.folder), extra=["passwordeval printenv PWD || exit"])


@pytest.mark.parametrize("command", ["exit 9", "X=1 printenv PWD && exit 9", "printf '%s' && exit 9"])
def test_a_command_for_a_shell_has_one(home, server, command):
    assert "status 9" in fails(home, server, 77, extra=[f"passwordeval {command}"])


def test_a_command_that_fails_is_told_by_its_own_last_words(home, server):
    said = fails(home, server, 77, extra=["passwordeval echo first >&2; printf 'no\\033 key\\n\\n' >&2; exit 3"])
    assert r"it ended with status 3: no\x1b key" in said
    assert "first" not in said.splitlines()[0]


def test_a_command_that_works_may_say_what_it_likes(home, server):
    talk = "head -c 200000 /dev/zero | tr '\\0' x >&2"
    assert "x" * 80 not in gives(home, server, "eval", extra=[f"passwordeval {talk}; echo eval"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_the_command_too(home, server, number):
    file = home.folder / "pids"
    home.write_accounts(account(server, f"passwordeval sleep 99 & echo $! $$ >{file}.tmp; mv {file}.tmp {file}; wait"))
    with home.start("b@example.net") as program:
        program.stdin.close()
        assert jail.wait_for(file.exists)
        program.send_signal(number)
        program.wait()
    assert program.returncode == -number
    for pid in file.read_text().split():
        assert jail.wait_for(lambda: not is_running(pid))


def is_running(pid):
    """Does the process run, other than as a zombie that nobody here waits for?"""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


# --- Gmail's app passwords ---

GMAIL = ("provider gmail", "user user", "from me@gmail.com")


@pytest.mark.parametrize("source", ["password", "passwordeval", "keyring", "netrc", "systemd"])
@pytest.mark.parametrize("written", ["abcd efgh ijkl mnop", "abcdefghijklmnop"], ids=["with blanks", "without"])
def test_an_app_password_of_gmail_may_have_its_blanks(home, server, source, written):
    lines = {"password": [f'password "{written}"'], "passwordeval": [f"passwordeval echo '{written}'"]}.get(source, [])
    if source == "keyring":
        keyring(home, f"printf '{written}'")
    elif source == "netrc":
        netrc(home, f'machine 127.0.0.1 login user password "{written}"')
    elif source == "systemd":
        credential(home, text=written + "\n")
    gives(home, server, "abcdefghijklmnop", extra=[*GMAIL, *lines])


@pytest.mark.parametrize("lines, password", [
    (GMAIL, "two words"),
    (GMAIL, "ABCD efgh ijkl mnop"),
    (GMAIL, "abcd efgh ijkl mno1"),
    (GMAIL, "abcd efgh ijkl"),
    (("user user",), "abcd efgh ijkl mnop"),
], ids=str)
def test_any_other_password_keeps_its_blanks(home, server, lines, password):
    gives(home, server, password, extra=[*lines, f'password "{password}"'])


# --- the terminal ---


@pytest.fixture
def terminal(home, server):
    """imbuca with a terminal of its own; its message comes from elsewhere."""
    home.write_accounts(account(server))
    (home.folder / "message").write_bytes(dialogue.MESSAGE)
    process, screen = pty.fork()
    if process == 0:
        os.chdir(home.folder)
        os.dup2(os.open("message", os.O_RDONLY), 0)
        os.execve(place.program("imbuca"), ["imbuca", "b@example.net"], home.environment)
    yield process, screen
    os.close(screen)


def read_until(screen, text):
    seen = b""
    while text not in seen:
        seen += os.read(screen, 1000)
    return seen


def hides(screen):
    return not termios.tcgetattr(screen)[3] & termios.ECHO


def test_the_person_at_the_terminal_is_asked(terminal, server):
    process, screen = terminal
    read_until(screen, b"password of user at 127.0.0.1: ")
    assert hides(screen)
    os.write(screen, b"typed in\n")
    accept(server, "typed in")
    assert b"typed" not in read_until(screen, b"server     No")
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 77


def test_an_interrupt_leaves_the_terminal_as_it_was(terminal):
    process, screen = terminal
    read_until(screen, b": ")
    assert hides(screen)
    os.write(screen, b"half\x03")
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGINT
    assert not hides(screen)


@pytest.mark.parametrize("typed", [b"\n", b"\x04"], ids=["nothing", "end"])
def test_nothing_typed_is_no_password(terminal, typed):
    process, screen = terminal
    read_until(screen, b": ")
    os.write(screen, typed)
    read_until(screen, b"no password was typed")
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 77
