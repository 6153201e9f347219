"""Dovecot: LMTP on a unix socket and a port, which knows whom it has a mailbox for; and IMAP to read them by."""

from jail import Jail, free_port
from servers.server import USER, Server

PACKAGES = ("dovecot-core", "dovecot-lmtpd", "dovecot-imapd", "libdb5.3", "libicu72", "libsasl2-2", "libssl3", "libexttextcat-2.0-0",
            "liblua5.4-0", "libsodium23", "libstemmer0d", "libunwind8", "libwrap0")

SOCKET = "run/dovecot/lmtp"

CONFIGURATION = """\
protocols = lmtp imap
ssl = no
disable_plaintext_auth = no
base_dir = /run/dovecot
log_path = /var/log/dovecot.log
hostname = store.example.test
auth_username_format = %Ln
mail_location = maildir:~/Maildir
first_valid_uid = 1
userdb {{
  driver = passwd-file
  args = /etc/dovecot/users
}}
passdb {{
  driver = passwd-file
  args = /etc/dovecot/users
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0666
  }}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {plain}
  }}
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
protocol lmtp {{
  auth_socket_path = /run/dovecot/auth-userdb
}}
"""


def start(folder, _authority):
    jail = Jail(folder, PACKAGES)
    ports = {"plain": free_port(), "imap": free_port()}
    jail.write("etc/dovecot/dovecot.conf", CONFIGURATION.format(**ports))
    users = {USER: "/home/user", "anna": "/home/user/anna"}
    jail.write("etc/dovecot/users", "".join(
        f"{name}:{{PLAIN}}secret:1000:1000::{home}::\n" for name, home in users.items()), mode=0o600, user="dovecot")
    for name in ("var/log", "run/dovecot"):
        (jail.root / name).mkdir(parents=True, exist_ok=True)
    jail.add_libraries("usr/sbin/dovecot", "usr/lib/dovecot/*")
    jail.start("/usr/sbin/dovecot", "-F", ports=ports.values(), socket_path=SOCKET)
    return Server("Dovecot", jail, ports, (), "home/user/Maildir")
