"""A client certificate whose key lies on a PKCS#11 token: SoftHSM's, shown to a server that demands one."""

import ssl
import subprocess

import pytest

import dialogue
import host
import place
from imbuca import Account

PIN = "4711"


@pytest.fixture
def token(home, authority):
    """A token with a certificate of the suite's authority and its key; the URI of both."""
    folder = home.folder / "tokens"
    folder.mkdir()
    (home.folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}\nobjectstore.backend = file\n")
    home.environment["SOFTHSM2_CONF"] = str(home.folder / "softhsm2.conf")
    ours = authority.issue("token", names="email:sender@example.org")

    def run(*command):
        done = subprocess.run(
            [place.need(command[0]), *command[1:]], env=home.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr

    run("softhsm2-util", "--init-token", "--free", "--label", "imbuca", "--pin", PIN, "--so-pin", PIN)
    for kind, file in (("privkey", ours.key), ("certificate", ours.certificate)):
        run("p11tool", "--batch", "--login", f"--set-pin={PIN}", "--write", f"--load-{kind}", file, "--label", "client",
            "--id", "01", "pkcs11:token=imbuca")
    return "pkcs11:token=imbuca;object=client"


def submit(home, authority, identity, *lines):
    context = identity.context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.certificate)

    def talk(connection):
        try:
            host.accept_message(connection, "tls", context)
        except Exception:
            pass  # the client went, which its exit code tells

    with host.Host(host.listen(), talk) as server:
        accounts = home.write_accounts(Account(server.port, "tls", authority.certificate, extra=lines).text())
        return home.run("-C", accounts, "receiver@example.net", stdin=dialogue.MESSAGE)


@pytest.mark.parametrize("pin", [f"pin-value={PIN}", "pin-source={file}"])
def test_a_token_shows_its_certificate(home, authority, identity, token, pin):
    file = home.folder / "pin"
    file.write_text(PIN)
    key = f"tls_key_file {token};type=private?{pin.format(file=file)}"
    result = submit(home, authority, identity, f"tls_cert_file {token};type=cert", key)
    assert result.exit == 0, result


def test_a_wrong_pin_is_told(home, authority, identity, token):
    key = f"tls_key_file {token};type=private?pin-value=0000"
    result = submit(home, authority, identity, f"tls_cert_file {token};type=cert", key)
    assert result.exit == 78 and "cannot use the certificate" in result.err, result


def test_without_the_token_there_is_no_certificate(home, authority, identity, token):
    home.environment["SOFTHSM2_CONF"] = "/dev/null"
    result = submit(home, authority, identity, f"tls_cert_file {token};type=cert", f"tls_key_file {token};type=private")
    assert result.exit == 78 and "cannot use the certificate" in result.err, result
