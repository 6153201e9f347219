"""Mail by token: npm's smtp-server asks oidc-provider about each token that imbuca brings."""

import re
import resource
import time

import pytest

import jail
from provider import USER

pytestmark = pytest.mark.real

MESSAGE = b"From: me@example.test\nSubject: by token\n\nHello\n"


def send(provider, *arguments):
    return provider.home.run(*arguments, "b@example.net", stdin=MESSAGE)


def arrived(provider):
    return (provider.home.folder / "arrived").read_bytes().count(b"Subject: by token")


def log_in(provider):
    result = provider.home.run("login", "--browser")
    assert result.exit == 0, result


def spoil(provider, **changed):
    """Changes what is kept."""
    file, = (path for path in provider.tokens().iterdir() if path.suffix != ".lock")
    file.write_text("".join(f"{name} {value}\n" for name, value in (provider.token() | changed).items()))


def test_a_token_sends_mail_with_no_further_word(provide, mailserver):
    provider = provide()
    mailserver(provider)
    result = send(provider)
    assert result.exit == 77 and "imbuca login test" in result.err, result
    log_in(provider)
    before = provider.token()
    assert send(provider).exit == 0
    assert send(provider).exit == 0
    assert jail.wait_for(lambda: arrived(provider) == 2)
    assert provider.token() == before


def test_a_token_is_renewed_before_it_runs_out_and_the_refresh_token_is_rotated(provide, mailserver):
    provider = provide(access=3)
    mailserver(provider)
    log_in(provider)
    seen = [provider.token()]
    for _ in range(2):
        assert send(provider).exit == 0
        seen.append(provider.token())
    for name in ("access_token", "refresh_token"):
        assert len({token[name] for token in seen}) == 3
    time.sleep(3)
    assert send(provider).exit == 0


def test_many_at_once_renew_it_one_after_the_other(provide, mailserver):
    provider = provide(access=3)
    mailserver(provider)
    log_in(provider)
    programs = [provider.home.start("b@example.net") for _ in range(5)]
    for program in programs:
        program.stdin.write(MESSAGE)
        program.stdin.close()
        program.stdin = None
    results = [(program.communicate(timeout=60)[1], program.returncode) for program in programs]
    assert [code for _, code in results] == 5 * [0], results


def test_a_token_that_the_server_refuses_is_renewed_once(provide, mailserver):
    provider = provide()
    mailserver(provider)
    log_in(provider)
    spoil(provider, access_token="withdrawn")
    result = send(provider, "-d")
    assert result.exit == 0, result
    assert result.err.count("C: AUTH XOAUTH2") == 2
    assert provider.token()["access_token"] != "withdrawn"


def test_a_token_that_is_refused_again_is_told_as_the_server_says_it(provide, mailserver):
    provider = provide()
    account = mailserver(provider)
    log_in(provider)
    other = provider.home.folder / ".state/imbuca/tokens/somebody@example.test,127.0.0.1"
    next(path for path in provider.tokens().iterdir() if path.suffix != ".lock").rename(other)
    provider.home.write_accounts(account.text().replace(USER, "somebody@example.test"))
    result = send(provider, "-d")
    assert result.exit == 77, result
    assert "(status 401, schemes bearer mac, scope mail): 535" in result.err
    assert result.err.count("C: AUTH XOAUTH2") == 2


def test_a_grant_that_was_withdrawn_needs_a_login(provide, mailserver):
    provider = provide(access=3)
    mailserver(provider)
    log_in(provider)
    provider.forget_all()
    result = send(provider)
    assert result.exit == 77, result
    assert "invalid_grant" in result.err and "withdrawn" in result.err
    assert result.err.splitlines()[-1].endswith(" log in anew: imbuca login test")
    log_in(provider)
    assert send(provider).exit == 0


def test_a_token_that_has_run_out_without_another_needs_a_login(provide, mailserver):
    provider = provide()
    mailserver(provider)
    log_in(provider)
    spoil(provider, expires_at=1)
    file, = (path for path in provider.tokens().iterdir() if path.suffix != ".lock")
    file.write_text(re.sub("(?m)^refresh_token .*\n", "", file.read_text()))
    result = send(provider)
    assert result.exit == 77 and "imbuca login test" in result.err, result
    assert provider.home.run("login", "--status").exit == 77


def test_a_client_that_is_no_longer_known_is_told(provide, mailserver):
    provider = provide(access=3)
    account = mailserver(provider)
    log_in(provider)
    provider.home.write_accounts(account.text().replace("oauth_client_id public", "oauth_client_id nobody"))
    result = send(provider)
    assert result.exit == 77 and "oauth_client_id" in result.err, result


def test_a_token_server_that_is_down_is_for_now(provide, mailserver):
    provider = provide(access=3)
    mailserver(provider)
    log_in(provider)
    before = provider.token()
    provider.stop()
    result = send(provider)
    assert result.exit == 75 and "cannot renew the token" in result.err, result
    assert provider.token() == before


def test_a_renewed_token_that_cannot_be_kept_is_used_and_that_is_told(provide, mailserver):
    """As on a full disk: no file can be written."""
    provider = provide(access=3)
    mailserver(provider)
    log_in(provider)
    before = provider.token()
    result = provider.home.run(
        "b@example.net", stdin=MESSAGE, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )
    assert result.exit == 0, result
    assert result.err.startswith(f"imbuca: warning: the token of {USER} was renewed, and cannot be kept: "), result
    assert "imbuca login test" in result.err
    assert jail.wait_for(lambda: arrived(provider) == 1)
    assert provider.token() == before
    assert len(list(provider.tokens().iterdir())) == 2  # with its lock


def check(provider, **options):
    result = provider.home.run("check", "test", **options)
    lines = [line for line in result.out.splitlines() if re.match(r"\S+ +\d+ ms +(token|login) ", line)]
    return result, [re.split(r" +\d+ ms +", line) for line in lines]


def test_check_tells_of_a_renewed_token_that_cannot_be_kept(provide, mailserver):
    provider = provide(access=3)
    mailserver(provider)
    log_in(provider)
    result, (login, token) = check(provider, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
    assert result.exit == 0 and "but mind the warnings" in result.out, result
    assert login[0] == "ok" and token[0] == "warning"
    assert f"the token of {USER} was renewed, and cannot be kept: " in token[1]
    assert "log in anew: imbuca login test" in result.out


def test_check_tells_of_a_token_that_has_run_out(provide, mailserver):
    provider = provide(access=3)
    mailserver(provider)
    log_in(provider)
    provider.forget_all()
    result, (login,) = check(provider)
    assert result.exit == 77 and login[0] == "failed" and "the token has run out, or was withdrawn" in login[1], result
    assert "What to do: log in anew: imbuca login test." in result.out


def test_check_tells_of_a_token_that_will_not_be_renewed(provide, mailserver):
    provider = provide()
    mailserver(provider)
    log_in(provider)
    file, = (path for path in provider.tokens().iterdir() if path.suffix != ".lock")
    text = file.read_text()
    file.write_text(re.sub("(?m)^refresh_token .*\n", "", text))
    result, (login, token) = check(provider)
    assert result.exit == 0 and login[0] == "ok" and token[0] == "warning", result
    assert "nothing to renew it with" in token[1] and "imbuca login test\n" in result.out
    file.write_text(re.sub("(?m)^(refresh_token .*\n|expires_at .*\n)", "", text) + "expires_at 1\n")
    result, (login,) = check(provider)
    assert result.exit == 77 and "is no longer good" in login[1] and "imbuca login test" in result.out, result


def test_the_state_of_a_service_is_its_own_folder(provide, mailserver):
    """A service of systemd's has $STATE_DIRECTORY, and no home that it could write to."""
    provider = provide(access=3)
    mailserver(provider)
    log_in(provider)
    state = provider.home.folder / "service"
    state.mkdir(mode=0o700)
    provider.tokens().rename(state / "tokens")
    environment = provider.home.environment
    user = environment.pop("XDG_STATE_HOME")
    environment["STATE_DIRECTORY"] = f"{state}:/elsewhere"
    file, = (path for path in (state / "tokens").iterdir() if path.suffix != ".lock")
    before = file.read_text()
    assert send(provider).exit == 0
    assert file.read_text() != before  # it was renewed there
    assert not (provider.home.folder / ".local").exists()
    environment["XDG_STATE_HOME"] = user  # a user's own comes first
    assert send(provider).exit == 77


def test_a_damaged_token_is_told_with_what_mends_it(provide, mailserver):
    provider = provide()
    mailserver(provider)
    log_in(provider)
    file, = (path for path in provider.tokens().iterdir() if path.suffix != ".lock")
    file.write_text("access_token\n")
    result = send(provider)
    assert result.exit == 78 and "imbuca login test" in result.err, result


def test_a_password_comes_before_a_token_and_a_token_before_the_rest(provide, mailserver):
    provider = provide()
    account = mailserver(provider)
    log_in(provider)
    (provider.home.folder / ".netrc").write_text(f"machine 127.0.0.1 login {USER} password x\n")
    (provider.home.folder / ".netrc").chmod(0o600)
    assert send(provider).exit == 0
    provider.home.write_accounts(account.text() + "passwordeval echo x\n")
    result = send(provider, "-d")
    assert result.exit == 77 and "AUTH PLAIN" in result.err, result


def test_a_token_goes_nowhere_else(provide, mailserver):
    provider = provide()
    account = mailserver(provider)
    log_in(provider)
    for option in ("--host=localhost", "--tls-certcheck=off", "--tls=off"):
        result = send(provider, "-a", "test", option)
        assert result.exit in (77, 78) and "login" in result.err, result
    assert arrived(provider) == 0
    provider.home.write_accounts(account.text() + "auth plain\n")
    assert send(provider).exit == 77


def test_the_keyring_keeps_it_where_that_is_wished(provide, mailserver):
    provider = provide(access=3)
    mailserver(provider, "token_store keyring")
    tool, kept = provider.home.folder / "bin" / "secret-tool", provider.home.folder / "kept"
    tool.write_text(f"""#!/bin/sh
key="${{1#store}}" verb=$1; shift
[ $verb = store ] && shift 2
[ "$*" = "host 127.0.0.1 service imbuca-oauth user {USER}" ] || exit 1
case $verb in
store) cat >{kept} ;;
lookup) cat {kept} 2>/dev/null ;;
clear) rm {kept} ;;
esac
""")
    tool.chmod(0o755)
    provider.home.environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere"
    log_in(provider)
    before = kept.read_text()
    assert send(provider).exit == 0
    assert kept.read_text() != before and "refresh_token" in kept.read_text()
    assert all(path.suffix == ".lock" for path in provider.tokens().iterdir())
    assert provider.home.run("logout").exit == 0
    assert not kept.exists()


# --- token_command ---


@pytest.fixture
def commanded(mailserver, provide):
    """A provider whose token somebody else's program gives: commanded(SCRIPT) is the provider."""
    provider = provide()
    account = mailserver(provider)
    log_in(provider)
    token = provider.token()["access_token"]

    def start(script):
        tool = provider.home.folder / "tool"
        tool.write_text(f"#!/bin/sh\n{script.replace('TOKEN', token)}\n")
        tool.chmod(0o755)
        provider.home.write_accounts(account.text() + f"token_command {tool}\n")
        return provider

    return start


@pytest.mark.parametrize("script", ["echo TOKEN", "echo access_token TOKEN; echo expires_in 3600", "cat >/dev/null; echo TOKEN"])
def test_a_command_gives_the_token(commanded, script):
    provider = commanded(script)
    result = send(provider)
    assert result.exit == 0, result


def test_a_command_is_told_whose_token_is_wanted(commanded):
    provider = commanded("cat >>asked; echo wrong")
    assert send(provider).exit == 77
    first, again = re.split("(?m)^(?=account)", (provider.home.folder / "asked").read_text())[1:]
    said = dict(line.split(" ", 1) for line in first.splitlines())
    assert said["account"] == "test" and said["user"] == USER and said["host"] == "127.0.0.1"
    assert said["scope"] == "openid offline_access mail"
    assert "refused wrong\n" in again and "refused" not in first


@pytest.mark.parametrize("script, exit, words", [
    ("echo locked >&2; exit 75", 75, "locked"), ("echo who are you >&2; exit 77", 77, "who are you"),
    ("exit 3", 77, "status 3"), ("true", 76, "no access token"), ("echo a b c", 76, "no access token"),
    ("head -c 200000 /dev/zero", 77, "more than"),
])
def test_a_command_that_gives_none(commanded, script, exit, words):
    result = send(commanded(script))
    assert result.exit == exit and words in result.err, result


def test_a_login_is_for_the_command_to_make(commanded):
    provider = commanded("echo TOKEN")
    result = provider.home.run("login")
    assert result.exit == 78 and "token_command" in result.err, result
