"""The suite's own certificates: an authority nobody else knows, and what servers show with it.

Made anew for each run, so that no private key lies in the tree and none is ever out of date.
"""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import place

LOOPBACK = "DNS:localhost,IP:127.0.0.1,IP:::1"


@dataclass(frozen=True)
class Identity:
    """A certificate with its key, both PEM files."""

    certificate: Path
    key: Path

    def context(self):
        """What a server that shows this certificate needs for its handshakes."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


@dataclass(frozen=True)
class Authority:
    folder: Path

    @property
    def certificate(self):
        return self.folder / "authority.pem"

    def issue(self, name, *, names=LOOPBACK, days=2):
        """An identity whose certificate names `names`; one with negative days has expired."""
        identity = Identity(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        request = self.folder / f"{name}.csr"
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\n")
        _openssl("req", "-new", *_NEW_KEY, "-keyout", identity.key, "-subj", f"/CN={name}", "-out", request)
        _openssl(
            "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.folder / "authority.key",
            "-CAcreateserial", "-days", str(days), "-extfile", extensions, "-out", identity.certificate,
        )
        return identity


_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def make_authority(folder, name="authority"):
    authority = Authority(folder)
    _openssl(
        "req", "-x509", *_NEW_KEY, "-keyout", folder / "authority.key", "-subj", f"/CN=imbuca tests {name}",
        "-days", "2", "-out", authority.certificate,
    )
    return authority


def _openssl(*arguments):
    subprocess.run([place.need("openssl"), *arguments], check=True, capture_output=True, text=True)
