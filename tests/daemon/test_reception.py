"""imbucad as programs find it: messages, logins, limits, attacks, the end."""

import signal
import smtplib
import socket
import ssl

import pytest

import house
import imbuca

MESSAGE = b"Subject: hello\r\n\r\none\r\n.two\r\n..\r\n\r\n"


def talk(port, *parts, wait=10):
    """Sends each part when the last reply has come, one that is a list in as many writes; all replies, up to the end."""
    replies = b""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as connection:
        for part in parts:
            replies += connection.recv(65536)
            for piece in part if isinstance(part, list) else [part]:
                connection.sendall(piece)
        try:
            while more := connection.recv(65536):
                replies += more
        except TimeoutError:
            pass
    return replies.decode()


@pytest.mark.parametrize("way", ["plain", "starttls", "tls"])
def test_delivers_what_was_sent(daemon, way):
    with daemon.connect(tls=way == "tls") as client:
        if way == "starttls":
            client._host = "localhost"
            client.starttls(context=daemon.context())
        client.sendmail("a@b.example", ["c@d.example", "e@f.example"], MESSAGE)
    (message,) = daemon.messages
    top, rest = message.split(b"Subject:", 1)
    assert b"Subject:" + rest == MESSAGE.replace(b"\r\n", b"\n")
    lines = top.split(b"\n")
    assert lines[:3] == [b"Return-Path: <a@b.example>", b"Delivered-To: c@d.example", b"Delivered-To: e@f.example"]
    protocol = b"ESMTP" if way == "plain" else b"ESMTPS"
    assert b"by mx.example with " + protocol + b" id " in top
    assert "recipients=2" in daemon.log and "size=" in daemon.log


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("password, code", [("correct horse", 235), ("wrong", 535)])
def test_login(daemon, mechanism, password, code):
    with daemon.connect(tls=True) as client:
        client.ehlo()
        assert mechanism in client.esmtp_features["auth"].split()
        client.user, client.password = daemon.user, password
        method = getattr(client, "auth_" + mechanism.lower())
        if code == 235:
            assert client.auth(mechanism, method)[0] == 235
        else:
            with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
                client.auth(mechanism, method)
            assert refused.value.smtp_code == 535
    assert daemon.password not in daemon.log and "wrong" not in daemon.log.replace("is wrong", "")


def test_a_certificate_that_was_renewed_is_shown(daemon, identity):
    """After SIGHUP; a message under way comes to its end, and its session soon after."""

    def shown():
        return ssl.get_server_certificate(("127.0.0.1", daemon.tls_port), timeout=10)

    old, client = shown(), daemon.connect(tls=True)
    client.ehlo()
    client.mail("a@b.example")
    client.rcpt("c@d.example")
    for name, file in ("key.pem", identity.key), ("certificate.pem", identity.certificate):
        (daemon.folder / "state" / name).write_bytes(file.read_bytes())
    assert shown() == old
    daemon.process.send_signal(signal.SIGHUP)
    house.until(lambda: shown() != old, "the new certificate is shown")
    assert client.data(MESSAGE)[0] == 250
    # The old listener is told to end once the new one accepts: that may be a moment from now.
    house.until(lambda: client.noop()[0] == 421, "the old session is ended")
    client.close()
    assert ssl.PEM_cert_to_DER_cert(shown()) == ssl.PEM_cert_to_DER_cert(identity.certificate.read_text())
    assert len(daemon.messages) == 1


def test_a_session_of_tls_is_resumed(daemon, home):
    trust = daemon.folder / "state/certificate.pem"
    accounts = home.write_accounts(imbuca.Account(daemon.tls_port, "tls", trust, host="localhost").text())
    results = [home.run("-d", "-C", accounts, "c@d.example", stdin=MESSAGE) for _ in range(2)]
    assert [(result.exit, ", resumed\n" in result.err) for result in results] == [(0, False), (0, True)], results
    assert len(daemon.messages) == 2


def test_clear_text_has_no_plain_login(daemon):
    with daemon.connect() as client:
        client.ehlo()
        assert client.esmtp_features["auth"].split() == ["SCRAM-SHA-256"]
        assert client.docmd("AUTH", "PLAIN AGEAYg==")[0] == 504


def test_mail_only_after_a_login(start):
    daemon = start("--require-auth")
    with daemon.connect(tls=True) as client:
        client.ehlo()
        assert client.mail("a@b.example")[0] == 530
        client.login(daemon.user, daemon.password)
        client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
    assert b"with ESMTPSA id" in daemon.messages[0]


def test_the_size_is_bounded(start):
    daemon = start("--max-size", "1000")
    with daemon.connect() as client:
        client.ehlo()
        assert client.esmtp_features["size"] == "1000"
        assert client.mail("a@b.example", ["SIZE=1001"])[0] == 552
        assert client.mail("a@b.example")[0] == 250
        assert client.rcpt("c@d.example")[0] == 250
        assert client.data(b"x" * 70 + b"\r\n" * 500)[0] == 552
        client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
    assert len(daemon.messages) == 1


def test_a_big_message_arrives_whole(daemon):
    body = b"Subject: big\r\n\r\n" + b".0123456789 the line of a big message\r\n" * 200000
    with daemon.connect(tls=True) as client:
        client.sendmail("a@b.example", ["c@d.example"], body)
    assert daemon.messages[0].endswith(body.replace(b"\r\n", b"\n"))


def test_chunks(daemon):
    replies = talk(
        daemon.port, b"EHLO me\r\n",
        b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nBDAT 6\r\nA: b\r\nBDAT 8 LAST\r\n\r\nbody\r\nQUIT\r\n",
    )
    assert replies.count("250 2.") == 4 and "221 2.0.0" in replies
    assert daemon.messages[0].endswith(b"A: b\n\nbody\n")


SMUGGLED = [
    b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\n", b"\n.\r", b"\r.\r\n", b"\r\n.\r", b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
]


EVIL = b"MAIL FROM:<evil@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nevil\r\n.\r\nNOOP\r\n"
ENVELOPE = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"


def chunk(content):
    return b"BDAT %d LAST\r\n%s" % (len(content), content)


@pytest.mark.parametrize("where", ["body", "beginning", "chunk", "split"])
@pytest.mark.parametrize("end", SMUGGLED, ids=repr)
def test_nothing_is_smuggled(shared, end, where):
    """Refused, and the end: what stands behind is no command, however the bytes come."""
    daemon = shared()
    text = b"" if where == "beginning" else b"Subject: x\r\n\r\nbody"
    parts = [b"EHLO me\r\n", ENVELOPE + b"DATA\r\n", text + end + EVIL]
    if where == "chunk":
        parts = [b"EHLO me\r\n", ENVELOPE + chunk(text + end) + EVIL]
    if where == "split":
        parts[2:] = [[bytes([byte]) for byte in parts[2]]]
    replies = talk(daemon.port, *parts)
    assert replies.endswith("\r\n") and replies.splitlines()[-1].startswith("550 5.6.0 "), replies
    assert daemon.messages == []


def test_nothing_may_follow_starttls(daemon):
    replies = talk(daemon.port, b"EHLO me\r\n", b"STARTTLS\r\nMAIL FROM:<a@b.example>\r\n")
    assert replies.splitlines()[-1].startswith("503 5.5.1 ")


def test_a_connection_too_many_is_told(start):
    daemon = start("--max-sessions", "1")
    with daemon.connect() as first:
        assert talk(daemon.port).startswith("421 4.3.2 ")
        assert first.noop()[0] == 250


def test_idle_sessions_disturb_nobody(daemon):
    idle = [socket.create_connection(("127.0.0.1", daemon.port)) for _ in range(200)]
    try:
        with daemon.connect() as client:
            client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
    finally:
        for connection in idle:
            connection.close()
    assert len(daemon.messages) == 1


def test_ends_when_told_and_lets_a_message_end(daemon):
    idle = socket.create_connection(("127.0.0.1", daemon.port), timeout=10)
    idle.recv(1000)
    client = daemon.connect()
    client.ehlo()
    client.mail("a@b.example")
    client.rcpt("c@d.example")
    assert client.docmd("DATA")[0] == 354
    daemon.process.terminate()
    assert idle.recv(1000).startswith(b"421 4.3.2 ")
    client.send(MESSAGE + b".\r\n")
    assert client.getreply()[0] == 250
    assert client.getreply()[0] == 421
    client.close()
    idle.close()
    assert daemon.process.wait(timeout=10) == 0
    assert len(daemon.messages) == 1


def test_a_mailbox_that_cannot_be_is_for_now(start, home):
    (home.folder / "Maildir").write_text("not a folder")
    daemon = start()
    with daemon.connect() as client:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail("a@b.example", ["c@d.example"], MESSAGE)
    assert refused.value.smtp_code == 451 and b"Maildir" not in refused.value.smtp_error
    assert "Maildir" in daemon.log
