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
