"""`imbuca check` of accounts at Debian's Postfix and Exim, good ones and wrong ones; its reports whole."""

import re

import pytest

import certificates
import expected
import imbuca
from servers.server import PASSWORD, USER

pytestmark = [pytest.mark.real, pytest.mark.root]

LOGIN = ("auth on", f"user {USER}")

# What is wrong, the exit code, the transport, and the account's lines.
CASES = {
    "good": (0, "tls", (*LOGIN, f"password {PASSWORD}")),
    "good-starttls": (0, "starttls", (*LOGIN, f"password {PASSWORD}")),
    "wrong-password": (77, "starttls", (*LOGIN, "password wrong")),
    "unknown-issuer": (77, "tls", (*LOGIN, f"password {PASSWORD}", "tls_trust_file {stranger}")),
    "other-name": (77, "starttls", (*LOGIN, f"password {PASSWORD}", "tls_host_override mail.example.com")),
    "no-starttls": (76, "plain", (*LOGIN, f"password {PASSWORD}", "tls on", "tls_starttls on", "tls_trust_file {trusted}")),
    "plain-text-on-tls-port": (76, "starttls", (*LOGIN, f"password {PASSWORD}", "tls_starttls off")),
    "no-mechanism": (77, "tls", ("auth ntlm", f"user {USER}", f"password {PASSWORD}")),
}


def cases():
    for server in ("postfix", "exim"):
        for case in CASES:
            for language in expected.languages():
                together = pytest.mark.xdist_group(server)
                yield pytest.param(server, case, language, id=f"{server}-{case}-{language}", marks=together)


@pytest.fixture(scope="session")
def stranger(tmp_path_factory):
    return certificates.make_authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.mark.parametrize("name, case, language", cases())
def test_a_report(home, start, speak, authority, stranger, name, case, language):
    speak(language)
    server = start(name)
    code, transport, lines = CASES[case]
    lines = tuple(line.format(stranger=stranger.certificate, trusted=authority.certificate) for line in lines)
    port = server.ports[transport]
    home.write_accounts(imbuca.Account(port, transport, authority.certificate, lines).text())
    result = home.run("check")
    assert (result.exit, result.err) == (code, ""), f"{result}\n{server.jail.logs()}"
    report = expected.masked(result.out, home, port)
    # The greetings tell versions and the time.
    report = re.sub(r"(?m)^((?:ok|bene) +\. ms +\S+ +mail\.example\.test ESMTP \w+).*$", r"\1", report)
    expected.compare(f"check-{name}-{case}", report, language)


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("postfix", "exim")])
def test_a_message_arrives(home, start, authority, name):
    server = start(name)
    lines = (*LOGIN, f"password {PASSWORD}")
    home.write_accounts(imbuca.Account(server.ports["tls"], "tls", authority.certificate, lines).text())
    result = home.run("check", f"--send={server.address}")
    assert result.exit == 0 and f"sent to <{server.address}>" in result.out, result
    assert b"\nSubject: imbuca check\n" in server.arrived()
