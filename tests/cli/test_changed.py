"""A message on a file that changes while it is sent: no server takes what was not checked."""

import socket
import threading

import pytest

import imbuca

SIZE = 16 << 20
HEADER = b"From: a@example.org\nTo: b@example.net\nSubject: big\n\n"


class Server(threading.Thread):
    """Takes a message as it comes; once the first of it is here, it calls `change`."""

    def __init__(self, change, chunked):
        super().__init__()
        self.change, self.chunked, self.received = change, chunked, bytearray()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
        self.port = self.listener.getsockname()[1]

    def run(self):
        self.listener.settimeout(15)
        with self.listener, self.listener.accept()[0] as connection:
            connection.settimeout(15)
            connection.sendall(b"220 x\r\n")
            connection.recv(4096)
            connection.sendall(b"250-x\r\n250-PIPELINING\r\n250 CHUNKING\r\n")
            connection.recv(4096)
            connection.sendall(b"250 ok\r\n250 ok\r\n354 go\r\n"[: 16 if self.chunked else None])
            self.received += connection.recv(1 << 16)
            self.change()
            while data := connection.recv(1 << 20):
                self.received += data


def grow(path):
    """More line ends than there were: each becomes two bytes."""
    path.write_bytes(HEADER + b"\n" * SIZE)


def shrink(path):
    path.write_bytes(HEADER + b"x\n")


def same_size(path):
    with open(path, "r+b") as file:
        file.seek(SIZE // 2)
        file.write(b"changed")


@pytest.mark.parametrize("chunked", [True, False], ids=["chunk", "data"])
@pytest.mark.parametrize("change", [grow, shrink, same_size])
def test_it_has_no_end(home, change, chunked):
    path = home.folder / "message"
    path.write_bytes(HEADER + (b"x" * 63 + b"\n") * (SIZE // 64))
    server = Server(lambda: change(path), chunked)
    home.write_accounts(imbuca.Account(server.port, extra=("chunking on",) if chunked else ()).text())
    server.start()
    with open(path, "rb") as message:
        program = home.start("b@example.net", stdin=message)
        _, err = program.communicate(timeout=30)
    server.join()
    assert program.returncode == 74, err
    assert b"QUIT" not in server.received[-100:]
    if chunked:
        command, _, content = server.received.partition(b"\r\n")
        assert len(content) <= int(command.removeprefix(b"BDAT "))
    else:
        assert not server.received.endswith(b"\r\n.\r\n")
