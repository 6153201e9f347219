"""Exim: one daemon for the plain, the STARTTLS and the TLS port."""

from jail import Jail, free_port
from servers.server import DOMAIN, PASSWORD, USER, Server

PACKAGES = ("exim4-daemon-light", "exim4-base", "libdb5.3", "libgnutls-dane0", "libidn12", "libnsl2", "libpcre2-8-0",
            "libunbound8", "libtirpc3")

CONFIGURATION = """\
primary_hostname = mail.{domain}
domainlist local_domains = {domain}
log_file_path = /var/log/exim-%slog
spool_directory = /var/spool/exim4
local_interfaces = <; [127.0.0.1]:{plain} ; [127.0.0.1]:{starttls} ; [127.0.0.1]:{tls}
tls_on_connect_ports = {tls}
tls_advertise_hosts = ${{if eq{{$received_port}}{{{plain}}}{{}}{{*}}}}
tls_certificate = /etc/mail.pem
tls_privatekey = /etc/mail.key
tls_resumption_hosts = *
tls_verify_certificates = /etc/authority.pem
tls_try_verify_hosts = *
auth_advertise_hosts = ${{if def:tls_in_cipher{{*}}{{}}}}
acl_smtp_rcpt = recipient
acl_smtp_data = accept
host_lookup =
rfc1413_query_timeout = 0s
smtp_enforce_sync = true
message_size_limit = 20M
queue_run_max = 0
keep_environment =
never_users =

begin acl
recipient:
  accept condition = ${{if eq{{$received_port}}{{{plain}}}}}
  accept authenticated = *
  deny message = login first

begin routers
user:
  driver = accept
  domains = +local_domains
  transport = maildir
far:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = far

begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = /home/user/Maildir
  create_directory
  return_path_add
  user = user
  group = user
far:
  driver = smtp
  port = {far}
  allow_localhost

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{{user}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{if eq{{$auth1}}{{{user}}}{{{password}}}fail}}
  server_set_id = $auth1
external:
  driver = external
  public_name = EXTERNAL
  server_advertise_condition = $tls_in_certificate_verified
  server_condition = ${{if eq{{$auth1}}{{${{certextract{{subject,CN}}{{$tls_in_peercert}}}}}}}}
  server_set_id = $auth1
"""


def start(folder, authority):
    jail = Jail(folder, PACKAGES)
    ports = {transport: free_port() for transport in ("plain", "starttls", "tls")}
    far = free_port()
    jail.install(authority.issue("exim"))
    jail.own("etc/mail.key", "Debian-exim")
    jail.write("etc/authority.pem", authority.certificate.read_text())
    jail.write("etc/exim4/exim4.conf", CONFIGURATION.format(domain=DOMAIN, user=USER, password=PASSWORD, far=far, **ports))
    for folder in ("var/spool/exim4", "var/log", "run/exim4"):
        (jail.root / folder).mkdir(parents=True, exist_ok=True)
        jail.own(folder, "Debian-exim")
    jail.add_libraries("usr/sbin/exim4")
    jail.start("/usr/sbin/exim4", "-bdf", ports=ports.values())
    return Server("Exim", jail, ports, ("PLAIN", "LOGIN", "CRAM-MD5"), "home/user/Maildir", far)
