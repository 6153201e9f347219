"""A dialogue file: a page that says who says what. tests/README has its notation.

This module reads the page into steps; lib/player.py plays them on a socket.
"""

import base64
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

TRANSPORTS = ("plain", "starttls", "tls")

MESSAGE = b"""\
From: Sender <sender@example.org>
To: receiver@example.net
Subject: A test
Date: Thu, 01 Jan 2026 12:00:00 +0000
Message-ID: <1@example.org>

Hello
"""


class Malformed(Exception):
    """The page itself is wrong, not what was played."""


@dataclass(frozen=True)
class Step:
    """A line of the page: its number, what it does ("S", "C", "C?", "@close"), and its text."""

    number: int
    kind: str
    text: str = ""


@dataclass
class Dialogue:
    path: Path
    side: str = "S"
    transport: str = "plain"
    certificate: str = "localhost"
    arguments: str = "receiver@example.net"
    stdin: str = "pipe"
    exit: str = "0"
    within: str = "15"
    split: str = "yes"
    arrives: str = "0"
    left: str = ""
    queued: list = field(default_factory=list)
    account: list = field(default_factory=list)
    option: list = field(default_factory=list)
    log: list = field(default_factory=list)
    stdout: list = field(default_factory=list)
    stderr: list = field(default_factory=list)
    never: list = field(default_factory=list)
    message: bytes = MESSAGE
    content: bytes | None = None
    files: dict = field(default_factory=dict)
    steps: list = field(default_factory=list)

    @property
    def transports(self):
        return TRANSPORTS if self.transport == "any" else tuple(self.transport.split())

    def command(self, **values):
        """The arguments, with {port} and their like filled in."""
        text = re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), self.arguments)
        return [unescape(word).decode() for word in shlex.split(text)]

    def steps_over(self, transport):
        """The steps, with those spelled out that depend on the transport."""
        for step in self.steps:
            spelled = SHORTHANDS[self.side].get(step.kind)
            yield from (Step(step.number, *line) for line in spelled(step.text, transport)) if spelled else (step,)


def unescape(text):
    r"""Bytes of a text in which \r \n \0 \t \\ and \xHH are escapes; other characters are UTF-8."""
    simple = {"r": b"\r", "n": b"\n", "0": b"\0", "t": b"\t", "\\": b"\\"}
    parts = re.split(r"\\(x[0-9a-fA-F]{2}|.)", text)
    for place in range(1, len(parts), 2):
        code = parts[place]
        if code not in simple and len(code) == 1:
            raise Malformed(f"unknown escape \\{code}")
        parts[place] = simple.get(code) or bytes.fromhex(code[1:])
    return b"".join(part if isinstance(part, bytes) else part.encode() for part in parts)


def spell(text):
    """A text with its {base64 TEXT} written out."""
    return re.sub(r"\{base64 ([^}]*)\}", lambda found: base64.b64encode(unescape(found[1])).decode(), text)


def pattern(text):
    """The lines that a C: or S: line of the page stands for, as a compiled expression.

    {any} is any text, {word} one without blanks, {number} digits; asterisks stand for a secret, as in
    the program's own debug output.
    """
    kinds = {"{any}": ".*", "{word}": r"\S+", "{number}": "[0-9]+"}
    parts = re.split(r"(\{any\}|\{word\}|\{number\}|\*{3,})", spell(text))
    source = "".join(kinds.get(part) or (".*" if part.startswith("***") else re.escape(part)) for part in parts)
    return re.compile(source.encode(), re.S)


def _reply(code, lines):
    last = len(lines) - 1
    return [("S", f"{code}{' ' if at == last else '-'}{line}") for at, line in enumerate(lines)]


def _open(text, transport):
    """The session up to where the client may speak; `text` is EHLO's keywords, separated by commas."""
    keywords = [word.strip() for word in text.split(",") if word.strip()]
    offered = lambda words: [("C", "EHLO client.example.org"), *_reply(250, ["mail.example.org", *words])]
    greeting = ("S", "220 mail.example.org ESMTP")
    if transport == "plain":
        return [greeting, *offered(keywords)]
    if transport == "tls":
        return [("@tls",), greeting, *offered(keywords)]
    upgrade = [("C", "STARTTLS"), ("S", "220 2.0.0 Go ahead"), ("@tls",)]
    return [greeting, *offered([*keywords, "STARTTLS"]), *upgrade, *offered(keywords)]


def _hello(text, _transport):
    """The same in clear text whatever the transport, for what comes before TLS."""
    return _open(text, "plain")


def _login(_text, _transport):
    return [("C", r"AUTH PLAIN {base64 \0user\0secret}"), ("S", "235 2.7.0 Welcome")]


def _accepted(_text, _transport):
    """The end of a transaction that succeeded."""
    return [("S", "354 Go ahead"), ("@content",), ("S", "250 2.0.0 Queued as 4711"), *_quit("", "")]


def _quit(_text, _transport):
    return [("C", "QUIT"), ("S", "221 2.0.0 Bye")]


# --- and with the client as the player ---


def _client_hello(_text, _transport):
    return [("S", "220 mx.example {any}"), ("C", "EHLO client.example.org"), ("@reply", "250")]


def _client_open(_text, transport):
    """The session up to where a message may begin."""
    if transport == "plain":
        return _client_hello("", "")
    if transport == "tls":
        return [("@tls",), *_client_hello("", "")]
    upgrade = [("C", "STARTTLS"), ("S", "220 2.0.0 Ready for TLS"), ("@tls",)]
    return [*_client_hello("", ""), *upgrade, *_client_hello("", "")[1:]]


def _client_login(_text, _transport):
    return [("C", r"AUTH PLAIN {base64 \0anna\0correct horse}"), ("S", "235 2.7.0 Welcome")]


def _client_mail(_text, _transport):
    return [("C", "MAIL FROM:<sender@example.org>"), ("S", "250 2.1.0 Ok")]


def _client_envelope(_text, _transport):
    return [*_client_mail("", ""), ("C", "RCPT TO:<receiver@example.net>"), ("S", "250 2.1.5 Ok")]


def _client_data(_text, _transport):
    return [("C", "DATA"), ("S", "354 {any}")]


def _client_accepted(_text, _transport):
    """The content of a transaction that succeeds."""
    return [*_client_data("", ""), ("@content",), ("S", "250 2.0.0 {any}")]


# What lib/player.py does, one method each.
DIRECTIVES = {
    "@" + name
    for name in "tls refused send flood drip stall pause close reset again together content chunk reply".split()
}

# What stands for several lines, by the side that is played.
SHORTHANDS = {
    "S": {"@open": _open, "@hello": _hello, "@login": _login, "@accepted": _accepted, "@quit": _quit},
    "C": {
        "@open": _client_open, "@hello": _client_hello, "@login": _client_login, "@mail": _client_mail,
        "@envelope": _client_envelope, "@data": _client_data, "@accepted": _client_accepted, "@quit": _quit,
    },
}


def read(path, side="S"):
    """Reads a dialogue file, to be played by that side."""
    dialogue = Dialogue(Path(path), side)
    sections = _sections(dialogue.path.read_text())
    body = _read_head(dialogue, sections.pop("head"))
    for name, lines in sections.items():
        if name == "dialogue":
            body = lines
        elif name in ("message", "content"):
            setattr(dialogue, name, "".join(f"{line}\n" for _, line in lines).encode())
        elif name.startswith("file "):
            dialogue.files[name.split()[1]] = "".join(f"{line}\n" for _, line in lines)
        elif name in ("message bytes", "content bytes"):
            setattr(dialogue, name.split()[0], unescape("".join(line for _, line in lines)))
        else:
            raise Malformed(f"{path}: unknown section {name}")
    dialogue.steps = [_read_step(dialogue, number, line) for number, line in body if line]
    return dialogue


def _sections(text):
    """Sections by name, each a list of (line number, line)."""
    sections = {"head": []}
    name = "head"
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("--- "):
            name = line[4:].strip()
            sections[name] = []
        else:
            sections[name].append((number, line))
    return sections


def _read_head(dialogue, lines):
    """Takes the head's settings; returns the lines after the empty line that ends it."""
    for place, (number, line) in enumerate(lines):
        if not line:
            return lines[place + 1 :]
        if line.startswith("#"):
            continue
        key, colon, value = line.partition(":")
        known = getattr(dialogue, key, None)
        if not colon or key in ("path", "side", "steps", "message", "content", "files") or not isinstance(known, (str, list)):
            raise Malformed(f"{dialogue.path}:{number}: unknown key {key}")
        if isinstance(known, list):
            known.append(value.strip())
        else:
            setattr(dialogue, key, value.strip())
    return []


def _read_step(dialogue, number, line):
    path = dialogue.path
    found = re.fullmatch(r"([SC]\??): ?(.*)|(@[a-z]+)(?: (.*))?", line)
    if not found:
        raise Malformed(f"{path}:{number}: neither S:, C: nor a directive: {line}")
    if found[3] and found[3] not in DIRECTIVES and found[3] not in SHORTHANDS[dialogue.side]:
        raise Malformed(f"{path}:{number}: unknown directive {found[3]}")
    return Step(number, found[1] or found[3], (found[2] if found[1] else found[4]) or "")


def found(text, where):
    """Whether the text is there: a /regular expression/, a number that stands alone (553 is not in port 38553), any other as it is."""
    if len(text) > 1 and text.startswith("/") and text.endswith("/"):
        return re.search(text[1:-1], where, re.M) is not None
    if text.isdigit():
        return re.search(rf"(?<!\d){text}(?!\d)", where) is not None
    return text in where
