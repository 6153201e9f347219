"""Runs the programs as somebody who has a home of their own and nothing else of this machine.

Not a terminal either: whoever runs the suite is asked for no password.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import place

# No run may last longer, whatever the program does: a hang is a failure with a name.
LONGEST = 60


@dataclass(frozen=True)
class Result:
    exit: int
    out: str
    err: str

    def __str__(self):
        return f"exit {self.exit}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Home:
    """A home folder; what is run in it sees no environment but this."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.accounts = self.folder / ".config" / "imbuca" / "accounts"
        self.environment = {
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder / ".config"),
            "XDG_STATE_HOME": str(self.folder / ".state"),
            "XDG_RUNTIME_DIR": str(self.folder / ".run"),
            "TMPDIR": str(self.folder / ".tmp"),
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "IMBUCA_OAUTH": str(place.BUILD / "imbuca-oauth"),
        }
        for variable in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if variable in os.environ:
                self.environment[variable] = os.environ[variable]
        # What libraries never free is no fault of ours: only a sanitized build reads this.
        self.environment["LSAN_OPTIONS"] = f"suppressions={place.SOURCE}/tests/lib/leaks:print_suppressions=0"
        for folder in (self.accounts.parent, *map(Path, (self.environment["XDG_RUNTIME_DIR"], self.environment["TMPDIR"]))):
            folder.mkdir(parents=True, exist_ok=True)

    def write_accounts(self, text, *, mode=0o600, path=None):
        """Writes an accounts file (by default the one that is found by itself) and returns its path."""
        path = Path(path or self.accounts)
        path.write_text(text)
        path.chmod(mode)
        return path

    def start(self, *arguments, program="imbuca", wrapper=(), **options):
        """A running program, for a test that talks to it meanwhile. The options are Popen's."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [*wrapper, place.program(program), *arguments], env=self.environment, cwd=self.folder, start_new_session=True,
            **pipes | options,
        )

    def run(self, *arguments, program="imbuca", stdin=b"", timeout=LONGEST, **options):
        """Runs a program to its end. `stdin` is bytes, or an open file that it gets as it is."""
        given = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
        done = subprocess.run(
            [place.program(program), *arguments],
            capture_output=True, timeout=timeout, env=self.environment, cwd=self.folder, start_new_session=True,
            **given, **options,
        )
        return Result(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


@dataclass
class Account:
    """The account of one test: a server on this machine, a user, and whatever else the test sets."""

    port: int
    transport: str = "plain"
    trust: Path | None = None
    extra: tuple = ()
    host: str = "127.0.0.1"

    TRANSPORTS = {
        "plain": ("tls off",),
        "starttls": ("tls on", "tls_starttls on"),
        "tls": ("tls on", "tls_starttls off"),
    }

    def text(self):
        """The account as a file. What is in `extra` comes in place of what would be there else."""
        lines = ["account test", f"host {self.host}", f"port {self.port}", *self.TRANSPORTS[self.transport]]
        if self.transport != "plain":
            lines.append(f"tls_trust_file {self.trust}")
        lines += ["domain client.example.org", "from sender@example.org", "timeout 10"]
        said = {line.split()[0] for line in self.extra}
        return "\n".join([line for line in lines if line.split()[0] not in said] + list(self.extra)) + "\n"
