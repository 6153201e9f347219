"""A bad row of data/ stops the build with its file and line."""

import os
import subprocess

import pytest

from place import SOURCE

GOOD = "provider a\ntitle A\nkind isp\nhost a.example\nport 465 tls\n"


def make(table, text, folder):
    path = folder / table
    path.write_text(text)
    return subprocess.run(
        [os.environ.get("AWK", "awk"), "-f", SOURCE / "data/table.awk", "-f", SOURCE / f"data/{table}.awk", path],
        capture_output=True, text=True,
    )


@pytest.mark.parametrize("line, words", [
    ("colour red", "unknown keyword 'colour'"), ("port 70000 tls", "is not a port"), ("port 465", "is not a port"),
    ("size many", "is no number"), ("password secret", "is none of"), ("title B", "a second 'title'"),
    ("sender", "has no value"), ("user literal", "is no form of a user name"), ("provider a", "there is one already"),
])
def test_a_bad_provider(tmp_path, line, words):
    assert make("providers", GOOD, tmp_path).returncode == 0
    done = make("providers", f"# a comment\n{GOOD}{line}\n", tmp_path)
    assert done.returncode == 1 and done.stderr.startswith(f"{tmp_path}/providers:7: ") and words in done.stderr, done


def test_a_provider_that_is_not_whole(tmp_path):
    done = make("providers", "provider a\ntitle A\nkind isp\nport 465 tls\n", tmp_path)
    assert done.returncode == 1 and "providers:4: 'a' above needs" in done.stderr, done


def test_a_bad_reply(tmp_path):
    text = (SOURCE / "data/replies").read_text()
    assert make("replies", text, tmp_path).returncode == 0
    done = make("replies", text + "nonsense\n", tmp_path)
    assert done.returncode == 1 and f"replies:{len(text.splitlines()) + 1}: " in done.stderr, done
