"""`imbuca check ADDRESS` without an account for it: one is made of what is known of the provider."""

import os
import re

import pytest

import expected
import jail
from test_dialogues import identities  # noqa: F401
from test_setup import PROVIDER, Account, ended, names, ports, provider, read_until, at_terminal, serve  # noqa: F401

# As far as it goes without a password.
GREETING = "transport: any\n\n@open AUTH PLAIN\n@quit\n"


@pytest.fixture
def common(names, authority):  # noqa: F811
    return ("check", "--resolver", names.address, f"--tls-trust-file={authority.certificate}",
            "--domain=client.example.org", "--timeout=10")


@pytest.fixture
def check(home, common):
    return lambda *arguments: home.run(*common, *arguments)


@pytest.fixture
def asked(home, common):
    """imbuca check with a terminal of its own."""
    home.environment["TERM"] = "dumb"
    screens = []

    def start(*arguments):
        process, screen = at_terminal(home, *common, *arguments)
        screens.append(screen)
        return process, screen

    yield start
    for screen in screens:
        os.close(screen)


@pytest.fixture
def greets(home, ports, identities):  # noqa: F811
    """A server that is left before the login."""
    return lambda: Account(home.folder, "", "tls", ports["tls"], identities["lasting"].context(), GREETING)


@pytest.mark.parametrize("language", expected.languages())
def test_without_a_terminal_all_but_the_login_is_tried(home, speak, check, greets, provider, ports, language):  # noqa: F811
    speak(language)
    provider("app")
    with greets() as server:
        result = check("me@testing.example")
    assert server.story is None, f"{server.story}\n{result}"
    assert (result.exit, result.err) == (0, ""), result
    report = re.sub(r"localhost: .*", "localhost: ADDRESSES", expected.masked(result.out, home, ports["tls"]))
    expected.compare("check-address", report, language)
    assert not home.accounts.exists()


def test_at_a_terminal_it_asks_for_the_password_where_it_comes_to_the_login(home, asked, serve, provider):  # noqa: F811
    provider()
    with serve("testing.example", "tls") as server:
        process, screen = asked("me@testing.example")
        seen = read_until(screen, b"password of me@testing.example at localhost: ")
        assert b"extensions" in seen and b"[y/n]" not in seen
        os.write(screen, b"secret\n")
        seen = read_until(screen, b"All is well")
        assert ended(process) == 0 and b"secret" not in seen
    assert server.story is None and not home.accounts.exists()


def test_a_server_that_dns_names_gets_a_password_after_a_yes(asked, greets, serve, provider):  # noqa: F811
    provider()
    with serve("served.dyn", "tls") as server:
        process, screen = asked("me@served.dyn")
        read_until(screen, b"[y/n] ")
        os.write(screen, b"y\n")
        read_until(screen, b"password of ")
        os.write(screen, b"secret\n")
        read_until(screen, b"All is well")
        assert ended(process) == 0 and server.story is None
    with greets():
        process, screen = asked("me@served.dyn", "--password-command=echo secret")
        read_until(screen, b"[y/n] ")
        os.write(screen, b"n\n")
        read_until(screen, b"you did not say yes")
        assert ended(process) == 77


def test_a_command_prints_the_password(check, serve, greets, provider):  # noqa: F811
    provider()
    with serve("testing.example", "tls") as server:
        assert check("--password-command=echo secret", "me@testing.example").exit == 0
    assert server.story is None
    with greets():
        unsure = check("--password-command=echo secret", "me@served.dyn")
    assert unsure.exit == 64 and "there is no terminal to ask at" in unsure.out, unsure


@pytest.mark.parametrize("works, advice", [
    ("tls", "Port {} with TLS works: write 'port {}' and 'tls_starttls off' into the account."),
    ("starttls", "Port {} with STARTTLS works: write 'port {}' and 'tls_starttls on' into the account."),
])
def test_a_closed_port_has_the_providers_other_ports_tried(home, ports, identities, authority, works, advice):  # noqa: F811
    closed, port = jail.free_port(), ports[works]
    first = f"port {closed} {'starttls' if works == 'tls' else 'tls'}"
    row = PROVIDER.format(password="account", tls=closed)
    row = row.replace(f"port {closed} tls", f"host localhost\n{first}\nport {port} {works}")
    (home.accounts.parent / "providers").write_text(row)
    trust = f"tls_trust_file {authority.certificate}"
    home.write_accounts(f"account a\nfrom me@testing.example\npassword x\n{trust}\ndomain client.example.org\ntimeout 10\n")
    with Account(home.folder, "", works, port, identities["lasting"].context(), GREETING) as server:
        result = home.run("check")
    assert server.story is None, f"{server.story}\n{result}"
    assert result.exit == 75 and advice.format(port, port) in result.out, result


def test_a_message_is_not_sent_without_a_password(check, greets, provider):  # noqa: F811
    provider()
    with greets():
        result = check("--send", "me@testing.example")
    assert result.exit == 77 and "the account has no password" in result.out, result


def test_where_only_oauth_will_do(check, greets, provider):  # noqa: F811
    provider("oauth")
    with greets() as server:
        result = check("me@testing.example")
    assert server.story is None and result.exit == 0, result
    assert "not tried: Testing Mail takes no password, only OAuth2" in result.out
    assert "What to do: imbuca setup me@testing.example logs in there." in result.out


def test_accounts_that_are_for_others_stay_out_of_it(home, check, greets, mailbox, provider):  # noqa: F811
    provider()
    home.write_accounts(f"account default\nhost 127.0.0.1\nport {mailbox.port}\ntls off\nfrom you@example.org\n")
    with greets() as server:
        result = check("me@testing.example")
    assert server.story is None and "none for me@testing.example: made of" in result.out, result
    # Of a provider that nobody knows, mail goes the way that the file says.
    known = check("you+tag@example.org")
    assert known.exit == 0 and "'default', line 1" in known.out, known
    unknown = check("me@plain.dyn")
    assert unknown.exit == 0 and "'default', line 1" in unknown.out, unknown


def test_the_account_of_the_file_counts_for_more(home, check, mailbox, provider):  # noqa: F811
    provider()
    lines = f"account mine\nhost 127.0.0.1\nport {mailbox.port}\ntls off\n"
    other = "account other\nhost mail.example.org\nfrom you@example.org\n"
    home.write_accounts(f"{lines}from %U@testing.example\n{other}")
    home.environment["USER"] = "me"
    result = check("me@testing.example")
    assert result.exit == 0 and "'mine', line 1" in result.out and "<me@testing.example>" in result.out, result
    # One without a `from` is for any address.
    home.write_accounts(lines)
    assert "'mine', line 1" in check("me@testing.example").out
    home.write_accounts(f"{lines}colour red\n")
    broken = check("me@testing.example")
    assert broken.exit == 78 and "unknown keyword 'colour'" in broken.out, broken


@pytest.mark.parametrize("arguments, code, words", [
    (("me@plain.dyn",), 78, "no provider that imbuca knows serves addresses at 'plain.dyn'"),
    (("me@nothing.dyn",), 68, "'nothing.dyn' does not exist"),
    (("--provider=gmial", "me@plain.dyn"), 78, "unknown provider 'gmial' (did you mean 'gmail'?)"),
    (("--provider=ses", "me@plain.dyn"), 78, "has a server for each region"),
    (("--provider=ses eu-nord-1", "me@plain.dyn"), 78, "no region 'eu-nord-1'"),
    (("--provider=ses eu-west-1", "me@plain.dyn"), 64, "say it with --user"),
    (("--provider=ses", "test"), 64, "goes with an address"),
])
def test_what_it_cannot_check_it_says(check, arguments, code, words):
    result = check(*arguments)
    assert result.exit == code and words in result.out and result.err == "", result
