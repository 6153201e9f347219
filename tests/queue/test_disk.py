"""What cannot be written down may not be sent: it would be sent again."""

import subprocess

import pytest

import calls


@pytest.fixture
def disk(queue):
    """The queue's folder is a small file system of its own: disk("ro") and disk("rw") mount it again so."""
    queue.folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", queue.folder], check=True)
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


@pytest.mark.root
def test_a_full_disk_is_emptied_and_nobody_gets_it_twice(queue, disk):
    """A message for one goes; of one for several must be known who has it, which wants room."""
    refused = ["RCPT TO:<b@example.net>"]
    queue.serve("queue only", answer=lambda line: "451 4.2.0 later" if line in refused else None)
    assert queue.run("enable").exit == 0
    queue.put("a@example.net", "b@example.net")
    queue.put("c@example.net")
    filler = queue.folder / "filler"
    with pytest.raises(OSError), open(filler, "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    result = queue.run("run")
    assert "No space left on device" in result.err
    assert [mail.recipients for mail in queue.sink.mails] == [["c@example.net"]]
    filler.unlink()
    assert queue.run("retry").exit == 0
    refused.clear()
    assert queue.run("retry").exit == 0
    assert [mail.recipients for mail in queue.sink.mails] == [["c@example.net"], ["a@example.net"], ["b@example.net"]]
    assert queue.files() == []
