"""A relay that holds up whatever passes it, so that round trips can be counted by the clock."""

import queue
import socket
import threading
import time


class Relay:
    """Takes one connection after the other to `port`. A round trip takes `seconds` more through it.

    The TCP handshake is not held up, but the server hears of a connection half a round trip later.
    """

    def __init__(self, port, seconds):
        self.target, self.half = ("127.0.0.1", port), seconds / 2
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.accepted = 0.0  # when the last connection came, in seconds of the epoch
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self.listener.close()

    def _serve(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            self.accepted = time.time()
            threading.Thread(target=self._pass_on, args=[client], daemon=True).start()

    def _pass_on(self, client):
        """What the client says at once travels with the news of its connection."""
        said = self._receive(client)
        time.sleep(self.half)
        server = socket.create_connection(self.target)
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        heard = self._receive(server)
        threading.Thread(target=self._send, args=[heard, client], daemon=True).start()
        self._send(said, server)

    def _receive(self, end):
        """A queue of (when it is to go on, bytes), filled from now on; the last has no bytes."""
        waiting = queue.SimpleQueue()

        def read():
            data = b"x"
            while data:
                try:
                    data = end.recv(1 << 16)
                except OSError:
                    data = b""
                waiting.put((time.monotonic() + self.half, data))

        threading.Thread(target=read, daemon=True).start()
        return waiting

    @staticmethod
    def _send(waiting, end):
        data = b"x"
        while data:
            due, data = waiting.get()
            time.sleep(max(0, due - time.monotonic()))
            try:
                end.sendall(data) if data else end.shutdown(socket.SHUT_WR)
            except OSError:
                return
