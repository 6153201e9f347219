"""A server that takes any message, for tests about messages and not about the session."""

import contextlib
import socket
import socketserver
import threading
from dataclasses import dataclass, field


@dataclass
class Mail:
    """One message as it arrived: the envelope, and the bytes without the dots of the transfer."""

    sender: str = ""
    recipients: list = field(default_factory=list)
    content: bytes = b""
    parameters: str = ""  # of MAIL

    @property
    def header(self):
        return self.content.partition(b"\r\n\r\n")[0] + b"\r\n"

    @property
    def body(self):
        return self.content.partition(b"\r\n\r\n")[2]


class Sink:
    """Listens on a free port of loopback, or on the unix socket `path`; what comes is in `mails`.

    A recipient whose name begins with "no-" is refused. `answer` may say something else to a
    command, or to the content ("."): a reply, or "" to hang up.
    """

    def __init__(self, keywords=("PIPELINING", "SIZE 100000000", "8BITMIME"), path=None, answer=lambda line: None):
        self.mails = []
        self.connections = 0
        self.chunks = 0
        self.answer = answer
        if path is None:
            self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._serve)
            self.port = self._server.server_address[1]
        else:
            self._server = socketserver.ThreadingUnixStreamServer(str(path), self._serve)
        self._server.daemon_threads = True
        self._keywords = keywords
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, connection, _address, _server):
        self.connections += 1
        if connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(ConnectionError), connection, connection.makefile("rb") as lines:
            say = lambda text: connection.sendall(text.encode() + b"\r\n")
            say("220 sink ESMTP")
            mail, begun = Mail(), False
            for line in lines:
                verb = line[:4].upper().strip()
                path = line[line.find(b"<") + 1 : line.rfind(b">")].decode()
                other = self.answer(line.decode().strip())
                if other == "":
                    return
                if other is not None:
                    say(other)
                    begun = begun and verb != b"MAIL"
                elif verb == b"EHLO":
                    say("".join(f"250-{word}\r\n" for word in ("sink", *self._keywords)) + "250 HELP")
                elif verb == b"DATA" and not mail.recipients:
                    say("503 no recipients")
                elif verb == b"DATA":
                    say("354 go")
                    mail.content = _read_content(lines)
                    if mail.content is None:
                        return
                    other = self.answer(".")
                    if other == "":
                        return
                    if other is None:
                        self.mails.append(mail)
                    mail, begun = Mail(), False
                    say(other or "250 2.0.0 taken")
                elif verb == b"BDAT":
                    words = line.split()
                    mail.content += lines.read(int(words[1]))
                    self.chunks += 1
                    if words[-1].upper() == b"LAST":
                        self.mails.append(mail)
                        mail, begun = Mail(), False
                    say("250 2.0.0 taken")
                elif verb == b"QUIT":
                    say("221 bye")
                    return
                elif verb == b"RCPT" and (not begun or path.startswith("no-")):
                    say("550 5.1.1 no such user" if begun else "503 nobody sends")
                else:
                    if verb == b"MAIL":
                        mail, begun = Mail(sender=path, parameters=line[line.rfind(b">") + 1 :].decode()), True
                    elif verb == b"RCPT":
                        mail.recipients.append(path)
                    say("250 ok")


def _read_content(lines):
    """The content, or None where its end never came."""
    content = []
    for line in lines:
        if line == b".\r\n":
            return b"".join(content)
        content.append(line[1:] if line.startswith(b".") else line)
    return None
