"""How imbuca gets to its server: address family, source address, SOCKS5 proxy, unix socket."""

import socket
import struct

import pytest

import dialogue
import host
from imbuca import Account

NAMELESS = "mail.invalid"  # RFC 6761: no resolver knows it, so only a proxy can have looked it up.


def submit(home, port, *lines, **account):
    accounts = home.write_accounts(Account(port, extra=lines, **account).text())
    return home.run("-d", "-C", accounts, "receiver@example.net", stdin=dialogue.MESSAGE)


# --- families and source ---


@pytest.mark.parametrize("ip, address", [("4", "127.0.0.1"), ("6", "::1")])
def test_takes_the_family_of_ip(home, ip, address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with host.Host(host.listen(family, (address, 0)), host.accept_message) as server:
        other = submit(home, server.port, f"ip {'4' if ip == '6' else '6'}", host=address)
        assert other.exit == 68 and "connected" not in other.err, other
        result = submit(home, server.port, f"ip {ip}", host=address)
    assert result.exit == 0, result
    assert f"connected to {address} port" in result.err


def test_comes_from_the_source_address(home):
    peers = []

    def talk(connection):
        peers.append(connection.getpeername()[0])
        host.accept_message(connection)

    with host.Host(host.listen(), talk) as server:
        result = submit(home, server.port, "source_ip 127.0.0.7", host="localhost")
    assert result.exit == 0, result
    assert peers == ["127.0.0.7"]


@pytest.mark.parametrize("lines, words", [
    (("source_ip ::1", "ip 4"), "source_ip '::1' is not of the family of ip"),
    (("source_ip ::1",), "'127.0.0.1' has no address of the family of source_ip '::1'"),
])
def test_a_source_that_leads_nowhere_is_an_error_of_the_accounts_file(home, lines, words):
    result = submit(home, 25, *lines, "queue on")
    assert result.exit == 78 and words in result.err, result
    assert "(source_ip)" in result.err, result  # the line of the file


def test_a_source_that_is_not_there_is_for_now(home):
    """As a tunnel's address before the tunnel is up: the message must not be lost for it."""
    words = "source_ip '192.0.2.9' is no address of this machine now"
    result = submit(home, 25, "source_ip 192.0.2.9")
    assert result.exit == 75 and words in result.err and "(source_ip)" in result.err, result
    result = submit(home, 25, "source_ip 192.0.2.9", "queue on")
    assert result.exit == 0 and words in result.err and "queued as" in result.err, result


@pytest.mark.parametrize("value", ["localhost", "127.0.0", "1::2::3", "a" * 100])
def test_a_source_is_an_address(home, value):
    result = submit(home, 25, f"source_ip {value}")
    assert result.exit == 78 and "is no IPv4 or IPv6 address" in result.err, result


# --- a unix socket ---


def test_connects_to_a_unix_socket(home):
    path = home.folder / "socket"
    with host.Host(host.listen(socket.AF_UNIX, str(path)), host.accept_message):
        accounts = home.write_accounts("account default\nsocket ~/socket\nfrom sender@example.org\ndomain client.example.org\nlogfile ~/log\n")
        result = home.run("-d", "-C", accounts, "receiver@example.net", stdin=dialogue.MESSAGE)
    assert result.exit == 0, result
    assert f"connected to {path}\n" in result.err
    assert f"peer={path}" in (home.folder / "log").read_text()


def test_a_unix_socket_can_have_tls_for_the_hosts_name(home, authority, identity):
    talk = lambda connection: host.accept_message(connection, "starttls", identity.context())
    with host.Host(host.listen(socket.AF_UNIX, str(home.folder / "socket")), talk):
        lines = ("socket ~/socket", "tls on")
        good = submit(home, 25, *lines, transport="starttls", trust=authority.certificate, host="localhost")
    assert good.exit == 0, good


def test_says_why_a_unix_socket_is_of_no_use(home):
    missing = submit(home, 25, "socket ~/none")
    assert missing.exit == 75 and f"cannot connect to '{home.folder}/none'" in missing.err, missing
    long = submit(home, 25, "socket /" + 120 * "x")
    assert long.exit == 78 and "too long for the name of a socket" in long.err, long


# --- a SOCKS5 proxy (RFC 1928, 1929) ---


class Proxy:
    """A proxy that is its own destination: once it has connected, it talks SMTP."""

    def __init__(self, *, login=None, reply=b"\x05\x00\x00\x01\x7f\0\0\1\0\x19", glued=False):
        self.login, self.reply, self.glued = login, reply, glued
        self.heard = None

    def __call__(self, connection):
        offered = host.exactly(connection, 2)
        assert offered[0] == 5
        methods = host.exactly(connection, offered[1])
        if self.login is None:
            assert 0 in methods
            connection.sendall(b"\x05\x00")
        else:
            assert methods == b"\x00\x02"
            connection.sendall(b"\x05\x02")
            user, password = self.login
            expected = struct.pack("BB", 1, len(user)) + user + struct.pack("B", len(password)) + password
            right = host.exactly(connection, len(expected)) == expected
            connection.sendall(b"\x01\x00" if right else b"\x01\x01")
            if not right:
                return
        self.heard = self.request(connection)
        if self.glued:  # The destination's greeting comes in the same segment.
            connection.sendall(self.reply + b"220 mail.example.org ESMTP\r\n421 4.3.2 Not now\r\n")
            host.exactly(connection, 1000)
            return
        for byte in self.reply:
            connection.sendall(bytes([byte]))
        if self.reply[1] == 0:
            host.accept_message(connection)

    @staticmethod
    def request(connection):
        head = host.exactly(connection, 4)
        assert head[:3] == b"\x05\x01\x00"
        size = {1: 4, 4: 16}.get(head[3]) or host.exactly(connection, 1)[0]
        address = host.exactly(connection, size)
        return head[3], address, struct.unpack("!H", host.exactly(connection, 2))[0]


def through(home, proxy, *lines, **account):
    with host.Host(host.listen(), proxy) as server:
        return submit(home, 2525, "proxy_host 127.0.0.1", f"proxy_port {server.port}", *lines, **account)


REPLIES = {
    "IPv4": b"\x05\x00\x00\x01\x7f\0\0\1\0\x19",
    "name": b"\x05\x00\x00\x03\x09localhost\0\x19",
    "longest name": b"\x05\x00\x00\x03\xff" + 255 * b"x" + b"\0\x19",
    "no name": b"\x05\x00\x00\x03\x00\0\x19",
    "IPv6": b"\x05\x00\x00\x04" + 16 * b"\1" + b"\0\x19",
}


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_the_proxy_looks_the_name_up(home, reply):
    proxy = Proxy(reply=reply)
    result = through(home, proxy, host=NAMELESS)
    assert result.exit == 0, result
    assert proxy.heard == (3, NAMELESS.encode(), 2525)
    assert ", the proxy\n" in result.err


@pytest.mark.parametrize("address, kind, packed", [("192.0.2.1", 1, b"\xc0\0\2\1"), ("2001:db8::1", 4, b"\x20\1\x0d\xb8" + 11 * b"\0" + b"\1")])
def test_an_address_goes_as_an_address(home, address, kind, packed):
    proxy = Proxy()
    assert through(home, proxy, "tls off", host=address).exit == 0
    assert proxy.heard == (kind, packed, 2525)


def test_the_greeting_may_follow_at_once(home):
    result = through(home, Proxy(glued=True), host=NAMELESS)
    assert result.exit == 75 and "S: 220 mail.example.org ESMTP" in result.err, result


def test_logs_in_to_the_proxy(home):
    lines = ("proxy_user joe", "proxy_password sesame")
    good = through(home, Proxy(login=(b"joe", b"sesame")), *lines, host=NAMELESS)
    assert good.exit == 0, good
    bad = through(home, Proxy(login=(b"joe", b"other!")), *lines, host=NAMELESS)
    assert bad.exit == 77 and "the proxy refuses the login of 'joe'" in bad.err, bad
    assert "sesame" not in good.err + bad.err


ANSWERS = {
    # What the proxy says to the request: exit code, words.
    b"\x05\x01\x00\x01\0\0\0\0\0\0": (75, "it failed"),
    b"\x05\x02\x00\x01\0\0\0\0\0\0": (77, "its rules do not allow it"),
    b"\x05\x03\x00\x01\0\0\0\0\0\0": (75, "the network cannot be reached"),
    b"\x05\x04\x00\x01\0\0\0\0\0\0": (75, "the host cannot be reached"),
    b"\x05\x05\x00\x01\0\0\0\0\0\0": (75, "the connection was refused"),
    b"\x05\x06\x00\x01\0\0\0\0\0\0": (75, "it took too long"),
    b"\x05\x07\x00\x01\0\0\0\0\0\0": (76, "it makes no connections"),
    b"\x05\x08\x00\x01\0\0\0\0\0\0": (76, "it takes no address of this kind"),
    b"\x05\x09\x00\x01\0\0\0\0\0\0": (76, "does not speak SOCKS5"),
    b"\x05\xff\x00\x01\0\0\0\0\0\0": (76, "does not speak SOCKS5"),
    b"\x04\xff\x00\x01\0\0\0\0\0\0": (76, "does not speak SOCKS5"),
}


@pytest.mark.parametrize("reply", ANSWERS)
def test_says_why_the_proxy_does_not_connect(home, reply):
    code, words = ANSWERS[reply]
    result = through(home, Proxy(reply=reply), host=NAMELESS)
    assert result.exit == code and words in result.err, result


HOSTILE = {
    "address of no kind": ([b"\x05\x00", b"\x05\x00\x00\x02\0\0\0\0\0\0"], 76, "does not speak SOCKS5"),
    "address kind 255": ([b"\x05\x00", b"\x05\x00\x00\xff\0\0\0\0\0\0"], 76, "does not speak SOCKS5"),
    "SMTP": ([b"220 mail.example.org ESMTP\r\n"], 76, "does not speak SOCKS5"),
    "SOCKS4": ([b"\x04\x00"], 76, "does not speak SOCKS5"),
    "login unasked": ([b"\x05\x02"], 76, "does not speak SOCKS5"),
    "no method": ([b"\x05\xff"], 77, "the proxy wants another login"),
    "closes": ([b"\x05"], 75, "the proxy closed the connection"),
    "closes at the request": ([b"\x05\x00", b"\x05\x00\x00"], 75, "the proxy closed the connection"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_proxy_cannot_do_harm(home, case):
    answers, code, words = HOSTILE[case]

    def talk(connection):
        for answer in answers:
            connection.recv(1000)
            connection.sendall(answer)

    result = through(home, talk, host=NAMELESS)
    assert result.exit == code and words in result.err, result


def test_a_proxy_has_a_deadline(home):
    """A byte now and then does not put it off."""

    def talk(connection):
        connection.recv(1000)
        connection.sendall(b"\x05\x00")
        connection.recv(1000)
        for byte in b"\x05\x00\x00\x03\xff" + 255 * b"x":
            connection.sendall(bytes([byte]))
            connection.settimeout(0.3)
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                pass
            except OSError:
                return

    result = through(home, talk, "timeout 2", host=NAMELESS)
    assert result.exit == 75 and "the proxy took too long" in result.err, result


def test_an_option_that_names_another_proxy_voids_its_password(home):
    accounts = home.write_accounts(
        "account default\nhost mail.invalid\ntls off\nfrom sender@example.org\n"
        "proxy_host 127.0.0.1\nproxy_user joe\nproxy_password sesame\n"
    )
    result = home.run("-C", accounts, "-a", "default", "--host", "other.invalid", "a@example.net", stdin=dialogue.MESSAGE)
    assert result.exit == 78 and "the proxy's password is not used, since --host" in result.err, result


def test_a_proxys_user_has_a_password(home):
    result = submit(home, 25, "proxy_host 127.0.0.1", "proxy_user joe")
    assert result.exit == 78 and "no proxy_password" in result.err, result
