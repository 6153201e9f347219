"""A server that takes any message, for tests about messages and not about the session."""

import socketserver
import threading
from dataclasses import dataclass, field


@dataclass
class Mail:
    """One message as it arrived: the envelope, and the bytes without the dots of the transfer."""

    sender: str = ""
    recipients: list = field(default_factory=list)
    content: bytes = b""

    @property
    def header(self):
        return self.content.partition(b"\r\n\r\n")[0] + b"\r\n"

    @property
    def body(self):
        return self.content.partition(b"\r\n\r\n")[2]


class Sink:
    """Listens on a free port of loopback; what comes is in `mails`."""

    def __init__(self, keywords=("PIPELINING", "SIZE 100000000", "8BITMIME")):
        self.mails = []
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._serve)
        self._server.daemon_threads = True
        self._keywords = keywords
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, connection, _address, _server):
        with connection, connection.makefile("rb") as lines:
            say = lambda text: connection.sendall(text.encode() + b"\r\n")
            say("220 sink ESMTP")
            mail = Mail()
            for line in lines:
                verb = line[:4].upper().strip()
                path = line[line.find(b"<") + 1 : line.rfind(b">")].decode()
                if verb == b"EHLO":
                    say("".join(f"250-{word}\r\n" for word in ("sink", *self._keywords)) + "250 HELP")
                elif verb == b"DATA":
                    say("354 go")
                    mail.content = _read_content(lines)
                    self.mails.append(mail)
                    mail = Mail()
                    say("250 2.0.0 taken")
                elif verb == b"QUIT":
                    say("221 bye")
                    return
                else:
                    if verb == b"MAIL":
                        mail.sender = path
                    elif verb == b"RCPT":
                        mail.recipients.append(path)
                    say("250 ok")


def _read_content(lines):
    content = []
    for line in lines:
        if line == b".\r\n":
            break
        content.append(line[1:] if line.startswith(b".") else line)
    return b"".join(content)
