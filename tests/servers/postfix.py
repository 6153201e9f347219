"""Postfix, with Dovecot to check logins: submission, smtps, and a plain port for this machine."""

from jail import Jail, free_port
from servers import kerberos
from servers.server import DOMAIN, PASSWORD, USER, Server

PACKAGES = ("postfix", "dovecot-core", "dovecot-gssapi", "libdb5.3", "libicu72", "libnsl2", "libsasl2-2", "libssl3", "libtirpc3",
            "libexttextcat-2.0-0", "liblua5.4-0", "libsodium23", "libstemmer0d", "libunwind8", "libwrap0")

# Where it is, and the loopback that it keeps to.
PLACES = """\
compatibility_level = 3.6
queue_directory = /var/spool/postfix
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
data_directory = /var/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = /var/log/postfix.log
maillog_file_prefixes = /var
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
"""

MAIN = PLACES + f"""\
myhostname = mail.{DOMAIN}
mydestination = {DOMAIN}, mail.{DOMAIN}
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
luser_relay = {USER}
home_mailbox = Maildir/
message_size_limit = 20000000
mailbox_size_limit = 0
smtpd_recipient_limit = 3
smtpd_tls_cert_file = /etc/mail.pem
smtpd_tls_key_file = /etc/mail.key
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_peername_lookup = no
anvil_rate_time_unit = 60s
smtpd_client_connection_count_limit = 0
"""

# Mail for elsewhere goes to the port "far", where a test may listen.
RELAY = "default_transport = smtp:[127.0.0.1]:{far}\nrelay_transport = $default_transport\nsmtp_tls_security_level = may\n"

LOGIN = "-o smtpd_sasl_auth_enable=yes -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject"
SERVICES = """\
127.0.0.1:{plain} inet n - n - - smtpd -o smtpd_tls_security_level=none
127.0.0.1:{starttls} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt -o smtpd_tls_auth_only=yes {LOGIN}
127.0.0.1:{tls} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes {LOGIN}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
local unix - n n - - local
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

DOVECOT = """\
protocols =
ssl = no
base_dir = /run/dovecot
log_path = /var/log/dovecot.log
auth_mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 gssapi
auth_krb5_keytab = /etc/krb5.keytab
auth_gssapi_hostname = localhost
auth_username_format = %n
disable_plaintext_auth = no
passdb {
  driver = passwd-file
  args = scheme=plain /etc/dovecot/users
}
userdb {
  driver = static
  args = uid=1000 gid=1000 home=/home/user
}
service auth {
  unix_listener /var/spool/postfix/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
"""

QUEUES = "active bounce corrupt defer deferred flush hold incoming private saved trace".split()


def start(folder, authority):
    jail = Jail(folder, PACKAGES + kerberos.PACKAGES)
    ports = {transport: free_port() for transport in ("plain", "starttls", "tls")}
    far = free_port()
    jail.install(authority.issue("postfix"))
    jail.write("etc/postfix/main.cf", MAIN + RELAY.format(far=far))
    jail.write("etc/postfix/master.cf", SERVICES.format(**ports, LOGIN=LOGIN))
    jail.write("etc/dovecot/dovecot.conf", DOVECOT)
    jail.write("etc/dovecot/users", f"{USER}:{PASSWORD}\n", mode=0o600, user="dovecot")
    make_folders(jail)
    jail.add_libraries("usr/lib/postfix/sbin/smtpd", "usr/lib/postfix/sbin/local", "usr/lib/postfix/sbin/smtp", "usr/sbin/smtp-source",
                       "usr/sbin/dovecot", "usr/lib/dovecot/auth",
                       "usr/lib/dovecot/modules/auth/*.so", *kerberos.PROGRAMS)
    kerberos.start(jail, "smtp/localhost")
    jail.own("etc/krb5.keytab", "dovecot")
    jail.start("/usr/sbin/dovecot", "-F", socket_path="var/spool/postfix/private/auth")
    jail.start("/usr/lib/postfix/sbin/master", "-d", ports=ports.values())
    mechanisms = ("PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")
    return Server("Postfix", jail, ports, mechanisms, "home/user/Maildir", far)


def make_folders(jail):
    spool = jail.root / "var/spool/postfix"
    for name in QUEUES:
        (spool / name).mkdir(parents=True, mode=0o700, exist_ok=True)
        jail.own(f"var/spool/postfix/{name}", "postfix")
    for name, mode in (("maildrop", 0o730), ("public", 0o710), ("pid", 0o755)):
        (spool / name).mkdir(exist_ok=True)
        (spool / name).chmod(mode)
    jail.own("var/spool/postfix/maildrop", "postfix")
    jail.own("var/spool/postfix/public", "postfix")
    (jail.root / "var/lib/postfix").mkdir(parents=True, exist_ok=True)
    jail.own("var/lib/postfix", "postfix")
    (jail.root / "var/log").mkdir(parents=True, exist_ok=True)
    (jail.root / "run/dovecot").mkdir(parents=True, exist_ok=True)
