"""`imbuca config`: what an account comes to once everything in it is worked out."""

import json
import os
import pwd
import socket

import pytest

LOGIN = pwd.getpwuid(os.getuid()).pw_name


def settings(home, *arguments):
    """What is in force, as {keyword: value}."""
    result = home.run("config", "--json", *arguments)
    assert result.exit == 0, result
    return {name: setting["value"] for name, setting in json.loads(result.out)["settings"].items()}


@pytest.mark.parametrize("lines, environment, sender", [
    ("from %U@example.org", {}, f"{LOGIN}@example.org"),
    ("from %U@example.org", {"LOGNAME": "second"}, "second@example.org"),
    ("from %U@example.org", {"LOGNAME": "second", "USER": "first"}, "first@example.org"),
    ("from me@%H", {}, f"me@{socket.gethostname()}"),
    ("from me@%H", {"HOSTNAME": "host.example"}, "me@host.example"),
    ("from me@%C", {"HOSTNAME": "127.0.0.1"}, "me@127.0.0.1"),
    ("from 100%%X@example.org", {}, "100%%X@example.org"),
    ("auto_from on", {"USER": "first"}, "first"),
    ("auto_from on\nmaildomain example.net\nfrom other@example.org", {"USER": "first"}, "first@example.net"),
])
def test_substitutions_in_from(home, lines, environment, sender):
    home.write_accounts(f"account a\nhost mail.example.org\n{lines}\n")
    home.environment |= environment
    assert settings(home)["from"] == sender


def test_an_account_is_chosen_by_what_stands_for_a_substitution(home):
    home.write_accounts(
        "account a\nhost a.example.org\nfrom %U@example.org\naccount b\nhost b.example.org\nfrom *@%H\n"
        "account c\nhost c.example.org\nfrom %M-no-such@example.org\n"
    )
    home.environment |= {"USER": "first", "HOSTNAME": "host.example"}
    assert settings(home, "-f", "first@example.org")["host"] == "a.example.org"
    assert settings(home, "-f", "root@host.example")["host"] == "b.example.org"


def test_substitutions_in_domain(home):
    home.write_accounts("account a\nhost mail.example.org\ndomain x.%H\n")
    home.environment["HOSTNAME"] = "host.example"
    assert settings(home)["domain"] == "x.host.example"
    assert settings(home, "--domain=%H")["domain"] == "host.example"


def test_environment_with_control_bytes(home):
    home.write_accounts("account a\nhost mail.example.org\nfrom %U@example.org\n")
    home.environment["USER"] = "a\r\nb"
    result = home.run("config")
    assert result.exit == 78
    assert result.err == "imbuca: account 'a': from: what the environment puts in is no name\n"


@pytest.mark.parametrize("line, place, words", [
    ("from x y", "3:6", "a comma, or a dot, that is missing at byte 3"),
    ("from me@", "3:6", "a domain that is missing or not complete"),
    ("default_recipient a@example.net, b@", "3:19", "a domain that is missing or not complete"),
    ("include /dev", "3:9", "'/dev' is a folder"),
])
def test_a_wrong_value_is_told_with_its_place(home, line, place, words):
    path = home.write_accounts(f"account a\nhost mail.example.org\n{line}\n")
    for arguments in (("config",), ("you@example.net",)):
        result = home.run(*arguments, stdin=b"\n")
        assert result.exit == 78 and result.err.startswith(f"imbuca: {path}:{place}: {words}"), result


def test_a_wrong_value_is_told_by_check(home):
    path = home.write_accounts("account a\nhost mail.example.org\nfrom me@\n")
    result = home.run("check")
    assert result.exit == 78 and f"{path}:3:6: a domain" in result.out + result.err, result


@pytest.mark.parametrize("line", ["from *@example.org", "from me@example.*", "from %U@example.org", "from root", 'from "Me" <me@example.org>'])
def test_senders_that_are_no_plain_address(home, line):
    home.write_accounts(f"account a\nhost mail.example.org\n{line}\n")
    assert settings(home)["from"]


def test_what_the_environment_makes_of_from_must_be_an_address(home):
    home.write_accounts("account a\nhost mail.example.org\nfrom %U@example.org\n")
    home.environment["USER"] = "a b"
    result = home.run("config")
    assert result.exit == 78 and "account 'a': from: a comma, or a dot" in result.err, result


def test_a_login_without_a_user_is_told_with_its_line(home):
    path = home.write_accounts("account b\nhost mail.example.org\naccount a\nprovider gmail\n")
    result = home.run("config", "a")
    assert result.exit == 78 and result.err.startswith(f"imbuca: {path}:3: account 'a' is to log in, but names no user"), result


def test_obsolete_keywords_are_told_to_a_person(home):
    path = home.write_accounts("account a\nhost mail.example.org\nkeepbcc on\n")
    warning = f"{path}:3: 'keepbcc' is obsolete: write 'remove_bcc_headers off'\n"
    assert home.run("config").err == warning
    assert home.run("-P", "you@example.net", stdin=b"\n").err == warning


def test_obsolete_options(home):
    home.write_accounts("account a\nhost mail.example.org\n")
    found = settings(home, "--keepbcc", "--auto-from=on", "--maildomain=example.net", "--add-missing-from-header=off")
    assert found["remove_bcc_headers"] == "off"
    assert found["from"].endswith("@example.net")
    assert found["set_from_header"] == "off"


def test_a_command_of_eval_that_fails_is_named(home):
    home.write_accounts("account a\neval exit 3\n")
    result = home.run("config")
    assert result.exit == 78 and ":2:6: the command of 'eval' failed: it ended with status 3" in result.err, result
