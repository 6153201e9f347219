"""imbucad's processes are killed under load, at any moment and at each of their system calls: whatever was answered
by 250 is in its mailbox, whole, and has come to the provider where it is for elsewhere too.

IMBUCA_CRASHES=1000 makes it thorough: so many kills, with their count of messages that came twice.
"""

import contextlib
import os
import random
import re
import signal
import smtplib
import subprocess
import threading
import time

import pytest

import house as machines
import place
import sink

pytestmark = [pytest.mark.slow, pytest.mark.root]

CRASHES = int(os.environ.get("IMBUCA_CRASHES", "12"))
CLIENTS = 4
CHANCE = random.Random(7)
ELSEWHERE = "someone@far.example"


def message(number):
    return b"Subject: %d\r\n\r\n" % number + b"line %d\r\n" % number * 200


class Load:
    """Clients that send one numbered message after the other, each once, whatever becomes of the connection."""

    def __init__(self, machine):
        self.machine, self.ending, self.sent, self.acknowledged = machine, False, 0, set()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._run, args=[way]) for way in ("tcp", "socket") * (CLIENTS // 2)]
        for thread in self.threads:
            thread.start()

    def _run(self, way):
        while not self.ending:
            try:
                with self.machine.over_tcp() if way == "tcp" else self.machine.over_socket() as client:
                    while not self.ending:
                        self._send(client)
            except (OSError, smtplib.SMTPException):
                time.sleep(0.02)  # killed just now

    def _send(self, client):
        with self.lock:
            number = self.sent
            self.sent += 1
        if client.sendmail("www@pi.example", ["anna", "bert", ELSEWHERE], message(number)) == {}:
            self.acknowledged.add(number)

    def end(self):
        self.ending = True
        for thread in self.threads:
            thread.join()


@pytest.fixture
def provider():
    server = sink.Sink(("PIPELINING", "8BITMIME"))
    yield server
    server.close()


@pytest.fixture
def machine(machine, provider):
    return machine.start(machine.provide(provider), "relay loopback")


def numbers_of(mails):
    """The numbers of the messages, each of which is whole."""
    numbers = []
    for mail in mails:
        found = re.search(rb"^Subject: (\d+)$", mail, re.M)
        assert found and mail.partition(b"\n\n")[2] == b"line %s\n" % found[1] * 200, "a message that is not whole"
        numbers.append(int(found[1]))
    return numbers


def judge(machine, provider, load):
    """All have every acknowledged message, and all that they have is whole. Returns how many came twice."""
    machines.until(lambda: not list((machine.folder / "queue" / "ready").iterdir()), "the queue is empty", patience=120)
    twice = 0
    places = {name: machine.mail(name) for name in ("anna", "bert")}
    places[ELSEWHERE] = [mail.content.replace(b"\r\n", b"\n") for mail in provider.mails]
    for name, mails in places.items():
        numbers = numbers_of(mails)
        assert load.acknowledged - set(numbers) == set(), f"{name} has lost some"
        twice += len(numbers) - len(set(numbers))
    return twice


def progress(load):
    """Waits until something goes again."""
    before = len(load.acknowledged)
    machines.until(lambda: len(load.acknowledged) > before + CLIENTS, "mail goes again", patience=60)


def crash(machine, provider, load, kills):
    """Each of `kills` ends one process; what was there for a while is begun anew, as its pauses grow."""
    for count, kill in enumerate(kills, 1):
        progress(load)
        kill(sorted(machine.processes()))
        if count % 4 == 0:
            machine.stop()
            machine.launch()
    progress(load)
    load.end()
    twice = judge(machine, provider, load)
    print(f"{count} killed, {len(load.acknowledged)} of {load.sent} acknowledged, {twice} came twice")
    assert twice <= 2 * CLIENTS * count


@pytest.fixture
def load(machine):
    load = Load(machine)
    yield load
    load.end()


def test_at_any_moment(machine, provider, load):
    def kill(pids):
        time.sleep(CHANCE.uniform(0, 0.05))
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            os.kill(CHANCE.choice(pids), signal.SIGKILL)

    crash(machine, provider, load, [kill] * CRASHES)


def at_work(pids):
    """Those of the processes that do something just now: one that waits makes no system call to be killed at."""
    before = {pid: machines.switches(pid) for pid in pids}
    working = []

    def look():
        working[:] = [pid for pid in pids if machines.switches(pid) != before[pid]]
        return working

    time.sleep(0.1)
    machines.until(look, "a process works")
    return working


@contextlib.contextmanager
def traced(pid, call):
    """Kills the process at that one of its system calls, counted from now."""
    trace = [place.need("strace"), "-f", "-qq", "-o", "/dev/null", "-e", f"inject=all:signal=KILL:when={call}", "-p", str(pid)]
    tracer = subprocess.Popen(trace, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        tracer.terminate()
        tracer.wait(timeout=20)


def dies(machine, pid, patience=5):
    """Whether the process ends soon."""
    end = time.monotonic() + patience
    while pid in machine.processes() and time.monotonic() < end:
        time.sleep(0.02)
    return pid not in machine.processes()


def test_at_each_system_call(machine, provider, load):
    """The calls of one message come round again and again: 1 to 60 are all of them, for each kind of process."""

    def kill_at(call, which):
        def kills():
            working = at_work(sorted(machine.processes()))
            pid = working[which % len(working)]
            with traced(pid, call):
                return dies(machine, pid)

        # Who has nothing more to do makes no call either; then it is another's turn.
        return lambda _pids: machines.until(kills, f"a process dies at call {call}", patience=120)

    # Reception, spool, runner, and the two workers, as their pids have it.
    kills = [kill_at(call, which) for call in range(1, 61) for which in range(5)]
    crash(machine, provider, load, kills if CRASHES >= len(kills) else CHANCE.sample(kills, CRASHES))


def test_the_supervisor_at_any_moment(machine, provider):
    """All others end with it, and nothing is lost."""
    for _ in range(max(2, CRASHES // 10)):
        load = Load(machine)
        progress(load)
        time.sleep(CHANCE.uniform(0, 0.05))
        children = list(machine.processes())
        machine.process.kill()
        machine.process.wait()
        load.end()
        machines.until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in children), "all end with it")
        machine.launch()
        judge(machine, provider, load)
        for name in ("anna", "bert"):
            for path in (machine.home(name) / "Maildir/new").glob("*"):
                path.unlink()
        provider.mails.clear()
