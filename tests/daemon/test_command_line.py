"""imbucad's options, and `user add`."""

import socket

import pytest


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        (["-C", "nowhere"], 78, "nowhere"),
        (["--maildir", "x", "--nonsense"], 64, "unknown option '--nonsense'"),
        (["--maildir"], 64, "--maildir wants DIR"),
        (["--maildir", "x", "--require-auth"], 78, "a login is required"),
        (["--maildir", "x", "--require-auth=yes"], 64, "takes no value"),
        (["--maildir", "x", "--max-size", "12k"], 64, "'12k' is no size"),
        (["--maildir", "x", "--hostname", "a b"], 64, "is no host name"),
        (["--maildir", "x", "--state", "s", "--listen", "localhost:0"], 64, "is not ADDRESS"),
        (["--maildir", "x", "--state", "s", "--listen", "127.0.0.1:99999"], 64, "is not ADDRESS"),
        (["user", "add", "anna"], 64, "--users FILE is missing"),
        (["--users", "u", "user", "remove", "anna"], 64, "unknown command 'user'"),
        (["--users", "u", "user", "add", "an:na"], 65, "is no name"),
    ],
)
def test_says_what_is_wrong(home, arguments, code, said):
    result = home.run(*arguments, program="imbucad", stdin=b"secret\n")
    assert result.exit == code and said in result.err, result


def test_tells_how_to_find_who_has_the_port(home):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = home.run("--maildir", "x", "--state", "s", "--listen", f"127.0.0.1:{port}", program="imbucad")
    assert result.exit == 71 and f"'ss -ltnp sport = :{port}'" in result.err, result


def test_help_and_version(home):
    assert "--listen-tls ADDRESS[:PORT]" in home.run("--help", program="imbucad").out
    assert home.run("--version", program="imbucad").exit == 0


def test_the_users_file_holds_no_password_and_is_secret(home):
    for password in (b"first secret\n", b"second secret"):
        assert home.run("--users=users", "user", "add", "anna", program="imbucad", stdin=password).exit == 0
    users = home.folder / "users"
    assert users.stat().st_mode & 0o777 == 0o600
    assert users.read_text().count("anna:{SCRAM-SHA-256}") == 1 and "secret" not in users.read_text()


def test_the_certificate_is_made_once(start, home):
    start().end()
    before = (home.folder / "state/certificate.pem").read_bytes()
    assert (home.folder / "state/key.pem").stat().st_mode & 0o777 == 0o600
    start().end()
    assert (home.folder / "state/certificate.pem").read_bytes() == before
