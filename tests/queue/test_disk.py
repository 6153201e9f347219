"""What cannot be written down may not be sent: it would be sent again."""

import contextlib
import resource
import subprocess

import pytest

import calls


@pytest.fixture
def disk(queue):
    """The queue's folder is a small file system of its own: disk("ro") and disk("rw") mount it again so."""
    queue.folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=400,mode=700", "tmpfs", queue.folder], check=True)
    yield lambda how: subprocess.run(["mount", "-o", f"remount,{how}", queue.folder], check=True)
    subprocess.run(["umount", queue.folder], check=True)


def test_a_file_that_cannot_be_removed_is_sent_once(queue):
    queue.serve("queue only")
    assert queue.run("enable").exit == 0
    queue.put("you@example.net")
    _, told = calls.inject(queue.home, ("unlinkat", "1+"), "error=EIO", "queue", "run")
    assert "cannot remove its file" in told and len(queue.sink.mails) == 1
    assert queue.run("run").exit == 0
    assert len(queue.sink.mails) == 1 and queue.files() == []


@pytest.mark.root
def test_nothing_is_sent_from_a_read_only_disk(queue, disk):
    queue.serve("queue only")
    assert queue.run("enable").exit == 0
    queue.put("you@example.net")
    disk("ro")
    result = queue.run("run")
    assert "Read-only file system" in result.err and queue.sink.mails == []
    disk("rw")
    assert queue.run("run").exit == 0
    assert len(queue.sink.mails) == 1 and queue.files() == []


def fill(folder, block):
    """Files with that in them, until no more can be made."""
    with contextlib.suppress(OSError):
        for number in range(10000):
            (folder / f"filler{number}").write_bytes(block)


@pytest.mark.root
@pytest.mark.parametrize("block", [bytes(4096), b""], ids=["bytes", "files"])
def test_a_full_disk_is_emptied_and_nobody_gets_it_twice(queue, disk, block):
    """A message for one goes; of one for several must be known who has it, which wants room."""
    refused = ["RCPT TO:<b@example.net>"]
    queue.serve("queue only", answer=lambda line: "451 4.2.0 later" if line in refused else None)
    assert queue.run("enable").exit == 0
    queue.put("first@example.net")  # after which the queue has all the files that it keeps
    assert queue.run("run").exit == 0
    queue.sink.mails.clear()
    queue.put("a@example.net", "b@example.net")
    queue.put("c@example.net")
    fill(queue.folder, block)
    result = queue.run("run")
    assert "No space left on device" in result.err
    assert queue.sink.mails[0].recipients == ["c@example.net"]  # after which there may be room
    for path in queue.folder.glob("filler*"):
        path.unlink()
    assert queue.run("retry").exit == 0
    refused.clear()
    assert queue.run("retry").exit == 0
    assert [mail.recipients for mail in queue.sink.mails] == [["c@example.net"], ["a@example.net"], ["b@example.net"]]
    assert queue.files() == []


def test_a_limit_is_as_a_full_disk(queue):
    queue.serve("queue only", answer=lambda line: "451 4.2.0 later" if line == "RCPT TO:<b@example.net>" else None)
    assert queue.run("enable").exit == 0
    queue.put("a@example.net", "b@example.net")
    for _ in range(2):
        result = queue.home.run("queue", "retry", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
        assert "File too large" in result.err and queue.sink.mails == []
    assert queue.run("retry").exit == 0 and queue.run("retry").exit == 0
    assert [mail.recipients for mail in queue.sink.mails] == [["a@example.net"]]
