"""Runs under small limits: each fails as an error with a code, and never by a signal."""

import resource
import socket
import threading
import time

import pytest

MESSAGE = b"Subject: x\n\nHello\n"


def limited(size):
    """For preexec_fn: no file may grow beyond so many bytes."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def take_one_message(listener):
    """An SMTP server for one message, without any extension."""
    connection = listener.accept()[0]
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"220 x\r\n")
        for line in lines:
            if line.startswith(b"DATA"):
                connection.sendall(b"354 go\r\n")
                while next(lines) != b".\r\n":
                    pass
            connection.sendall(b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 ok\r\n")


def test_log_at_its_limit_does_not_fail_the_mail(home):
    log = home.folder / "log"
    log.write_bytes(b"x" * 4096)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=take_one_message, args=(listener,), daemon=True)
        server.start()
        done = home.run(
            "--host=127.0.0.1", f"--port={listener.getsockname()[1]}", f"--logfile={log}", "joe@example.org",
            stdin=MESSAGE, preexec_fn=limited(4096),
        )
        server.join(10)
    assert done.exit == 0, done
    assert "warning: cannot write" in done.err


def test_message_over_the_limit_of_files(home):
    done = home.run(
        "--host=127.0.0.1", "--port=1", "joe@example.org",
        stdin=MESSAGE + b"0123456789abcdef\n" * 20000, preexec_fn=limited(4096),
    )
    assert done.exit in (74, 75), done
    assert "temporary file" in done.err


@pytest.mark.skipif(resource.getrlimit(resource.RLIMIT_CORE)[1] == 0, reason="a limit of 0 cannot be raised")
def test_no_core_even_where_cores_go_into_a_pipe(home):
    """A core_pattern that is a pipe ignores every limit but 1: core(5), and the kernel's fs/coredump.c."""
    program = home.start("joe@example.org")
    try:
        deadline = time.monotonic() + 10
        while (limits := resource.prlimit(program.pid, resource.RLIMIT_CORE))[1] not in (0, 1):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert limits == (1, 1)
    finally:
        program.kill()
        program.communicate()
