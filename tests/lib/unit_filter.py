"""Runs a command under the SystemCallFilter of a unit, where no systemd runs: unit_filter.py UNIT COMMAND...

As systemd does it: what is allowed and not taken away again goes through, anything else gets EPERM.
"""

import ctypes
import errno
import os
import re
import subprocess
import sys

ALLOW, ERRNO_EPERM = 0x7FFF0000, 0x00050000 | errno.EPERM


def groups():
    """systemd's groups of calls, by name: what each of them has, other groups too."""
    said = subprocess.run(["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True).stdout
    return {
        name: re.findall(r"^ +([@\w-]+)$", text, re.M) for name, text in re.findall(r"^(@[\w-]+)\n((?: .*\n)*)", said, re.M)
    }


def allowed(unit):
    known = groups()

    def members(word):
        return set().union(*map(members, known[word])) if word in known else {word}

    calls = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", open(unit).read(), re.M):
        named = set().union(*map(members, line.removeprefix("~").split()))
        calls = calls - named if line.startswith("~") else calls | named
    return calls | members("@default")


def command(unit):
    """What a daemon is started by, so that it has the calls alone that this unit of contrib/ leaves it."""
    folder = os.path.dirname(os.path.abspath(__file__))
    return ["/usr/bin/python3", os.path.join(folder, "unit_filter.py"), os.path.join(os.environ.get("IMBUCA_BUILDDIR", f"{folder}/../.."), "contrib", unit)]


def main():
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    filter = ctypes.c_void_p(library.seccomp_init(ERRNO_EPERM))
    for name in allowed(sys.argv[1]):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            library.seccomp_rule_add(filter, ALLOW, number, 0)
    if library.seccomp_load(filter) != 0:
        sys.exit("cannot load the filter")
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
