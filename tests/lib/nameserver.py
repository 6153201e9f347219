"""A real name server (NSD) on a free port of loopback, which serves the zones of tests/zones.

Its packages are only downloaded and unpacked; it runs as whoever runs the tests.
"""

import os
import subprocess

import jail
import place

PACKAGES = ("nsd", "libevent-2.1-7", "libfstrm0", "libprotobuf-c1")

CONFIGURATION = """\
server:
  ip-address: 127.0.0.1@{port}
  ip-address: ::1@{port}
  username: ""
  chroot: ""
  zonesdir: "{zones}"
  database: ""
  pidfile: ""
  zonelistfile: "{folder}/zone.list"
  xfrdfile: "{folder}/xfrd.state"
  xfrdir: "{folder}"
  server-count: 1
remote-control:
  control-enable: no
"""


class NameServer:
    """A running server; what --resolver takes is its `address`."""

    def __init__(self, folder, more=()):
        """`more` are zones of a test's own: (name, text)."""
        for package in PACKAGES:
            subprocess.run(["dpkg-deb", "-x", jail.fetch(package), folder], check=True)
        zones = sorted((place.SOURCE / "tests/zones").glob("*.zone"))
        self.port = jail.free_port()
        text = CONFIGURATION.format(port=self.port, zones=place.SOURCE / "tests/zones", folder=folder)
        text += "".join(f'zone:\n  name: "{path.stem}"\n  zonefile: "{path.name}"\n' for path in zones)
        for name, zone in more:
            (folder / f"{name}.zone").write_text(zone)
            text += f'zone:\n  name: "{name}"\n  zonefile: "{folder}/{name}.zone"\n'
        (folder / "nsd.conf").write_text(text)
        libraries = os.pathsep.join(map(str, sorted({path.parent for path in folder.rglob("*.so*")})))
        with open(folder / "nsd.log", "wb") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", jail.UNTIL_INPUT_ENDS, folder / "usr/sbin/nsd", "-d", "-c", folder / "nsd.conf"],
                stdin=subprocess.PIPE, stdout=log, stderr=log,
                env={"LD_LIBRARY_PATH": libraries, "PATH": place.SYSTEM_PATH}, start_new_session=True,
            )
        if not jail.wait_for(lambda: jail.answers(self.port)):
            self.close()
            raise RuntimeError(f"nsd does not start:\n{(folder / 'nsd.log').read_text()}")

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=jail.PATIENCE)
