"""Dovecot's submission server under TLS, which logs in by tokens alone and asks an OAuth2 server about each."""

from jail import Jail, free_port

PACKAGES = ("dovecot-core", "dovecot-submissiond", "libssl3", "libexttextcat-2.0-0", "liblua5.4-0", "libsodium23",
            "libstemmer0d", "libunwind8", "libwrap0", "libnsl2", "libtirpc3")

CONFIGURATION = """\
protocols = submission
listen = 127.0.0.1
base_dir = /run/dovecot
log_path = /var/log/dovecot.log
hostname = mail.example.test
ssl = required
ssl_cert = </etc/mail.pem
ssl_key = </etc/mail.key
auth_mechanisms = {mechanisms}
mail_location = maildir:~/Maildir
first_valid_uid = 1000
passdb {{
  driver = oauth2
  mechanisms = oauthbearer xoauth2
  args = /etc/dovecot/oauth2.conf
}}
userdb {{
  driver = static
  args = uid=1000 gid=1000 home=/home/user
}}
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
service submission-login {{
  inet_listener submission {{
    port = 0
  }}
  inet_listener submissions {{
    port = {port}
    ssl = yes
  }}
}}
"""

OAUTH = """\
introspection_url = https://mailserver:mailsecret@localhost:{provider}/token/introspection
introspection_mode = post
username_attribute = sub
active_attribute = active
active_value = true
tls_ca_cert_file = /etc/provider.pem
"""


def start(folder, authority, provider, relay, mechanisms):
    """(jail, port) of a server that takes the tokens of `provider`, and hands mail on to the port `relay`."""
    jail = Jail(folder, PACKAGES)
    port = free_port()
    jail.install(authority.issue("dovecot"))
    jail.write("etc/provider.pem", authority.certificate.read_text())
    jail.write("etc/dovecot/dovecot.conf", CONFIGURATION.format(port=port, relay=relay, mechanisms=mechanisms))
    jail.write("etc/dovecot/oauth2.conf", OAUTH.format(provider=provider))
    for name in ("var/log", "run/dovecot", "var/lib/dovecot"):
        (jail.root / name).mkdir(parents=True, exist_ok=True)
    jail.add_libraries("usr/sbin/dovecot", "usr/bin/doveconf", "usr/lib/dovecot/*", "usr/lib/dovecot/*.so*")
    jail.start("/usr/sbin/dovecot", "-F", ports=[port])
    return jail, port
