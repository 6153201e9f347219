"""The account's aliases: whom a recipient without a domain stands for."""

import pytest

ALIASES = """\
# Example aliases file

root: joe_smith@example.com, jane_chang@example.com
cron: mark_jones@example.com # not to root
Circle: square
square: circle, round@example.com
self: self, other@example.com
all: root, cron, "Last, First" <f@example.com>
"""


def recipients(home, *names, aliases=ALIASES):
    (home.folder / "aliases").write_text(aliases)
    home.write_accounts("account a\nhost mail.example.org\ndomain here.example\naliases ~/aliases\n")
    result = home.run("-P", *names, stdin=b"\n")
    assert result.exit == 0, result
    return [line.removeprefix("recipient ") for line in result.out.splitlines() if line.startswith("recipient ")]


@pytest.mark.parametrize("name, stands_for", [
    ("root", ["<joe_smith@example.com>", "<jane_chang@example.com>"]),
    ("CRON", ["<mark_jones@example.com>"]),
    ("circle", ["<circle@here.example>", "<round@example.com>"]),
    ("self", ["<self@here.example>", "<other@example.com>"]),
    ("all", ["<joe_smith@example.com>", "<jane_chang@example.com>", "<mark_jones@example.com>", "<f@example.com>"]),
    ("nobody", ["<nobody@here.example>"]),
    ("root@example.net", ["<root@example.net>"]),
])
def test_a_name(home, name, stands_for):
    assert recipients(home, name) == stands_for


def test_the_default(home):
    aliases = ALIASES + "default: admin\nadmin: boss@example.com, more\n"
    assert recipients(home, "x", "cron", aliases=aliases) == [
        "<boss@example.com>", "<more@here.example>", "<mark_jones@example.com>",
    ]


def test_nobody_twice(home):
    assert recipients(home, "root", "jane_chang@example.com") == ["<joe_smith@example.com>", "<jane_chang@example.com>"]


@pytest.mark.parametrize("line, told", [
    ("root joe", "a line is 'name: address, address'"),
    (": joe", "a line is 'name: address, address'"),
    ("root:", "'root' stands for nobody"),
    ("root: |/bin/cat /etc/x", ""),
])
def test_a_bad_line(home, line, told):
    (home.folder / "aliases").write_text(f"# one\n{line}\n")
    result = home.run("--host=mail.example.org", "--aliases=aliases", "-P", "root", stdin=b"\n")
    assert result.exit == 78
    assert result.err.startswith(f"imbuca: aliases:2: {told}")


def test_no_file(home):
    result = home.run("--host=mail.example.org", "--aliases=nowhere", "-P", "root", stdin=b"\n")
    assert result.exit == 78
    assert "nowhere" in result.err
