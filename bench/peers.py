"""The server of the bench, and the commands of the clients that submit to it."""

import os
import pathlib
import re
import shutil
import subprocess

TOP = pathlib.Path(os.environ.get("IMBUCA_BUILDDIR", pathlib.Path(__file__).resolve().parent.parent))
BUNDLE = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
USER, PASSWORD = "bench", "a password of the bench"
SENDER, RECEIVER = "a@example.org", "b@example.org"


class Server:
    """imbucad: a port for plain text and STARTTLS, one for TLS; what it takes lies in a Maildir."""

    def __init__(self, folder):
        self.maildir = folder / "Maildir"
        users, state = folder / "users", folder / "state"
        subprocess.run(
            [TOP / "imbucad", "--users", users, "user", "add", USER], input=PASSWORD.encode() + b"\n", check=True
        )
        self.process = subprocess.Popen(
            [TOP / "imbucad", "--listen", "127.0.0.1:0", "--listen-tls", "127.0.0.1:0", "--maildir", self.maildir,
             "--users", users, "--state", state, "--max-size", str(1 << 30)],
            stdout=subprocess.PIPE, text=True,
        )
        plain, tls = (re.search(r":(\d+)$", self.process.stdout.readline().strip()).group(1) for _ in range(2))
        self.ports = {"plain": int(plain), "starttls": int(plain), "tls": int(tls)}
        self.trust = folder / "trust.pem"
        self.trust.write_bytes((BUNDLE.read_bytes() if BUNDLE.exists() else b"") + (state / "certificate.pem").read_bytes())

    def take(self):
        """Removes the message that came last; when it came, in seconds of the epoch."""
        messages = list((self.maildir / "new").iterdir())
        came = max(message.stat().st_mtime_ns for message in messages) / 1e9
        for message in messages:
            message.unlink()
        return came

    def end(self):
        self.process.terminate()
        self.process.wait(10)


class Client:
    """A client by name: its command for a transport and port, and what it needs of the environment."""

    def __init__(self, name, folder, trust):
        self.name, self.folder, self.trust = name, folder, trust
        self.cache = folder / "cache"
        self.program = TOP / "imbuca" if name == "imbuca" else shutil.which(name)
        self.environment = {
            "HOME": str(folder), "XDG_CACHE_HOME": str(self.cache), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"
        }

    def command(self, transport, port, message):
        """The message, a file, is also the standard input, which curl does not look at."""
        if self.name == "curl":
            return self._curl(transport, port, message)
        file = self.folder / f"{transport}.{port}.accounts"
        file.write_text(self._account(transport, port))
        file.chmod(0o600)
        return [self.program, "-C", file, RECEIVER]

    def forget(self):
        """What it may have kept of earlier runs."""
        shutil.rmtree(self.cache, ignore_errors=True)

    def _account(self, transport, port):
        lines = ["account default", "host localhost", f"port {port}", f"from {SENDER}"]
        if transport == "plain":
            return "\n".join([*lines, "tls off", "auth off", ""])
        starttls = "on" if transport == "starttls" else "off"
        lines += ["tls on", f"tls_starttls {starttls}", f"tls_trust_file {self.trust}"]
        return "\n".join([*lines, "auth plain", f"user {USER}", f'password "{PASSWORD}"', ""])

    def _curl(self, transport, port, message):
        scheme = "smtps" if transport == "tls" else "smtp"
        login = ["--cacert", self.trust, "--user", f"{USER}:{PASSWORD}", "--login-options", "AUTH=PLAIN"]
        return [
            self.program, "-sS", f"{scheme}://localhost:{port}/localhost", "--mail-from", SENDER, "--mail-rcpt", RECEIVER,
            "-T", message, *(["--ssl-reqd"] if transport == "starttls" else []), *(login if transport != "plain" else []),
        ]
