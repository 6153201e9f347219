"""A mail server of a few lines for tests of how a client gets to it: whatever it does before the
session is the test's own; the session is a message that it accepts.
"""

import socket
import threading
import time

import dialogue
import player

TRANSACTION = """
@open {keywords}
C: MAIL FROM:<sender@example.org>
S: 250 2.1.0 Ok
C: RCPT TO:<receiver@example.net>
S: 250 2.1.5 Ok
C: DATA
@accepted
"""


class Server(player.Player):
    """A player that remembers what TLS it spoke."""

    tls_version = None
    resumed = None

    def do_tls(self, text, steps):
        super().do_tls(text, steps)
        self.tls_version, self.resumed = self.connection.version(), self.connection.session_reused


class Background:
    """Calls step(), which waits a moment for its peer at most, in a thread until the `with` ends."""

    def __init__(self):
        self.error = None
        self.ended = False
        self.thread = threading.Thread(target=self._steps)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended = True
        self.thread.join()
        self.close()
        if self.error is not None:
            raise self.error

    def _steps(self):
        while not self.ended and self.error is None:
            try:
                self.step()
            except Exception as error:
                self.error = error


class Host(Background):
    """Serves connections to `listener`, one after the other, each with `talk(connection)`."""

    def __init__(self, listener, talk):
        super().__init__()
        self.listener, self.talk = listener, talk
        self.listener.settimeout(0.02)

    def close(self):
        self.listener.close()

    def step(self):
        try:
            connection = self.listener.accept()[0]
        except TimeoutError:
            return
        connection.settimeout(15)
        with connection:
            self.talk(connection)

    @property
    def port(self):
        return self.listener.getsockname()[1]


def listen(family=socket.AF_INET, address=("127.0.0.1", 0)):
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.bind(address)
    listener.listen()
    return listener


def accept_message(connection, transport="plain", context=None, keywords=""):
    """Plays the session of one message that is accepted; returns the player."""
    text = TRANSACTION.format(keywords=keywords).strip()
    page = dialogue.Dialogue(path="host.py")
    page.steps = [dialogue._read_step(page, number, line) for number, line in enumerate(text.splitlines(), 1)]
    host = Server("S", connection, context, time.monotonic() + 15, message=page.message)
    host.play(page.steps_over(transport))
    return host


def exactly(connection, count):
    """So many bytes of the other side, or fewer where it closes."""
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            break
        data += more
    return data
