"""What cannot be sent now is kept: when, and what the caller is told."""

import os
import re
import subprocess
import time

import pytest

import place
from dialogue import found


def test_queues_what_cannot_be_sent_now(queue):
    queue.account("queue on")
    result = queue.send("you@example.net")
    assert result.exit == 0, result
    assert re.fullmatch(r"imbuca: queued as [0-9a-z]{14}: cannot connect .*\n", result.err), result
    (message,) = queue.list()
    assert message["recipients"][0]["address"] == "you@example.net"
    assert message["attempts"] == 1 and message["account"] == "test"


@pytest.mark.parametrize("keyword", ["queue off", "timeout 10"])
def test_fails_truthfully_without_a_queue(queue, keyword):
    queue.account(keyword)
    result = queue.send("you@example.net")
    assert result.exit == 75 and "queued" not in result.err, result
    assert not queue.folder.exists()


def test_a_queue_that_is_there_is_used(queue):
    queue.account("timeout 10")
    assert queue.run("enable").exit == 0
    assert queue.send("you@example.net").exit == 0
    assert len(queue.list()) == 1


def test_queues_those_recipients_alone_that_may_get_it_later(queue):
    answers = {"RCPT TO:<later@example.net>": "450 4.2.0 greylisted", "RCPT TO:<never@example.net>": "550 5.1.1 unknown"}
    queue.serve("queue on", answer=answers.get)
    result = queue.send("good@example.net", "later@example.net", "never@example.net")
    assert result.exit == 67 and "1 refused for good, 1 queued as" in result.err, result
    assert [r["address"] for r in queue.list()[0]["recipients"]] == ["later@example.net"]
    assert queue.list()[0]["recipients"][0]["reply"] == "450 4.2.0 greylisted"
    assert [m.recipients for m in queue.sink.mails] == [["good@example.net"]]


def test_does_not_queue_what_is_refused_for_good(queue):
    queue.serve("queue on", answer={".": "554 5.7.1 spam"}.get)
    assert queue.send("you@example.net").exit == 69
    assert queue.list() == []


def test_a_wrong_account_is_told_and_not_queued(queue):
    queue.account("queue on", "auth plain", "user me", "password " + "x" * 5000)
    assert queue.send("you@example.net").exit == 78
    assert queue.list() == []


@pytest.mark.parametrize("password, words", [
    ("passwordeval exit 2", "status 2"), ("passwordeval kill -9 $$ && true", "signal 9"), ("passwordeval true", "printed nothing"),
    ("passwordeval nosuchprogram", "status 127"), ("timeout 10", "no password"),
])
def test_a_password_that_is_not_to_be_had_now_is_no_mistake_of_the_file(queue, password, words):
    queue.account("queue on", password, "user me", "auth plain")
    result = queue.send("you@example.net")
    assert result.exit == 0 and "queued as" in result.err and words in result.err, result
    (message,) = queue.list()
    assert message["attempts"] == 1


def test_a_refused_login_is_queued(queue):
    queue.serve("queue on", "user me", "password x", "auth plain", "tls off",
                keywords=("PIPELINING", "AUTH PLAIN"), answer=lambda line: "535 5.7.8 bad" if line.startswith("AUTH") else None)
    result = queue.send("you@example.net")
    assert result.exit == 0 and "535 5.7.8 bad" in result.err, result
    assert len(queue.list()) == 1


@pytest.mark.parametrize("how", [("-odq",), ("-odd",), ("-O", "DeliveryMode=q")])
def test_queues_untried_what_the_options_want_so(queue, how):
    queue.serve("queue on")
    result = queue.send(*how, "you@example.net")
    assert (result.exit, result.err) == (0, ""), result
    assert queue.list()[0]["attempts"] == 0
    assert queue.sink.connections == 0


def test_only_the_runner_sends_where_the_account_says_so(queue):
    queue.serve("queue only")
    assert queue.send("you@example.net").exit == 0
    assert queue.sink.connections == 0
    assert queue.send("-odi", "you@example.net").exit == 0
    assert len(queue.sink.mails) == 1


def test_sends_in_the_background(queue):
    queue.serve("queue on")
    assert queue.send("-odb", "you@example.net").exit == 0
    for _ in range(200):
        if queue.sink.mails and not queue.list():
            break
        os.sched_yield()
        queue.home.run("--version")
    assert [m.recipients for m in queue.sink.mails] == [["you@example.net"]]
    assert queue.list() == []


def test_without_a_queue_the_options_change_nothing(queue):
    queue.serve("timeout 10")
    assert queue.send("-odq", "you@example.net").exit == 0
    assert len(queue.sink.mails) == 1


def test_an_account_of_options_alone_is_never_queued(queue):
    queue.account("queue on")
    result = queue.send("--host=127.0.0.1", "--port=1", "--tls=off", "-odq", "you@example.net")
    assert result.exit == 75 and not queue.folder.exists(), result
    assert queue.send("--port=1", "you@example.net").exit == 75


@pytest.mark.parametrize("how", ["option", "home", "variable"])
def test_what_waits_knows_the_file_of_its_account(queue, how):
    """The usual file has an account of that name too, with another server."""
    queue.serve("queue on")
    text = queue.home.accounts.read_text()
    other = queue.home.folder / "other"
    queue.home.write_accounts(text.replace(str(queue.sink.port), "1"), path=other)
    if how == "variable":
        queue.home.environment["IMBUCA_ACCOUNTS"] = str(other)
    said = {"option": ("-C", str(other)), "home": ("-C", "~/other"), "variable": ()}[how]
    assert queue.send(*said, "you@example.net").exit == 0
    queue.home.environment.pop("IMBUCA_ACCOUNTS", None)
    (message,) = queue.list()
    assert queue.run("retry", message["id"]).exit == 0
    assert queue.sink.mails == [] and queue.list()[0]["attempts"] == 2
    assert f"\naccounts: {other}\n" in (queue.folder / "ready" / message["id"]).read_text()


def test_an_accounts_file_that_is_a_pipe_is_not_waited_for(queue):
    queue.account("queue on")
    here, there = os.pipe()
    os.write(there, queue.home.accounts.read_bytes())
    os.close(there)
    result = queue.home.run("-C", f"/dev/fd/{here}", "you@example.net", pass_fds=(here,))
    os.close(here)
    assert result.exit == 75 and "cannot connect" in result.err and not queue.folder.exists(), result


def test_a_queue_that_others_can_read_is_not_used(queue):
    queue.account("queue on")
    assert queue.run("enable").exit == 0
    (queue.folder / "ready").chmod(0o755)
    result = queue.send("you@example.net")
    assert result.exit == 77 and "other users have access to 'ready'" in result.err, result


def test_keeps_the_message_byte_by_byte(queue):
    queue.serve("queue on")
    message = b"From: a@example.org\nSubject: x\nDate: now\nMessage-ID: <1@x>\n\n.dot\nFrom here\n\xff\x80 no end"
    queue.send("-odq", "you@example.net", stdin=message)
    assert queue.run("run").exit == 0
    assert queue.sink.mails[0].content == message.replace(b"\n", b"\r\n") + b"\r\n"


def test_the_log_has_the_name_in_the_queue(queue):
    queue.account("queue on", "logfile ~/log")
    queue.send("you@example.net")
    assert f"queue={queue.list()[0]['id']}" in (queue.home.folder / "log").read_text()


def test_what_is_refused_here_is_not_the_servers_word(queue):
    queue.serve("queue on")
    result = queue.send("jörg@example.net")
    assert result.exit == 67 and not found("the server refuses", result.err) and not found("553", result.err), result
    queue.put("jörg@example.net", "you@example.net")
    assert queue.run("run").exit == 0
    (recipient,) = [r for m in queue.list() for r in m["recipients"] if r["state"] != "sent"]
    assert recipient["reply"].startswith("the address <jörg@example.net> needs a server"), recipient


@pytest.mark.root
def test_without_any_route_nothing_is_waited_for(queue):
    """In a network namespace of its own, where even loopback is down; and where a name server cannot be asked."""
    queue.account("queue on", "timeout 30")
    text = queue.home.accounts.read_text()
    for host in ("192.0.2.1", "2001:db8::1", "127.0.0.1"):
        queue.home.write_accounts(text.replace("host 127.0.0.1", f"host {host}"))
        begin = time.monotonic()
        done = subprocess.run(
            ["unshare", "--net", place.program("imbuca"), "you@example.net"], input=b"Subject: x\n\nbody\n", capture_output=True,
            env=queue.home.environment, timeout=60,
        )
        assert done.returncode == 0 and b"queued as" in done.stderr, done
        assert time.monotonic() - begin < 10, "far less than the deadline of 30 seconds"
    assert len(queue.list()) == 3
