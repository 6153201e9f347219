"""Each failure that the source names is explained by data/replies, and each that is explained there occurs."""

import re

from place import SOURCE


def explained():
    section = (SOURCE / "data/replies").read_text().partition("\nfailure imbuca\n")[2].partition("\n# ---")[0]
    return {line.split()[5] for line in section.splitlines() if line and not line.startswith("\t")}


def sources():
    return "".join(path.read_text() for path in sorted((SOURCE / "src").rglob("*.c")))


def test_each_is_explained():
    words = {word for call in re.findall(r"err_failure\(e?,?[^;]*;", sources()) for word in re.findall(r'"(\w+)"', call)}
    assert len(words) > 10 and words <= explained(), words - explained()


def test_each_occurs():
    text = sources()
    assert len(explained()) > 20
    assert [word for word in explained() if f'"{word}"' not in text] == []
