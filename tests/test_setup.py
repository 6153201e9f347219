"""`imbuca setup`: the server for an address is found, tried, and the account written."""

import os
import pty
import re
import socket
import stat

import pytest

import dialogue
import expected
import jail
import nameserver
import network
import place
from test_check import Server
from test_dialogues import identities  # noqa: F401

SESSION = """\
transport: any

@open AUTH PLAIN
C: AUTH PLAIN {base64 \\0me@DOMAIN\\0secret}
S: 235 2.7.0 Welcome
C: MAIL FROM:<me@DOMAIN>
S: 250 2.1.0 Ok
C: RSET
S: 250 2.0.0 Ok
@quit
"""

ZONE = """\
$ORIGIN dyn.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
_submissions._tcp.both SRV 0 1 {tls} localhost.
_submission._tcp.both SRV 0 1 1 localhost.
_submission._tcp.starttls SRV 0 1 {starttls} localhost.
served MX 10 mx7.provider.dyn.
plain A 127.0.0.1
"""

PROVIDER = """\
provider testing
title Testing Mail
kind mailbox
known confirmed
domains testing.example
mx mx?.provider.dyn
port {tls} tls
auth PLAIN
user address
password {password}
app_page https://testing.example/app
help_page https://testing.example/help
"""


@pytest.fixture(scope="session")
def ports():
    return {"tls": jail.free_port(), "starttls": jail.free_port()}


@pytest.fixture(scope="session")
def names(tmp_path_factory, ports):
    server = nameserver.NameServer(tmp_path_factory.mktemp("nsd"), [("dyn", ZONE.format(**ports))])
    yield server
    server.close()


@pytest.fixture
def setup(home, names, authority):
    trust = f"--tls-trust-file={authority.certificate}"
    common = ["setup", "--resolver", names.address, trust, "--domain=client.example.org", "--timeout=10"]
    return lambda *arguments: home.run(*common, *arguments)


@pytest.fixture
def provider(home, ports):
    """provider(PASSWORD) is known then."""

    def known(password="account", lines="host localhost\n"):
        (home.accounts.parent / "providers").write_text(PROVIDER.format(password=password, **ports) + lines)

    return known


class Account(Server):
    """The server of an account that gets as far as `imbuca check` goes, on a port that DNS names."""

    def __init__(self, folder, domain, transport, port, context, session=SESSION):
        path = folder / "session.txt"
        path.write_text(session.replace("DOMAIN", domain))
        listener = socket.create_server(("127.0.0.1", port))
        super().__init__(dialogue.read(path), transport, context, listener)


@pytest.fixture
def serve(home, ports, identities):  # noqa: F811
    def at(domain, transport):
        return Account(home.folder, domain, transport, ports[transport], identities["lasting"].context())

    return at


def written(home, ports):
    text = home.accounts.read_text()
    for name, port in ports.items():
        text = text.replace(str(port), f"PORT-{name}")
    return re.sub(r"(?m)^tls_trust_file .*\n", "", text)


YES = ("--yes", "--password-command=echo secret")


@pytest.mark.parametrize("domain, transport, name", [
    ("both.dyn", "tls", "both"), ("starttls.dyn", "starttls", "starttls"),
    ("served.dyn", "tls", "testing"), ("testing.example", "tls", "testing"),
])
def test_a_server_is_found_and_written(home, setup, serve, provider, ports, domain, transport, name):
    if name == "testing":
        provider()
    with serve(domain, transport) as server:
        result = setup(*YES, f"me@{domain}")
    assert server.story is None, f"{server.story}\n{result}"
    assert (result.exit, result.err) == (0, ""), result
    assert stat.S_IMODE(home.accounts.stat().st_mode) == 0o600
    line = "provider testing\n" if name == "testing" else ""
    assert written(home, ports) == (
        f"account {name}\n{line}host localhost\nport PORT-{transport}\ntls on\n"
        f"tls_starttls {'on' if transport == 'starttls' else 'off'}\nauth on\nuser me@{domain}\n"
        f"passwordeval echo secret\nfrom me@{domain}\ndomain client.example.org\ntimeout 10\n"
    ), result
    assert home.run("config", name).exit == 0
    report = expected.masked(result.out, home, ports[transport])
    report = re.sub(r"localhost: .*", "localhost: ADDRESSES", report)
    expected.compare(f"setup-{domain.replace('.', '-')}", report)


def test_comments_order_and_what_stood_there_stay(home, setup, serve, ports):
    old = "# mine\n\naccount  work\nhost mail.example.org\n  # two blanks\n\tfrom work@example.org"
    target = home.folder / "dotfiles"
    home.write_accounts(old, path=target)
    home.accounts.symlink_to(target)
    with serve("both.dyn", "tls"):
        result = setup(*YES, "-a", "home", "me@both.dyn")
    assert result.exit == 0, result
    text = target.read_text()
    assert text.startswith(old + "\n\naccount home\nhost localhost\n") and home.accounts.is_symlink()
    # What had gone through the only account still does.
    assert text.endswith("\naccount default : work\n")
    assert "'default' of" in home.run("config").out
    again = setup(*YES, "me@both.dyn")
    assert again.exit == 78 and "there is an account for this address already: 'home'" in again.err, again
    same = setup(*YES, "-a", "work", "you@both.dyn")
    assert same.exit == 78 and "there is an account 'work' already, in line 3" in same.err, same
    assert target.read_text() == text


def test_a_file_of_msmtps_stays_one_that_msmtp_can_read(home, setup, serve, provider):
    provider()
    home.accounts.unlink(missing_ok=True)
    file = home.folder / ".msmtprc"
    file.write_text("account work\nhost smtp.example.org\n")
    file.chmod(0o600)
    with serve("testing.example", "tls") as server:
        result = setup(*YES, "me@testing.example")
    assert server.story is None and result.exit == 0, result
    text = file.read_text()
    assert "account testing\nhost localhost\n" in text and "provider" not in text, text
    assert not home.accounts.exists()


def test_nothing_is_written_where_the_check_fails(home, setup):
    home.write_accounts("# empty\n")
    result = setup(*YES, "me@both.dyn")
    assert result.exit == 75 and result.out.endswith("Nothing was written.\n"), result
    assert home.accounts.read_text() == "# empty\n"


@pytest.mark.parametrize("name", ["", " ", "home ", "home : work", '"home"'])
def test_a_name_that_would_spoil_the_file_is_refused(home, setup, name):
    home.write_accounts("account work\nhost smtp.example.org\n")
    old = home.accounts.read_text()
    result = setup(*YES, "--host=localhost", "-a", name, "me@both.dyn")
    assert result.exit == 64 and f"'{name}' cannot be the name of an account" in result.err, result
    assert home.accounts.read_text() == old


@pytest.mark.parametrize("arguments, code, words", [
    (("me@nothing.dyn",), 68, "'nothing.dyn' does not exist"),
    (("me@plain.dyn",), 68, "no server was found for addresses at 'plain.dyn'"),
    (("me",), 64, "'me' is no whole address"),
    ((), 64, "setup takes one address, not 0"),
    (("a@b@c",), 65, ""),
    (("--yes", "me@both.dyn"), 64, "with --yes nothing is asked, and there is no password"),
    (("--password-command=echo x", "me@both.dyn"), 64, "there is no terminal to ask at"),
])
def test_what_it_cannot_do_it_says(home, setup, arguments, code, words):
    result = setup(*arguments)
    assert result.exit == code and words in result.err, result
    assert not home.accounts.exists()


REGIONAL = "host {region}\nregions localhost elsewhere.example\n"


@pytest.mark.root
@pytest.mark.parametrize("transport, port", [("tls", 465), ("starttls", 587)])
def test_a_server_is_found_by_usual_names(home, tmp_path, authority, identities, transport, port):  # noqa: F811
    """smtp.localhost and mail.localhost are nobody's; localhost itself answers, at the usual port."""
    zone = "$ORIGIN localhost.\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n"
    page = "transport: any\n\n@open AUTH PLAIN\n@quit\n@again\n\n" + SESSION.partition("\n\n")[2]
    with network.own():
        names = nameserver.NameServer(tmp_path, [("localhost", zone)])
        try:
            with Account(home.folder, "localhost", transport, port, identities["lasting"].context(), page) as server:
                result = home.run(
                    "setup", "--resolver", names.address, f"--tls-trust-file={authority.certificate}",
                    "--domain=client.example.org", "--timeout=10", *YES, "me@localhost",
                )
        finally:
            names.close()
    assert server.story is None, f"{server.story}\n{result}"
    assert result.exit == 0 and f"localhost port {port}" in result.out and "by trying usual names" in result.out, result
    assert f"account localhost\nhost localhost\nport {port}\n" in home.accounts.read_text()


def test_a_region_is_said(home, setup, serve, provider, ports):
    provider(lines=REGIONAL)
    for region, words in (("", "has a server for each region"), (" localhots", "(did you mean|no region 'localhots')")):
        result = setup(*YES, f"--provider=testing{region}", "me@testing.example")
        assert result.exit == 78 and re.search(words, result.err), result
        assert "--provider='testing localhost'" in result.err and not home.accounts.exists()
    with serve("testing.example", "tls") as server:
        result = setup(*YES, "--provider=testing localhost", "me@testing.example")
    assert server.story is None and result.exit == 0, result
    assert "provider testing localhost\nhost localhost\n" in home.accounts.read_text()
    assert home.run("config", "testing").exit == 0


def test_a_region_is_asked_for(home, asked, serve, provider):
    provider(lines=REGIONAL)
    with serve("testing.example", "tls"):
        process, screen = asked("--password-command=echo secret", "me@testing.example")
        seen = read_until(screen, b"Which is yours? ")
        assert b"    localhost\r\n    elsewhere.example\r\n" in seen
        os.write(screen, b"localhost\n")
        read_until(screen, b"stands in ")
        assert ended(process) == 0
    assert "{" not in home.accounts.read_text()


def test_a_user_name_that_the_provider_made_is_asked_for(home, asked, setup, serve, provider):
    provider(lines="host localhost\nuser other\n")
    refused = setup(*YES, "me@testing.example")
    assert refused.exit == 64 and "say it with --user" in refused.err, refused
    with serve("testing.example", "tls") as server:
        process, screen = asked("--password-command=echo secret", "me@testing.example")
        read_until(screen, b"User name that Testing Mail has given you: ")
        os.write(screen, b"me@testing.example\n")
        read_until(screen, b"stands in ")
        assert ended(process) == 0
    assert server.story is None and "user me@testing.example\n" in home.accounts.read_text()


def test_only_oauth(home, setup, provider):
    provider("oauth")
    result = setup(*YES, "me@testing.example")
    assert result.exit == 78 and "Testing Mail takes no password, only OAuth2" in result.err, result
    assert "https://testing.example/help" in result.err


# --- at a terminal ---


def read_until(screen, text):
    seen = b""
    while text not in seen:
        seen += os.read(screen, 1000)
    return seen


def at_terminal(home, *arguments):
    process, screen = pty.fork()
    if process == 0:
        os.chdir(home.folder)
        os.execve(place.program("imbuca"), ["imbuca", *arguments], home.environment)
    return process, screen


@pytest.fixture
def asked(home, names, authority):
    """imbuca setup with a terminal of its own."""
    home.environment["TERM"] = "dumb"
    screens = []

    def start(*arguments):
        process, screen = at_terminal(
            home, "setup", "--resolver", names.address, f"--tls-trust-file={authority.certificate}",
            "--domain=client.example.org", "--timeout=10", *arguments,
        )
        screens.append(screen)
        return process, screen

    yield start
    for screen in screens:
        os.close(screen)


def ended(process):
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def test_a_person_is_asked_for_the_password(home, asked, serve, provider, ports):
    provider("app")
    with serve("testing.example", "tls") as server:
        process, screen = asked("me@testing.example")
        seen = read_until(screen, b"Password for me@testing.example: ")
        # Said before it is asked, and without the question about a server that is sure.
        assert b"Testing Mail wants an app password" in seen and b"https://testing.example/app" in seen
        assert b"[y/n]" not in seen
        os.write(screen, b"sec ret\n")
        seen = read_until(screen, b"stands in ")
        assert ended(process) == 0
    assert server.story is None and b"sec" not in seen
    assert 'password "secret"\n' in home.accounts.read_text()
    assert stat.S_IMODE(home.accounts.stat().st_mode) == 0o600


def keyring(home, script):
    tool = home.folder / "bin" / "secret-tool"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    home.environment |= {"PATH": f"{tool.parent}:/usr/bin:/bin", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}


@pytest.mark.parametrize("answer, script, kept", [
    (b"y", "cat >password; echo $* >key", True), (b"n", "cat >password", False), (b"y", "echo locked >&2; exit 1", False),
])
def test_the_keyring_keeps_the_password_where_that_is_wished(home, asked, serve, provider, answer, script, kept):
    provider()
    keyring(home, script)
    with serve("testing.example", "tls"):
        process, screen = asked("me@testing.example")
        read_until(screen, b"Password for me@testing.example: ")
        os.write(screen, b"secret\n")
        read_until(screen, b"Keep the password in the keyring, and not in the accounts file? [y/n] ")
        os.write(screen, answer + b"\n")
        seen = read_until(screen, b"stands in ")
        assert ended(process) == 0
    assert ("secret" in home.accounts.read_text()) == (not kept)
    assert (b"it is kept in the accounts file: the keyring (secret-tool): " in seen) == ("locked" in script)
    if kept:
        assert (home.folder / "password").read_text() == "secret"
        assert "host localhost service smtp user me@testing.example" in (home.folder / "key").read_text()


def test_a_server_that_dns_names_needs_a_yes(home, asked, serve):
    process, screen = asked("me@both.dyn", "--password-command=echo secret")
    read_until(screen, b"[y/n] ")
    os.write(screen, b"n\n")
    read_until(screen, b"you did not say yes")
    assert ended(process) == 77 and not home.accounts.exists()
    with serve("both.dyn", "tls"):
        process, screen = asked("me@both.dyn", "--password-command=echo secret")
        read_until(screen, b"[y/n] ")
        os.write(screen, b"yes\n")
        read_until(screen, b"stands in ")
        assert ended(process) == 0
