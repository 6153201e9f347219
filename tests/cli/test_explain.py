"""imbuca explain: what replies mean: each that we know from the wild, others by the rules, and what people paste."""

import json

import pytest

from place import SOURCE

ROWS = [
    line.split("\t") for line in (SOURCE / "tests/cli/replies.tsv").read_text().splitlines() if not line.startswith("#")
]

# Replies that no table lists, where each came, and what they are by the rules.
BY_THE_RULES = [
    ("rcpt", "550 5.1.1 <a@example.org>: Recipient address rejected: User unknown", "rcpt_unknown", "no"),
    ("rcpt", "450 4.1.1 <a@example.org>: unverified address", "rcpt_unknown", "backoff"),
    ("rcpt", "552 5.2.2 Mailbox is full", "rcpt_full", "later"),
    ("rcpt", "552 Requested mail action aborted: exceeded storage allocation", "rcpt_full", "later"),
    ("rcpt", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", "ip_block", "later"),
    ("rcpt", "553 5.1.3 That is no address", "rcpt_syntax", "no"),
    ("rcpt", "551 not here", "rcpt_unknown", "no"),
    ("rcpt", "471 Come back", "temp", "backoff"),
    ("rcpt", "571 No", "policy", "no"),
    ("mail", "550 No", "sender_refused", "fix"),
    ("mail", "552 5.3.4 No", "size", "no"),
    ("mail", "555 parameters not recognised", "syntax", "fix"),
    ("mail", "503 5.5.1 Bad sequence", "sequence", "fix"),
    ("data", "550 No", "content", "no"),
    ("data", "554 No", "content", "no"),
    ("data", "554 6.6.0 No", "content", "no"),
    ("data", "451 4.3.0 Try later", "temp", "backoff"),
    ("data", "550 5.7.26 No", "auth_dns", "fix"),
    ("data", "403 No", "policy", "no"),
    ("data", "451 5.7.3 No", "temp", "backoff"),
    ("mail", "451 5.7.3 STARTTLS is required to send mail", "tls_required", "fix"),
    ("auth", "535 No", "auth_bad", "fix"),
    ("auth", "535 5.7.9 Use an app password", "auth_app_password", "fix"),
    ("auth", "504 5.5.4 No", "auth_mech", "fix"),
    ("auth", "538 No", "tls_required", "fix"),
    ("auth", "432 4.7.12 A password transition is needed", "auth_bad", "fix"),
    ("auth", "454 4.7.0 No", "auth_temp", "backoff"),
    ("connect", "554 No", "ip_block", "later"),
    ("connect", "421 No", "temp", "backoff"),
    ("tls", "454 No", "tls_temp", "backoff"),
    ("tls", "502 No", "config", "fix"),
    ("any", "5.7.1", "policy", "no"),
    ("any", "5.7.9", "policy", "no"),
    ("any", "4.0.0", "temp", "backoff"),
    ("dsn", "5.0.0", "policy", "no"),
]


def explain(home, *arguments, stdin=""):
    result = home.run("explain", "--json", *arguments, stdin=stdin.encode())
    assert result.exit == 0, result
    return [json.loads(line) for line in result.out.splitlines()]


@pytest.mark.parametrize("provider, stage, word, retry, reply", ROWS, ids=[f"{r[0]}-{r[2]}" for r in ROWS])
def test_a_reply_that_we_know(home, provider, stage, word, retry, reply):
    (told,) = explain(home, "--provider", provider, "--stage", stage, stdin=reply.replace("\\n", "\n") + "\n")
    assert (told["class"], told["retry"]) == (word, retry)
    assert told["cause"] and told["remedy"]
    assert (told["exit"] == 75) == (retry not in ("fix", "no"))


@pytest.mark.parametrize("stage, reply, word, retry", BY_THE_RULES, ids=[row[1][:30] for row in BY_THE_RULES])
def test_a_reply_that_nobody_listed(home, stage, reply, word, retry):
    (told,) = explain(home, "--stage", stage, *reply.split())
    assert (told["class"], told["retry"]) == (word, retry)


@pytest.mark.parametrize("code", [421, 450, 451, 452, 455, 500, 501, 502, 503, 504, 530, 535, 550, 551, 552, 553, 554, 555])
def test_a_code_alone(home, code):
    (told,) = explain(home, str(code))
    assert told["code"] == code and told["cause"] and told["remedy"]


def test_words_for_a_person(home):
    result = home.run("explain", "--provider", "gmail", "535-5.7.8", "Username", "and", "Password", "not", "accepted")
    assert result.exit == 0
    assert result.out == (
        "535 5.7.8 Username and Password not accepted\n"
        "  class      auth_bad\n"
        "  cause      user name or password are not accepted; Google takes app passwords\n"
        "             only\n"
        "  remedy     make an app password and put it into the account in place of the\n"
        "             password\n"
        "  page       https://myaccount.google.com/apppasswords\n"
        "  again      after you have done what the remedy says\n"
    )


def test_a_reply_of_several_lines_in_quotes(home):
    (told,) = explain(home, "550-5.7.26 Your mail has been blocked\n550 5.7.26 since nobody vouches for it")
    assert (told["code"], told["enhanced"], told["class"]) == (550, "5.7.26", "auth_dns")
    assert told["text"] == "Your mail has been blocked since nobody vouches for it"
    shown = home.run("explain", "550 \x1b[31mred")
    assert shown.exit == 0 and shown.out.startswith("550 \\x1b[31mred\n"), shown


def test_a_provider_by_its_address(home):
    (told,) = explain(home, "--provider", "me@libero.it", "--stage", "rcpt", "550", "Relay", "Disabled")
    assert told["class"] == "relay_denied"


PASTED = {
    "postfix's log": (
        "Nov 25 postfix/smtp[1]: 4A: to=<a@example.org>, relay=mx.example.org[192.0.2.1]:25, dsn=5.1.1, status=bounced "
        "(host mx.example.org[192.0.2.1] said: 550 5.1.1 <a@example.org>: no (in reply to RCPT TO command))\n",
        [(550, "5.1.1", "<a@example.org>: no", "rcpt_unknown")],
    ),
    "our log": (
        "Nov 25 10:00:00 account=a host=mail.example.org port=587 from=b@example.org smtpstatus=550 "
        "smtpmsg='550 5.7.1 Spam, go away' errormsg='the server refuses the message: 550 5.7.1 Spam, go away'\n",
        [(550, "5.7.1", "Spam, go away", "content")],
    ),
    "a dialogue": (
        "C: MAIL FROM:<a@gmx.net>\nS: 550-Requested action not taken: mailbox unavailable\n"
        "S: 550 Sender address is not allowed.\nC: QUIT\nS: 221 Bye\n",
        [(550, "", "Requested action not taken: mailbox unavailable Sender address is not allowed.", "sender_refused")],
    ),
    "a report": (
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a.example.org\n\n"
        "Final-Recipient: rfc822; b@example.org\nAction: failed\nStatus: 5.2.2\n"
        "Diagnostic-Code: smtp; 552-5.2.2 The recipient's inbox is\n    552 5.2.2 out of storage\n\n"
        "Final-Recipient: rfc822; c@example.org\nAction: failed\nStatus: 5.1.1\n\n",
        [(552, "5.2.2", "The recipient's inbox is out of storage", "rcpt_full"), (500, "5.1.1", "", "rcpt_unknown")],
    ),
    "a report on what no server said": (
        "Final-Recipient: rfc822; b@example.org\nAction: failed\nStatus: 5.0.0\n"
        "Diagnostic-Code: x-unix; the program\n  /usr/bin/procmail is not there\nLast-Attempt-Date: x\n\n"
        "Final-Recipient: rfc822; c@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: X-Postfix; unknown user: \"c\"\r\n\r\n",
        [(500, "5.0.0", "the program /usr/bin/procmail is not there", "policy"),
         (500, "5.1.1", 'unknown user: "c"', "rcpt_unknown")],
    ),
    "a report as it comes": (
        "Return-Path: <>\nFrom: MAILER-DAEMON@a.example.org\nSubject: Undelivered Mail Returned to Sender\n"
        "Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"x.1/a\"\nMIME-Version: 1.0\n\n"
        "This is a MIME-encapsulated message.\n\n--x.1/a\nContent-Description: Notification\n"
        "Content-Type: text/plain; charset=us-ascii\n\nI'm sorry to have to inform you that your message could not\n"
        "be delivered to one or more recipients.\n\n"
        "<b@example.org>: host mx.example.org[192.0.2.1] said: 550 5.1.1\n    <b@example.org>: Recipient address\n"
        "    rejected: User unknown in virtual mailbox table (in reply to RCPT TO\n    command)\n\n"
        "--x.1/a\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; a.example.org\nArrival-Date: Wed, 25 Nov 2026 10:00:00 +0000 (UTC)\n\n"
        "Final-Recipient: rfc822; b@example.org\nAction: failed\nStatus: 5.1.1\n"
        "Remote-MTA: dns; mx.example.org\nDiagnostic-Code: smtp; 550 5.1.1 <b@example.org>: Recipient\n"
        "    address rejected: User unknown in virtual mailbox table\n\n"
        "--x.1/a\nContent-Type: text/rfc822-headers\n\nSubject: 552 numbers\n\n--x.1/a--\n",
        [(550, "5.1.1", "<b@example.org>: Recipient address rejected: User unknown in virtual mailbox table", "rcpt_unknown")],
    ),
    "python's traceback": (
        "Traceback (most recent call last):\n  File \"/opt/report.py\", line 501, in <module>\n"
        "smtplib.SMTPAuthenticationError: (535, b'5.7.8 Username and Password not accepted')\n"
        "smtplib.SMTPRecipientsRefused: {'a@example.org': (550, b\"5.1.1 There isn't one\")}\n",
        [(535, "5.7.8", "Username and Password not accepted", "auth_bad"), (550, "5.1.1", "There isn't one", "rcpt_unknown")],
    ),
    "an error of ours": (
        "imbuca: smtp.example.org port 587: the server refuses the login: 535 5.7.8 No\n",
        [(535, "5.7.8", "No", "auth_bad")],
    ),
    "no reply at all": ("imbuca: cannot connect: Connection refused\n", [(0, "", None, "net")]),
}


@pytest.mark.parametrize("text, expected", PASTED.values(), ids=PASTED)
def test_what_people_paste(home, text, expected):
    told = explain(home, stdin=text)
    assert [(t["code"], t["enhanced"], t["class"]) for t in told] == [(c, e, w) for c, e, _, w in expected]
    for t, (_, _, words, _) in zip(told, expected):
        assert words is None or t["text"] == words


def test_control_bytes_stay_out(home):
    result = home.run("explain", stdin=b"550 5.1.1 \x1b[31mred\x1b[0m\n")
    assert result.exit == 0 and "\x1b" not in result.out and "\\x1b[31mred" in result.out


@pytest.mark.parametrize("arguments, words", [
    (("--provider", "gmial", "550"), "did you mean 'gmail'?"),
    (("--stage", "nowhere", "550"), "'nowhere' is no stage"),
])
def test_what_it_does_not_know(home, arguments, words):
    result = home.run("explain", *arguments)
    assert result.exit == 64 and words in result.err


@pytest.mark.parametrize("text", ["250 2.0.0 Ok: queued", "354 Go ahead", "999 x", "abc", "to=<a@b>, status=sent (250 ok)"])
def test_what_is_no_refusal(home, text):
    result = home.run("explain", stdin=text.encode())
    assert (result.exit, result.out) == (65, "") and "no refusal in this" in result.err


def test_nothing_to_explain(home):
    result = home.run("explain", stdin=b" \n")
    assert result.exit == 65 and "nothing to explain" in result.err


def test_a_reply_that_comes_again_is_told_once(home):
    replies = [f"550 5.1.1 User {n} is unknown{' at all' * 80}\n" for n in range(2500)]
    told = explain(home, stdin="".join(replies + replies[-10:]))
    assert len(told) == len(replies)
    assert len(explain(home, stdin="550 a\0b\n550 a\0c\n")) == 2


def test_a_log_of_any_length_is_read(home):
    noise = b"Nov 25 19:00:00 host program: nothing to be said of this line\n" * 75000  # more than 4 MiB
    text = b"550 5.1.1 User unknown\n" + noise + b"452 4.3.1 full\n" + noise + b"552 5.3.4 too big"
    result = home.run("explain", stdin=text)
    assert result.exit == 0 and [part.splitlines()[0] for part in result.out.split("\n\n")] == [
        "550 5.1.1 User unknown", "452 4.3.1 full", "552 5.3.4 too big",
    ], result
    assert home.run("explain", stdin=noise).exit == 65
