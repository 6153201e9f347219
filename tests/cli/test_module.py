"""imbuca-tls.so, which imbuca loads when it needs TLS, a login or a name in other letters, and not before."""

import re
import shutil
import subprocess

import pytest

import imbuca
import place
import sink

pytestmark = pytest.mark.skipif(place.is_sanitized(), reason="a sanitized imbuca has it linked in")

MESSAGE = b"Subject: x\n\nHello\n"
B = "b@example.net"

TLS = ("tls on", "tls_starttls off", "tls_certcheck off")

# What needs it: what the account has more, and a recipient.
NEEDS = {
    "TLS": (TLS, B),
    "a login": (("user u", "password p", "auth plain"), B),
    "a recipient in other letters": ((), "b@bücher.example"),
    "a server in other letters": (("host bücher.localhost",), B),
}

# A module of another version is known by the first word of its table alone.
OTHER = 'const struct { const char *version; } module_table = {"0.0.9"};\n'


@pytest.fixture
def mailbox():
    server = sink.Sink(keywords=("PIPELINING", "AUTH PLAIN"))
    yield server
    server.close()


@pytest.fixture
def copied(home, tmp_path):
    """The program by itself in a folder, with a module beside it that is none."""
    folder = tmp_path / "copied"
    folder.mkdir()
    shutil.copy(place.program("imbuca"), folder)
    (folder / "imbuca-tls.so").write_text("this is no shared object\n")
    return folder


def send(home, mailbox, folder, *extra, to=B):
    home.write_accounts(imbuca.Account(mailbox.port, extra=extra).text())
    return home.run(to, program=folder / "imbuca", stdin=MESSAGE)


def needed(program):
    listing = subprocess.run([place.need("readelf"), "-d", program], check=True, capture_output=True, text=True).stdout
    return " ".join(re.findall(r"NEEDED.*\[(.*)\]", listing))


def test_imbuca_itself_needs_none_of_its_libraries():
    own = re.compile("gnutls|gsasl|idn")
    assert not own.search(needed(place.program("imbuca")))
    assert len(own.findall(needed(place.program("imbuca-tls.so")))) == 3


def test_it_shows_its_table_alone():
    listing = subprocess.run(
        [place.need("nm"), "-D", "--defined-only", place.program("imbuca-tls.so")], check=True, capture_output=True, text=True
    ).stdout
    ours = [name for name in re.findall(r"\w (\S+)$", listing, re.M) if not name.startswith("__")]
    assert ours == ["module_table"]


def test_what_needs_none_does_without(home, mailbox, copied):
    assert send(home, mailbox, copied).exit == 0
    assert [mail.recipients for mail in mailbox.mails] == [[B]]
    assert home.run("-odq", B, program=copied / "imbuca", stdin=MESSAGE).exit == 0
    assert home.run("--help", program=copied / "imbuca").exit == 0


@pytest.mark.parametrize("what", NEEDS)
def test_what_needs_one_that_is_broken_says_so(home, mailbox, copied, what):
    extra, to = NEEDS[what]
    result = send(home, mailbox, copied, *extra, to=to)
    assert result.exit == 75 and f"cannot load '{copied}/imbuca-tls.so'" in result.err, result
    assert "installed along with imbuca" in result.err and mailbox.mails == []


def test_a_message_that_needs_one_is_kept(home, mailbox, copied):
    assert send(home, mailbox, copied, *TLS, "queue on").exit == 0
    assert B in home.run("queue", "list").out
    (copied / "imbuca-tls.so").unlink()
    (copied / "imbuca-tls.so").symlink_to(place.program("imbuca-tls.so"))
    assert home.run("--version", program=copied / "imbuca").out == home.run("--version").out


def test_one_of_another_version_is_not_used(home, mailbox, copied):
    (copied / "other.c").write_text(OTHER)
    subprocess.run([place.need("cc"), "-shared", "-o", copied / "imbuca-tls.so", copied / "other.c"], check=True)
    result = send(home, mailbox, copied, *TLS)
    assert result.exit == 75 and "is of version 0.0.9" in result.err and "start again what still runs" in result.err, result


def test_the_version_is_told_without_it(home, copied):
    result = home.run("--version", program=copied / "imbuca")
    assert result.exit == 0 and re.match(r"imbuca \d.*\ncannot load '", result.out), result
