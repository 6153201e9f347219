"""Real clients give their mail to imbucad, and Dovecot reads what it has delivered."""

import email
import imaplib
import smtplib
import subprocess

import pytest

import daemon as daemons
import imbuca
import jail
import machine as machines
import npm
import place

pytestmark = [pytest.mark.real, pytest.mark.root]

PACKAGES = ("swaks", "libnet-ssleay-perl", "libauthen-sasl-perl", "mutt", "git-email", "libmailtools-perl", "libio-socket-ssl-perl", "libnet-smtp-ssl-perl")
FAR = "receiver@far.example"

MESSAGE = """\
From: Sender <sender@example.org>
To: receiver@example.net
Subject: [PATCH] real
Date: Thu, 01 Jan 2026 12:00:00 +0000
Message-ID: <1@example.org>

one
.
..two
---
 file | 1 +
"""

PERL = """
use Net::SMTP;
my $s = Net::SMTP->new("localhost", Port => {port}, SSL => {ssl}, SSL_ca_file => "{trust}") or die "no connection: $@";
{before}
$s->mail("sender\\@example.org") && $s->to("receiver\\@example.net") && $s->data({{message}}) or die $s->message;
$s->quit;
"""
PERL_MESSAGE = '"Subject: [PATCH] real\\n\\none\\n.\\n..two\\n"'
PERL_LOGIN = '$s->starttls(SSL_ca_file => "{trust}") or die "TLS"; $s->auth("anna", "correct horse") or die $s->message;'

NODE = """
require("nodemailer").createTransport({{
    host: "localhost", port: {port}, secure: {secure}, tls: {{ca: require("fs").readFileSync("{trust}")}},
    {auth}
}}).sendMail({{
    from: "sender@example.org", to: "receiver@example.net", subject: "[PATCH] real", text: "one\\n.\\n..two\\n",
}}, error => {{ if (error) {{ console.error(error); process.exit(1); }} }});
"""

MUTT = """\
set smtp_url="{url}"
set ssl_ca_certificates_file="{trust}"
set ssl_force_tls={force}
set certificate_file="{trust}"
set copy=no
set from="sender@example.org"
set hostname=client.example.org
"""


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    folder = tmp_path_factory.mktemp("imbucad")
    place.let_everybody_enter(folder)
    one = daemons.start(imbuca.Home(folder), "--listen", "127.0.0.1:0 lmtp")
    yield one
    one.kill()


@pytest.fixture
def client(daemon, layers, tmp_path):
    """client(COMMAND...) runs it on a machine with the clients; where things are is filled in."""
    daemon.forget()
    there = machines.Machine(tmp_path / "machine", layers(PACKAGES), daemon.port)
    there.write("home/bob/message", MESSAGE)
    there.write("home/bob/trust.pem", (daemon.folder / "state/certificate.pem").read_bytes())
    values = {
        "port": daemon.port, "tls_port": daemon.tls_port, "lmtp_port": daemon.ports[2], "trust": "/home/bob/trust.pem",
        "modules": npm.modules(),
    }

    def run(*command, files=(), exit=0, user="bob", **more):
        for name, text in files:
            there.write(f"home/bob/{name}", text.format(**values | more), mode=0o600, user="bob")
        result = there.run(*(word.format(**values | more) for word in command), user=user, stdin=MESSAGE.encode())
        assert result.exit == exit, f"{result}\n{daemon.log}"
        return result

    return run


def arrived(daemon, protocol, count=1):
    """The messages that came, by that protocol."""
    messages = daemon.messages
    assert len(messages) == count, daemon.log
    for message in messages:
        parsed = email.message_from_bytes(message)
        assert parsed["Subject"] == "[PATCH] real" and parsed["Return-Path"] == "<sender@example.org>"
        assert f" with {protocol} id" in " ".join(parsed["Received"].split()), parsed["Received"]
        assert "one\n.\n..two\n" in parsed.get_payload()
    return messages


SWAKS = (
    "swaks", "--server", "localhost", "--from", "sender@example.org", "--to", "receiver@example.net", "--helo", "client.example.org",
    "--data", "/home/bob/message",
)
SECRET = ("--auth-user", "anna", "--auth-password", "correct horse")

# swaks' name of a protocol, and what it is in the Received field.
PROTOCOLS = {
    "SMTP": "SMTP", "SSMTP": "ESMTPS", "SSMTPA": "ESMTPSA", "SMTPS": "SMTP", "ESMTP": "ESMTP", "ESMTPS": "ESMTPS",
    "ESMTPSA": "ESMTPSA", "LMTP": "LMTP", "LMTPS": "LMTPS", "LMTPSA": "LMTPSA",
}


@pytest.mark.parametrize("name, protocol", PROTOCOLS.items(), ids=PROTOCOLS)
def test_swaks_protocol(client, daemon, name, protocol):
    port = "{lmtp_port}" if name.startswith("LMTP") else "{tls_port}" if name in ("SMTPS", "SSMTP", "SSMTPA") else "{port}"
    client(*SWAKS, "--protocol", name, "--port", port, *(SECRET if name.endswith("A") else ()))
    arrived(daemon, protocol)


@pytest.mark.parametrize("options, protocol", [
    (("--pipeline",), "ESMTP"),
    (("--pipeline", "--tls"), "ESMTPS"),
    (("--tls", "--tls-verify", "--tls-ca-path", "{trust}"), "ESMTPS"),
    (("--tls-protocol", "tlsv1_2", "--tls"), "ESMTPS"),
    (("--tls-protocol", "tlsv1_3", "--tls"), "ESMTPS"),
    (("--tls-optional", "--auth-optional", *SECRET), "ESMTPSA"),
    (("--tls", "--auth", "PLAIN", *SECRET), "ESMTPSA"),
    (("--tls", "--auth", "PLAIN", "--auth-plaintext", *SECRET), "ESMTPSA"),
    (("--tls", "--auth", "LOGIN", *SECRET), "ESMTPSA"),
    (("--pipeline", "--tls", "--auth", "PLAIN", *SECRET), "ESMTPSA"),
    (("--to", "receiver@example.net,other@example.net"), "ESMTP"),
], ids=lambda value: " ".join(w for w in value if w.startswith("--")) if isinstance(value, tuple) else value)
def test_swaks_option(client, daemon, options, protocol):
    client(*SWAKS, "--port", "{port}", *options)
    arrived(daemon, protocol)


STAGES = ("CONNECT", "BANNER", "FIRST-HELO", "TLS", "HELO", "AUTH", "MAIL", "RCPT")


@pytest.mark.parametrize("way", ["--quit-after", "--drop-after", "--drop-after-send"])
@pytest.mark.parametrize("stage", [*STAGES, "DATA", "DOT"])
def test_swaks_that_stops(client, daemon, stage, way):
    """Whoever stops before the end of the data has sent nothing; who stops behind it has."""
    if (way == "--quit-after" and stage in ("DATA", "DOT")) or (way == "--drop-after-send" and stage in ("CONNECT", "BANNER", "TLS")):
        return
    client(*SWAKS, "--port", "{port}", "--tls", *SECRET, "--auth", "PLAIN", way, stage)
    if stage == "DOT":
        assert jail.wait_for(lambda: len(daemon.messages) == 1), daemon.log
    else:
        assert daemon.messages == []


@pytest.mark.parametrize("options, protocol", [
    (("smtp://localhost:{port}/client.example.org",), "ESMTP"),
    (("smtp://localhost:{port}/client.example.org", "--ssl-reqd", "--cacert", "{trust}"), "ESMTPS"),
    (("smtps://localhost:{tls_port}/client.example.org", "--cacert", "{trust}", "--user", "anna:correct horse"), "ESMTPSA"),
    (("smtp://localhost:{port}/client.example.org", "--user", "anna:correct horse", "--ssl-reqd", "--cacert", "{trust}", "--login-options", "AUTH=LOGIN"), "ESMTPSA"),
], ids=lambda value: value[0].partition(":")[0] + str(len(value)) if isinstance(value, tuple) else value)
def test_curl(client, daemon, options, protocol):
    client("curl", "-sS", *options, "--crlf", "--mail-from", "sender@example.org", "--mail-rcpt", "receiver@example.net", "-T", "/home/bob/message")
    arrived(daemon, protocol)


@pytest.mark.parametrize("port, before, protocol", [
    ("{port}", "", "ESMTP"), ("{port}", PERL_LOGIN, "ESMTPSA"), ("{tls_port}", "", "ESMTPS"),
])
def test_net_smtp(client, daemon, port, before, protocol):
    ssl = "1" if port == "{tls_port}" else "0"
    script = PERL.replace("{port}", port).replace("{ssl}", ssl).replace("{before}", before).replace("{{message}}", PERL_MESSAGE)
    client("perl", "/home/bob/script.pl", files=[("script.pl", script.replace("{trust}", "/home/bob/trust.pem"))])
    arrived(daemon, protocol)


@pytest.mark.parametrize("port, auth, protocol", [
    ("{port}", "", "ESMTPS"), ("{port}", 'auth: {{user: "anna", pass: "correct horse"}},', "ESMTPSA"), ("{tls_port}", "", "ESMTPS"),
    ("{port}", "ignoreTLS: true,", "ESMTP"),
])
def test_nodemailer(client, daemon, port, auth, protocol):
    secure = "true" if port == "{tls_port}" else "false"
    script = NODE.replace("{port}", port).replace("{secure}", secure).replace("{auth}", auth)
    client("env", "NODE_PATH={modules}", "node", "/home/bob/script.js", files=[("script.js", script)], user=None)
    arrived(daemon, protocol)


@pytest.mark.parametrize("encryption, port, login, protocol", [
    ("", "{port}", False, "ESMTP"), ("tls", "{port}", True, "ESMTPSA"), ("ssl", "{tls_port}", True, "ESMTPSA"),
])
def test_git_send_email(client, daemon, encryption, port, login, protocol):
    client(
        "env", "HOME=/home/bob", "git", "send-email", "--confirm=never", "--suppress-cc=all", "--smtp-server=localhost",
        f"--smtp-server-port={port}", "--smtp-domain=client.example.org", "--from=sender@example.org", "--to=receiver@example.net",
        *((f"--smtp-encryption={encryption}", "--smtp-ssl-cert-path={trust}") if encryption else ()),
        *(("--smtp-user=anna", "--smtp-pass=correct horse") if login else ()), "/home/bob/message",
    )
    arrived(daemon, protocol)


@pytest.mark.parametrize("url, force, protocol", [
    ("smtp://localhost:{port}/", "no", "ESMTPS"), ("smtp://anna:correct%20horse@localhost:{port}/", "yes", "ESMTPSA"),
    ("smtps://anna:correct%20horse@localhost:{tls_port}/", "yes", "ESMTPSA"),
])
def test_mutt(client, daemon, url, force, protocol):
    settings = MUTT.replace("{url}", url).replace("{force}", force)
    client("mutt", "-n", "-F", "/home/bob/muttrc", "-H", "/home/bob/message", files=[("muttrc", settings)])
    arrived(daemon, protocol)


@pytest.mark.parametrize("lines, protocol", [
    ("port {port}\nauth off\n", "ESMTP"),
    ("port {port}\ntls on\ntls_trust_file {trust}\nauth on\nuser anna\npassword correct horse\n", "ESMTPSA"),
    ("port {tls_port}\ntls on\ntls_starttls off\ntls_trust_file {trust}\nauth scram-sha-256\nuser anna\npassword correct horse\n", "ESMTPSA"),
    ("port {lmtp_port}\nprotocol lmtp\nauth off\n", "LMTP"),
], ids=["plain", "starttls", "tls", "lmtp"])
def test_msmtp(client, daemon, lines, protocol):
    accounts = "account default\nhost localhost\nfrom sender@example.org\ndomain client.example.org\n" + lines
    client("msmtp", "-C", "/home/bob/msmtprc", "receiver@example.net", files=[("msmtprc", accounts)])
    arrived(daemon, protocol)


# --- servers as clients ---


@pytest.fixture
def at_port(tmp_path):
    """at_port(PORT) is an imbucad that waits there too."""
    running = []

    def begin(port):
        place.let_everybody_enter(tmp_path)
        running.append(daemons.start(imbuca.Home(tmp_path), "--listen", f"127.0.0.1:{port}"))
        return running[-1]

    yield begin
    for one in running:
        one.kill()


BIG = "".join(f"{number} .a line of a message that takes more than one block\n" for number in range(20000))


@pytest.mark.parametrize("text", ["one\n.\n..two\n", BIG, "höher\n"], ids=["dots", "big", "8bit"])
@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("postfix", "exim")])
def test_a_server_relays_to_it(start, at_port, name, text):
    server = start(name)
    daemon = at_port(server.far)
    body = text.encode().replace(b"\n", b"\r\n")
    with smtplib.SMTP("127.0.0.1", server.ports["plain"]) as client:
        client.sendmail("sender@example.org", [FAR], b"Subject: relayed\r\n\r\n" + body, ["BODY=8BITMIME"])
    assert jail.wait_for(lambda: daemon.messages), f"{server.jail.logs()}\n{daemon.log}"
    (message,) = daemon.messages
    assert message.startswith(b"Return-Path: <sender@example.org>\nDelivered-To: receiver@far.example\n")
    assert message.endswith(b"\n\n" + text.encode()) and b" with ESMTPS id " in message


@pytest.mark.parametrize("options, protocol", [
    ((), "SMTP"), (("-d",), "SMTP"), (("-L",), "LMTP"), (("-r", "5", "-N"), "SMTP"),
])
@pytest.mark.xdist_group("postfix")
def test_smtp_source(start, daemon, options, protocol):
    """Two hundred messages over ten connections at once."""
    daemon.forget()
    server = start("postfix")
    port = daemon.ports[2] if protocol == "LMTP" else daemon.port
    done = subprocess.run(
        ["chroot", server.jail.root, "/usr/sbin/smtp-source", *options, "-s", "10", "-m", "200", "-l", "4096", "-f", "sender@example.org",
         "-t", "receiver@example.net", f"inet:127.0.0.1:{port}"],
        capture_output=True, text=True, timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert len(daemon.messages) == 200
    assert all(len(message) > 4000 and f" with {protocol} id".encode() in message for message in daemon.messages)


@pytest.mark.xdist_group("dovecot")
def test_dovecot_reads_what_was_delivered(start, daemon):
    """A message with dots, one with 8 bits, an empty one: each by IMAP as it was sent."""
    texts = [b"Subject: a\r\n\r\n.\r\n..\r\n", "Subject: b\r\n\r\nhöher\r\n".encode(), b"Subject: c\r\n\r\n"]
    daemon.forget()
    server = start("dovecot")
    with daemon.connect() as client:
        for text in texts:
            client.sendmail("sender@example.org", ["receiver@example.net"], text)
    target = server.jail.root / "home/user/Maildir"
    subprocess.run(["rm", "-rf", target], check=True)
    subprocess.run(["cp", "-a", daemon.folder / "Maildir", target], check=True)
    subprocess.run(["chown", "-R", "1000:1000", target], check=True)
    with imaplib.IMAP4("127.0.0.1", server.ports["imap"]) as reader:
        reader.login("user", "secret")
        assert reader.select("INBOX") == ("OK", [b"3"])
        read = sorted(reader.fetch(str(number), "(RFC822)")[1][0][1] for number in range(1, 4))
        sizes = [reader.fetch(str(number), "(RFC822.SIZE)")[1][0] for number in range(1, 4)]
    for message, text in zip(sorted(read, key=lambda one: one[one.index(b"Subject: ") :]), texts):
        assert message.endswith(b"\r\n" + text) and b"\nDelivered-To: receiver@example.net\r\n" in message
        assert any(f"RFC822.SIZE {len(message)})".encode() in size for size in sizes)
