"""MIT's Kerberos in a jail: a KDC for its realm, a keytab for a server in the jail, a ticket for the user."""

import subprocess

from jail import free_port
from servers.server import PASSWORD, USER

REALM = "EXAMPLE.TEST"
PACKAGES = ("krb5-kdc", "krb5-admin-server", "krb5-user", "libkadm5clnt-mit12", "libkadm5srv-mit12", "libkdb5-10",
            "libgssrpc4", "libverto1", "libverto-libev1", "libev4")
PROGRAMS = ("usr/sbin/krb5kdc", "usr/sbin/kadmin.local", "usr/sbin/kdb5_util", "usr/bin/kinit",
            "usr/lib/*/krb5/plugins/kdb/db2.so", "usr/lib/*/libverto-libev.so*")

CLIENT = """\
[libdefaults]
default_realm = {realm}
dns_lookup_kdc = false
rdns = false
dns_canonicalize_hostname = false
[realms]
{realm} = {{
  kdc = 127.0.0.1:{port}
}}
"""

KDC = """\
[kdcdefaults]
kdc_listen = 127.0.0.1:{port}
kdc_tcp_listen = 127.0.0.1:{port}
[realms]
{realm} = {{
  database_name = /var/lib/krb5kdc/principal
  key_stash_file = /var/lib/krb5kdc/stash
  acl_file = /dev/null
}}
"""


def start(jail, service):
    """Starts the KDC in `jail`, which has PACKAGES and the libraries of PROGRAMS. The keytab for `service` is in /etc."""
    port = free_port()
    jail.write("etc/krb5.conf", CLIENT.format(realm=REALM, port=port))
    jail.write("etc/krb5kdc/kdc.conf", KDC.format(realm=REALM, port=port))
    for folder in ("var/lib/krb5kdc", "var/log"):
        (jail.root / folder).mkdir(parents=True, exist_ok=True)
    (jail.root / "var/tmp").mkdir(exist_ok=True)
    (jail.root / "var/tmp").chmod(0o1777)  # what was seen already
    _run(jail, "/usr/sbin/kdb5_util", "create", "-s", "-P", "a master key")
    for query in (f"addprinc -pw {PASSWORD} {USER}", f"addprinc -randkey {service}", f"ktadd -k /etc/krb5.keytab {service}"):
        _run(jail, "/usr/sbin/kadmin.local", "-q", query)
    jail.start("/usr/sbin/krb5kdc", "-n", ports=[port])


def environment(jail):
    """What a client outside of the jail needs to be the user."""
    _run(jail, "/usr/bin/kinit", "-c", "FILE:/tmp/ticket", USER, stdin=PASSWORD + "\n")
    return {"KRB5_CONFIG": str(jail.root / "etc/krb5.conf"), "KRB5CCNAME": f"FILE:{jail.root}/tmp/ticket"}


def _run(jail, *command, stdin=""):
    done = subprocess.run(["chroot", jail.root, *command], input=stdin, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
