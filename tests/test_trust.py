"""Only the roots that a server's chain names are loaded; that must never change what is trusted.

A trust file of more than 8 MB is loaded whole, so each chain is judged both ways: with the file as it
is, and with the same file behind so much padding.
"""

import ssl

import pytest

import certificates
import dialogue
import host
from imbuca import Account

PADDING = "# nothing\n" * 900_000


def chains(folder):
    """(chain that the server shows, certificates in the trust file, exit code) by name."""
    root, other = certificates.make_authority(folder, "root"), certificates.make_authority(folder, "other")
    twin = certificates.make_authority(folder, "twin", subject="root")
    middle = root.intermediate("middle")
    crossed = other.cross_sign(middle)
    leaf, direct = middle.issue("leaf"), root.issue("direct")
    expired, named = root.issue("expired", days=-1), root.issue("named", names="DNS:mail.example.com")
    chain = [leaf.certificate, middle.certificate]
    return {
        "direct": (direct, [direct.certificate], [root.certificate], 0),
        "intermediate": (leaf, chain, [root.certificate], 0),
        "root sent": (leaf, [*chain, root.certificate], [root.certificate], 0),
        "cross-signed": (leaf, [leaf.certificate, crossed], [other.certificate], 0),
        "both crosses": (leaf, [*chain, crossed], [other.certificate], None),
        "equal names": (direct, [direct.certificate], [twin.certificate, root.certificate], 0),
        "equal names, other order": (direct, [direct.certificate], [root.certificate, twin.certificate], 0),
        "intermediate trusted": (leaf, [leaf.certificate], [middle.certificate], 0),
        "pinned by the file": (direct, [direct.certificate], [direct.certificate], 0),
        "intermediate missing": (leaf, [leaf.certificate], [root.certificate], 77),
        "wrong root of that name": (direct, [direct.certificate], [twin.certificate], 77),
        "unknown": (leaf, chain, [other.certificate], 77),
        "expired": (expired, [expired.certificate], [root.certificate], 77),
        "wrong name": (named, [named.certificate], [root.certificate], 77),
    }


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    return chains(tmp_path_factory.mktemp("chains"))


CASES = [
    "direct", "intermediate", "root sent", "cross-signed", "both crosses", "equal names", "equal names, other order",
    "intermediate trusted", "pinned by the file", "intermediate missing", "wrong root of that name", "unknown",
    "expired", "wrong name",
]


@pytest.mark.parametrize("case", CASES)
def test_both_ways_judge_alike(home, known, case):
    shown, chain, roots, code = known[case]
    file = home.folder / "chain.pem"
    file.write_text("".join(path.read_text() for path in chain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, shown.key)
    trust = "".join(path.read_text() for path in roots)
    verdicts = [judge(home, context, text) for text in (trust, PADDING + trust)]
    assert verdicts[0] == verdicts[1]
    assert code is None or verdicts[0][0] == code, verdicts[0]


def judge(home, context, trust):
    def talk(connection):
        try:
            host.accept_message(connection, "tls", context)
        except Exception:
            pass  # the client went, which its exit code tells

    file = home.folder / "trust.pem"
    file.write_text(trust)
    with host.Host(host.listen(), talk) as server:
        accounts = home.write_accounts(Account(server.port, "tls", file).text())
        result = home.run("-C", accounts, "receiver@example.net", stdin=dialogue.MESSAGE)
    return result.exit, result.err.partition("the certificate")[2]
