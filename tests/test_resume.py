"""A verified TLS session is taken up again in the next run, and by nobody who would judge otherwise."""

import contextlib
import datetime
import queue
import re
import ssl
import time

import pytest

import certificates
import dialogue
import host
from imbuca import Account

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class Peer:
    """A server for several runs. Its context is what knows the tickets that it gave."""

    def __init__(self, home, context, transport):
        self.home, self.context, self.transport = home, context, transport
        self.sessions = queue.Queue()
        self.host = host.Host(host.listen(), self._talk)

    def _talk(self, connection):
        try:
            self.sessions.put(host.accept_message(connection, self.transport, self.context).resumed)
        except Exception as error:
            self.sessions.put(error)

    def run(self, *lines, **account):
        """One message; the program's result, and whether the server saw its session resumed."""
        accounts = self.home.write_accounts(Account(self.host.port, self.transport, extra=lines, **account).text())
        result = self.home.run("-d", "-C", accounts, "receiver@example.net", stdin=dialogue.MESSAGE)
        return result, self.sessions.get(timeout=15)

    def resumes(self, *lines, **account):
        """Whether a run that must succeed resumes, as both sides see it."""
        result, resumed = self.run(*lines, **account)
        assert result.exit == 0, f"{result}\n{resumed}"
        assert (", resumed\n" in result.err) == resumed, result
        return resumed


@pytest.fixture
def peer(home, identity):
    """peer(CONTEXT, TRANSPORT) is a server that runs as long as the test."""
    with contextlib.ExitStack() as stack:

        def start(context=None, transport="tls"):
            peer = Peer(home, context or identity.context(), transport)
            stack.enter_context(peer.host)
            return peer

        yield start


def kept(home):
    return sorted((home.folder / ".cache/imbuca/tls").glob("*"))


@pytest.mark.parametrize("transport", ["tls", "starttls"])
@pytest.mark.parametrize("version", VERSIONS)
def test_the_next_run_resumes(home, authority, identity, peer, version, transport):
    context = identity.context()
    context.maximum_version = VERSIONS[version]
    server = peer(context, transport)
    assert [server.resumes(trust=authority.certificate) for _ in range(3)] == [False, True, True]
    assert [oct(path.stat().st_mode) for path in kept(home)] == ["0o100600"]


def test_the_next_run_says_so(authority, peer):
    server = peer()
    server.resumes(trust=authority.certificate)
    result, _ = server.run(trust=authority.certificate)
    assert re.search(r"^-- TLS1\.3 \S+, resumed$", result.err, re.M), result


def test_a_pinned_session_resumes(authority, identity, peer):
    server, pin = peer(), f"tls_fingerprint {certificates.fingerprint(identity)}"
    assert [server.resumes(pin), server.resumes(pin)] == [False, True]


def test_a_server_that_has_forgotten_the_session_gets_a_new_one(home, authority, identity, peer):
    server = peer()
    assert not server.resumes(trust=authority.certificate)
    server.context = identity.context()
    assert not server.resumes(trust=authority.certificate)
    assert server.resumes(trust=authority.certificate)


def breaks(connection, way):
    """The end of a connection whose first bytes are there."""
    connection.recv(1 << 16)
    if way == "alert":
        connection.sendall(bytes.fromhex("15030300020228"))  # fatal, handshake_failure


@pytest.mark.parametrize("way", ["alert", "close"])
@pytest.mark.parametrize("transport", ["tls", "starttls"])
def test_a_server_that_breaks_off_over_the_session_is_met_without_it(home, authority, peer, transport, way):
    server = peer(transport=transport)
    assert not server.resumes(trust=authority.certificate)
    broken = []

    def talk(connection):
        if broken:
            return server._talk(connection)
        broken.append(connection)
        if transport == "starttls":
            connection.sendall(b"220 mail.example.org ESMTP\r\n")
            connection.recv(1 << 16)
            connection.sendall(b"250-mail.example.org\r\n250 STARTTLS\r\n")
            assert connection.recv(1 << 16) == b"STARTTLS\r\n"
            connection.sendall(b"220 2.0.0 Go ahead\r\n")
        breaks(connection, way)

    server.host.talk = talk
    result, resumed = server.run(trust=authority.certificate)
    assert (result.exit, resumed, len(broken)) == (0, False, 1), result
    assert "-- again, without the TLS session kept before\n" in result.err
    assert server.resumes(trust=authority.certificate)


def test_a_server_that_breaks_off_is_not_met_twice_where_nothing_was_kept(home, authority, peer):
    server, met = peer(), []

    def talk(connection):
        met.append(connection)
        breaks(connection, "alert")
        server.sessions.put(None)

    server.host.talk = talk
    result, _ = server.run(trust=authority.certificate)
    assert (result.exit, len(met)) == (76, 1), result


def test_it_can_be_turned_off(home, authority, peer):
    server = peer()
    server.resumes(trust=authority.certificate)
    before = kept(home)[0].read_bytes()
    assert not server.resumes("tls_resume off", trust=authority.certificate)
    assert kept(home)[0].read_bytes() == before


def test_serverinfo_has_the_certificate_judged_now(home, authority, peer):
    server = peer()
    server.resumes(trust=authority.certificate)
    accounts = home.write_accounts(Account(server.host.port, "tls", authority.certificate).text())
    result = home.run("-d", "-S", "-C", accounts)
    assert ", resumed\n" not in result.err, result


def test_without_a_home_nothing_is_kept(home, authority, peer):
    home.environment["XDG_CACHE_HOME"] = "/proc/none"
    server = peer()
    assert [server.resumes(trust=authority.certificate) for _ in range(2)] == [False, False]


# --- not for whom nothing was verified, or who judges by something else ---


def test_an_unverified_session_is_not_kept(home, authority, peer):
    server = peer()
    assert not server.resumes("tls_certcheck off")
    assert kept(home) == []


def test_a_refused_session_is_not_kept(home, identity, peer):
    server = peer()
    result, _ = server.run(f"tls_fingerprint {'0' * 64}")
    assert result.exit == 77 and kept(home) == [], result


def test_a_pin_that_was_taken_back_counts(home, authority, identity, peer):
    server, pin = peer(), f"tls_fingerprint {certificates.fingerprint(identity)}"
    server.resumes(pin)
    result, _ = server.run(f"tls_fingerprint {'0' * 64}")
    assert result.exit == 77 and "tls_fingerprint names another" in result.err, result


def test_another_trust_file_counts(tmp_path, authority, peer):
    server = peer()
    server.resumes(trust=authority.certificate)
    stranger = certificates.make_authority(tmp_path, "stranger")
    result, _ = server.run(trust=stranger.certificate)
    assert result.exit == 77 and "nobody whom this machine trusts" in result.err, result


def test_the_same_trust_file_with_another_content_counts(tmp_path, authority, peer):
    server, trust = peer(), tmp_path / "trust.pem"
    trust.write_bytes(authority.certificate.read_bytes())
    assert [server.resumes(trust=trust) for _ in range(2)] == [False, True]
    trust.write_bytes(certificates.make_authority(tmp_path, "stranger").certificate.read_bytes())
    result, _ = server.run(trust=trust)
    assert result.exit == 77, result


def test_a_revocation_counts(home, tmp_path, peer):
    authority = certificates.make_authority(tmp_path, "own")
    good, bad = authority.issue("good"), authority.issue("bad")
    server = peer(bad.context())
    crl = f"tls_crl_file {authority.revoke(good)}"
    assert [server.resumes(crl, trust=authority.certificate) for _ in range(2)] == [False, True]
    authority.revoke(good, bad)
    result, _ = server.run(crl, trust=authority.certificate)
    assert result.exit == 77 and "it was revoked" in result.err, result


@pytest.mark.parametrize("lines", [
    ("tls_host_override localhost",), ("tls_priorities NORMAL",), ("tls_priorities -VERS-TLS1.2",), ("host localhost",),
])
def test_another_setting_counts(authority, peer, lines):
    server = peer()
    server.resumes(trust=authority.certificate)
    assert not server.resumes(*lines, trust=authority.certificate)
    assert server.resumes(trust=authority.certificate)


def test_another_certificate_of_ours_counts(authority, identity, peer):
    context = identity.context()
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(authority.certificate)
    context.session_id_context = b"x"
    server = peer(context)
    ours = [authority.issue(name, names=f"email:{name}@example.org") for name in ("client", "another")]
    lines = [(f"tls_cert_file {one.certificate}", f"tls_key_file {one.key}") for one in ours]
    assert not server.resumes(trust=authority.certificate)
    assert [server.resumes(*lines[0], trust=authority.certificate) for _ in range(2)] == [False, True]
    assert not server.resumes(*lines[1], trust=authority.certificate)


# --- not longer than the first verification holds ---


def until(home):
    return int(kept(home)[0].read_bytes().split(b"\n")[1]) - time.time()


def test_it_is_kept_for_a_day_from_the_first_verification_on(home, authority, peer):
    server = peer()
    server.resumes(trust=authority.certificate)
    first = kept(home)[0].read_bytes().split(b"\n")[1]
    assert 86000 < until(home) <= 86400
    time.sleep(1.1)
    assert server.resumes(trust=authority.certificate)
    assert kept(home)[0].read_bytes().split(b"\n")[1] == first


def test_it_ends_with_the_certificate(home, tmp_path, authority, peer):
    brief = authority.issue_for("brief", datetime.timedelta(hours=1))
    server = peer(brief.context())
    server.resumes(trust=authority.certificate)
    assert 3000 < until(home) <= 3600


def test_it_ends_with_the_list_of_revoked_certificates(home, tmp_path, peer):
    authority = certificates.make_authority(tmp_path, "own")
    server = peer(authority.issue("good").context())
    crl = authority.revoke(authority.issue("bad"), hours=2)
    server.resumes(f"tls_crl_file {crl}", trust=authority.certificate)
    assert 6600 < until(home) <= 7200


# --- hostile and broken files ---


def test_a_file_of_no_use_is_passed_over(home, authority, peer):
    server = peer()
    server.resumes(trust=authority.certificate)
    file = kept(home)[0]
    for content in (b"", b"garbage", b"\0" * 200_000, file.read_bytes()[:-1]):
        file.write_bytes(content)
        assert not server.resumes(trust=authority.certificate)
    file.unlink()
    file.mkdir()
    assert not server.resumes(trust=authority.certificate)


def test_a_file_that_others_can_read_is_passed_over(home, authority, peer):
    server = peer()
    server.resumes(trust=authority.certificate)
    kept(home)[0].chmod(0o644)
    assert not server.resumes(trust=authority.certificate)
    assert oct(kept(home)[0].stat().st_mode) == "0o100600"


def test_many_runs_at_once_do_not_disturb_each_other(home, authority, peer):
    server = peer()
    accounts = home.write_accounts(Account(server.host.port, "tls", authority.certificate).text())
    for _ in range(2):
        programs = [home.start("-C", accounts, "receiver@example.net") for _ in range(5)]
        said = [program.communicate(dialogue.MESSAGE, timeout=30)[1] for program in programs]
        assert [program.returncode for program in programs] == [0] * 5, said
    result, _ = server.run(trust=authority.certificate)
    assert result.exit == 0 and ", resumed\n" in result.err, result
