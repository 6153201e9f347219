"""An msmtprc means what it means to msmtp: msmtp's own example files, those of its manual, and one of ours."""

import gzip
import json
import re
import subprocess
from pathlib import Path

import pytest

import place

EXAMPLES = Path("/usr/share/doc/msmtp/examples")
MANUAL = Path("/usr/share/man/man1/msmtp.1.gz")

OURS = """\
defaults
tls on
timeout 30
set_msgid_header off
logfile ~/log
account base
host mail.example.org
port 2525
from *@example.org
keepbcc
tls_nostarttls
account work : base
eval echo user someone
auth plain
password secret
from %U@%H
domain %H
undisclosed_recipients
add_missing_from_header off
dsn_notify failure,delay
dsn_return headers
protocol lmtp
logfile_time_format "%Y "
syslog LOG_LOCAL3
account old
host old.example.org
auto_from on
maildomain example.net
connect_timeout 5
auth on
user me
passwordeval "echo secret"
tls_certcheck off
aliases ~/aliases
logfile
account default : old
"""


def example(name):
    path = EXAMPLES / name
    if not path.exists():
        place.missing(f"{path} is not installed")
    return path.read_text()


def manual():
    """The user's file in msmtp's manual page."""
    if not MANUAL.exists():
        place.missing(f"{MANUAL} is not installed")
    page = gzip.decompress(MANUAL.read_bytes()).decode()
    text = re.search(r"^# Example for a user.*?^account default : \w+$", page, re.M | re.S)[0]
    lines = [line for line in text.splitlines() if not line.startswith(".")]
    return "\n".join(lines).replace(r"\-", "-").replace("\\\\", "\\")


FILES = {
    "system": lambda: example("msmtprc-system.example"),
    "user": lambda: example("msmtprc-user.example"),
    "manual": manual,
    "ours": lambda: OURS,
}

# What the two call differently: msmtp's word -> ours.
WORDS = {"(not set)": "", "choose": "on", "none": "off", "*": "***", "HDRS": "headers"}
AS_CAPITALS = {"auth"}
AS_SMALL = {"syslog", "dsn_notify", "dsn_return"}
# Where we have a better default than msmtp, for an account that says nothing.
OUR_DEFAULT = {("domain", "localhost"), ("proxy_port", "0"), ("syslog", "(not set)"),
               ("dsn_notify", "(not set)"), ("dsn_return", "(not set)")}


def said_by_msmtp(home, path, account):
    msmtp = place.need("msmtp")
    done = subprocess.run(
        [msmtp, "-C", path, "-a", account, "-P", "you@example.net"],
        env=home.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return dict(re.findall(r"^(\w+(?: \w+)?) += (.*)$", done.stdout, re.M))


def as_ours(keyword, value):
    value = WORDS.get(value, value).removesuffix(" seconds").removesuffix(" second")
    if keyword in AS_CAPITALS and value not in ("on", "off"):
        return value.upper()
    return value.removeprefix("LOG_").lower() if keyword in AS_SMALL else value


@pytest.mark.parametrize("file", FILES)
def test_a_file_means_the_same(home, file):
    text = FILES[file]()
    path = home.write_accounts(text, path=home.folder / ".msmtprc")
    home.environment |= {"HOSTNAME": "host.example", "USER": "someone", "PATH": f"{home.folder}:/usr/bin:/bin"}
    (home.folder / "gpg2").write_text("#!/bin/sh\necho secret\n")  # msmtp runs it for -P
    (home.folder / "gpg2").chmod(0o755)
    for account in re.findall(r"^account\s+(\w+)", text, re.M):
        ours = home.run("config", "--json", "-C", path, account)
        assert ours.exit == 0, ours
        settings = json.loads(ours.out)["settings"]
        # As for the password: msmtp has run passwordeval by now, which we do for sending alone.
        for words, value in said_by_msmtp(home, path, account).items():
            keyword = words.replace(" ", "_")
            if (keyword, value) in OUR_DEFAULT or keyword == "password" or keyword not in settings:
                continue
            assert (settings[keyword]["value"] or "") == as_ours(keyword, value), f"account {account}, {keyword}"


def keywords(home):
    path = home.write_accounts(OURS, path=home.folder / ".msmtprc")
    ours = set(json.loads(home.run("config", "--json", "base").out)["settings"])
    return ours, {words.replace(" ", "_") for words in said_by_msmtp(home, path, "base")}


def test_every_keyword_is_known(home):
    ours, theirs = keywords(home)
    assert theirs - ours - {"auto_from", "maildomain"} == set()


def test_every_keyword_has_its_option(home):
    """Each long option of msmtp's is ours too, but for the one that sets an account up."""
    listed = lambda text: set(re.findall(r"(?<![\w-])--([a-z][a-z-]*)", text))
    theirs = listed(subprocess.run([place.need("msmtp"), "--help"], capture_output=True, text=True).stdout)
    assert theirs - listed(home.run("--help").out) == {"configure"}
