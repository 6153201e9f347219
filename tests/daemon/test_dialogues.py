"""Plays each page of tests/dialogues/daemon: the page's client against imbucad.

A page is played over each transport that it names, and once more with every line a byte at a time.
"""

import socket
import time

import pytest

import dialogue
import player
from place import SOURCE

FOLDER = SOURCE / "tests" / "dialogues" / "daemon"


def variants():
    for path in sorted(FOLDER.glob("*.txt")):
        page = dialogue.read(path, "C")
        for transport in page.transports:
            yield pytest.param(page, transport, False, id=f"{path.stem}-{transport}")
            if page.split == "yes":
                yield pytest.param(page, transport, True, id=f"{path.stem}-{transport}-split")


@pytest.mark.parametrize("page, transport, split", variants())
def test_page(page, transport, split, shared):
    daemon = shared(*page.option)
    port = daemon.tls_port if transport == "tls" else daemon.port
    client = player.Player(
        "C", socket.create_connection(("127.0.0.1", port)), daemon.context(), time.monotonic() + float(page.within),
        split=split, message=page.message,
    )
    try:
        client.play(page.steps_over(transport))
    except player.Broken as broken:
        pytest.fail(f"{page.path.relative_to(SOURCE)}\n{broken}\n--- log\n{daemon.log}", pytrace=False)
    arrived = daemon.messages
    content = page.message if page.content is None else page.content
    assert len(arrived) == int(page.arrives), daemon.log
    assert all(message.endswith(b"\n" + content) for message in arrived), arrived
    assert all(text in daemon.log for text in page.log), daemon.log
