"""A message typed on a terminal."""

import contextlib
import os
import pty
import termios

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


# What strangers wrote, shown: on a terminal it commands nothing, and lines end alike everywhere.

HOSTILE = b"Subject: \x1b[31mred\n\nx\ty \xc3\xa8\n\x1b]0;pwn\x07\xff\x9b1m\r\nend"


def shown(home, tty, *arguments, stdin=b""):
    """What a program prints, on a terminal or into a pipe."""
    master, terminal = pty.openpty()
    tty_settings = termios.tcgetattr(terminal)
    tty_settings[1] &= ~termios.OPOST
    termios.tcsetattr(terminal, termios.TCSANOW, tty_settings)
    read, write = os.pipe()
    with home.start(*arguments, stdout=terminal if tty else write) as program:
        os.close(terminal)
        os.close(write)
        program.stdin.write(stdin)
        program.stdin.close()
        text = b""
        with contextlib.suppress(OSError):
            while block := os.read(master if tty else read, 4096):
                text += block
        assert program.wait(10) == 0, program.stderr.read()
    os.close(master)
    os.close(read)
    return text


@pytest.mark.parametrize("tty", [True, False], ids=["terminal", "pipe"])
def test_a_queued_message_commands_no_terminal(home, tty):
    home.write_accounts("account a\nhost 127.0.0.1\nport 1\nqueue on\ntls off\n")
    assert home.run("-odq", "you@example.net", stdin=HOSTILE + b"\n" + b"z\xc3\xa9" * 100000).exit == 0
    (name,) = [line.split()[0] for line in home.run("queue").out.splitlines() if not line.startswith(" ")]
    text = shown(home, tty, "queue", "show", name)
    assert b"\r\n" not in text and b"z\xc3\xa9z" in text and b"x\ty \xc3\xa8\n" in text
    if tty:
        assert rb"Subject: \x1b[31mred" in text and rb"\x1b]0;pwn\x07\xff\x9b1m" in text
        assert not set(text) & (set(range(32)) - set(b"\n\t"))
    else:
        assert b"\x1b]0;pwn\x07\xff\x9b1m\nend\n" in text


@pytest.mark.parametrize("tty", [True, False], ids=["terminal", "pipe"])
def test_what_would_be_sent_commands_no_terminal(home, tty):
    home.write_accounts("account a\nhost mail.example.org\n")
    text = shown(home, tty, "-P", "you@example.net", stdin=HOSTILE)
    assert b"\r" not in text and b"\nrecipient <you@example.net>\n" in text
    assert (rb"Subject: \x1b[31mred" if tty else b"Subject: \x1b[31mred\n") in text
    assert (b"\x1b" in text) != tty
