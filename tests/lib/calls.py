"""A program's system calls by strace: which it makes, and what becomes of it where one of them fails or is its last."""

import collections
import re
import subprocess

import imbuca
import place

# They cannot fail, or are the end of the program anyway.
LEFT_OUT = {"execve", "exit", "exit_group", "rt_sigreturn", "restart_syscall"}

# What strace can have fail though the kernel never lets it, in a way that libc doesn't bear: brk says the old end of the
# heap and no error, close has closed whatever it says, and the loader dies of its first mmap before there is a program.
NEVER_FAIL = {("mmap", 1), "brk", "close"}


def made(home, *arguments, stdin=b""):
    """What `imbuca ARGUMENTS` calls, as (NAME, N): the Nth call of that name in one of its processes, in their order."""
    log = home.folder / "calls"
    done = _run(home, ["-o", log], arguments, stdin)
    assert done.returncode == 0, done
    counts, found = collections.Counter(), {}
    for line in log.read_text(errors="replace").splitlines():
        call = re.match(r"(\d+) +(\w+)\(", line)
        if call and call[2] not in LEFT_OUT:
            counts[call.groups()] += 1
            found[call[2], counts[call.groups()]] = True
    return list(found)


def failures(calls, errors):
    """Each of these calls with each of the errors that it may meet with."""
    return [(call, error) for call in calls if not {call, call[0]} & NEVER_FAIL for error in errors]


def inject(home, call, what, *arguments, stdin=b""):
    """Runs it while its call (NAME, N) meets with `what`, "error=EIO" or "signal=KILL". Its exit code and words."""
    name, number = call
    done = _run(home, ["-o", "/dev/null", "-e", f"trace={name}", "-e", f"inject={name}:{what}:when={number}"], arguments, stdin)
    return done.returncode, done.stderr.decode(errors="replace")


def _run(home, options, arguments, stdin):
    return subprocess.run(
        [place.need("strace"), "-f", "-qq", *options, place.program("imbuca"), *arguments],
        env=home.environment, cwd=home.folder, input=stdin, capture_output=True, start_new_session=True, timeout=imbuca.LONGEST,
    )
