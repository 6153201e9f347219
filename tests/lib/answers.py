"""A server under TLS that answers as it is told, for what no real one would ever say."""

import http.server
import threading
import time
import urllib.parse


class Answers:
    """Gives its answers in their order, the last again and again, and keeps what it was asked."""

    def __init__(self, identity, *answers):
        self.asked, self.times = [], []
        self._answers = list(answers)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.times.append(time.monotonic())
                outer.asked.append((self.path, dict(urllib.parse.parse_qsl(form, keep_blank_values=True))))
                outer._next()(self)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = identity.context().wrap_socket(self._server.socket, server_side=True)
        self._server.handle_error = lambda *_: None
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"https://localhost:{self._server.server_port}"

    def _next(self):
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def answer(body, status=200, **headers):
    """An answer; `body` is text or bytes."""
    data = body if isinstance(body, bytes) else body.encode()

    def give(handler):
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return give


def endless(handler):
    """An answer without an end."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" " * 65536)
    except OSError:
        pass


def garbage(handler):
    """What is not HTTP at all."""
    handler.wfile.write(b"220 mail.example.org ESMTP\r\n")
