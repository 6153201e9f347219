"""Runs one client once, and says what that took."""

import os
import re
import subprocess
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    wall: float  # seconds, as is
    cpu: float  # its own and the kernel's for it
    memory: float  # MB, the most that was resident


def run(client, command, message):
    """Runs it with the message, a file, as its standard input."""
    with open(message, "rb") as stdin:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdin=stdin, env=client.environment)
        # The kernel's own maximum would be this program's, which was the child's before it began.
        memory = 0
        while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            memory = max(memory, _resident(process.pid))
            time.sleep(0.0005 if time.perf_counter() - begin < 0.05 else 0.01)
        wall = time.perf_counter() - begin
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{client.name} failed with {process.returncode}")
    return Usage(wall, usage.ru_utime + usage.ru_stime, memory / 1024)


def wall(client, command, message):
    """Seconds, with nothing else going on."""
    with open(message, "rb") as stdin:
        begin = time.perf_counter()
        subprocess.run(command, stdin=stdin, env=client.environment, check=True)
        return time.perf_counter() - begin


def instructions(client, command, message):
    """Of the whole process, by callgrind: these repeat."""
    with open(message, "rb") as stdin:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command],
            stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=client.environment, check=True,
        )
    return int(re.search(rb"Collected : (\d+)", done.stderr).group(1))


def _resident(pid):
    """The most that a process had in memory so far, in KB."""
    try:
        with open(f"/proc/{pid}/status") as status:
            return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1))
    except (OSError, AttributeError):
        return 0  # it has just ended
