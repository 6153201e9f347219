"""A second opinion about a message's way onto the wire, by the plainest means there are.

It knows nothing of blocks and edges, which is what makes it a judge of a program that does.
"""

import re


def lines_ended(message):
    """Every line end (CRLF, LF, a bare CR) as CRLF, and one after the last line."""
    text = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
    return text if not text or text.endswith(b"\r\n") else text + b"\r\n"


def stuffed(text):
    """RFC 5321 4.5.2: a dot before each dot that begins a line."""
    return re.sub(rb"(?m)^\.", b"..", text)


def content(message):
    """What a client sends between the 354 and the 250 for a message that lacks nothing."""
    return stuffed(lines_ended(message)) + b".\r\n"
