"""The runner: what is due goes, one connection for many; what goes wrong stays where it belongs."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

import jail
import place
import sink
import trips
from checksum import crc32c


def test_sends_many_over_one_connection(queue):
    queue.serve("queue on")
    names = [queue.put(f"you{i}@example.net") for i in range(5)]
    assert queue.run("run").exit == 0
    assert sorted(m.recipients[0] for m in queue.sink.mails) == [f"you{i}@example.net" for i in range(5)]
    assert queue.sink.connections == 1
    assert queue.files() == [] and len(names) == 5


def test_a_hundred_messages_take_at_most_110_round_trips(queue):
    queue.serve("queue on")
    counting = trips.Trips(queue.sink.port)
    queue.account("queue on", port=counting.port)
    queue.put_many(100)
    assert queue.run("run").exit == 0
    counting.close()
    # Names in the queue tell thousandths of a second apart, and a fast disk takes two messages in one.
    assert sorted(m.recipients[0] for m in queue.sink.mails) == sorted(f"you{i}@example.net" for i in range(100))
    assert queue.sink.connections == 1 and 100 < counting.count <= 110, counting.count


def test_tries_nothing_before_it_is_due(queue):
    queue.serve("queue on", answer={".": "451 4.3.0 busy"}.get)
    name = queue.put("you@example.net")
    assert queue.run("run").exit == 0
    tried = queue.sink.connections
    assert "deferred 0-0 - data 451 4.3.0 busy" in queue.journal(name)
    assert queue.list()[0]["attempts"] == 1
    queue.sink.answer = lambda line: None
    assert queue.run("run").exit == 0
    assert queue.sink.connections == tried
    assert queue.run("retry", name).exit == 0
    assert len(queue.sink.mails) == 1 and queue.list() == []


def test_one_that_is_poison_stops_no_other(queue):
    queue.serve("queue on", answer={"RCPT TO:<poison@example.net>": ""}.get)
    queue.put("poison@example.net")
    for i in range(3):
        queue.put(f"you{i}@example.net")
    assert queue.run("run").exit == 0
    assert len(queue.sink.mails) == 3
    assert [m["recipients"][0]["address"] for m in queue.list()] == ["poison@example.net"]


def test_only_those_are_tried_again_who_have_not_got_it(queue):
    answers = {"RCPT TO:<later@example.net>": "450 4.2.0 greylisted"}
    queue.serve("queue on", answer=answers.get)
    name = queue.put("good@example.net", "later@example.net")
    queue.run("run")
    answers.clear()
    assert queue.run("retry", name).exit == 0
    assert [m.recipients for m in queue.sink.mails] == [["good@example.net"], ["later@example.net"]]
    assert queue.list() == []


@pytest.mark.parametrize("greeting", ["421 4.7.0 too many", "554 5.7.1 blocked"])
def test_what_is_wrong_with_the_session_returns_no_message(queue, greeting):
    queue.serve("queue on", answer=lambda line: greeting if line.startswith("EHLO") or line.startswith("HELO") else None)
    for i in range(3):
        queue.put(f"you{i}@example.net")
    assert queue.run("run").exit == 0
    assert len(queue.list()) == 3
    assert queue.sink.connections == 1
    assert queue.run("run").exit == 0
    assert queue.sink.connections == 1, "the account waits"


def test_a_refused_login_waits_until_the_accounts_file_is_changed(queue):
    answers = {}
    queue.serve("queue on", "user me", "password x", "auth plain", keywords=("PIPELINING", "AUTH PLAIN"),
                answer=lambda line: answers.get(line.split()[0]))
    name = queue.put("you@example.net")
    answers["AUTH"] = "535 5.7.8 bad credentials"
    assert queue.run("run").exit == 0
    assert [m["id"] for m in queue.list() if m["sender"]] == [name]
    assert " fix " in queue.journal(name)
    tried = queue.sink.connections
    old = time.time() - 100
    os.utime(queue.home.accounts, (old, old))
    queue.run("run")
    assert queue.sink.connections == tried
    answers.clear()
    time.sleep(1.1)  # a file's change is known to the second
    os.utime(queue.home.accounts)
    assert queue.run("run").exit == 0
    assert ["you@example.net"] in [m.recipients for m in queue.sink.mails]
    assert queue.list() == []


def test_a_server_that_hangs_holds_up_no_other_account(queue):
    queue.serve("queue on")
    dead = sink.Sink(answer=lambda line: time.sleep(8) or None)
    text = queue.home.accounts.read_text()
    queue.home.write_accounts(text + text.replace("account test", "account dead").replace(str(queue.sink.port), str(dead.port)).replace("timeout 10", "timeout 3"))
    assert queue.send("-a", "dead", "-odq", "one@example.net").exit == 0
    assert queue.send("-a", "test", "-odq", "two@example.net").exit == 0
    begin = time.monotonic()
    runner = queue.home.start("queue", "run")
    while not queue.sink.mails and time.monotonic() - begin < 20:
        time.sleep(0.02)
    sent = runner.poll() is None
    assert runner.wait(30) == 0
    dead.close()
    assert queue.sink.mails and sent, "the other account's went while the first hung"
    assert [m["account"] for m in queue.list()] == ["dead"]


def test_a_connection_of_several_at_a_time(queue):
    queue.serve("queue on", "connections 3")
    for i in range(9):
        queue.put(f"you{i}@example.net")
    assert queue.run("run").exit == 0
    assert sorted(m.recipients[0] for m in queue.sink.mails) == [f"you{i}@example.net" for i in range(9)]
    assert 1 <= queue.sink.connections <= 3


def test_no_more_connections_than_the_provider_takes(queue):
    queue.serve("queue on", "connections 4", "provider few", "auth off", answer=lambda line: time.sleep(0.05) or None)
    (queue.home.accounts.parent / "providers").write_text(
        "provider few\ntitle Few\nkind esp\nknown confirmed\nhost 127.0.0.1\nport 465 tls\nuser any\npassword key\nconnections 1\n"
    )
    queue.put_many(6)
    assert queue.run("run").exit == 0
    assert len(queue.sink.mails) == 6 and queue.sink.connections == 1


def test_too_many_recipients_are_split_until_the_server_takes_them(queue):
    counts = {"RCPT": 0, "most": 0}

    def answer(line):
        verb = line[:4]
        counts["RCPT"] = 0 if verb == "MAIL" else counts["RCPT"] + (verb == "RCPT")
        return "554 5.5.3 too many recipients" if verb == "DATA" and counts["RCPT"] > 3 else None

    queue.serve("queue on", answer=answer)
    everybody = [f"you{i}@example.net" for i in range(9)]
    name = queue.put(*everybody)
    assert queue.run("run").exit == 0
    assert [r for m in queue.sink.mails for r in m.recipients] == everybody
    assert [len(m.recipients) for m in queue.sink.mails] == [2, 2, 2, 2, 1]
    assert queue.list() == []
    assert name


def test_one_recipient_that_is_too_many_waits(queue):
    queue.serve("queue on", answer=lambda line: "554 5.5.3 too many recipients" if line[:4] == "DATA" else None)
    name = queue.put("you@example.net")
    begin = time.time()
    assert queue.run("run").exit == 0
    assert " backoff " in queue.journal(name)
    assert queue.list()[0]["attempts"] == 1 and time.time() - begin < 30


def test_keeps_to_the_rate(queue):
    queue.serve("queue on", "rate 4/second", "connections 2")
    for i in range(5):
        queue.put(f"you{i}@example.net")
    begin = time.monotonic()
    assert queue.run("run").exit == 0
    assert time.monotonic() - begin >= 0.95
    assert len(queue.sink.mails) == 5


def test_two_runners_send_each_message_once(queue):
    queue.serve("queue on", "connections 2")
    for i in range(20):
        queue.put(f"you{i}@example.net")
    runners = [queue.home.start("queue", "run") for _ in range(3)]
    assert [r.wait(30) for r in runners] == [0, 0, 0]
    assert sorted(m.recipients[0] for m in queue.sink.mails) == sorted(f"you{i}@example.net" for i in range(20))


def test_what_is_held_is_not_sent(queue):
    queue.serve("queue on")
    name = queue.put("you@example.net")
    assert queue.run("hold", name).exit == 0
    assert queue.files("held") == [name]
    assert queue.run("run").exit == 0 and queue.sink.mails == []
    assert queue.run("release", name).exit == 0
    assert queue.run("run").exit == 0 and len(queue.sink.mails) == 1


def test_what_is_not_tried_again_is_told(queue):
    queue.serve("queue on")
    name = queue.put("you@example.net")
    result = queue.run("retry", "00000000000000")
    assert result.exit == 66 and "there is no message '00000000000000'" in result.err, result
    assert queue.run("hold", name).exit == 0
    result = queue.run("retry", name)
    assert result.exit == 65 and f"'{name}' is in 'held' of the queue" in result.err, result
    assert f"imbuca queue release {name}" in result.err and queue.sink.mails == [], result


@pytest.mark.parametrize("spoil", [
    lambda accounts: accounts.write_text(accounts.read_text() + "bogus\n"),
    lambda accounts: accounts.write_text(accounts.read_text().replace("account test", "account other")),
    lambda accounts: accounts.chmod(0o666),
    lambda accounts: accounts.unlink(),
], ids=["wrong", "other account", "writable", "missing"])
def test_a_run_that_finds_no_account_does_not_end_well(queue, spoil):
    queue.serve("queue on")
    name = queue.put("you@example.net")
    spoil(queue.home.accounts)
    for result in (queue.run("run"), queue.run("retry", name), queue.home.run("-q")):
        assert result.exit == 78 and len(result.err.splitlines()) == 1, result
        assert "queued mail waits for the account 'test': " in result.err, result


def test_what_else_waits_goes_where_one_account_is_not_found(queue):
    queue.serve("queue on")
    text = queue.home.accounts.read_text()
    queue.home.write_accounts(text + text.replace("account test", "account gone"))
    assert queue.send("-agone", "-odq", "one@example.net").exit == 0
    assert queue.send("-atest", "-odq", "two@example.net").exit == 0
    queue.home.write_accounts(text)
    assert queue.run("run").exit == 78
    assert [m.recipients for m in queue.sink.mails] == [["two@example.net"]]


def test_as_many_rounds_as_there_are_take_an_account_once(queue):
    """In each round one message, which comes while the one before is sent."""
    most = 70

    def answer(line):
        if line == "." and len(queue.sink.mails) < most - 1:
            queue.send("-odq", "you@example.net")

    queue.serve("queue on", answer=answer)
    queue.put("you@example.net")
    result = queue.run("run")
    assert (result.exit, result.err, len(queue.sink.mails)) == (0, "", most) and queue.list() == [], result


def test_a_message_is_removed_only_on_purpose(queue):
    queue.account("queue on")
    name = queue.put("you@example.net")
    result = queue.home.run("queue", "remove", name, stdin=b"n\n")
    assert result.exit == 64 and queue.files() == [name], result
    assert queue.run("remove", "--yes", name).exit == 0
    assert queue.files() == []


def test_strange_files_are_left_alone_and_told(queue):
    queue.serve("queue on")
    name = queue.put("you@example.net")
    ready = queue.folder / "ready"
    (ready / "zzzzzzzzzzzzzz").symlink_to("/etc/passwd")
    (ready / "00000000000000").write_text("From: me\n\nno envelope\n")
    (ready / "note.txt").write_text("mine")
    result = queue.run("run")
    assert result.exit == 0, result
    assert "'zzzzzzzzzzzzzz' in 'ready' of the queue is no file of its own; left alone" in result.err
    assert "'00000000000000' in 'ready' of the queue is no whole message" in result.err
    assert len(queue.sink.mails) == 1 and name not in queue.files()
    assert queue.files() == ["00000000000000", "note.txt", "zzzzzzzzzzzzzz"]


def test_a_message_that_was_changed_is_not_sent(queue):
    queue.serve("queue on")
    path = queue.folder / "ready" / queue.put("you@example.net")
    path.write_bytes(path.read_bytes().replace(b"body", b"BODY"))
    result = queue.run("run")
    assert "is not what was queued; left alone" in result.err and queue.sink.mails == [], result


def test_the_envelope_takes_no_line_from_outside(queue):
    queue.serve("queue on", answer={".": "451 4.3.0 no\x0b\x1b[2J%0arecipient: evil@example.net"}.get)
    name = queue.put('"a%0arecipient: b"@example.net')
    queue.run("run")
    assert "evil" in queue.journal(name) and len(queue.journal(name).splitlines()) == 2
    assert "\x1b" not in queue.run("list").out + queue.home.run(program="imbuca", stdin=b"", *["queue", "list", "--json"]).out
    assert [r["address"] for r in queue.list()[0]["recipients"]] == ['"a%0arecipient: b"@example.net']


def test_a_runner_that_was_killed_leaves_no_lock(queue):
    queue.serve("queue on", answer=lambda line: time.sleep(5) or None if line == "." else None)
    queue.put("you@example.net")
    runner = queue.home.start("queue", "run")
    begin = time.monotonic()
    while not queue.sink.connections and time.monotonic() - begin < 20:
        time.sleep(0.02)
    time.sleep(0.3)
    os.killpg(runner.pid, signal.SIGKILL)
    runner.wait()
    queue.sink.answer = lambda line: None
    assert queue.run("run").exit == 0
    assert queue.list() == [] and len(queue.sink.mails) >= 1


def test_on_failure_is_run_once(queue):
    queue.account("queue only", "queue_warning 1s", 'on_failure echo "$IMBUCA_ACCOUNT $IMBUCA_ERROR" >> ~/alarm')
    queue.put("you@example.net")
    alarm = queue.home.folder / "alarm"
    queue.run("retry")
    assert not alarm.exists()
    time.sleep(1.1)
    queue.run("retry")
    queue.run("retry")
    assert len(alarm.read_text().splitlines()) == 1
    assert alarm.read_text().startswith("test cannot connect to")


def test_mailq_speaks_as_postfix_does(queue):
    mailq = queue.home.folder / "mailq"
    mailq.symlink_to(__import__("place").program("imbuca"))
    call = lambda: subprocess.run([mailq], env=queue.home.environment, capture_output=True, text=True)
    queue.account("queue on")
    assert (call().returncode, call().stdout) == (0, "Mail queue is empty\n")
    queue.send("you@example.net")
    lines = call().stdout.splitlines()
    assert lines[0].startswith("-Queue ID-")
    assert lines[1].startswith(queue.list()[0]["id"]) and lines[1].endswith("  sender@example.org")
    assert lines[2].strip().startswith("(cannot connect to") and lines[3].strip() == "you@example.net"
    assert lines[-1] == "-- 1 Kbytes in 1 Request."


def test_status_is_for_a_monitoring_system(queue):
    queue.account("queue on")
    result = queue.run("status")
    assert result.exit == 0 and result.out.startswith("QUEUE OK - 0 waiting"), result
    queue.age(queue.put("you@example.net"), 3 * 3600)
    assert queue.run("status", "--max-age", "4h").exit == 0
    result = queue.run("status", "--max-age", "2h")
    assert result.exit == 2 and result.out.startswith("QUEUE CRITICAL - 1 waiting"), result
    assert "|waiting=1 " in result.out.replace("| ", "|")
    assert re.search(r" age=\d+s;;7200\n", result.out), result
    assert re.search(r" age=\d+s\n", queue.run("status").out), "no threshold is no threshold of 0"


@pytest.mark.parametrize("arguments, words", [(("now",), "status takes no operand"), (("--max-age", "old"), "'old' is no time")])
def test_a_monitoring_system_hears_of_a_wrong_command_as_unknown(queue, arguments, words):
    queue.account("queue on")
    result = queue.run("status", *arguments)
    assert result.exit == 3 and result.out.startswith(f"QUEUE UNKNOWN - {words}"), result


def spoil_by_folder(path):
    path.unlink()
    path.mkdir()


def spoil_by_journal(path):
    path.with_name(path.name + ".log").unlink(missing_ok=True)
    path.with_name(path.name + ".log").symlink_to("/etc/passwd")


SPOILS = (
    lambda path: os.truncate(path, 100),
    lambda path: os.truncate(path, 0),
    lambda path: path.write_bytes(path.read_bytes() + b"x"),
    spoil_by_journal,
    spoil_by_folder,
    lambda path: (path.unlink(), path.symlink_to("/etc/passwd")),
    lambda path: (path.unlink(), os.mkfifo(path)),
)


def test_status_warns_of_what_can_never_be_sent(queue):
    queue.account("queue on")
    queue.put_many(len(SPOILS))
    for name, spoil in zip([m["id"] for m in queue.list()], SPOILS):
        spoil(queue.folder / "ready" / name)
    result = queue.run("status")
    assert result.exit == 1 and result.out.startswith("QUEUE WARNING - 0 waiting, 0 held, 0 failed, 7 unusable,"), result
    assert " unusable=7 " in result.out
    result = queue.run("list")
    assert result.out == "no file in the queue is a message\n" and len(result.err.splitlines()) == 7, result
    assert "empty" not in queue.home.run("-bp").out


def test_status_warns_of_a_message_that_has_changed(queue):
    queue.account("queue on")
    name = queue.put("you@example.net")
    assert queue.run("hold", name).exit == 0
    path = queue.folder / "held" / name
    path.write_bytes(path.read_bytes().replace(b"you@", b"foe@"))
    result = queue.run("status")
    assert result.exit == 1 and result.out.startswith("QUEUE WARNING - 0 waiting, 0 held, 0 failed, 1 unusable,"), result


def test_a_queue_that_cannot_be_looked_into_is_not_empty(queue):
    queue.account("queue on")
    for name, make in {"file": Path.touch, "pipe": os.mkfifo, "loop": lambda path: path.symlink_to(path)}.items():
        path = queue.home.folder / name
        make(path)
        queue.home.environment["IMBUCA_QUEUE"] = str(path)
        result = queue.run("status")
        assert result.exit == 3 and result.out.startswith(f"QUEUE UNKNOWN - cannot look into the queue '{path}': "), result
        for result in (queue.run("list"), queue.run("run"), queue.home.run("-bp")):
            assert result.exit == 77 and "cannot look into the queue" in result.err and "empty" not in result.out, result


@pytest.mark.parametrize("folder", ["/dev/null", "/nonexistent"])
def test_where_there_can_be_no_queue_nothing_waits(queue, folder):
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        queue.home.environment.pop(name, None)
    queue.home.environment["HOME"] = folder
    for result in (queue.run("list"), queue.run("run"), queue.run("status"), queue.home.run("-bp")):
        assert result.exit == 0 and result.err == "", result


def test_a_runner_of_its_own_says_that_the_queue_cannot_be_used(queue):
    queue.account("queue on")
    assert queue.run("enable").exit == 0
    (queue.folder / "ready").chmod(0o755)
    result = queue.home.run("-q1h")
    assert result.exit == 77 and "other users have access to 'ready'" in result.err, result


def test_a_file_that_is_all_hole_is_no_message(queue):
    queue.serve("queue on")
    queue.put("you@example.net")
    hole = queue.folder / "ready" / "00000000000000"
    hole.touch()
    os.truncate(hole, 100 << 30)
    result = queue.run("run")
    assert result.exit == 0 and len(queue.sink.mails) == 1, result
    assert "'00000000000000' in 'ready' of the queue is no whole message: the file has no envelope" in result.err, result
    assert queue.run("status").exit == 1


@pytest.mark.root
def test_another_users_queue_is_not_empty(queue):
    queue.account("queue on")
    queue.put("you@example.net")
    queue.home.environment["IMBUCA_QUEUE"] = str(queue.folder)
    as_nobody = {"user": 65534, "group": 65534, "extra_groups": []}
    for result in (queue.home.run("queue", "status", **as_nobody), queue.home.run("queue", **as_nobody)):
        assert result.exit == (3 if "UNKNOWN" in result.out else 77) and "empty" not in result.out, result
        assert "cannot look into the queue" in result.out + result.err or "belongs to another user" in result.out + result.err


def test_a_queue_is_not_enabled_that_others_can_read(queue):
    queue.account("queue on")
    queue.folder.mkdir(parents=True)
    queue.folder.chmod(0o755)
    result = queue.run("enable")
    assert result.exit == 77 and result.out == "" and f"chmod -R go= '{queue.folder}'" in result.err, result
    queue.folder.chmod(0o700)
    assert queue.run("enable").exit == 0 and queue.run("run").exit == 0


def test_show_shows_the_files(queue):
    queue.account("queue on")
    queue.send("you@example.net")
    name = queue.list()[0]["id"]
    result = queue.run("show", name)
    assert "recipient: you@example.net\n" in result.out and "Subject: x\n" in result.out
    assert queue.journal(name) in result.out
    assert queue.run("show", "00000000000000").exit == 66
    assert queue.run("shw").exit == 64


def test_a_journal_that_is_long_is_written_anew(queue):
    """As a server makes it that says something else of each of thousands of recipients, each time."""
    queue.serve("queue on", answer={"RCPT TO:<later@example.net>": "450 4.2.0 greylisted"}.get)
    name = queue.put("good@example.net", "later@example.net")
    assert queue.run("run").exit == 0
    line = b"2026-11-25T09:23:01Z deferred 1-1 - rcpt 450 4.2.0 " + b"w" * 2000
    line = b"%08x %s\n" % (crc32c(line), line)
    path = queue.folder / "ready" / f"{name}.log"
    with path.open("ab") as journal:
        journal.write(line * (17000000 // len(line)))
    assert queue.run("retry", name).exit == 0
    text = path.read_text()
    assert len(text) < 2000 and text.count(" deferred 1-1 ") == 1 and text.count(" sent 0-0 ") == 1, text
    assert queue.list()[0]["attempts"] == 2 and queue.files("tmp") == []
    queue.sink.answer = lambda line: None
    assert queue.run("retry", name).exit == 0 and queue.list() == []
    assert [mail.recipients for mail in queue.sink.mails] == [["good@example.net"], ["later@example.net"]]


def test_damage_to_a_journal_is_told(queue):
    """A line whose checksum is wrong may have said who has the message already."""
    queue.serve("queue on", answer={"RCPT TO:<later@example.net>": "450 4.2.0 greylisted"}.get)
    name = queue.put("good@example.net", "later@example.net")
    assert queue.run("run").exit == 0 and "damaged" not in queue.run("list").out
    path = queue.folder / "ready" / f"{name}.log"
    path.write_text(path.read_text().replace(" sent 0-0 ", " sent 1-1 "))
    assert "journal that are damaged and count for nothing: 1\n" in queue.run("list").out
    assert queue.list()[0]["damaged"] == 1


@pytest.mark.parametrize("command", ["list", "show", "retry", "hold", "release", "remove", "remove --yes"])
def test_a_name_that_none_can_have_is_a_wrong_command_line(queue, command):
    queue.account("queue on")
    queue.put("you@example.net")
    result = queue.run(*command.split(), "nosuch")
    assert result.exit == 64 and "'nosuch' is no name of a queued message" in result.err, result


@pytest.mark.xdist_group("italian")
@pytest.mark.parametrize("said", ["sì\n", "s\n", "y\n"])
def test_yes_is_said_in_italian(queue, speak, said):
    queue.account("queue on")
    name = queue.put("you@example.net")
    speak("it")
    asked = queue.home.run("queue", "remove", name, stdin=b"\n")
    assert asked.exit == 64 and "[s/N]" in asked.err and len(queue.list()) == 1, asked
    assert queue.home.run("queue", "remove", name, stdin=said.encode()).exit == 0
    assert queue.list() == []


def test_remove_looks_before_it_asks(queue):
    queue.account("queue on")
    name = queue.put("you@example.net")
    result = queue.run("remove", "00000000000000")
    assert result.exit == 66 and "[y/N]" not in result.err, result
    result = queue.home.run("queue", "remove", name, stdin=b"n\n")
    assert result.exit == 64 and "for good: 1." in result.err and len(queue.list()) == 1, result
    assert queue.home.run("queue", "remove", name, stdin=b"y\n").exit == 0
    assert queue.list() == []


@pytest.mark.parametrize("arguments", [("queue", "status"), ("queue",), ("-bP",), ("-bp",)])
def test_a_disk_that_is_full_is_told_everywhere(queue, arguments):
    queue.account("queue on")
    queue.put("you@example.net")
    with open("/dev/full", "wb") as full:
        program = queue.home.start(*arguments, stdout=full)
        _, said = program.communicate(timeout=10)
    assert program.returncode == 75 and b"cannot write 'standard output'" in said, said


def test_a_runner_of_its_own_comes_again(queue):
    """-q with a time is a daemon: what is queued later goes in a later round."""
    queue.serve("queue on")
    runner = queue.home.start("-q1s")
    try:
        for number in (1, 2):
            assert queue.send("-odq", f"you{number}@example.net").exit == 0
            assert jail.wait_for(lambda: len(queue.sink.mails) == number and queue.list() == [], seconds=40)
    finally:
        place.end_processes(queue.home.folder)
        runner.wait(20)
    assert [m.recipients for m in queue.sink.mails] == [["you1@example.net"], ["you2@example.net"]]


def test_on_failure_that_fails_is_told_and_stops_nothing(queue):
    queue.account("queue only", "queue_warning 1s", "on_failure exit 3")
    queue.put("you@example.net")
    queue.run("retry")
    time.sleep(1.1)
    result = queue.run("retry")
    assert result.exit == 0 and "on_failure" in result.err, result
    assert [m["recipients"][0]["address"] for m in queue.list() if m["sender"]] == ["you@example.net"]


def test_an_account_that_works_again_may_alarm_again(queue):
    queue.account("queue only", "queue_warning 1s", "on_failure echo x >> ~/alarm")
    queue.put("you@example.net")
    alarm = queue.home.folder / "alarm"
    for round in (1, 2):
        queue.run("retry")
        time.sleep(1.1)
        queue.run("retry")
        assert len(alarm.read_text().splitlines()) == round
        queue.serve("queue only", "queue_warning 1s", "on_failure echo x >> ~/alarm")
        assert queue.run("retry").exit == 0 and queue.list() == []
        queue.sink.close()
        queue.account("queue only", "queue_warning 1s", "on_failure echo x >> ~/alarm")
        queue.put("you@example.net")
