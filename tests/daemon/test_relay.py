"""Who may send mail elsewhere through imbucad: every combination of client, configuration and spelling."""

import os
import smtplib
import ssl
import subprocess

import pytest

import house as machines
import network
import place
import sink
from house import USERS

pytestmark = pytest.mark.root

PASSWORD = "a password of the test"

# An address elsewhere in each spelling that ever made an open relay.
FAR = [
    "someone@far.example", "@pi.example:someone@far.example", "someone%far.example@pi.example",
    '"someone@far.example"@pi.example', "someone@far.example@pi.example", "far.example!someone",
    "far.example!someone@pi.example", "someone@[192.0.2.77]", '"someone"@far.example', "someone@far.example.",
    "someone%far.example@[127.0.0.1]", "someone@FAR.example",
]
# Those that are addresses elsewhere, and not names that this machine has not.
REALLY_FAR = ["someone@far.example", "someone@[192.0.2.77]", "@pi.example:someone@far.example", '"someone"@far.example', "someone@FAR.example"]


@pytest.fixture
def machine():
    with network.own():
        made = machines.Machine()
        subprocess.run(
            [place.program("imbucad"), "--users", made.folder / "users", "user", "add", "anna"],
            input=PASSWORD.encode(), check=True,
        )
        os.chown(made.folder / "users", USERS["imbuca"], USERS["imbuca"])
        provider = sink.Sink()
        yield made, provider
        made.end()
        provider.close()


def over_socket(machine, uid):
    os.seteuid(uid)
    try:
        return machine.over_socket()
    finally:
        os.seteuid(0)


def logged_in(client):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    client.starttls(context=context)
    client.login("anna", PASSWORD)
    return client


def over_tcp(machine, address):
    return smtplib.SMTP(address, machine.ports[address], timeout=20)


# How a client comes, and for whom of them the configuration has mail relayed.
CLIENTS = {
    "root over the socket": (lambda m: over_socket(m, 0), {"users", "loopback"}),
    "a user over the socket": (lambda m: over_socket(m, USERS["anna"]), {"users", "loopback"}),
    "loopback": (lambda m: over_tcp(m, "127.0.0.1"), {"loopback"}),
    "loopback, logged in": (lambda m: logged_in(over_tcp(m, "127.0.0.1")), {"users", "loopback"}),
    "loopback of IPv6": (lambda m: over_tcp(m, "::1"), {"loopback"}),
    "the network": (lambda m: over_tcp(m, network.ADDRESS), set()),
    "the network, logged in": (lambda m: logged_in(over_tcp(m, network.ADDRESS)), {"users", "loopback"}),
}


def accepted(client, address, sender):
    """Whether the recipient is taken; the envelope is forgotten."""
    client.rset()
    assert client.mail(sender)[0] == 250
    code, text = client.docmd(f"RCPT TO:<{address}>")
    assert code == 250 or text.startswith(b"5."), (address, code, text)
    return code == 250


@pytest.mark.parametrize("relay", ["off", "users", "loopback"])
def test_no_open_relay(machine, relay):
    machine, provider = machine
    machine.start(
        f"listen {machine.socket}", "listen 127.0.0.1:0", "listen [::1]:0", f"listen {network.ADDRESS}:0",
        f"users {machine.folder / 'users'}", f"relay {relay}", machine.provide(provider),
    )
    for name, (connect, relayed) in CLIENTS.items():
        client = connect(machine)
        client.ehlo_or_helo_if_needed()
        allowed = set(REALLY_FAR) if relay in relayed else set()
        for sender in ("a@b.example", "anna@pi.example", ""):
            assert {far for far in FAR if accepted(client, far, sender)} == allowed, (name, sender)
            assert accepted(client, "anna", sender) and accepted(client, "anna@pi.example", sender), name
        # And where it is allowed, it is done.
        before = len(provider.mails)
        assert accepted(client, FAR[0], "a@b.example") == bool(allowed)
        if allowed:
            assert client.data(b"Subject: far\r\n\r\nx\r\n")[0] == 250, name
            machines.until(lambda: len(provider.mails) == before + 1, name)
        client.quit()
        assert len(provider.mails) == before + len(allowed) / len(REALLY_FAR)


def test_mail_for_elsewhere_wants_a_login_at_the_port_for_it(machine):
    """At the port of submission nobody is known without one, the users of this machine neither."""
    machine, provider = machine
    machine.start(
        "listen 127.0.0.1:0 submission", f"users {machine.folder / 'users'}", "relay loopback", machine.provide(provider)
    )
    with over_tcp(machine, "127.0.0.1") as client:
        client.ehlo()
        assert client.mail("a@b.example")[0] == 530
        assert client.rcpt("anna")[0] == client.rcpt("someone@far.example")[0] == 503
    with logged_in(over_tcp(machine, "127.0.0.1")) as client:
        assert client.sendmail("a@b.example", ["someone@far.example", "anna"], b"Subject: x\r\n\r\nx\r\n") == {}
    machines.until(lambda: len(provider.mails) == len(machine.mail("anna")) == 1, "both have it")
    assert b"with ESMTPSA id" in machine.mail("anna")[0]
