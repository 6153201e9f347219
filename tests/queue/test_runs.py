"""Several runs, and what one run must not do again and again."""

import os
import signal
import time

import house
from checksum import crc32c

MESSAGE = b"Subject: x\n\nbody\n"


def refuse_logins(queue):
    """A server that takes none; the list of those who tried."""
    tried = []

    def answer(line):
        if line.startswith("AUTH"):
            tried.append(line)
            return "535 5.7.8 bad credentials"
        return None

    queue.serve("queue on", "user me", "password x", "auth plain", keywords=("PIPELINING", "AUTH PLAIN"), answer=answer)
    return tried


def test_a_refused_login_is_tried_once_a_run_whenever_the_file_was_changed(queue):
    """Just now, or in the future of this clock: no account is locked by a queue."""
    tried = refuse_logins(queue)
    queue.put("you@example.net")
    os.utime(queue.home.accounts)
    queue.run("run")
    assert len(tried) == 1
    then = time.time() + 2 * 86400
    os.utime(queue.home.accounts, (then, then))
    queue.run("run")
    assert len(tried) == 1


def test_a_clock_that_was_ahead_parks_nothing(queue):
    queue.serve("queue on")
    name = queue.put("you@example.net")
    lines = (b"2036-01-01T00:00:00Z deferred 0-0 - data 451 4.3.0 busy", b"2036-01-01T00:00:00Z next - 2036-01-01T01:00:00Z backoff 0 - ")
    journal = queue.folder / "ready" / f"{name}.log"
    journal.write_bytes(b"".join(b"%08x %s\n" % (crc32c(line), line) for line in lines))
    journal.chmod(0o600)
    assert queue.run("run").exit == 0
    assert len(queue.sink.mails) == 1 and queue.list() == []


def test_several_connections_fail_as_one_account(queue):
    """One alarm and one wait, however many of them found the server gone."""
    alarm = queue.home.folder / "alarm"
    queue.serve("queue on", "connections 4", "timeout 2", "queue_warning 1s", f"on_failure echo x >>{alarm}; sleep 1",
                answer=lambda line: time.sleep(5) if line.startswith("EHLO") else None)
    queue.put_many(8)
    queue.run("run")
    time.sleep(1.5)
    queue.run("retry")
    assert alarm.read_text() == "x\n"
    assert (queue.folder / "accounts/_test").read_text().count(" next ") == 2


def test_a_server_that_allows_fewer_connections_gets_all(queue):
    open_now = []

    def answer(line):
        if line.startswith("EHLO"):
            open_now.append(line)
            return "421 4.7.0 too many connections" if len(open_now) > 2 else None
        return None

    queue.serve("queue on", "connections 4", answer=answer)
    queue.put_many(40)
    open_now.clear()
    assert queue.run("run").exit == 0
    assert len(queue.sink.mails) > 30


def run_that_waits(queue):
    """A runner that has sent one message, and waits for an hour before it sends the next; and the name of that."""
    queue.serve("queue on", "rate 1/hour")
    queue.put("a@example.net")
    waiting = queue.put("b@example.net")
    runner = queue.home.start("queue", "run")
    house.until(lambda: queue.sink.mails, "the first is sent")
    return runner, waiting


def test_what_a_runner_began_ends_with_it(queue):
    """After the message that is on its way; so the next run finds the account free."""
    runner, waiting = run_that_waits(queue)
    runner.send_signal(signal.SIGTERM)
    runner.wait(10)
    house.until(lambda: queue.run("remove", "--yes", waiting).exit == 0, "nobody holds the second")
    assert queue.list() == []


def test_what_waits_for_the_rate_can_be_removed(queue):
    runner, waiting = run_that_waits(queue)
    assert queue.run("remove", "--yes", waiting).exit == 0 and runner.poll() is None
    assert queue.list() == []
    runner.send_signal(signal.SIGTERM)
    runner.wait(10)


def test_any_number_of_accounts_has_its_turn(queue):
    """More than are served at once, of which each has two messages: one try a message in a run."""
    queue.serve("queue on", answer=lambda line: "451 4.3.0 later" if line == "." else None)
    text = queue.home.accounts.read_text()
    names = [f"a{number}" for number in range(70)]
    queue.home.write_accounts("".join(text.replace("account test", f"account {name}") for name in names))
    for name in 2 * names:
        assert queue.send("-odq", "-a", name, f"{name}@example.net").exit == 0
    assert queue.run("run").exit == 0
    assert [message["attempts"] for message in queue.list()] == 140 * [1]
    queue.sink.answer = lambda line: None
    assert queue.run("retry").exit == 0
    assert sorted(mail.recipients[0] for mail in queue.sink.mails) == sorted(f"{name}@example.net" for name in 2 * names)
    assert queue.list() == []


def test_a_bad_file_about_one_account_stops_no_other(queue):
    queue.serve("queue on")
    text = queue.home.accounts.read_text()
    queue.home.write_accounts(text + text.replace("account test", "account aaa"))
    assert queue.send("-aaaa", "-odq", "x@example.net").exit == 0
    assert queue.send("-atest", "-odq", "y@example.net").exit == 0
    (queue.folder / "accounts/_aaa").symlink_to("/etc/passwd")
    result = queue.run("run")
    assert "cannot open what the queue knows of an account" in result.err
    assert [mail.recipients for mail in queue.sink.mails] == [["y@example.net"]]


def test_what_was_changed_is_left_alone_and_not_returned(queue):
    queue.serve("queue on")
    name = queue.put("a@example.net")
    queue.age(name, 6 * 86400)
    path = queue.folder / "ready" / name
    path.write_bytes(path.read_bytes().replace(b"body", b"BODY").replace(b"a@example.net", b"b@example.net"))
    assert queue.run("run").err.count("left alone") == 1
    assert queue.sink.mails == [] and queue.files() == [name]


def test_each_of_many_that_come_at_once_is_sent(queue):
    """The run of one serves the account; those of the others wait for it."""
    queue.serve("queue on", answer=lambda line: time.sleep(0.1) if line == "." else None)
    senders = [queue.home.start("-odb", f"you{number}@example.net") for number in range(8)]
    for sender in senders:
        sender.communicate(MESSAGE)
    house.until(lambda: len(queue.sink.mails) == 8, "all are sent", patience=30)
    house.until(lambda: queue.list() == [], "all are gone")


def test_the_rate_holds_from_one_run_to_the_next(queue):
    queue.serve("queue on", "rate 30/minute")
    began = time.monotonic()
    for number in range(3):
        queue.put(f"you{number}@example.net")
        assert queue.run("run").exit == 0
    assert len(queue.sink.mails) == 3 and time.monotonic() - began >= 4
