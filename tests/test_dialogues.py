"""Plays each page of tests/dialogues: submit/ with imbuca as the client, queue/ with its queue's runner,
daemon/ with imbucad as the server.

A page is played over each transport that it names, and once more with every reply a byte at a time.
"""

import json
import socket
import subprocess
import time

import pytest

import certificates
import dialogue
import imbuca
import player
from place import SOURCE

FOLDER = SOURCE / "tests" / "dialogues"


def variants(folder):
    for path in sorted((FOLDER / folder).glob("*.txt")):
        page = dialogue.read(path)
        for transport in page.transports:
            yield pytest.param(page, transport, False, id=f"{path.stem}-{transport}")
            if page.split == "yes":
                yield pytest.param(page, transport, True, id=f"{path.stem}-{transport}-split")


@pytest.fixture(scope="session")
def identities(authority, identity, tmp_path_factory):
    """The certificates that a page can ask for, by the name it uses."""
    return {
        "localhost": identity,
        "lasting": authority.issue("lasting", days=100),
        "expired": authority.issue("expired", days=-1),
        "other-name": authority.issue("other-name", names="DNS:mail.example.com"),
        "unknown": certificates.make_authority(tmp_path_factory.mktemp("unknown"), "unknown").issue("unknown"),
    }


@pytest.mark.parametrize("page, transport, split", variants("submit"))
def test_submit(page, transport, split, home, authority, identities):
    play_server(page, transport, split, home, authority, identities, lambda accounts, port: ["-C", accounts, *page.command(port=port)])


@pytest.mark.parametrize("page, transport, split", variants("queue"))
def test_queue(page, transport, split, home, authority, identities):
    def fill(_accounts, _port):
        assert home.run("queue", "enable").exit == 0
        for recipients in page.queued:
            result = home.run("-odq", *recipients.split(), stdin=page.message)
            assert (result.exit, result.err) == (0, ""), result
        return ["queue", "run"]

    play_server(page, transport, split, home, authority, identities, fill)
    waiting = json.loads(home.run("queue", "list", "--json").out)
    left = [r["address"] for message in waiting for r in message["recipients"]]
    assert sorted(left) == sorted(page.left.split())


def play_server(page, transport, split, home, authority, identities, command):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        account = imbuca.Account(port, transport, authority.certificate, tuple(page.account))
        accounts = home.write_accounts(account.text())
        for name, text in page.files.items():
            (home.folder / name).write_text(text)
        arguments = command(accounts, port)
        began = time.monotonic()
        program = start(home, page, arguments)
        try:
            deadline = began + float(page.within)
            host = player.Player(
                "S", accept(listener, program, deadline), identities[page.certificate].context(), deadline,
                split=split, message=page.message, content=page.content,
                again=lambda: accept(listener, program, deadline),
            )
            story = play(host, page.steps_over(transport))
            code = ended(program, deadline)
        finally:
            program.kill()
            program.wait()
    judge(page, story, code, home)


def start(home, page, arguments):
    """imbuca with the page's message on its standard input, its output in files of its home."""
    if page.stdin == "file":
        (home.folder / "message").write_bytes(page.message)
        stdin = open(home.folder / "message", "rb")
    else:
        stdin = -1
    with open(home.folder / "stdout", "wb") as out, open(home.folder / "stderr", "wb") as err:
        program = home.start(*arguments, stdin=stdin, stdout=out, stderr=err)
    if page.stdin == "file":
        stdin.close()
    else:
        feed(program, page.message)
    return program


def feed(program, message):
    try:
        with program.stdin as pipe:
            pipe.write(message)
    except BrokenPipeError:
        pass  # It ended without reading, which the page's exit code judges.


def accept(listener, program, deadline):
    """The program's connection; None where it ended or the time did, and it hadn't come."""
    listener.settimeout(0.05)
    while time.monotonic() < deadline:
        last = program.poll() is not None
        try:
            return listener.accept()[0]
        except TimeoutError:
            if last:
                break
    return None


def ended(program, deadline):
    """The program's exit code, or "none" if it doesn't come to its end in time."""
    try:
        return program.wait(timeout=max(1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return "none"


def play(host, steps):
    """Plays; returns what went wrong, or None. The program's own words belong to it, so nothing is raised."""
    if host.connection is None:
        return "it never connected"
    try:
        host.play(steps)
        return None
    except player.Broken as broken:
        return str(broken)


def judge(page, story, code, home):
    out, err = ((home.folder / name).read_text(errors="backslashreplace") for name in ("stdout", "stderr"))
    faults = [story] if story else []
    if str(code) not in page.exit.split():
        faults.append(f"exit {code}, not {page.exit}")
    faults += [f"stdout lacks {text!r}" for text in page.stdout if not dialogue.found(text, out)]
    faults += [f"stderr lacks {text!r}" for text in page.stderr if not dialogue.found(text, err)]
    faults += [f"{text!r} was printed" for text in page.never if dialogue.found(text, out + err)]
    if faults:
        said = f"--- stdout\n{out}--- stderr\n{err}"
        pytest.fail(f"{page.path.relative_to(SOURCE)}\n" + "\n".join(faults) + f"\n{said}", pytrace=False)
