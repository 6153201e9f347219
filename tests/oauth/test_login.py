"""imbuca login and logout at a real OAuth2 server, npm's oidc-provider, and whatever can go wrong there."""

import contextlib
import json
import os
import pty
import re
import resource
import select
import signal
import socket
import stat
import time
import urllib.parse

import pytest

import imbuca
import jail
import place
from answers import answer
from provider import USER

pytestmark = pytest.mark.real


def read_until(program, pattern):
    """What the program prints, up to the pattern's match, which it returns."""
    text = b""
    while not (found := re.search(pattern, text)):
        assert select.select([program.stdout], [], [], 60)[0], text
        block = program.stdout.read1()
        assert block, text + program.stderr.read()
        text += block
    return found


def ended(program):
    """(exit code, standard output, standard error) of a program that ends by itself."""
    out, err = program.communicate(timeout=60)
    return program.returncode, out.decode(), err.decode()


def type_code(provider, program, **how):
    """Does what imbuca tells a person to do."""
    shown = read_until(program, rb"\n    (https://\S+)\n.*\n    (\w{4}-\w{4})\n")
    return provider.browser.log_in(f"{shown[1].decode()}?user_code={shown[2].decode()}", USER, **how)


# --- by a code ---


def test_a_code_typed_elsewhere_brings_a_token(provide):
    provider = provide()
    provider.write_account()
    with provider.home.start("login", "test") as program:
        type_code(provider, program)
        code, out, err = ended(program)
    assert code == 0 and "Logged in as me@example.test" in out, err
    token = provider.token()
    assert token["refresh_token"] and "mail" in token["scope"].split()
    file, = (path for path in provider.tokens().iterdir() if path.suffix != ".lock")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(provider.tokens().stat().st_mode) == 0o700


def test_a_login_that_is_denied_by_code(provide):
    provider = provide()
    provider.write_account()
    with provider.home.start("login") as program:
        type_code(provider, program, deny=True)
        code, _, err = ended(program)
    assert code == 77 and "denied" in err
    assert provider.home.run("login", "--status").exit == 77


def test_a_code_that_nobody_types_runs_out(provide):
    provider = provide(device=2)
    provider.write_account()
    result = provider.home.run("login")
    assert result.exit == 77 and "has run out" in result.err, result


DEVICE = '{"device_code": "d", "user_code": "AB-CD", "verification_uri": "https://example.org/go", "interval": %d, "expires_in": 60}'
TOKEN = answer('{"access_token": "a", "token_type": "Bearer", "refresh_token": "r", "expires_in": 3600}')


def refusal(error, status=400):
    return answer(json.dumps({"error": error}), status)


def scripted(home, server):
    lines = ("account test", "host mail.example.org", "user me@example.test", "oauth_client_id me", "oauth_scope mail",
             f"oauth_token_url {server.url}/token", f"oauth_device_url {server.url}/device")
    home.write_accounts("\n".join(lines) + "\n")
    return home


def test_asks_as_often_as_it_is_told(trusting, answering):
    pending = refusal("authorization_pending")
    server = answering(answer(DEVICE % 1), pending, pending, refusal("slow_down"), TOKEN)
    result = scripted(trusting, server).run("login")
    assert result.exit == 0 and "AB-CD" in result.out, result
    times = server.times
    assert all(later - earlier >= 1 for earlier, later in zip(times, times[1:]))
    assert times[-1] - times[-2] >= 6
    assert [path for path, _ in server.asked] == ["/device"] + 4 * ["/token"]
    assert server.asked[1][1] == {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "d", "client_id": "me",
    }


def test_a_server_that_stumbles_is_asked_again(trusting, answering):
    server = answering(answer(DEVICE % 0), answer("sorry", 503), TOKEN)
    assert scripted(trusting, server).run("login").exit == 0


def test_a_server_that_says_it_stumbles_is_asked_again(trusting, answering):
    server = answering(answer(DEVICE % 0), refusal("temporarily_unavailable", 503), TOKEN)
    assert scripted(trusting, server).run("login").exit == 0


def test_a_login_that_is_denied_at_microsoft(trusting, answering):
    result = scripted(trusting, answering(answer(DEVICE % 0), refusal("authorization_declined"))).run("login")
    assert result.exit == 77 and "was denied at the provider" in result.err, result


@pytest.mark.parametrize("first, exit, words", [
    (refusal("invalid_client", 401), 77, "refused: invalid_client"),
    (answer("{}"), 76, "no code"),
    (answer(DEVICE.replace("https:", "http:") % 1), 76, "no https address"),
    (answer("<html>"), 76, "no JSON"),
    (answer("busy", 503), 75, "status 503"),
])
def test_a_login_that_does_not_even_begin(trusting, answering, first, exit, words):
    result = scripted(trusting, answering(first)).run("login")
    assert result.exit == exit and words in result.err, result


@pytest.mark.parametrize("given, words", [
    ('{"token_type": "Bearer"}', "no access token"),
    ('{"access_token": ""}', "no access token"),
    ('{"access_token": "a b"}', "no access token"),
    ('{"access_token": "a\\u0001auth=b"}', "no access token"),
    ('{"access_token": "a", "token_type": "mac"}', "of the type 'mac'"),
    ('{"access_token": "a", "refresh_token": "b\\nexpires_at 9"}', "no access token"),
])
def test_a_token_that_is_none_is_not_kept(trusting, answering, given, words):
    result = scripted(trusting, answering(answer(DEVICE % 0), answer(given))).run("login")
    assert result.exit == 76 and words in result.err, result
    assert [path.suffix for path in (trusting.folder / ".state/imbuca/tokens").iterdir()] == [".lock"]


def test_what_a_server_says_does_no_harm_to_a_terminal(trusting, answering):
    device = json.dumps({"device_code": "d", "user_code": "A\x1b]0;x\x07", "verification_uri": "https://a/\x9b2J\n", "interval": 0})
    result = scripted(trusting, answering(answer(device), TOKEN)).run("login")
    assert result.exit == 0 and not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", result.out), result


def test_a_terminal_is_shown_a_code_for_a_camera_and_the_time(provide):
    provider = provide()
    provider.write_account()
    process, screen = pty.fork()
    if process == 0:
        os.chdir(provider.home.folder)
        os.execve(place.program("imbuca"), ["imbuca", "login"], provider.home.environment)
    text = b""
    while not (re.search(rb"good for (9:5|10:0)", text) and "▀".encode() in text and b"\x1b[40;97m" in text):
        text += os.read(screen, 10000)
    os.write(screen, b"\x03")
    assert os.waitpid(process, 0)[1] != 0
    os.close(screen)


# --- by a browser ---


def browsing(home, server, *extra):
    """The same where the provider has no code."""
    scripted(home, server)
    text = home.accounts.read_text().replace("/device", "/auth").replace("oauth_device_url", "oauth_auth_url")
    home.write_accounts("\n".join([text, f"oauth_revoke_url {server.url}/revoke", *extra]) + "\n")
    return home


@pytest.mark.parametrize("client", [
    {"oauth_client_id": "public"},
    {"oauth_client_id": "confidential", "oauth_client_secret": "its secret & more"},
])
def test_a_browser_brings_a_token(provide, client):
    provider = provide()
    result = provider.log_in(**client)
    assert "Logged in as me@example.test" in result.out
    assert provider.token()["refresh_token"]


def test_without_a_code_the_browser_is_the_way(provide):
    provider = provide()
    provider.write_account(oauth_device_url=None)
    provider.open_browser()
    assert provider.home.run("login", "test").exit == 0


def url_of(program):
    return read_until(program, rb"\n(https://\S+)\n")[1].decode()


def redirect_of(url):
    """(port, state) of the address that the browser is to be sent to."""
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(url).query))
    return urllib.parse.urlparse(query["redirect_uri"]).port, query["state"]


def test_the_question_is_pkce_and_names_the_user(provide):
    provider = provide()
    provider.write_account()
    with provider.home.start("login", "--browser") as program:
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(url_of(program)).query))
        program.terminate()
    assert query["response_type"] == "code" and query["code_challenge_method"] == "S256"
    assert len(query["code_challenge"]) == 43 and len(query["state"]) == 43
    assert query["login_hint"] == USER and query["redirect_uri"].startswith("http://localhost:")


def test_a_login_that_is_denied_in_the_browser(provide):
    provider = provide()
    provider.write_account()
    with provider.home.start("login", "--browser") as program:
        provider.browser.log_in(url_of(program), USER, deny=True)
        code, _, err = ended(program)
    assert code == 77 and "denied" in err


def get(port, target, method="GET"):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        answer = b""
        while block := connection.recv(10000):
            answer += block
        return answer.decode()


def test_an_answer_with_another_state_is_not_used(provide):
    provider = provide()
    provider.write_account()
    with provider.home.start("login", "--browser") as program:
        port, _ = redirect_of(url_of(program))
        assert get(port, "/?code=abc&state=stolen").startswith("HTTP/1.1 200 ")
        code, _, err = ended(program)
    assert code == 77 and "does not belong to this login" in err
    assert not jail.answers(port)


def test_what_is_not_the_answer_is_passed_over(provide):
    provider = provide()
    provider.write_account()
    with provider.home.start("login", "--browser") as program:
        url = url_of(program)
        port, _ = redirect_of(url)
        early = [socket.create_connection(("127.0.0.1", port)) for _ in range(12)]
        for target, method in (
            ("/favicon.ico", "GET"), ("/", "GET"), ("/?", "GET"), ("/?code=a", "GET"), ("/?code=a&state=b", "POST"), ("/x?code=a&state=b", "GET"),
        ):
            assert get(port, target, method).startswith("HTTP/1.1 404 ")
        with contextlib.suppress(OSError):  # it is closed on the way
            early[3].sendall(b"x" * 100000)
        provider.browser.log_in(url, USER)
        assert ended(program)[0] == 0
        for connection in early:
            connection.close()


@pytest.mark.parametrize("query, words", [
    ("state=%s", "no code"), ("code=%%zz&state=%s", "no code"), ("code=a%%0ab&state=%s", "no code"),
    ("state=%s&error=server_error&error_description=Out%%20of%%0Aorder", "server_error"), ("code=wrong&state=%s", "invalid_grant"),
])
def test_a_bad_answer_is_told(provide, query, words):
    provider = provide()
    provider.write_account()
    with provider.home.start("login", "--browser") as program:
        port, state = redirect_of(url_of(program))
        page = get(port, "/?" + query % state)
        code, _, err = ended(program)
    assert code in (76, 77) and words in err, err
    assert state not in page and "order" not in page


def test_an_address_from_a_browser_elsewhere_can_be_pasted(provide):
    provider = provide()
    provider.write_account()
    with provider.home.start("login", "--paste") as program:
        url = url_of(program)
        port, _ = redirect_of(url)
        assert not jail.answers(port)
        last = provider.browser.log_in(url, USER).url
        assert last.startswith("http://localhost:")
        program.stdin.write(f"  {last}  \n".encode())
        program.stdin.close()
        program.stdin = None
        code, out, err = ended(program)
    assert code == 0, out + err


def test_what_is_pasted_must_be_of_this_login(provide):
    provider = provide()
    provider.write_account()
    assert provider.home.run("login", "--paste", stdin=b"http://localhost:1/?code=a&state=b\n").exit == 77
    assert provider.home.run("login", "--paste", stdin=b"").exit == 66
    assert provider.home.run("login", "--paste", stdin=b"x" * 20000).exit == 65


def test_another_address_that_is_pasted_is_told_from_the_answer(trusting, answering):
    """Such as the one that was shown, or the code out of the answer."""
    with browsing(trusting, answering(TOKEN)).start("login", "--paste") as program:
        program.stdin.write(url_of(program).encode() + b"\n")
        program.stdin.close()
        program.stdin = None
        results = [imbuca.Result(*ended(program))]
    results.append(trusting.run("login", "--paste", stdin=b"4/0AbCd\n"))
    for result in results:
        assert result.exit == 65 and "is not the address" in result.err and "from http://localhost on" in result.err, result


def test_without_a_screen_the_way_for_a_browser_elsewhere_is_told_at_once(trusting, answering):
    with browsing(trusting, answering(TOKEN)).start("login") as program:
        read_until(program, rb"\n    imbuca login --paste test\n")
        program.terminate()


def test_a_token_that_cannot_be_kept_is_told_as_such(trusting, answering):
    """As on a full disk: no file can be written."""
    home = scripted(trusting, answering(answer(DEVICE % 0), TOKEN))
    result = home.run("login", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
    assert result.exit == 74 and "the token came, and cannot be kept: " in result.err, result


def test_a_client_that_the_provider_does_not_know(provide):
    provider = provide()
    provider.write_account(oauth_client_id="nobody")
    result = provider.home.run("login")
    assert result.exit == 77 and "invalid_client" in result.err, result


BLAMED = {
    "invalid_client": "does not know oauth_client_id",
    "unauthorized_client": "oauth_client_id may not do this",
    "invalid_scope": "may not have this oauth_scope",
}


@pytest.mark.parametrize("error", BLAMED)
def test_a_refusal_for_the_account_s_sake_says_what_to_change(trusting, answering, error):
    """At the first request, at a later one, and in the browser."""
    no = refusal(error)
    results = [scripted(trusting, answering(*answers)).run("login") for answers in ((no,), (answer(DEVICE % 0), no))]
    with browsing(trusting, answering(no)).start("login") as program:
        port, state = redirect_of(url_of(program))
        get(port, f"/?state={state}&error={error}")
        results.append(imbuca.Result(*ended(program)))
    for result in results:
        assert result.exit == 77 and BLAMED[error] in result.err and error in result.err, result
        assert "see imbuca config test, and README" in result.err, result


# --- without a provider ---


@pytest.mark.parametrize("missing", ["user", "oauth_client_id", "oauth_token_url", "oauth_scope"])
def test_what_an_account_lacks_is_named(home, missing):
    lines = {"user": "me", "oauth_client_id": "c", "oauth_token_url": "https://a/t", "oauth_auth_url": "https://a/a", "oauth_scope": "mail"}
    home.write_accounts("account test\nhost a.example.org\n" + "".join(f"{k} {v}\n" for k, v in lines.items() if k != missing))
    result = home.run("login")
    assert result.exit == 78 and missing in result.err, result
    assert ("README" in result.err) == (missing != "user") and "and no login" not in result.err, result


@pytest.mark.parametrize("url", ["http://a/", "ftp://a/", "https://", "https://u:p@a/", "https://a b/"])
def test_only_https_addresses_are_taken(home, url):
    home.write_accounts(f"account test\nhost a.example.org\noauth_token_url {url}\n")
    assert home.run("config").exit == 78


def test_a_helper_that_is_missing_is_named(trusting, answering):
    home = scripted(trusting, answering(TOKEN))
    home.environment["IMBUCA_OAUTH"] = "/nonexistent/imbuca-oauth"
    result = home.run("login")
    assert result.exit == 78 and "/nonexistent/imbuca-oauth" in result.err, result


@pytest.mark.parametrize("script, exit, words", [("kill -9 $$", 75, "was killed by signal 9"), ("exit 1", 78, "ended with status 1")])
def test_a_helper_that_breaks_is_named(trusting, answering, script, exit, words):
    """One that was killed, for want of memory perhaps, may do better the next time."""
    helper = trusting.folder / "helper"
    helper.write_text(f"#!/bin/sh\n{script}\n")
    helper.chmod(0o755)
    trusting.environment["IMBUCA_OAUTH"] = str(helper)
    result = scripted(trusting, answering(TOKEN)).run("login")
    assert result.exit == exit and f"'{helper}': " in result.err and words in result.err, result


def test_a_folder_that_cannot_be_made_is_known_before_the_login(trusting, answering):
    server = answering(answer(DEVICE % 0), TOKEN)
    home = scripted(trusting, server)
    (home.folder / ".state").write_text("")
    assert home.run("login").exit == 73
    assert server.asked == []


# --- afterwards ---


def test_the_status_is_told(provide):
    provider = provide()
    provider.write_account()
    result = provider.home.run("login", "--status")
    assert result.exit == 77 and "has no token" in result.out, result
    provider.log_in()
    result = provider.home.run("login", "--status")
    assert result.exit == 0 and "me@example.test has a token, good until" in result.out, result
    state, = json.loads(provider.home.run("login", "--status", "--json", "test").out)
    assert state["state"] == "fresh" and state["renewable"] and state["expires_at"] > 1.7e9
    assert provider.token()["access_token"] not in str(state)


def test_the_status_is_of_the_account_that_is_named(trusting, answering):
    home = scripted(trusting, answering(TOKEN))
    home.write_accounts(home.accounts.read_text() + "account other\nhost b.example.org\nuser you\noauth_client_id x\n")
    keep(home)
    for arguments in (["-a", "test"], ["test"]):
        result = home.run("login", "--status", *arguments)
        assert result.exit == 0 and "you" not in result.out, result
    assert home.run("login", "--status", "-a", "nosuch").exit == 78
    assert home.run("login", "--status", "test", "other").exit == 64


def test_an_account_whose_mechanism_takes_no_token_is_told_so(trusting, answering):
    home = scripted(trusting, answering(TOKEN))
    home.write_accounts(home.accounts.read_text() + "auth plain\n")
    result = home.run("login")
    assert result.exit == 78 and "by PLAIN, which takes no token" in result.err and "auth on" in result.err, result
    result = home.run("b@example.net", stdin=b"From: me@example.test\n\nHello\n")
    assert result.exit == 77 and "has no password" in result.err and "imbuca login" not in result.err, result


def test_a_password_that_goes_before_the_token_is_told(trusting, answering):
    home = scripted(trusting, answering(answer(DEVICE % 0), TOKEN))
    home.write_accounts(home.accounts.read_text() + "password x\n")
    result = home.run("login")
    assert result.exit == 0 and "has a password too" in result.out, result


def test_a_logout_takes_the_token_back(provide):
    provider = provide()
    provider.log_in()
    token = provider.token()
    assert provider.home.run("logout", "test").exit == 0
    assert provider.home.run("login", "--status").exit == 77
    request = f"url https://localhost:{provider.port}/token\ngrant_type refresh_token\nclient_id public\nrefresh_token "
    result = provider.home.run(program="imbuca-oauth", stdin=(request + token["refresh_token"]).encode())
    assert "error invalid_grant" in result.out, result
    assert provider.home.run("logout", "test").exit == 66


def test_a_token_that_cannot_be_taken_back_is_not_forgotten(provide):
    provider = provide()
    provider.log_in()
    provider.stop()
    result = provider.home.run("logout")
    assert result.exit == 75 and "still kept" in result.err, result
    assert provider.token()["refresh_token"]


def keep(home, text="access_token a\nrefresh_token r\nexpires_at 1\n", mode=0o600):
    """Puts that where the token of scripted's account is kept; returns the file."""
    file = home.folder / ".state/imbuca/tokens/me@example.test,mail.example.org"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)
    return file


@pytest.mark.parametrize("error, exit", [("invalid_client", 77), ("unsupported_token_type", 77), ("invalid_token", 0)])
def test_a_token_that_the_provider_does_not_take_back_is_still_kept(trusting, answering, error, exit):
    home = browsing(trusting, answering(refusal(error)))
    file = keep(home)
    result = home.run("logout")
    assert result.exit == exit and file.exists() == (exit != 0), result
    assert ("was taken back" in result.out) == (exit == 0), result
    assert exit == 0 or "still kept" in result.err and "remedy" in result.err, result


@pytest.mark.parametrize("text, mode", [("rubbish", 0o600), ("access_token a\n", 0o644)])
def test_a_token_that_cannot_be_read_is_not_said_to_be_taken_back(trusting, answering, text, mode):
    server = answering(answer(""))
    file = keep(browsing(trusting, server), text, mode)
    result = trusting.run("logout")
    assert result.exit == 0 and "not taken back" in result.out and "provider's pages" in result.out, result
    assert not file.exists() and server.asked == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_does_not_lose_a_token_that_is_being_renewed(trusting, answering, number):
    """The server has taken the old one back, perhaps: what it gives is kept before the signal ends us."""

    def slowly(handler):
        time.sleep(1)
        TOKEN(handler)

    server = answering(slowly)
    file = keep(scripted(trusting, server), "access_token old\nrefresh_token old\nexpires_at 1\n")
    with trusting.start("b@example.net") as program:
        program.stdin.write(b"From: me@example.test\n\nHello\n")
        program.stdin.close()
        program.stdin = None
        assert jail.wait_for(lambda: server.asked)
        os.killpg(program.pid, number)
        assert ended(program)[0] == -number
    assert "refresh_token r\n" in file.read_text()


def test_a_signal_ends_a_renewal_that_gets_no_answer(trusting, answering):
    server = answering(lambda _: time.sleep(20))
    keep(scripted(trusting, server))
    with trusting.start("b@example.net") as program:
        program.stdin.write(b"From: me@example.test\n\nHello\n")
        program.stdin.close()
        program.stdin = None
        assert jail.wait_for(lambda: server.asked)
        begin = time.monotonic()
        program.terminate()
        assert ended(program)[0] == -signal.SIGTERM and time.monotonic() - begin < 15


KEYRINGS = {
    "no bus": (None, "there is no session bus", "take token_store out"),
    "no tool": ("", "cannot be run", "install secret-tool"),
    "broken": ("echo 'secret-tool: no such secret collection' >&2; exit 1", "no such secret collection", ""),
}


@pytest.mark.parametrize("case", KEYRINGS)
def test_a_keyring_that_cannot_be_asked_is_no_missing_token(trusting, answering, case):
    script, words, remedy = KEYRINGS[case]
    server = answering(answer(DEVICE % 0), TOKEN)
    home = scripted(trusting, server)
    home.write_accounts(home.accounts.read_text() + "token_store keyring\n")
    if script is not None:
        home.environment |= {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere", "PATH": f"{home.folder}:/usr/bin:/bin"}
    if script:
        (home.folder / "secret-tool").write_text(f"#!/bin/sh\n{script}\n")
        (home.folder / "secret-tool").chmod(0o755)
    for arguments in (["login"], ["logout"], ["login", "--status"], ["b@example.net"]):
        result = home.run(*arguments, stdin=b"From: me@example.test\n\nHello\n")
        assert result.exit == 75 and "keyring" in result.err and words in result.err, result
        assert remedy in result.err and "imbuca login test" not in result.err, result
    assert server.asked == []


def test_a_token_that_others_can_read_is_refused(provide):
    provider = provide()
    provider.log_in()
    for file in provider.tokens().iterdir():
        file.chmod(0o644)
    result = provider.home.run("login", "--status")
    assert result.exit == 77 and "other users can read" in result.out, result
