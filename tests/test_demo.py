"""The demo that README begins with shows what it says: the message, and how it got there."""

import os
import subprocess

from place import BUILD, SOURCE


def test_the_demo_ends_with_the_delivered_message(tmp_path):
    done = subprocess.run(
        [SOURCE / "tests" / "demo"], capture_output=True, text=True, timeout=60,
        env=os.environ | {"IMBUCA_BUILDDIR": str(BUILD), "TMPDIR": str(tmp_path), "HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "C: STARTTLS\n" in done.stderr and "S: 235 2.7.0" in done.stderr
    assert "battery" not in done.stderr
    delivered = done.stdout.partition("== the message in the Maildir\n")[2]
    assert "To: you@example.org\n" in delivered
    assert delivered.endswith("\n\nThe disk is full.\n.\nThe end.\n")
    assert not list(tmp_path.glob("tmp.*"))
