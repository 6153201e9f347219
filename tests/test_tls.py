"""What certificate imbuca takes from a server, which one it shows, and how TLS is spoken."""

import contextlib
import socket
import ssl
import subprocess
import threading

import pytest

import certificates
import dialogue
import host
import place
from imbuca import Account


def submit(home, port, *lines, **account):
    accounts = home.write_accounts(Account(port, "tls", extra=lines, **account).text())
    return home.run("-d", "-C", accounts, "receiver@example.net", stdin=dialogue.MESSAGE)


def session(home, context, *lines, **account):
    """One message to a server with this TLS context, which may see the client go."""

    def talk(connection):
        try:
            host.accept_message(connection, "tls", context)
        except Exception as error:
            broken.append(error)

    broken = []
    with host.Host(host.listen(), talk) as server:
        result = submit(home, server.port, *lines, **account)
    assert (result.exit == 0) == (not broken), f"{result}\n{broken}"
    return result


@pytest.fixture
def stranger(tmp_path):
    """An identity for another name, by an authority that nobody knows."""
    return certificates.make_authority(tmp_path, "stranger").issue("other", names="DNS:mail.example.com", days=-1)


# --- pins ---


@pytest.mark.parametrize("trust", ["trusted", "untrusted"])
@pytest.mark.parametrize("of", ["certificate", "key"])
def test_a_pin_is_all_that_counts(home, identity, stranger, of, trust):
    pin = certificates.fingerprint if of == "certificate" else lambda i: "SPKI:" + certificates.key_fingerprint(i)
    shown, other = (identity, stranger) if trust == "trusted" else (stranger, identity)
    good = session(home, shown.context(), f"tls_fingerprint {pin(shown)}", trust=identity.certificate)
    assert good.exit == 0, good
    either = session(home, shown.context(), f"tls_fingerprint {pin(other)}", f"tls_fingerprint {pin(shown)}")
    assert either.exit == 0, either
    bad = session(home, shown.context(), f"tls_fingerprint {pin(other)}", "tls_certcheck off", trust=identity.certificate)
    assert bad.exit == 77 and "tls_fingerprint names another" in bad.err, bad
    assert "(tls_fingerprint)" in bad.err, bad
    assert certificates.fingerprint(shown).replace(":", "").lower() in bad.err


def test_a_pin_of_the_key_outlives_the_certificate(home, authority):
    old = authority.issue("renewed")
    pin = certificates.key_fingerprint(old)
    new = authority.issue("renewed", new_key=False)
    assert session(home, new.context(), f"tls_fingerprint spki:{pin}").exit == 0


def test_a_pin_of_the_certificate_is_none_of_the_key(home, identity):
    assert session(home, identity.context(), f"tls_fingerprint {certificates.key_fingerprint(identity)}").exit == 77
    pin = certificates.fingerprint(identity)
    assert session(home, identity.context(), f"tls_fingerprint spki:{pin}").exit == 77


@pytest.mark.parametrize(
    "digits, hint",
    [("0" * 40, "those of SHA-1 can be forged"), (":".join(["00"] * 16), "those of MD5 can be forged"),
     ("0" * 63, ""), ("0" * 65, ""), ("0" * 63 + "g", ""), (":" + "0" * 64, ""), ("spki:", ""), ("sha256:" + "0" * 64, "")],
)
def test_a_pin_is_of_sha256(home, digits, hint):
    result = submit(home, 465, f"tls_fingerprint {digits}")
    assert result.exit == 78 and "is no SHA-256 fingerprint" in result.err and hint in result.err, result


# --- the name ---


def test_another_name_can_be_asked_for(home, authority):
    identity = authority.issue("override", names="DNS:mail.example.com")
    context, asked = identity.context(), []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    good = session(home, context, "tls_host_override mail.example.com", trust=authority.certificate)
    assert good.exit == 0 and asked == ["mail.example.com"], good
    bad = session(home, context, "tls_host_override mail.example.net", trust=authority.certificate)
    assert bad.exit == 77 and "'mail.example.net' is not trusted: it was made out to another name" in bad.err, bad


# --- revocation ---


def test_a_revoked_certificate_is_refused(home, authority, identity):
    bad = authority.issue("revoked")
    crl = authority.revoke(bad)
    refused = session(home, bad.context(), f"tls_crl_file {crl}", trust=authority.certificate)
    assert refused.exit == 77 and "it was revoked" in refused.err, refused
    assert session(home, bad.context(), trust=authority.certificate).exit == 0
    assert session(home, identity.context(), f"tls_crl_file {crl}", trust=authority.certificate).exit == 0


@pytest.mark.parametrize("content", [None, "no list\n"])
def test_a_crl_file_must_be_one(home, authority, identity, content):
    file = home.folder / "crl"
    if content is not None:
        file.write_text(content)
    result = session(home, identity.context(), f"tls_crl_file {file}", trust=authority.certificate)
    assert result.exit == 78 and "tls_crl_file" in result.err, result


STAPLED = "tlsfeature=status_request"


def test_a_certificate_can_demand_stapling(home, authority):
    demanding = authority.issue("must-staple", extra=STAPLED)
    result = session(home, demanding.context(), trust=authority.certificate)
    assert result.exit == 77 and "must-staple" in result.err, result


@contextlib.contextmanager
def stapling(shown, response):
    """The port of a server that staples the response to the certificate it shows, and what speaks SMTP there."""
    ours, theirs = socket.socketpair()
    with host.listen() as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [place.need("openssl"), "s_server", "-quiet", "-naccept", "1", "-accept", f"127.0.0.1:{port}",
         "-cert", shown.certificate, "-key", shown.key, "-status_file", response],
        stdin=theirs, stdout=theirs, stderr=subprocess.PIPE,
    )
    theirs.close()
    try:
        wait_for(port, server)
        ours.sendall(b"220 mail.example.org ESMTP\r\n")
        yield port, ours
    finally:
        ours.close()
        server.kill()
        server.communicate()


@pytest.mark.parametrize("vouched, code", [("must-staple", 0), ("another", 77)])
def test_a_stapled_proof_is_judged(home, authority, vouched, code):
    identities = {name: authority.issue(name, extra=STAPLED) for name in ("must-staple", "another")}
    with stapling(identities["must-staple"], authority.vouch(identities[vouched])) as (port, ours):
        accounts = home.write_accounts(Account(port, "tls", authority.certificate).text())
        if code == 0:
            threading.Thread(target=answer, args=[ours], daemon=True).start()
        result = home.run("-d", "-C", accounts, "receiver@example.net", stdin=dialogue.MESSAGE)
    assert result.exit == code, result


def test_check_tells_of_a_stapled_proof(home, authority, identity):
    with stapling(identity, authority.vouch(identity)) as (port, ours):
        home.write_accounts(Account(port, "tls", authority.certificate).text())
        threading.Thread(target=answer, args=[ours], daemon=True).start()
        result = home.run("check")
    assert result.exit == 0 and "\n" + 32 * " " + "with a proof that it was not revoked (OCSP stapling)\n" in result.out, result


def wait_for(port, server):
    """Until somebody listens; a connection would be the one that the server accepts."""
    listening = f"0100007F:{port:04X} 00000000:0000 0A"
    while listening not in open("/proc/net/tcp").read():
        assert server.poll() is None, server.stderr.read()


def answer(connection):
    """Says yes to everything; SMTP without looking."""
    connection.settimeout(15)
    with contextlib.suppress(OSError):  # the client may need fewer
        for reply in (b"250 mail.example.org", b"250 Ok", b"250 Ok", b"354 Go on", b"250 Queued", b"221 Bye"):
            connection.recv(65536)
            connection.sendall(reply + b"\r\n")


# --- our own certificate ---


def test_shows_a_certificate(home, authority, identity):
    ours = authority.issue("client", names="email:sender@example.org")
    context = identity.context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.certificate)
    lines = (f"tls_cert_file {ours.certificate}", f"tls_key_file {ours.key}")
    assert session(home, context, *lines, trust=authority.certificate).exit == 0
    assert session(home, context, trust=authority.certificate).exit != 0


@pytest.mark.parametrize("lines, words", [
    (("tls_cert_file ~/none", "tls_key_file ~/none"), "cannot use the certificate"),
    (("tls_cert_file pkcs11:token=none;object=x", "tls_key_file pkcs11:token=none;object=x"), "cannot use the certificate"),
])
def test_a_certificate_of_no_use_is_an_error(home, identity, lines, words):
    result = session(home, identity.context(), *lines)
    assert result.exit == 78 and words in result.err, result


@pytest.mark.parametrize("one, other", [("tls_cert_file", "tls_key_file"), ("tls_key_file", "tls_cert_file")])
def test_a_certificate_has_a_key(home, one, other):
    result = submit(home, 465, f"{one} ~/none")
    assert result.exit == 78 and f"a {one} without a {other}" in result.err, result


# --- priorities ---


@pytest.mark.parametrize("priorities, version", [
    ("NORMAL", "TLSv1.3"), ("NORMAL:-VERS-TLS1.3", "TLSv1.2"), ("-VERS-TLS1.3", "TLSv1.2"), ("%COMPAT", "TLSv1.3"),
    ("SECURE128:+VERS-TLS1.1", "TLSv1.3"),
])
def test_priorities(home, authority, identity, priorities, version):
    versions = []

    def talk(connection):
        versions.append(host.accept_message(connection, "tls", identity.context()).tls_version)

    with host.Host(host.listen(), talk) as server:
        result = submit(home, server.port, f"tls_priorities {priorities}", trust=authority.certificate)
    assert result.exit == 0 and versions == [version], result


def test_what_the_system_forbids_no_priority_allows(home, authority, identity):
    (home.folder / "policy").write_text("[overrides]\ndisabled-version = TLS1.3\n")
    home.environment["GNUTLS_SYSTEM_PRIORITY_FILE"] = str(home.folder / "policy")
    versions = []

    def talk(connection):
        versions.append(host.accept_message(connection, "tls", identity.context()).tls_version)

    with host.Host(host.listen(), talk) as server:
        for lines in ((), ("tls_priorities +VERS-TLS1.3",), ("tls_priorities NORMAL:+VERS-TLS1.3",)):
            result = submit(home, server.port, *lines, trust=authority.certificate)
            assert result.exit == 0, result
    assert versions == ["TLSv1.2"] * 3


def test_never_below_tls_1_2(home, authority, identity):
    context = identity.context()
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    result = session(home, context, "tls_priorities NORMAL:+VERS-TLS1.1:+VERS-TLS1.0", trust=authority.certificate)
    assert result.exit == 76, result


def test_priorities_must_be_some(home, identity):
    result = session(home, identity.context(), "tls_priorities NONSENSE")
    assert result.exit == 78 and "tls_priorities: 'NONSENSE' cannot be used" in result.err, result


def test_dh_bits_have_no_effect_and_config_says_so(home):
    accounts = home.write_accounts("account default\nhost mail.example.org\ntls_min_dh_prime_bits 512\n")
    result = home.run("config", "-C", accounts)
    assert result.exit == 0 and "'tls_min_dh_prime_bits' is obsolete" in result.err, result
