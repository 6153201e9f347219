"""OpenSMTPD, with its own table of logins."""

import subprocess

from jail import Jail, free_port
from servers.server import DOMAIN, PASSWORD, USER, Server

# Debian 12's own, 6.8.0p2, can't do TLS with OpenSSL 3.
PACKAGES = ("opensmtpd/bookworm-backports", "libdb5.3", "libevent-2.1-7", "libssl3")

CONFIGURATION = """\
pki mail cert "/etc/mail.pem"
pki mail key "/etc/mail.key"
table logins {{ "{user}" = "{hash}" }}
smtp max-message-size 20M
listen on 127.0.0.1 port {plain} tag plain
listen on 127.0.0.1 port {starttls} tls-require pki mail auth <logins>
listen on 127.0.0.1 port {tls} smtps pki mail auth <logins>
action deliver maildir "/home/user/Maildir" user "{user}"
match from any for domain "{domain}" action deliver
"""


def start(folder, authority):
    jail = Jail(folder, PACKAGES)
    ports = {transport: free_port() for transport in ("plain", "starttls", "tls")}
    jail.install(authority.issue("opensmtpd"))
    digest = subprocess.run(["openssl", "passwd", "-6", PASSWORD], check=True, capture_output=True, text=True)
    jail.write("etc/smtpd.conf", CONFIGURATION.format(domain=DOMAIN, user=USER, hash=digest.stdout.strip(), **ports))
    (jail.root / "var/spool/smtpd").mkdir(parents=True, mode=0o711)
    jail.write("etc/mailname", f"mail.{DOMAIN}\n")
    jail.add_libraries("usr/sbin/smtpd", "usr/libexec/opensmtpd/*")
    jail.start("/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf", ports=ports.values())
    return Server("OpenSMTPD", jail, ports, ("PLAIN", "LOGIN"), "home/user/Maildir")
