"""What is printed is in the reader's language, and nothing else changes with it."""

import os

import pytest

# One worker makes the locale, which takes seconds.
pytestmark = pytest.mark.xdist_group("italian")

DAYS = (b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun")


@pytest.fixture
def italian(home, speak):
    """The home of an Italian reader."""
    speak("it")
    return home


def test_an_error_is_in_italian(italian):
    done = italian.run()
    assert done.exit == 64
    assert "nessun destinatario" in done.err


def test_another_language_is_english(home, locales):
    home.environment |= {"LC_ALL": "en_US.UTF-8", "LOCPATH": os.fspath(locales)}
    assert "no recipients" in home.run().err


def test_the_header_stays_as_the_standard_has_it(italian, sends, mailbox):
    assert sends("-i", "receiver@example.net", stdin=b"Subject: x\n\ny\n").exit == 0
    (mail,) = mailbox.mails
    date = next(line for line in mail.header.split(b"\r\n") if line.startswith(b"Date: "))
    assert date[6:9] in DAYS
