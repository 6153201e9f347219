"""Each message has its Italian, which is certain, and fits where it is put in."""

import difflib
import re
import subprocess

import pytest

from place import BUILD, SOURCE, need, sources

CATALOG = SOURCE / "po" / "it.po"
PAGES = sources("man/it/*.[158]")

# mdoc's macros whose words are a language's; those of all others are literal, but for what Ar names.
PROSE = {"Nd", "No", "Ns", "Pq", "Sh", "Ss", "Sx"}
MACROS = PROSE | set("Ar Bl Cm Ev Fl Ic In It Li Nm Op Pa Ql Xc Xo Xr".split())

# What an operand or a value is called.
PLACEHOLDERS = dict(
    pair.split(":") for pair in """
    KEY:CHIAVE address:indirizzo code:codice command:comando digits:cifre domain:dominio event:evento
    fingerprint:impronta format:formato letter:lettera mechanism:meccanismo mode:modo name:nome number:numero
    on|off|mechanism:on|off|meccanismo option:opzione port:porta queue:coda recipient:destinatario region:regione
    seconds:secondi stage:fase string:stringa tag:nome text:testo time:tempo unit:unità value:valore what:cosa
    """.split()
)


def printed(*command):
    done = subprocess.run([need(command[0]), *command[1:]], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def printed_here(*command):
    done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_is_translated(tmp_path):
    """Mend it with "make update-po", and the Italian of what came in po/it.po."""
    need("xgettext")
    template = tmp_path / "imbuca.pot"
    template.write_text(printed_here("po/extract", BUILD))
    now = tmp_path / "it.po"
    printed("msgmerge", "--quiet", "--no-fuzzy-matching", "--output-file", now, CATALOG, template)
    assert printed("msgattrib", "--untranslated", "--no-obsolete", "--no-wrap", now) == ""


def test_nothing_is_left_over():
    assert printed("msgattrib", "--only-obsolete", "--no-wrap", CATALOG) == ""


def test_nothing_is_uncertain():
    assert printed("msgattrib", "--only-fuzzy", "--no-wrap", CATALOG) == ""


def test_the_placeholders_are_the_same():
    printed("msgfmt", "--check", "--check-format", "--output-file=/dev/null", CATALOG)


def literals(line, placeholders):
    """A line of mdoc with its macros, and of its words those that are the same in every language."""
    kept, macro = [], None
    for word in line[1:].split():
        if macro is None or word in MACROS:
            macro = word
        elif macro in PROSE or re.fullmatch(r"(\\&)?[,.:;]", word):
            continue
        elif macro == "Ar":
            end = ",..." if word.endswith(",...") else ""
            word = placeholders.get(word.removesuffix(end), word.removesuffix(end)) + end
        kept.append(word)
    return " ".join(kept)


def skeleton(page, placeholders):
    """(place, literals) of each line that is a macro's, and of each line of an example."""
    example = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        example = line.startswith(".Bd") or (example and not line.startswith(".Ed"))
        place = f"{page.relative_to(SOURCE)}:{number}: {line}"
        if line.startswith(".") and not line.startswith('.\\"'):
            yield place, literals(line, placeholders)
        elif example:
            yield place, line


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_the_manual_says_the_same_in_the_same_order(page):
    english = list(skeleton(SOURCE / "man" / page.name, PLACEHOLDERS))
    italian = list(skeleton(page, {}))
    ours, theirs = [line for _, line in english], [line for _, line in italian]
    apart = [
        place
        for what, begin, end, other_begin, other_end in difflib.SequenceMatcher(None, ours, theirs, False).get_opcodes()
        if what != "equal"
        for place, _ in english[begin:end] + italian[other_begin:other_end]
    ]
    assert len(ours) > 100 and not apart, "bring the Italian page up to date:\n" + "\n".join(apart)


def test_there_are_manual_pages():
    assert {page.name for page in PAGES} >= {"imbuca.1", "imbuca-accounts.5"}
