"""The machine loses power the moment a sender has ended: the message is on the disk.

The queue is on a file system in a file; as soon as the sender exits 0 that file is copied, which is
what the disk has, and the message is looked for in the copy. IMBUCA_POWER_LOSSES=100 takes longer.
"""

import os
import subprocess

import pytest

import place

LOSSES = int(os.environ.get("IMBUCA_POWER_LOSSES", "10"))
OPTIONS = {"xfs": "loop,nouuid"}
SIZES = {"ext4": 32, "xfs": 304, "btrfs": 112}  # MB; what each of them needs at least

pytestmark = [pytest.mark.root, pytest.mark.slow]


@pytest.fixture(params=["ext4", "xfs", "btrfs"])
def disk(request, tmp_path):
    """(kind of file system, file that it is in, where it is mounted)"""
    kind, image, folder = request.param, tmp_path / "disk", tmp_path / "mounted"
    make = place.need(f"mkfs.{kind}")
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(SIZES[kind] << 20)
    subprocess.run([make, "-q", image], check=True, capture_output=True)
    if subprocess.run(["mount", "-o", "loop", image, folder], capture_output=True).returncode != 0:
        place.missing(f"this kernel cannot mount {kind} from a file")
    yield kind, image, folder
    subprocess.run(["umount", folder], check=True)


def cut_power(image, copy):
    """Copies what the disk has. A copy in the midst of which the kernel wrote is of no moment at all: it is made again.
    It is a new file each time: a loop device that is not quite gone still shows what the file before it held."""
    copy.unlink(missing_ok=True)
    before = None
    while before != image.stat().st_mtime_ns:
        before = image.stat().st_mtime_ns
        subprocess.run(["cp", "--sparse=always", image, copy], check=True)


def test_no_acknowledged_message_is_lost(queue, disk, tmp_path):
    kind, image, folder = disk
    queue.account("queue only")
    copy, there = tmp_path / "copy", tmp_path / "there"
    there.mkdir()
    for number in range(LOSSES):
        queue.home.environment["IMBUCA_QUEUE"] = str(folder / "queue")
        assert queue.send("you@example.net", stdin=b"Subject: x\n\nbody %d.\n" % number).exit == 0
        cut_power(image, copy)
        subprocess.run(["mount", "-o", OPTIONS.get(kind, "loop"), copy, there], check=True)
        if os.stat(there).st_dev == os.stat(folder).st_dev:
            place.missing(f"this kernel takes the copy of {kind} for the original")
        try:
            queue.home.environment["IMBUCA_QUEUE"] = str(there / "queue")
            names = {message["id"] for message in queue.list()}
            assert len(names) == number + 1
            assert any(b"body %d.\r\n" % number in (there / "queue" / "ready" / name).read_bytes() for name in names)
        finally:
            subprocess.run(["umount", there], check=True)
