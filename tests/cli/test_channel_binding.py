"""SCRAM's channel binding, with Python's OpenSSL on the other side as the judge of its bytes."""

import base64
import socket
import ssl

import imbuca


def test_binds_to_tls_unique_under_tls_1_2(home, authority, identity):
    context = identity.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_server(("127.0.0.1", 0)) as listener:
        account = imbuca.Account(
            listener.getsockname()[1], "tls", authority.certificate, ("auth on", "user user", "password secret")
        )
        program = home.start("-C", home.write_accounts(account.text()), "receiver@example.net")
        program.stdin.close()
        listener.settimeout(10)
        with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
            connection.settimeout(10)
            unique = connection.get_channel_binding("tls-unique")
            final = _client_final(connection.makefile("rwb", buffering=0))
    program.wait(timeout=10)
    program.stderr.close()
    program.stdout.close()
    assert base64.b64decode(final["c"]) == b"p=tls-unique,," + unique


def _client_final(lines):
    """Talks SCRAM up to the client's proof, and returns the fields of that."""

    def ask(reply):
        lines.write(reply + b"\r\n")
        return lines.readline().strip()

    ask(b"220 mail.example.org")
    first = ask(b"250-mail.example.org\r\n250 AUTH SCRAM-SHA-256 SCRAM-SHA-256-PLUS").split()
    assert first[:2] == [b"AUTH", b"SCRAM-SHA-256-PLUS"]
    nonce = base64.b64decode(first[2]).split(b",r=")[1]
    challenge = b"r=" + nonce + b"server,s=QSXCR+Q6sek8bf92,i=4096"
    final = base64.b64decode(ask(b"334 " + base64.b64encode(challenge)))
    ask(b"535 5.7.8 No")
    return dict(field.split("=", 1) for field in final.decode().split(","))
