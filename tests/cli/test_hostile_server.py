"""What a server does that no dialogue page can say, since it takes a large message or many recipients."""

import contextlib
import socket
import threading

LARGE = b"Subject: x\n\n" + b"0123456789abcdef\n" * 600000


@contextlib.contextmanager
def served(session):
    """A server that gives its one connection to `session`; the options of imbuca that lead to it."""

    def serve():
        connection = listener.accept()[0]
        with connection, contextlib.suppress(OSError):
            session(connection, connection.makefile("rb"))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield ["--host=127.0.0.1", f"--port={listener.getsockname()[1]}", "--syslog=off", "--timeout=2"]
        thread.join(10)


def say_hello(connection, lines, replies):
    """Greeting and EHLO with PIPELINING; then `replies`, to whatever comes."""
    connection.sendall(b"220 x\r\n")
    lines.readline()
    connection.sendall(b"250-x\r\n250 PIPELINING\r\n")
    lines.readline()
    connection.sendall(replies)


def test_yes_without_end_refuses_nothing(home):
    def session(connection, lines):
        say_hello(connection, lines, b"250 ok\r\n250 ok\r\n354 go\r\n")
        while True:
            connection.sendall(b"250 yes\r\n" * 1000)

    with served(session) as options:
        done = home.run(*options, "joe@example.org", stdin=LARGE)
    assert done.exit == 75, done
    assert "while the message was sent" in done.err


def test_log_line_of_many_recipients_ends_with_the_outcome(home):
    many = [f"user{number}@example.org" for number in range(1000)]

    def session(connection, lines):
        say_hello(connection, lines, b"550 no\r\n" * 1002)
        lines.read()

    with served(session) as options:
        done = home.run(*options, "--logfile=-", *many, stdin=b"Subject: x\n\nHello\n")
    assert done.exit != 0
    assert "recipientcount=1000" in done.out and "exitcode=" in done.out, done.out[-200:]
