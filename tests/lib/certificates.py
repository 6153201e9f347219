"""The suite's own certificates: an authority nobody else knows, and what servers show with it.

Made anew for each run, so that no private key lies in the tree and none is ever out of date.
"""

import datetime
import hashlib
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
    name: str = "authority"

    @property
    def stem(self):
        """What its files are called, so that it may issue an identity of its own name."""
        return f"authority-{self.name}"

    @property
    def certificate(self):
        return self.folder / f"{self.stem}.pem"

    @property
    def key(self):
        return self.folder / f"{self.stem}.key"

    def issue(self, name, *, names=LOOPBACK, days=2, extra="", new_key=True):
        """An identity whose certificate names `names`; one with negative days has expired."""
        identity = Identity(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        if new_key:
            self._request(name)
        self._sign(name, f"subjectAltName={names}\nbasicConstraints=CA:FALSE\n{extra}\n", days, identity.certificate)
        return identity

    def issue_for(self, name, life):
        """An identity for this machine that ends after `life`, a timedelta, to the second."""
        identity = Identity(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        self._request(name)
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={LOOPBACK}\n")
        end = datetime.datetime.now(datetime.timezone.utc) + life
        _openssl(
            "ca", *self._as_signer(), "-batch", "-notext", "-in", self.folder / f"{name}.csr", "-extfile", extensions,
            "-enddate", f"{end:%Y%m%d%H%M%SZ}", "-out", identity.certificate,
        )
        return identity

    def intermediate(self, name):
        """An authority that this one vouches for."""
        other = Authority(self.folder, name)
        self._request(other.stem)
        self._sign(other.stem, "basicConstraints=critical,CA:TRUE\n", 2, other.certificate)
        return other

    def cross_sign(self, other):
        """Another certificate for the name and key of an intermediate authority, by this one."""
        certificate = self.folder / f"{other.stem}-by-{self.name}.pem"
        self._sign(other.stem, "basicConstraints=critical,CA:TRUE\n", 2, certificate)
        return certificate

    def revoke(self, *identities, hours=48):
        """A list that revokes these certificates, which others are not on."""
        signer = self._as_signer()
        for identity in identities:
            _openssl("ca", *signer, "-revoke", identity.certificate)
        _openssl("ca", *signer, "-gencrl", "-crlhours", str(hours), "-out", self.folder / f"{self.name}.crl")
        return self.folder / f"{self.name}.crl"

    def vouch(self, identity):
        """An OCSP response that says that the identity's certificate is good."""
        serial = _openssl("x509", "-noout", "-serial", "-in", identity.certificate).strip().partition("=")[2]
        index, response = (self.folder / f"{identity.certificate.stem}.{end}" for end in ("index", "ocsp"))
        index.write_text(f"V\t991231235959Z\t\t{serial}\tunknown\t/CN=any\n")
        _openssl(
            "ocsp", "-index", index, "-CA", self.certificate, "-rsigner", self.certificate, "-rkey", self.key,
            "-issuer", self.certificate, "-cert", identity.certificate, "-ndays", "1", "-respout", response,
        )
        return response

    def _as_signer(self):
        """The options of `openssl ca` for this authority, with an empty list of what it has issued."""
        return ("-config", self._settings(), "-cert", self.certificate, "-keyfile", self.key)

    def _settings(self):
        index, settings = self.folder / f"{self.name}.index", self.folder / f"{self.name}.conf"
        index.write_text("")
        settings.write_text(
            f"[ca]\ndefault_ca=a\n[a]\ndatabase={index}\nnew_certs_dir={self.folder}\ndefault_md=sha256\n"
            "rand_serial=yes\npolicy=any\n[any]\ncommonName=supplied\n"
        )
        return settings

    def _request(self, name):
        _openssl(
            "req", "-new", *_NEW_KEY, "-keyout", self.folder / f"{name}.key", "-subj", f"/CN={name}",
            "-out", self.folder / f"{name}.csr",
        )

    def _sign(self, name, extensions, days, certificate):
        file = self.folder / f"{name}.ext"
        file.write_text(extensions)
        _openssl(
            "x509", "-req", "-in", self.folder / f"{name}.csr", "-CA", self.certificate, "-CAkey", self.key,
            "-CAcreateserial", "-days", str(days), "-extfile", file, "-out", certificate,
        )


_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def make_authority(folder, name="authority", subject=None):
    authority = Authority(folder, name)
    _openssl(
        "req", "-x509", *_NEW_KEY, "-keyout", authority.key, "-subj", f"/CN=imbuca tests {subject or name}",
        "-days", "2", "-out", authority.certificate,
    )
    return authority


def make_self_signed(folder, name, start=None, end=None):
    """An identity that nobody vouches for, valid from `start` to `end` (YYYYMMDDHHMMSSZ), or now."""
    identity = Identity(folder / f"{name}.pem", folder / f"{name}.key")
    authority = Authority(folder, f"{name}-maker")
    authority._request(name)
    extensions = folder / f"{name}.ext"
    extensions.write_text(f"subjectAltName={LOOPBACK}\n")
    span = ("-startdate", start, "-enddate", end) if start else ("-days", "2")
    _openssl(
        "ca", "-config", authority._settings(), "-selfsign", "-keyfile", identity.key, "-batch", "-notext", *span,
        "-in", folder / f"{name}.csr", "-extfile", extensions, "-out", identity.certificate,
    )
    return identity


def fingerprint(identity):
    """Of the certificate, SHA-256, as openssl prints it: with colons."""
    return _openssl("x509", "-noout", "-fingerprint", "-sha256", "-in", identity.certificate).strip().partition("=")[2]


def key_fingerprint(identity):
    """Of the public key (SubjectPublicKeyInfo), SHA-256."""
    text = _openssl("x509", "-noout", "-pubkey", "-in", identity.certificate)
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(text.replace("PUBLIC KEY", "CERTIFICATE"))).hexdigest()


def _openssl(*arguments):
    done = subprocess.run([place.need("openssl"), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
