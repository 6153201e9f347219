"""The manual pages say everything: each option and each keyword that there is."""

import json
import re

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
