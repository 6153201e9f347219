"""cron and fail2ban, which have to run for a while, and what arrives of their mail."""

import email
import email.policy
import os
import signal

import pytest

import jail

pytestmark = [pytest.mark.real, pytest.mark.root]

OWN = "sender@example.org"


def arrived(mailbox, count=1):
    """The messages, once so many have come."""
    assert jail.wait_for(lambda: len(mailbox.mails) >= count), mailbox.mails
    assert len(mailbox.mails) == count
    return mailbox.mails


def header(mail):
    message = email.message_from_bytes(mail.content, policy=email.policy.default)
    for name in ("From", "Date", "Message-ID"):
        assert len(message.get_all(name)) == 1, name
    return message


def stop(process):
    """Ends what was started, and returns what it wrote."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        return process.communicate(timeout=10)[0]
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def test_cron(machine, mailbox):
    """A job whose MAILTO has two names, as its user."""
    there = machine("cron")
    job = 'MAILTO=one@example.net,bob\n@reboot bob printf "caff\\303\\250\\n.\\nend"\n'
    there.write("etc/cron.d/job", job)
    process = there.start("cron", "-f")
    try:
        mail = arrived(mailbox)[0]
    finally:
        stop(process)
    assert (mail.sender, mail.recipients) == (OWN, ["one@example.net", "bob@example.net"])
    assert mail.body == "caff\u00e8\r\n.\r\nend\r\n".encode()
    message = header(mail)
    assert str(message["From"]) == f"Cron Daemon <{OWN}>"
    assert message["X-Original-From"] == "root (Cron Daemon)"
    assert message["Subject"].startswith("Cron <bob@")
    assert "from userid 54001" in message["Received"]
    assert b"\r\nTo: one@example.net,bob@client.example.org\r\n" in mail.header


FAIL2BAN_JAIL = """\
[DEFAULT]
[test]
enabled = true
filter = sshd
logpath = /var/log/test.log
backend = polling
action = sendmail[name=test, dest=root, sender=fail2ban]
"""

# Bans when the server answers, and ends it.
FAIL2BAN = """
mkdir -p /run/fail2ban /var/lib/fail2ban
touch /var/log/test.log
fail2ban-server -xf start >/var/log/server.out 2>&1 &
for second in $(seq 30); do fail2ban-client ping >/dev/null 2>&1 && break; sleep 1; done
fail2ban-client set test banip 192.0.2.7 && sleep 1
fail2ban-client stop
wait
"""


def test_fail2ban(machine, mailbox):
    """The start of a jail, a ban, the end: by `sendmail -f "fail2ban" "root"`, without a line end at the end."""
    there = machine("fail2ban")
    there.write("etc/fail2ban/jail.local", FAIL2BAN_JAIL)
    there.write("etc/fail2ban/jail.d/defaults-debian.conf", "")
    result = there.run("sh", "-c", FAIL2BAN)
    mails = arrived(mailbox, 3)
    assert {(mail.sender, *mail.recipients) for mail in mails} == {(OWN, "admin@example.net")}, result
    subjects = [header(mail)["Subject"].partition(" from ")[0].partition(" on ")[0] for mail in mails]
    assert subjects == ["[Fail2Ban] test: started", "[Fail2Ban] test: banned 192.0.2.7", "[Fail2Ban] test: stopped"]
    assert str(header(mails[1])["From"]) == f"Fail2Ban <{OWN}>"
    assert b"The IP 192.0.2.7 has just been banned" in mails[1].body
