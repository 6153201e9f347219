"""A queue of very many messages is listed, run and added to in a memory that does not grow with it.

IMBUCA_MESSAGES=100000 takes longer; with -s it prints times and memory.
"""

import json
import os
import pathlib
import re
import subprocess
import time

import pytest

import place

pytestmark = pytest.mark.slow

MANY = int(os.environ.get("IMBUCA_MESSAGES", "1000"))
FEW = 10
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# What a name in the listing may take; the messages themselves are read one after the other.
BYTES_PER_MESSAGE, MARGIN = 64, 4 << 20


def multiply(queue, name, count):
    """Makes `count` messages of one, each a file of its own."""
    ready = queue.folder / "ready"
    content = (ready / name).read_bytes()
    for number in range(count):
        digits = "".join(ALPHABET[number >> 5 * at & 31] for at in reversed(range(5)))
        with open(ready / f"{name[:9]}{digits}", "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(content)
    (ready / name).unlink(missing_ok=True)


def measured(queue, *arguments, stdin=b""):
    """Seconds and bytes that a run of imbuca takes, and what it writes."""
    out = queue.home.folder / "out"
    given = queue.home.folder / "in"
    given.write_bytes(stdin)
    # Freed memory that a sanitizer keeps for a while is none of ours.
    environment = queue.home.environment | {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"}
    begin = time.monotonic()
    with open(out, "wb") as stdout, open(given, "rb") as file:
        process = subprocess.Popen([place.program("imbuca"), *arguments], env=environment, stdin=file, stdout=stdout)
        memory = 0
        while process.poll() is None:
            memory = max(memory, resident(process.pid))
            time.sleep(0.005)
    assert process.returncode == 0
    return time.monotonic() - begin, memory, out.read_text()


def resident(pid):
    """The most that the process and those that it began had in memory so far, in bytes. (What the kernel says in the end
    counts this program too, out of which it began.)"""
    try:
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        own = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())
        return (int(own[1]) << 10 if own else 0) + sum(map(resident, children))
    except OSError:
        return 0  # it has just ended


def all_of(queue, count):
    """Insertion, listing and run with so many messages."""
    multiply(queue, queue.put("you@example.net"), count)
    insertion = measured(queue, "-odq", "you@example.net", stdin=b"Subject: x\n\nbody\n")
    listing = measured(queue, "queue", "list", "--json")
    assert len(json.loads(listing[2])) == count + 1
    taken = len(queue.sink.mails)
    run = measured(queue, "queue", "run")
    assert len(queue.sink.mails) - taken == count + 1 and queue.files() == []
    return {"insertion": insertion, "list": listing, "run": run}


def test_takes_no_more_memory_for_many(queue):
    queue.serve("queue on")
    few, many = all_of(queue, FEW), all_of(queue, MANY)
    for what, (seconds, memory, _) in many.items():
        print(f"{what}: {seconds:.3f} s and {memory / 1e6:.1f} MB with {MANY}, {few[what][0]:.3f} s and {few[what][1] / 1e6:.1f} MB with {FEW}")
        assert memory <= few[what][1] + MARGIN + BYTES_PER_MESSAGE * MANY, what
    assert many["insertion"][0] < few["insertion"][0] + 5
