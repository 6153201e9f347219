"""What imbuca does to a message on its way: completes the header, and else leaves it alone."""

import email
import email.policy
import os
import quopri
import random
import re

import pytest

import imbuca
import wire

COMPLETE = b"From: a@example.org\nDate: Thu, 01 Jan 2026 12:00:00 +0000\nMessage-ID: <1@example.org>\n"


def test_completes_what_the_header_lacks(sends, mailbox):
    assert sends("b@example.net", stdin=b"Subject: x\n\nHello\n").exit == 0
    message = email.message_from_bytes(mailbox.mails[0].content, policy=email.policy.default)
    assert message["From"].addresses[0].addr_spec == "sender@example.org"
    assert message["Date"].datetime is not None
    assert re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", message["Message-ID"])
    assert mailbox.mails[0].body == b"Hello\r\n"


def test_leaves_a_complete_header_alone(sends, mailbox):
    message = COMPLETE + b"subject:  odd \n\tfolded\nX-Y:\n\nHello\n"
    assert sends("b@example.net", stdin=message).exit == 0
    assert mailbox.mails[0].content == wire.lines_ended(message)


@pytest.mark.parametrize("name", ["Ada Lovelace", "Ada, Countess", 'Ada "Ad" L.', "Ada Lövelace", "日本 太郎"])
def test_writes_a_full_name_so_that_it_can_be_read(sends, mailbox, name):
    assert sends("-F", name, "b@example.net", stdin=b"Subject: x\n\nHello\n").exit == 0
    header = mailbox.mails[0].header
    header.decode("ascii")
    message = email.message_from_bytes(header, policy=email.policy.default)
    assert message["From"].addresses[0].display_name == name


def test_makes_a_header_for_a_text_without_one(sends, mailbox):
    assert sends("b@example.net", stdin=b"Just a text.\n").exit == 0
    assert mailbox.mails[0].body == b"Just a text.\r\n"


@pytest.mark.parametrize("field", [b"Bcc", b"BCC ", b"bCC\t", b"Resent-Bcc"])
def test_never_lets_a_blind_copy_out(sends, mailbox, field):
    message = COMPLETE + field + b": secret@example.net,\n\tmore@example.net\nTo: b@example.net\n"
    message += field + b": again@example.net\n\nHello\n"
    assert sends("b@example.net", stdin=message).exit == 0
    assert mailbox.mails[0].recipients == ["b@example.net"]
    assert b"bcc" not in mailbox.mails[0].content.lower()
    assert b"secret@" not in mailbox.mails[0].content


@pytest.mark.parametrize(
    "message, line",
    [
        (b"Subject: x\nno field\nBcc: secret@example.net\n\nHello\n", 3),
        (b" Bcc: secret@example.net\nSubject: x\n\nHello\n", 1),
        (b"Subject: x\nFrom a@b Thu Jan  1\nBCC : secret@example.net\n\nHello\n", 3),
        (b"Hello\nResent-Bcc: secret@example.net\n", 2),
    ],
)
def test_refuses_a_blind_copy_behind_the_end_of_the_header(sends, mailbox, message, line):
    result = sends("b@example.net", stdin=message)
    assert result.exit == 65 and f"the Bcc in line {line}," in result.err
    assert not mailbox.mails


def test_takes_a_byte_order_mark_for_nothing(sends, mailbox):
    message = b"\xef\xbb\xbfBcc: secret@example.net\nSubject: x\n\nHello\n"
    assert sends("-t", stdin=message).exit == 0
    assert mailbox.mails[0].recipients == ["secret@example.net"]
    assert b"secret" not in mailbox.mails[0].content and b"\xef" not in mailbox.mails[0].content


def test_leaves_what_looks_like_a_blind_copy_in_the_text(sends, mailbox):
    message = COMPLETE + b"\nBcc: is short for blind carbon copy\n"
    assert sends("b@example.net", stdin=message).exit == 0
    assert mailbox.mails[0].body == b"Bcc: is short for blind carbon copy\r\n"


def test_a_bare_cr_ends_a_line_and_the_log_counts_it(sends, mailbox, home):
    assert sends(f"--logfile={home.folder}/log", "b@example.net", stdin=COMPLETE + b"\none\rtwo\n").exit == 0
    assert mailbox.mails[0].body == b"one\r\ntwo\r\n"
    assert " barecrs=1 " in (home.folder / "log").read_text()


def test_a_bare_cr_is_refused_where_the_account_says_so(home, mailbox):
    home.write_accounts(imbuca.Account(mailbox.port, extra=("bare_cr refuse",)).text())
    result = home.run("b@example.net", stdin=COMPLETE + b"\none\rtwo\n")
    assert result.exit == 65 and "1 CRs without a LF" in result.err
    assert not mailbox.mails


def test_folds_a_long_field_without_a_line_of_blanks_alone(sends, mailbox):
    field = b"Subject: " + b"a" * 900 + b" " * 300 + b"\n"
    assert sends("b@example.net", stdin=COMPLETE + field + b"\nHello\n").exit == 0
    assert all(line.strip() for line in mailbox.mails[0].header.split(b"\r\n")[:-1])


def test_refuses_a_nul_and_names_its_place(sends, mailbox):
    result = sends("b@example.net", stdin=COMPLETE + b"\nfine\nab\0c\n")
    assert result.exit == 65
    assert re.search(r"line 6\b.*\b3\b", result.err)
    assert mailbox.mails == []


def test_turns_a_long_line_into_quoted_printable(sends, mailbox):
    body = b"x" * 999 + b"\n.\nFrom me =\n" + "é\n".encode() * 3
    assert sends("b@example.net", stdin=COMPLETE + b"\n" + body).exit == 0
    mail = mailbox.mails[0]
    message = email.message_from_bytes(mail.header)
    assert message["Content-Transfer-Encoding"].lower() == "quoted-printable"
    assert message["MIME-Version"] == "1.0"
    assert max(map(len, mail.body.split(b"\r\n"))) <= 76
    assert quopri.decodestring(mail.body.replace(b"\r\n", b"\n")) == body


@pytest.mark.parametrize("kind", [b"multipart/mixed; boundary=x", b"application/pdf"])
def test_leaves_a_long_line_of_anything_but_text(sends, mailbox, kind):
    message = COMPLETE + b"MIME-Version: 1.0\nContent-Type: " + kind + b"\n\n" + b"x" * 2000 + b"\n"
    assert sends("b@example.net", stdin=message).exit == 0
    assert mailbox.mails[0].content == wire.lines_ended(message)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("regular", [False, True], ids=["pipe", "file"])
def test_carries_any_bytes(sends, mailbox, tmp_path, seed, regular):
    """Every line end and dot there is, through every block's edge, beside the plainest means."""
    chance = random.Random(seed)
    pieces = (b"\r", b"\n", b"\r\n", b".", b"..", b"a", b"\xff", b"long enough to fill a line " * 20)
    size = chance.choice((0, 70_000, 300_000))
    body = b"".join(chance.choices(pieces, k=size // 60 + chance.randrange(40)))
    message = COMPLETE + b"MIME-Version: 1.0\nContent-Type: application/octet-stream\n\n" + body
    if regular:
        (tmp_path / "message").write_bytes(message)
        with open(tmp_path / "message", "rb") as file:
            result = sends("-i", "b@example.net", stdin=file)
    else:
        result = sends("-i", "b@example.net", stdin=message)
    assert result.exit == 0, result
    assert mailbox.mails[0].content == wire.lines_ended(message)


def test_begins_where_the_file_is_at(sends, mailbox, tmp_path):
    (tmp_path / "message").write_bytes(b"skipped\n" + COMPLETE + b"\nHello\n")
    with open(tmp_path / "message", "rb", buffering=0) as file:
        file.seek(8)
        assert sends("b@example.net", stdin=file).exit == 0
    assert mailbox.mails[0].content == wire.lines_ended(COMPLETE + b"\nHello\n")


@pytest.mark.parametrize("name", ["/proc/version", "/sys/kernel/mm/transparent_hugepage/enabled"])
def test_reads_a_file_whose_size_is_not_true(sends, mailbox, name):
    if not os.path.exists(name):
        pytest.skip(f"this kernel has no {name}")
    with open(name, "rb") as file:
        assert sends("b@example.net", stdin=file).exit == 0
    assert len(mailbox.mails[0].body) > 10


def test_sends_nothing_after_a_read_error(sends, mailbox, tmp_path):
    folder = os.open(tmp_path, os.O_RDONLY)  # read(2) says EISDIR
    assert sends("b@example.net", stdin=folder).exit == 74
    assert mailbox.mails == []
