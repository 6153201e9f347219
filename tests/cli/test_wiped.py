"""When the program ends, no password is left in memory that it has used and given back."""

import base64
import subprocess

import pytest

import imbuca
import place
import sink

SECRET = "a-secret-that-is-longer-than-what-malloc-keeps-in-a-free-block"
LOGIN = {
    "plain": {"AUTH": "235 ok"},
    "login": {"AUTH": "334 VXNlcm5hbWU6", base64.b64encode(b"user").decode(): "334 UGFzc3dvcmQ6"},
    "scram-sha-256": {"AUTH": "scram"},
    "xoauth2": {"AUTH": "235 ok"},
}


@pytest.fixture(scope="module")
def spy(tmp_path_factory):
    library = tmp_path_factory.mktemp("spy") / "spy.so"
    source = place.SOURCE / "tests/lib/spy.c"
    subprocess.run([place.need("cc"), "-O2", "-shared", "-fPIC", "-o", library, source], check=True)
    return library


def server_first(line):
    """What a SCRAM server says to AUTH with the client's first message."""
    nonce = base64.b64decode(line.split()[2]).decode().rpartition("r=")[2]
    return "334 " + base64.b64encode(f"r={nonce}xyz,s=QUJDREVGR0g=,i=4096".encode()).decode()


def answer(mechanism):
    replies = LOGIN[mechanism]

    def say(line):
        word = line.split(" ")[0]
        if word in replies:
            return server_first(line) if replies[word] == "scram" else replies[word]
        return None if word in ("EHLO", "MAIL", "RCPT", "DATA", "QUIT", ".") else "235 ok"

    return say


def spied(home, spy, *arguments):
    home.environment |= {"LD_PRELOAD": str(spy), "SPY_FOR": SECRET[12:40]}
    result = home.run("b@example.net", *arguments, stdin=b"Subject: x\n\nHello\n")
    assert "spy: done" in result.err, result
    return result


@pytest.mark.skipif(b"__asan_init" in place.program("imbuca").read_bytes(), reason="a sanitizer keeps what was freed")
class TestWiped:
    @pytest.mark.parametrize("source", ["password", "passwordeval", "netrc"])
    @pytest.mark.parametrize("mechanism", LOGIN)
    def test_nothing_is_left(self, home, spy, mechanism, source):
        server = sink.Sink(("PIPELINING", f"AUTH {mechanism.upper()}"), answer=answer(mechanism))
        (home.folder / "secret").write_text(SECRET + "\n")
        (home.folder / ".netrc").write_text(f"machine 127.0.0.1 login user password {SECRET}\n")
        (home.folder / ".netrc").chmod(0o600)
        said = {"password": (f"password {SECRET}",), "passwordeval": ("passwordeval cat ~/secret",), "netrc": ()}[source]
        extra = (f"auth {mechanism}", "user user", *said)
        home.write_accounts(imbuca.Account(server.port, extra=extra).text())
        result = spied(home, spy)
        server.close()
        # Nobody knows the password by SCRAM here: it has been used, and the server is found out.
        assert (result.exit == 0) == (mechanism != "scram-sha-256"), result
        assert "found" not in result.err, result

    def test_the_spy_sees(self, home, spy, mailbox):
        home.write_accounts(imbuca.Account(mailbox.port).text())
        assert "spy: found" in spied(home, spy, f"--undisclosed-recipients=off", f"{SECRET}@example.net").err
