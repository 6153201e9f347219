"""Values that are too long: an error that says so, and never a part of the value."""

import pytest

import imbuca

MESSAGE = b"Subject: x\n\nHello\n"


@pytest.mark.parametrize("length", [8170, 10000])
def test_full_name(home, length):
    done = home.run("-P", "--host=127.0.0.1", "-F", "x" * length, "joe@example.org", stdin=MESSAGE)
    assert done.exit == 65, done
    assert "full name is too long" in done.err


def test_password(home):
    home.write_accounts(imbuca.Account(1, extra=("user joe", "auth plain", "password " + "x" * 5000)).text())
    done = home.run("joe@example.org", stdin=MESSAGE)
    assert done.exit == 78, done
    assert "the password has more than" in done.err


def test_what_passwordeval_prints(home):
    home.write_accounts(imbuca.Account(1, extra=("user joe", "auth plain", "passwordeval yes")).text())
    done = home.run("joe@example.org", stdin=MESSAGE)
    assert done.exit == 77, done
    assert "printed more than" in done.err
