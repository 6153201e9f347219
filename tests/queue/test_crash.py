"""Senders and runners are killed at any moment: what was acknowledged arrives, whole, and twice only
where the process died between the end of the data and the note of it.

IMBUCA_CRASHES=5000 makes it thorough: so many kills by chance, then one at each system call, and each
call failing in each way. With -s it prints how many messages came twice.
"""

import os
import random
import re
import signal
import subprocess
import time

import pytest

import calls

pytestmark = pytest.mark.slow

CRASHES = int(os.environ.get("IMBUCA_CRASHES", "40"))


def kill_after(process, seconds):
    """Kills the process and all that it has begun. Returns whether it had ended by then."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        pass
    ended = process.poll() is not None
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.communicate()
    return ended


def arrived(queue):
    """How often each message has arrived, by its number; each of them must be whole."""
    counts = {}
    for mail in list(queue.sink.mails):
        number = int(re.search(rb"^Subject: (\d+)\r$", mail.content, re.M)[1])
        assert mail.content.endswith(b"\r\n\r\n" + b"line %d\r\n" % number * 200), "a message that is not whole"
        counts[number] = counts.get(number, 0) + 1
    return counts


def test_what_was_acknowledged_arrives(queue):
    queue.serve("queue only")
    assert queue.run("enable").exit == 0
    acknowledged, killed_runs = {0}, 0
    chance = random.Random(7)
    begin = time.monotonic()
    assert queue.send("-P", "you@example.net").exit == 0 and queue.send("you@example.net", stdin=message(0)).exit == 0
    longest = time.monotonic() - begin  # of two, on whatever machine this is
    for number in range(1, CRASHES):
        sender = queue.home.start("you@example.net")
        sender.stdin.write(message(number))
        sender.stdin.close()
        sender.stdin = None
        if kill_after(sender, chance.uniform(0, longest)) and sender.returncode == 0:
            acknowledged.add(number)
        if number % 2:
            killed_runs += not kill_after(queue.home.start("queue", "retry"), chance.uniform(0, longest))
    assert queue.run("retry").exit == 0
    counts = arrived(queue)
    twice = sum(count - 1 for count in counts.values())
    print(f"{CRASHES} senders, {len(acknowledged)} acknowledged, {killed_runs} runs killed, {twice} came twice")
    assert len(acknowledged) > CRASHES // 10 and killed_runs > 0
    assert acknowledged - set(counts) == set(), "lost"
    assert twice <= killed_runs
    assert queue.list() == []


def some(pairs, count):
    """All of them, or where no number of crashes was asked for so many by chance."""
    return pairs if "IMBUCA_CRASHES" in os.environ else random.Random(11).sample(pairs, count)


def message(number):
    return b"Subject: %d\n\n" % number + b"line %d\n" % number * 200


def drain(queue):
    """Runs until nothing is left: a runner that lost its parent may still be at it."""
    begin = time.monotonic()
    while queue.list() and time.monotonic() - begin < 60:
        assert queue.run("retry").exit == 0
    assert queue.list() == []


ERRORS = ("ENOSPC", "EIO", "EINTR", "EMFILE", "ENOMEM", "ECONNRESET")


def test_each_failure_of_the_insertion_is_told_and_leaves_nothing(queue):
    """Each of its system calls fails once: no yes without a message, no no with one, and nothing half-written."""
    queue.account("queue only")
    assert queue.run("enable").exit == 0
    wrong, tried = [], calls.failures(calls.made(queue.home, "you@example.net", stdin=message(0)), ERRORS)
    for call, error in some(tried, 40):
        before = set(queue.files())
        code, told = calls.inject(queue.home, call, f"error={error}", "you@example.net", stdin=message(1))
        new = set(queue.files()) - before
        if (code == 0) != (len(new) == 1) or (code != 0 and not told and call[0] != "write") or queue.files("tmp"):
            wrong.append((call, error, code, told, new))
    assert wrong == []
    assert all(m["recipients"] for m in queue.list())


def test_each_failure_of_a_run_loses_nothing(queue):
    """Each of its system calls fails once; then a run without failures."""
    queue.serve("queue only", "timeout 2")
    assert queue.run("enable").exit == 0
    assert queue.send("you@example.net", stdin=message(0)).exit == 0
    tried = some(calls.failures(calls.made(queue.home, "queue", "retry"), ERRORS), 30)
    for number, (call, error) in enumerate(tried, 1):
        assert queue.send("you@example.net", stdin=message(number)).exit == 0
        calls.inject(queue.home, call, f"error={error}", "queue", "retry")
    drain(queue)
    counts = arrived(queue)
    twice = sum(count - 1 for count in counts.values())
    print(f"{len(tried)} runs with a call that failed; {twice} came twice")
    assert set(counts) == set(range(len(tried) + 1)), "lost"


@pytest.mark.parametrize("what", ["insertion", "run"])
def test_death_at_each_call_loses_nothing(queue, what):
    """A sender, or a runner, is killed at each of its system calls; then a run to the end."""
    queue.serve("queue only", "timeout 2")
    assert queue.run("enable").exit == 0
    sender = ["you@example.net"]
    acknowledged = {0}
    if what == "run":
        assert queue.send(*sender, stdin=message(0)).exit == 0
    tried = some(calls.made(queue.home, *(sender if what == "insertion" else ["queue", "retry"]), stdin=message(0)), 25)
    deaths = 0
    for number, call in enumerate(tried, 1):
        if what == "insertion":
            code, _ = calls.inject(queue.home, call, "signal=KILL", *sender, stdin=message(number))
            acknowledged |= {number} if code == 0 else set()
        else:
            assert queue.send(*sender, stdin=message(number)).exit == 0
            code, _ = calls.inject(queue.home, call, "signal=KILL", "queue", "retry")
            acknowledged.add(number)
        deaths += code != 0
    assert deaths > len(tried) // 2
    drain(queue)
    counts = arrived(queue)
    twice = sum(count - 1 for count in counts.values())
    print(f"killed at each of {len(tried)} calls of the {what}; {len(acknowledged)} acknowledged; {twice} came twice")
    assert acknowledged - set(counts) == set(), "lost"
    assert twice <= (deaths if what == "run" else 0)
