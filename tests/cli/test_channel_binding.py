"""SCRAM's channel binding, with OpenSSL on the other side as the judge of its bytes: in a new session and a resumed one."""

import base64
import socket
import ssl
import subprocess
import threading

import imbuca
import jail
import place


def start(home, port, authority):
    login = ("auth on", "user user", "password secret")
    account = imbuca.Account(port, "tls", authority.certificate, login)
    program = home.start("-d", "-C", home.write_accounts(account.text()), "receiver@example.net")
    program.stdin.close()
    return program


def end(program):
    """Ends the program; whether it resumed its session."""
    program.wait(timeout=10)
    with program.stdout, program.stderr:
        return b", resumed\n" in program.stderr.read()


def test_binds_to_tls_unique_under_tls_1_2(home, authority, identity):
    context = identity.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for resumed in (False, True):
            program = start(home, listener.getsockname()[1], authority)
            listener.settimeout(10)
            with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
                connection.settimeout(10)
                unique = connection.get_channel_binding("tls-unique")
                lines = connection.makefile("rwb", buffering=0)
                binding = bound_to(lines.write, lines.readline)
            assert end(program) == resumed
            assert binding == b"p=tls-unique,," + unique


def test_binds_to_the_exporter_under_tls_1_3(home, authority, identity):
    port = jail.free_port()
    server = subprocess.Popen(
        [place.need("openssl"), "s_server", "-accept", f"127.0.0.1:{port}", "-cert", identity.certificate,
         "-key", identity.key, "-keymatexport", "EXPORTER-Channel-Binding", "-keymatexportlen", "32"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
    )
    too_long = threading.Timer(30, server.kill)
    too_long.start()
    try:
        await_line(server, b"ACCEPT")
        for resumed in (False, True):
            program = start(home, port, authority)
            material = bytes.fromhex(await_line(server, b"    Keying material: ").split()[-1].decode())
            binding = bound_to(server.stdin.write, lambda: await_line(server, b"EHLO", b"AUTH", b"Yz1", b"QUIT"))
            assert end(program) == resumed
            assert binding == b"p=tls-exporter,," + material
    finally:
        too_long.cancel()
        server.kill()
        server.communicate()


def await_line(server, *beginnings):
    """The next line of its output that begins so."""
    while line := server.stdout.readline():
        if line.startswith(beginnings):
            return line
    raise AssertionError("s_server has ended")


def bound_to(write, read):
    """Talks SCRAM up to the client's proof, and returns what that is bound to."""

    def ask(reply):
        write(reply + b"\r\n")
        return read().strip()

    ask(b"220 mail.example.org")
    first = ask(b"250-mail.example.org\r\n250 AUTH SCRAM-SHA-256 SCRAM-SHA-256-PLUS").split()
    assert first[:2] == [b"AUTH", b"SCRAM-SHA-256-PLUS"]
    nonce = base64.b64decode(first[2]).split(b",r=")[1]
    challenge = b"r=" + nonce + b"server,s=QSXCR+Q6sek8bf92,i=4096"
    final = base64.b64decode(ask(b"334 " + base64.b64encode(challenge)))
    assert ask(b"535 5.7.8 No") == b"QUIT"
    write(b"221 2.0.0 Bye\r\n")
    fields = dict(field.split(b"=", 1) for field in final.split(b","))
    return base64.b64decode(fields[b"c"])
