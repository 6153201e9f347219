"""The player itself: a page that the other side breaks must fail, and say where."""

import contextlib
import socket
import threading
import time

import pytest

import dialogue
import player

KEPT = [b"C1\r\n", b"From: a\r\n\r\n..\r\n.\r\n", b"QUIT\r\n"]


def connected():
    """Two ends of a TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        far = socket.create_connection(listener.getsockname())
        return listener.accept()[0], far


def play(page, tmp_path, said):
    """Plays the page's text as a server, against somebody who says what they are told to, and closes."""
    (tmp_path / "page.txt").write_text("\n" + page)
    near, far = connected()

    def speak():
        with far, contextlib.suppress(ConnectionError):
            for data in said:
                far.sendall(data)
                time.sleep(0.05)

    speaker = threading.Thread(target=speak)
    speaker.start()
    host = player.Player("S", near, None, time.monotonic() + 3, message=b"From: a\n\n.\n")
    try:
        host.play(dialogue.read(tmp_path / "page.txt").steps)
    finally:
        speaker.join()


def test_a_page_that_is_kept(tmp_path):
    play("C: C{number}\n@content\nC: QUIT\nC?: more\n", tmp_path, KEPT)


@pytest.mark.parametrize(
    "page, said, story",
    [
        ("C: one\n", [b"two\r\n"], "not what was expected: two"),
        ("C: one\n", [], "the other side closed"),
        ("C: one\n", [b"one"], "within a line"),
        ("C: one\n", [b"one\n"], "without a CR"),
        ("C: one\n", [b"one\r\n", b"two\r\n"], "more than was expected"),
        ("C: one\n", [b"one\r\ntwo\r\n"], "too much"),
        ("@together\nC: one\nC: two\n", [b"one\r\n", b"two\r\n"], "the group ended"),
        ("@together\nC: one\n@content\n", [b"one\r\ntwo\r\n"], "too much"),
        ("@content\n", [b"From: a\r\n\r\n.\r\n"], "differs at byte 12"),
        ("@content\n", [b"From: a\r\n"], "within the content"),
        ("@chunk\n", [b"BDAT 13\r\nFrom: a\r\n\r\n..."], "not what was expected: BDAT 13"),
        ("@chunk\n", [b"BDAT 14\r\nFrom: a\r\n\r\n.\n"], "within the chunk"),
        ("@chunk\n", [b"BDAT 14\r\nFrom: a\r\n\r\n..."], "differs at byte 12"),
        ("@drip ab\nC: one\n", [b"one\r\n"] * 50, "dripping"),
    ],
)
def test_a_page_that_is_broken(page, said, story, tmp_path):
    with pytest.raises(player.Broken, match=story):
        play(page, tmp_path, said)


@pytest.mark.parametrize("page", ["X: one\n", "@open\nhello\n", "@nothing-of-the-kind\n"])
def test_a_page_that_is_malformed(page, tmp_path):
    with pytest.raises(dialogue.Malformed):
        play(page, tmp_path, [])


@pytest.mark.parametrize(
    "text, there",
    [
        ("port", True),
        ("/^imbuca: .* port [0-9]+$/", True),
        ("/^port/", False),
        ("535", True),
        ("553", False),
        ("385", False),
    ],
)
def test_a_number_is_found_where_it_stands_alone(text, there):
    assert dialogue.found(text, "535 5.7.8\nimbuca: 127.0.0.1 port 38553\n") is there
