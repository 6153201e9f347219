"""The manual pages say everything: each option and each keyword that there is."""

import json
import re
from pathlib import Path

import pytest

from place import SOURCE


def page(name):
    """A manual page as plain words: mdoc's escapes and its macros for an option's dash taken away."""
    text = (SOURCE / "man" / name).read_text().replace("\\&", "").replace("\\-", "-")
    return re.sub(r"\bFl (-?)", r"-\1", text)


def test_every_option_is_in_the_manual(home):
    text = page("imbuca.1")
    options = set(re.findall(r"(?<![\w-])--?[A-Za-z][a-z-]*", home.run("--help").out.split("General options", 1)[1]))
    short = {option[:2] if not option.startswith("--") else option for option in options}
    told = set(re.findall(r"(?<![\w-])--?[A-Za-z][a-z-]*", text)) | {"-b" if "-bm" in text else ""}
    assert short - told == set()


def test_every_command_is_in_the_synopsis(home):
    commands = re.findall(r"^  (\w+)", home.run("--help").out.split("Commands:", 1)[1].split("General options", 1)[0], re.M)
    synopsis = page("imbuca.1").split(".Sh SYNOPSIS", 1)[1].split(".Sh ", 1)[0]
    assert len(commands) > 5 and set(commands) - set(re.findall(r"^\.Cm (\w+)", synopsis, re.M)) == set()


def test_every_exit_code_is_in_the_manual():
    codes = {int(c) for n, c in re.findall(r"^#define (EX_\w+)\s+(\d+)", Path("/usr/include/sysexits.h").read_text(), re.M)
             if n not in ("EX_OK", "EX__BASE", "EX__MAX") and used(n)}
    told = {int(code) for code in re.findall(r"^\.It (\d+)$", page("imbuca.1").split(".Sh EXIT STATUS", 1)[1], re.M)}
    assert len(codes) > 10 and codes - told == set()


def used(name):
    """Does anything outside the daemon fail with this code of sysexits.h?"""
    files = (path for path in SOURCE.glob("src/*/*.c") if path.parent.name != "imbucad")
    return any(re.search(rf"err_\w+\(\s*&?\w+,\s*{name}\b|->ex = {name}\b", path.read_text()) for path in files)


def test_every_keyword_is_in_the_manual(home):
    home.write_accounts("account a\nhost mail.example.org\n")
    settings = json.loads(home.run("config", "--json").out)["settings"]
    text = page("imbuca-accounts.5")
    assert {keyword for keyword in settings if not re.search(rf"^\.(It )?Ic .*\b{keyword}\b", text, re.M)} == set()


@pytest.mark.parametrize("file", ["README", "accounts.example"])
def test_the_accounts_it_shows_are_read(home, file):
    text = (SOURCE / file).read_text()
    lines = [line.strip() for line in text.splitlines() if file != "README" or line.startswith("    ")]
    keywords = set(json.loads(home.run("config", "--json", "--host=x").out)["settings"]) | {"account", "defaults"}
    accounts = [line for line in lines if line.split(" ")[0] in keywords]
    home.write_accounts("\n".join(accounts) + "\n")
    for name in (line.split()[1] for line in accounts if line.startswith("account")):
        result = home.run("config", name)
        assert result.exit == 0, result


def test_every_keyword_of_the_daemon_is_in_the_manual():
    table = (SOURCE / "src/conf/daemon_keyword.c").read_text().split("conf_daemon_keyword_table[]")[1]
    keywords = re.findall(r'^    \{"(\w+)"', table, re.M)
    text = page("imbucad.conf.5")
    assert len(keywords) > 10 and {k for k in keywords if not re.search(rf"^\.It Ic {k}\b", text, re.M)} == set()


def test_every_option_of_the_daemon_is_in_the_manual(home):
    options = re.findall(r"^  (--?[A-Za-z-]+)", home.run("--help", program="imbucad").out, re.M)
    text = page("imbucad.8")
    assert len(options) > 10 and {o for o in options if not re.search(rf"^\.It {o}\b", text, re.M)} == set()
