"""What a C file of this house looks like, as far as no tool below knows it."""

import re

import pytest

from place import SOURCE, sources

LONGEST_FUNCTION = 60
C_FILES = sources("src/**/*.c", "tests/unit/*.c", "fuzz/*.c")
CODE = sources("src/*/*.[ch]", "tests/unit/*.[ch]", "fuzz/*.[ch]")


def name(path):
    return str(path.relative_to(SOURCE))


def functions(lines):
    """(line, name, length of the body) of each function: KNF has both its braces in the first column."""
    opened = None
    for number, line in enumerate(lines):
        if line == "{":
            opened = number
        elif line == "}" and opened is not None:
            head = next(line for line in reversed(lines[:opened]) if re.match(r"\w.*\(", line))
            yield opened, head.split("(")[0].split()[-1], number - opened - 1
            opened = None


@pytest.mark.parametrize("path", CODE, ids=name)
def test_opens_with_what_it_is(path):
    assert path.read_text().startswith(("/*\n * ", "/* ")), f"{name(path)} has no opening comment"


@pytest.mark.parametrize("path", CODE, ids=name)
def test_comments_are_of_one_kind(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        code = re.sub(r'"(\\.|[^"\\])*"|/\*.*?(\*/|$)|^ \*.*', "", line)
        assert "//" not in code, f"{name(path)}:{number}: a // comment"


@pytest.mark.parametrize("path", C_FILES, ids=name)
def test_config_comes_first_and_banned_last(path):
    headers = re.findall(r'^#include [<"](.+)[>"]', path.read_text(), re.M)
    assert headers[0] == "config.h", f"{name(path)}: config.h is not the first include"
    assert headers[-1] == "base/banned.h", f"{name(path)}: base/banned.h is not the last include"


@pytest.mark.parametrize("path", C_FILES, ids=name)
def test_functions_fit_a_screen(path):
    lines = path.read_text().splitlines()
    long = [
        f"{name(path)}:{line}: {function} has {length} lines"
        for line, function, length in functions(lines) if length > LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)
