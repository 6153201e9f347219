"""The command line: options, what they may hold, and the exit codes that tell what went wrong."""

import os
import subprocess

import pytest

import imbuca
import place

MESSAGE = b"Subject: x\n\nHello\n"


def test_help_comes_from_the_options_and_fits_a_terminal(home):
    result = home.run("--help")
    assert result.exit == 0
    assert "--host" in result.out and "RECIPIENT" in result.out
    assert max(map(len, result.out.splitlines())) <= 80


def test_version(home):
    result = home.run("--version")
    assert result.exit == 0
    assert result.out.startswith("imbuca ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--no-such-option", "b@example.net"),
        ("-f",),
        ("--port=none", "b@example.net"),
        ("--port=70000", "b@example.net"),
        ("--timeout=-1", "b@example.net"),
        (),
    ],
    ids=str,
)
def test_a_wrong_command_line_is_64(sends, mailbox, arguments):
    result = sends(*arguments, stdin=MESSAGE)
    assert result.exit == 64, result
    assert result.err
    assert mailbox.mails == []


# --- a command that is misspelled ---


@pytest.fixture
def lonely(home, mailbox):
    """An account, and nobody who takes mail for names of this machine."""
    home.environment["IMBUCAD_SOCKET"] = str(home.folder / "nothing")
    (home.folder / "aliases").write_text("chuck: boss@example.net\n")
    account = imbuca.Account(mailbox.port, extra=("aliases ~/aliases",)).text()
    home.write_accounts(account)
    return account


@pytest.mark.parametrize("word, meant", [
    ("chekc", "check"), ("Config", "config"), ("help", "--help"), ("usage", "--help"), ("version", "--version"), ("quue", "queue"),
])
def test_a_misspelled_command_is_no_recipient(home, lonely, word, meant):
    with home.start(word) as program:  # whose input never comes
        assert program.wait(10) == 64
        said = program.stderr.read().decode()
    assert f"'{word}' is no command" in said and f"did you mean: imbuca {meant}\n" in said


def test_without_an_account_too(home):
    assert "did you mean: imbuca check" in home.run("chekc").err


@pytest.mark.parametrize("arguments, program", [
    (("chekc",), "sendmail"), (("--", "chekc"), "imbuca"), (("chekc", "confg"), "imbuca"), (("someone",), "imbuca"), (("-t", "games"), "imbuca"),
])
def test_a_recipient_is_one(home, lonely, tmp_path, arguments, program):
    (tmp_path / program).symlink_to(place.program("imbuca"))
    result = home.run(*arguments, program=tmp_path / program, stdin=MESSAGE)
    assert result.exit == 75 and "nothing here takes mail for it" in result.err, result


@pytest.mark.parametrize("word, lines", [("chuck", ""), ("chekc", "queue on\n"), ("chekc", "default_recipient boss@example.net\n")])
def test_who_gets_mail_is_a_recipient_whatever_the_name(home, lonely, mailbox, word, lines):
    home.write_accounts(lonely + lines)
    assert home.run(word, stdin=MESSAGE).exit == 0
    assert len(mailbox.mails) == (0 if lines == "queue on\n" else 1)


def test_an_unknown_option_is_guessed(home):
    assert "--host" in home.run("--hots=x", "b@example.net").err


@pytest.mark.parametrize("evil", ["a\rb@example.net", "a\nDATA@example.net", "a@example.net\r\nRCPT TO:<x@y>"])
@pytest.mark.parametrize("where", ["recipient", "-f", "-F", "--user", "--domain", "--host"])
def test_a_line_end_in_a_value_is_64(sends, mailbox, where, evil):
    arguments = (evil,) if where == "recipient" else (where, evil, "b@example.net")
    result = sends(*arguments, stdin=MESSAGE)
    assert result.exit == 64, result
    assert mailbox.mails == []


@pytest.mark.parametrize("evil", ["\x1b[2J", "\x07", "\x9b31m"])
def test_an_error_shows_control_bytes_escaped(home, evil):
    result = home.run(f"--no-such{evil}", "b@example.net")
    assert result.exit == 64
    assert evil not in result.err


def test_without_any_account_it_says_where_it_looked(home):
    result = home.run("b@example.net", stdin=MESSAGE)
    assert result.exit == 78
    assert str(home.accounts) in result.err


def test_an_account_from_options_alone(home, mailbox):
    result = home.run(
        "--host=127.0.0.1", f"--port={mailbox.port}", "--tls=off", "--from=a@example.org", "b@example.net", stdin=MESSAGE
    )
    assert result.exit == 0, result
    assert mailbox.mails[0].sender == "a@example.org"


@pytest.mark.parametrize(
    "line, place, word",
    [
        ("hots 127.0.0.1", ":2:1:", "host"),
        ("port many", ":2:6:", "port"),
        ('password "open', ":2:", ""),
    ],
)
def test_a_mistake_in_the_file_is_shown_with_its_place(home, line, place, word):
    path = home.write_accounts(f"account x\n{line}\n")
    result = home.run("b@example.net", stdin=MESSAGE)
    assert result.exit == 78
    assert f"{path}{place}" in result.err
    assert word in result.err


def test_a_secret_that_others_can_read_is_refused(home):
    home.write_accounts("account x\nhost localhost\nfrom a@b.org\nuser u\npassword open-sesame\n", mode=0o644)
    result = home.run("b@example.net", stdin=MESSAGE)
    assert result.exit == 78
    assert "chmod" in result.err
    assert "open-sesame" not in result.err


@pytest.mark.parametrize("line", ["passwordeval touch asked", "host 127.0.0.1"])
def test_obeys_no_accounts_file_that_others_can_write(home, line):
    home.write_accounts(f"account x\nhost localhost\nfrom a@b.org\nuser u\n{line}\n", mode=0o666)
    result = home.run("b@example.net", stdin=b"Subject: x\n\n")
    assert result.exit == 78
    assert "can be written by other users" in result.err and "chmod go-w" in result.err
    assert not (home.folder / "asked").exists()


def test_a_password_does_not_follow_to_another_host(home, mailbox):
    home.write_accounts("account x\nhost mail.example.org\nfrom a@example.org\nauth on\nuser u\npassword open-sesame\n")
    result = home.run(
        "-a", "x", "--host=127.0.0.1", f"--port={mailbox.port}", "--tls=off", "b@example.net", stdin=MESSAGE
    )
    assert result.exit == 78, result
    assert "--host" in result.err
    assert mailbox.mails == []


@pytest.mark.parametrize(
    "arguments, account",
    [
        (("-a", "two"), "two"),
        (("-f", "me@two.example"), "two"),
        (("-f", "anybody@wild.example"), "wild"),
        (("-f", "me+detail@two.example"), "two"),
        (("-f", "nobody@nowhere.example"), "one"),
        ((), "one"),
    ],
)
def test_the_account_is_chosen_by_name_address_or_default(home, mailbox, arguments, account):
    home.write_accounts(
        f"defaults\nhost 127.0.0.1\nport {mailbox.port}\ntls off\n"
        "account one\nfrom me@one.example\ndomain one\n"
        "account two\nfrom me@two.example\ndomain two\n"
        "account wild\nfrom *@wild.example\ndomain wild\n"
        "account default : one\n"
    )
    result = home.run(*arguments, "-d", "b@example.net", stdin=MESSAGE)
    assert result.exit == 0, result
    assert f"C: EHLO {account}\n" in result.err + result.out


def test_passwordeval_is_asked_only_when_needed(home, mailbox):
    home.write_accounts(
        imbuca.Account(mailbox.port, extra=("passwordeval touch asked; echo open-sesame",)).text()
    )
    assert home.run("b@example.net", stdin=MESSAGE).exit == 0
    assert not (home.folder / "asked").exists()


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
def test_closed_descriptors_never_receive_what_is_not_for_them(home, mailbox, closed):
    """A socket or a file that took the place of stderr would get the error messages."""
    home.write_accounts(imbuca.Account(mailbox.port).text())
    redirections = " ".join(f"{number}<&-" for number in closed)
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" b@example.net {redirections}', str(imbuca.place.program("imbuca"))],
        input=MESSAGE, env=home.environment, cwd=home.folder, capture_output=True, timeout=imbuca.LONGEST,
    )
    if 0 in closed:
        assert done.returncode in (66, 74)
        assert mailbox.mails == []
    else:
        assert done.returncode == 0
        assert mailbox.mails[0].body == b"Hello\r\n"


def test_config_shows_what_is_in_force_and_stars_the_secret(home):
    path = home.write_accounts("account x\nhost mail.example.org\nfrom a@example.org\nuser u\npassword open-sesame\n")
    result = home.run("config")
    assert result.exit == 0, result
    assert "mail.example.org" in result.out and f"{path}:2" in result.out
    assert "open-sesame" not in result.out + result.err


@pytest.mark.root
@pytest.mark.parametrize("bit", [0o4755, 0o2755], ids=["set-uid", "set-gid"])
def test_refuses_to_run_with_an_owners_rights(tmp_path, bit):
    copy = tmp_path / "imbuca"
    copy.write_bytes(imbuca.place.program("imbuca").read_bytes())
    place.let_everybody_enter(tmp_path)
    os.chown(copy, 1, 1)
    copy.chmod(bit)
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", copy, "--version"], capture_output=True
    )
    assert done.returncode not in (0, -6)
    assert b"set-uid" in done.stderr or b"set-gid" in done.stderr


@pytest.mark.parametrize("program, arguments", [("imbuca", ["--help"]), ("imbuca", ["--version"]), ("mailq", [])])
def test_says_where_what_it_prints_is_lost(home, tmp_path, program, arguments):
    (tmp_path / program).symlink_to(place.program("imbuca"))
    with open("/dev/full", "wb") as full:
        done = subprocess.run([tmp_path / program, *arguments], stdout=full, stderr=subprocess.PIPE, env=home.environment)
    assert done.returncode == 75 and b"No space left" in done.stderr
