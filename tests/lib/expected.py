"""What a program is to print, whole, kept in a file of tests/expected/LANGUAGE.

With IMBUCA_REWRITE=1 the files are written anew, to be looked over and committed.
"""

import os
import re

import place

FOLDER = place.SOURCE / "tests/expected"

# The usual ports of this machine, where anything may listen.
USUAL = re.compile(r"^\S+ +\d+ ms .* porta? (465|587|2525|25) (with|con) (TLS|STARTTLS).*\n", re.M)
MASKS = [
    (re.compile(r" +\d+ ms"), lambda found: ". ms".rjust(len(found[0]))),
    (re.compile(r"(?<=SHA-256 )[0-9A-F:]+|(?<=tls_fingerprint )[0-9A-F:]+"), "FINGERPRINT"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "DATE"),
    (re.compile(r"DATE \((\D*)\d+\)"), r"DATE (\1N)"),
    # The day in its Date has one digit or two.
    (re.compile(r"(?<=the message has )\d+|(?<=il messaggio ha )\d+"), "N"),
    (re.compile(r"CN=imbuca tests unknown"), "CN=unknown"),
    # The libraries' own words, whose translations are not installed everywhere.
    (re.compile("Connessione rifiutata"), "Connection refused"),
    (re.compile("Connessione scaduta"), "Connection timed out"),
    (re.compile("La rete non è raggiungibile"), "Network is unreachable"),
    (re.compile("Errore nella versione del protocollo"), "Error in protocol version"),
]


def masked(text, home, port):
    """A report of `imbuca check` without what differs from run to run."""
    text = USUAL.sub("", text)
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return re.sub(rf"\b{port}\b", "PORT", text).replace(str(home.folder), "HOME")


def languages():
    """Those that have a folder."""
    return sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


def compare(name, text, language="en"):
    """Is the text what the file NAME.txt holds?"""
    path = FOLDER / language / f"{name}.txt"
    if os.environ.get("IMBUCA_REWRITE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert path.is_file(), f"{path} is missing: make it with IMBUCA_REWRITE=1"
    assert text == path.read_text(), f"not what {path.relative_to(place.SOURCE)} says"
