"""The judgement of tools: the formatter's, the static analyser's, the manual pages'."""

import subprocess

import pytest

from place import SOURCE, need, sources

PAGES = sources("man/**/*.[158]")


def judged(*command):
    done = subprocess.run([need(command[0]), *command[1:]], cwd=SOURCE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_clang_format_would_change_nothing():
    judged("clang-format", "--dry-run", "-Werror", *sources("src/**/*.[ch]", "tests/unit/*.[ch]", "fuzz/*.[ch]"))


def test_cppcheck_finds_nothing():
    judged(
        "cppcheck", "--quiet", "--error-exitcode=1", "--inline-suppr", "--std=c11", "-Isrc", "-DHAVE_CONFIG_H",
        "--enable=warning,performance,portability", "src",
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_mandoc_finds_nothing(page):
    # Below "warning" it complains that our own pages are not installed.
    judged("mandoc", "-T", "lint", "-W", "warning", page)
