"""A relay that counts the round trips of the connections that pass it."""

import socket
import socketserver
import threading


class Trips:
    """Passes what comes to `port` on loopback, and back. `count` is how often the client had to wait:
    what it says first, and what it says each time after the server has answered, is one trip."""

    def __init__(self, port):
        self.count = 0
        self._target, self._heard = ("127.0.0.1", port), True
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._serve)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, client, _address, _server):
        with socket.create_connection(self._target) as server:
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._pass, args=(server, client, self._note_reply), daemon=True).start()
            self._pass(client, server, self._note_command)

    def _note_reply(self):
        self._heard = True

    def _note_command(self):
        self.count += self._heard
        self._heard = False

    @staticmethod
    def _pass(source, target, note):
        try:
            while data := source.recv(1 << 16):
                note()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass
