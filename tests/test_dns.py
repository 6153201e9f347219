"""`imbuca dns`, against a real name server on loopback, and against some that are none."""

import contextlib
import json
import socket
import struct

import pytest

import expected
import host
import nameserver


# Its answer about TXT is longer than any by UDP: the server cuts that, and has to be asked again by TCP.
LONG = "$ORIGIN long.\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n" + "".join(
    f'@ TXT "{text}"\n' for text in (*(f"verification={n:0200}" for n in range(40)), "v=spf1 ip4:203.0.113.5 -all")
)


@pytest.fixture(scope="session")
def names(tmp_path_factory):
    server = nameserver.NameServer(tmp_path_factory.mktemp("nsd"), [("long", LONG)])
    yield server
    server.close()


@pytest.fixture
def ask(home, names):
    return lambda *arguments, **options: home.run("dns", "--resolver", names.address, *arguments, **options)


PROVIDER = ("--host", "smtp.provider.test")
OTHER = ("--host", "other.provider.test")
KEYS = ("--selector", "k1,k2")

CASES = {
    "good": (0, "good.test", *PROVIDER, *KEYS),
    "good-no-server": (0, "good.test", *KEYS),
    "good-no-key": (0, "good.test", *PROVIDER, "--selector", "k3"),
    "good-other-server": (0, "good.test", *OTHER, "--selector", "k1"),
    "good-nobody-vouches": (69, "good.test", *OTHER, "--selector", "k3"),
    "good-usual-selectors": (0, "good.test", *OTHER),
    "below": (0, "news.good.test", *PROVIDER),
    "below-deep": (69, "below.deep.good.test", *PROVIDER),
    "forgot": (69, "forgot.test", *PROVIDER),
    "keys": (69, "keys.test", *PROVIDER, "--selector", "weak,gone,bad,web"),
    "keys-test-only": (0, "keys.test", *PROVIDER, "--selector", "test"),
    "bare": (69, "bare.test", *PROVIDER),
    "null": (69, "null.test", *PROVIDER),
}


@pytest.mark.parametrize("case", CASES)
def test_a_domain(ask, case):
    code, *arguments = CASES[case]
    result = ask(*arguments)
    assert (result.exit, result.err) == (code, "")
    expected.compare(f"dns-{case}", result.out)


@pytest.mark.parametrize(
    "domain, lines",
    [
        ("lookups.test", ["failed   SPF          it needs 11 look-ups, and receivers do not make more than 10"]),
        ("loop.test", ["failed   SPF          the SPF record of 'loop.test' needs look-ups without end"]),
        ("circle.test", ["failed   SPF          the SPF record of 'circle.test' needs look-ups without end"]),
        ("onward.test", ["ok       SPF          onward.test has a record; it needs 1 of 10 look-ups",
                         "ok       SPF          192.0.2.10 of smtp.provider.test: pass"]),
        ("twice.test", ["failed   SPF          'twice.test' has more than one SPF record",
                        "warning  DMARC        twice.test has more than one DMARC record, and receivers use none of them"]),
        ("broken.test", ["failed   SPF          'ipv4:192.0.2.1' is not a term of SPF"]),
        ("nowhere.test", ["failed   SPF          'nothing.test', which is included, has no SPF record"]),
        ("away.test", ["failed   SPF          'nothing.test', to which SPF is redirected, has no SPF record"]),
        ("voids.test", ["ok       SPF          voids.test has a record; it needs 3 of 10 look-ups",
                        "warning  SPF          192.0.2.10 of smtp.provider.test: permerror",
                        "                      3 of its look-ups find nothing, and receivers do not take more than 2"]),
        ("every.test", ["warning  SPF          it lets any server send mail of every.test, a stranger's too: let it end with ~all",
                        "ok       SPF          2001:db8::10 of smtp.provider.test: pass"]),
    ],
)
def test_an_spf_record(ask, domain, lines):
    result = ask(domain, *PROVIDER)
    printed = result.out.splitlines()
    assert [line for line in lines if line not in printed] == [], result


# The address that mail comes from, and what receivers will find.
@pytest.mark.parametrize(
    "host, verdict",
    [
        ("203.0.113.5", "pass"),  # mx
        ("198.0.2.10", "neutral"),  # exists with macros
        ("198.18.7.200", "softfail"),  # a with a prefix
        ("192.0.2.77", "pass"),  # include
        ("198.51.100.127", "fail"),  # ip4 with a prefix
        ("198.51.100.128", "fail"),  # beyond it; ptr finds nothing; all
    ],
)
def test_each_mechanism_decides(ask, host, verdict):
    result = ask("mechanisms.test", "--host", host)
    assert f"SPF          {host} of {host}: {verdict}\n" in result.out, result


def test_a_long_answer_comes_by_tcp(ask):
    result = ask("long", "--host", "203.0.113.5")
    assert "SPF          203.0.113.5 of 203.0.113.5: pass\n" in result.out, result


def test_ipv6_name_servers_answer_too(home, names):
    result = home.run("dns", "--resolver", f"[::1]:{names.port}", "good.test", *PROVIDER, *KEYS)
    assert result.exit == 0, result
    expected.compare("dns-good", result.out)


def test_an_address_stands_for_its_domain(ask):
    result = ask("me@good.test", *PROVIDER, *KEYS)
    assert result.exit == 0, result
    expected.compare("dns-good", result.out)


def test_as_json(ask):
    result = ask("--json", "good.test", *PROVIDER, *KEYS)
    report = json.loads(result.out)
    assert result.exit == 0 and "will pass" in report["verdict"]
    assert [finding["topic"] for finding in report["findings"]] == [
        "MX", "MX", "SRV", "SRV", "SPF", "SPF", "SPF", "DKIM", "DKIM", "DMARC",
    ]
    assert report["findings"][7]["more"] == ["kept at k1._domainkey.provider.test"]


# --- an account's sender ---


def account(home, *lines):
    home.write_accounts("account a\nhost smtp.provider.test\n" + "".join(f"{line}\n" for line in lines))


def test_the_sender_is_the_accounts(home, ask):
    account(home, "from me@news.good.test")
    result = ask("good.test", "-a", "a", "--selector", "none")
    assert result.exit == 0 and "news.good.test has a record" in result.out, result


def test_a_foreign_sender_is_not_aligned(home, ask):
    account(home, "from me@provider.test")
    result = ask("good.test", "-a", "a", "--selector", "none")
    assert result.exit == 69, result
    assert "the envelope's sender is of provider.test, which is not in line with From" in result.out
    assert "The envelope's sender is of provider.test: give the account a from of good.test." in result.out


PROVIDERS = """\
provider testing
title Testing Mail
kind mailbox
known confirmed
domains provider.test
mx mx?.good.test
host smtp.provider.test
port 465 tls
user address
password account
spf {spf}
dkim k1 k2
"""


@pytest.mark.parametrize("included", ["provider", "elsewhere"])
def test_the_provider_is_known_by_the_mx(home, ask, included):
    (home.accounts.parent / "providers").write_text(PROVIDERS.format(spf=f"_spf.{included}.test"))
    result = ask("good.test")
    assert result.exit == 0, result
    expected.compare(f"dns-spf-of-{included}", result.out)


# --- what goes wrong ---


def test_a_domain_that_does_not_exist(ask):
    result = ask("nothing.test")
    assert (result.exit, result.out) == (68, "") and "'nothing.test' does not exist" in result.err


@pytest.mark.parametrize("domain", ["example.invalid", "refused.test"])
def test_a_server_that_does_not_answer_for_a_domain(ask, domain):
    result = ask(domain, *PROVIDER)
    assert result.exit == 75 and "of 'example.invalid': no name server can say now" in result.err, result


@pytest.mark.parametrize(
    "arguments, code, words",
    [
        ((), 64, "dns takes one domain, not 0"),
        (("a.test", "b.test"), 64, "dns takes one domain, not 2"),
        (("a b.test",), 64, "a b.test"),
        (("good.test", "--selector", "a b"), 64, "option '--selector'"),
        (("good.test", "--resolver", "ns.test"), 64, "option '--resolver': 'ns.test' is not the address"),
        (("good.test", "--account", "nobody"), 78, "nobody"),
    ],
)
def test_what_it_is_told_is_checked(home, ask, arguments, code, words):
    account(home)
    result = ask(*arguments)
    assert result.exit == code and words in result.err, result


def test_its_options_are_its_own(home):
    result = home.run("--resolver", "127.0.0.1", "me@example.org")
    assert result.exit == 64 and "option '--resolver' is for these commands only: " in result.err


class Liar(host.Background):
    """A name server over UDP that answers each question with answer(query)."""

    def __init__(self, answer):
        super().__init__()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.02)
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.answer = answer

    def close(self):
        self.socket.close()

    def step(self):
        with contextlib.suppress(TimeoutError):
            query, peer = self.socket.recvfrom(4096)
            self.socket.sendto(self.answer(query), peer)


def answer(query, data, kind=16):
    """A DNS answer with one record of that kind, whatever was asked."""
    question = query[12 : query.index(b"\0", 12) + 5]
    head = query[:2] + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0)
    return head + question + b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


def test_control_bytes_in_a_record_are_shown_and_do_nothing(home):
    text = b"v=spf1 \x1b]0;owned\x07 -all"
    records = {5: b"\2\x1b[\0", 15: b"\0\x0a\2\x1b[\0", 16: bytes([len(text)]) + text, 33: b"\0\0\0\0\0\x19\1s\0"}

    def talk(query):
        kind = struct.unpack(">H", query[query.index(b"\0", 12) + 1 :][:2])[0]
        return answer(query, records[kind], kind)

    with Liar(talk) as server:
        result = home.run("dns", "--resolver", server.address, "evil.test", "--selector", "k")
    assert "\x1b" not in result.out and "\\x1b]0;owned\\x07" in result.out, result


def test_garbage_is_no_answer(home):
    with Liar(lambda query: answer(query, b"\0\x0a\xff\xff", 15)) as server:
        result = home.run("dns", "--resolver", server.address, "evil.test")
    assert result.exit == 76 and "malformed MX record" in result.err or result.exit == 75, result
