"""Nodemailer, of npm: CRLF in the header, LF in the body, and a Bcc that it leaves for sendmail to take away."""

import json

import pytest

import imbuca
import npm
import place

pytestmark = pytest.mark.real

SCRIPT = """
const [path, args] = [process.argv[1], JSON.parse(process.argv[2])];
require("nodemailer").createTransport({sendmail: true, path, ...(args && {args})}).sendMail({
    from: "bob@example.com", to: "Doe, J <d@example.net>", bcc: "b@example.net", subject: "x", text: "one\\n.\\nend\\n",
}, error => process.exit(error ? 1 : 0));
"""


@pytest.mark.parametrize("arguments, sender", [
    (None, "bob@example.com"),
    (["-t", "-i"], "sender@example.org"),  # in place of its own -f; recipients follow
], ids=["its own", "-t -i and recipients"])
def test_nodemailer(home, mailbox, arguments, sender):
    home.write_accounts(imbuca.Account(mailbox.port).text())
    home.environment["NODE_PATH"] = str(npm.modules())
    node = place.need("node")
    result = home.run("-e", SCRIPT, "--", place.program("imbuca"), json.dumps(arguments), program=node)
    assert result.exit == 0, result
    mail = mailbox.mails[0]
    assert (mail.sender, set(mail.recipients)) == (sender, {"d@example.net", "b@example.net"})
    assert b"Bcc" not in mail.header and b"b@example.net" not in mail.header
    assert mail.body == b"one\r\n.\r\nend\r\n"
