"""A message typed on a terminal."""

import os
import pty

import pytest


@pytest.mark.parametrize("typed, options, size", [
    (b"Subject: x\n\none\n.\n", (), 19),
    (b"Subject: x\n\none\n.\n.\n\x04", ("-i",), 25),
])
def test_a_lone_dot(home, typed, options, size):
    home.write_accounts("account a\nhost mail.example.org\nset_from_header off\nset_date_header off\nset_msgid_header off\n")
    master, terminal = pty.openpty()
    try:
        os.write(master, typed)
        result = home.run("-P", *options, "you@example.net", stdin=os.fdopen(terminal), timeout=10)
    finally:
        os.close(master)
    assert result.exit == 0, result
    assert f"size {size}\n" in result.out
