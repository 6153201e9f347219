"""npm's packages, kept between runs, and a script of tests/servers that runs the servers among them."""

import fcntl
import json
import subprocess

import jail
import place

# The last lines of versions that Debian 12's node runs.
PACKAGES = ("smtp-server@3.13.4", "oidc-provider@8.8.1", "nodemailer@6.9.16")


def modules():
    """The folder of the packages."""
    folder = jail.cache() / "npm"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists() or (folder / "done").read_text() != " ".join(PACKAGES):
            _install(folder)
    return folder / "node_modules"


def _install(folder):
    command = [place.need("npm"), "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder]
    done = subprocess.run([*command, *PACKAGES], capture_output=True, text=True)
    if done.returncode != 0:
        place.missing(f"cannot get {PACKAGES}: {done.stderr.strip()}")
    (folder / "done").write_text(" ".join(PACKAGES))


class Script:
    """A server of tests/servers that runs by node, on a port of its own."""

    def __init__(self, name, identity, *arguments, out=subprocess.DEVNULL, port=None):
        self.port = port or jail.free_port()
        script = place.SOURCE / "tests" / "servers" / name
        self._process = subprocess.Popen(
            [place.need("node"), script, str(self.port), identity.certificate, identity.key,
             *(a if isinstance(a, str) else json.dumps(a) for a in arguments)],
            stdout=out, stderr=out, env={"NODE_PATH": str(modules()), "PATH": "/usr/bin:/bin"},
        )
        jail.wait_for(lambda: self._process.poll() is not None or jail.answers(self.port), seconds=60)
        if not jail.answers(self.port):
            self.stop()
            raise AssertionError(f"{name} does not start")

    def stop(self):
        self._process.terminate()
        self._process.wait()
