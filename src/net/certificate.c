/*
 * certificate: see certificate.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <arpa/inet.h>
#include <stdio.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "net/certificate.h"

#include "base/banned.h"

enum { NAME_MAX_BYTES = 256 }; /* a longer name is no host's */

/* The name that GET finds; it is cut where it is too long. */
static void
read_name(gnutls_x509_crt_t certificate, int (*get)(gnutls_x509_crt_t, gnutls_datum_t *, unsigned),
    char *out, size_t size)
{
	gnutls_datum_t name = {NULL, 0};

	out[0] = '\0';
	if (get(certificate, &name, 0) < 0)
		return;
	(void)snprintf(out, size, "%.*s", (int)name.size, (const char *)name.data);
	gnutls_free(name.data);
}

/* The host names and addresses among the alternative names (RFC 5280 4.2.1.6). */
static void
read_names(gnutls_x509_crt_t certificate, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (unsigned i = 0; at < size; i++) {
		unsigned char name[NAME_MAX_BYTES];
		char address[INET6_ADDRSTRLEN];
		size_t len = sizeof name - 1;
		int type = gnutls_x509_crt_get_subject_alt_name(certificate, i, name, &len, NULL);
		const char *shown = (const char *)name;

		if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return;
		if (type == GNUTLS_SAN_IPADDRESS)
			shown =
			    inet_ntop(len == 4 ? AF_INET : AF_INET6, name, address, sizeof address);
		else if (type != GNUTLS_SAN_DNSNAME)
			continue;
		name[sizeof name - 1] = '\0';
		if (shown != NULL)
			at +=
			    (size_t)snprintf(out + at, size - at, "%s%s", at > 0 ? " " : "", shown);
	}
}

static void
read_fingerprint(gnutls_x509_crt_t certificate, struct net_certificate *out)
{
	unsigned char digest[32];
	size_t size = sizeof digest;
	char *at = out->fingerprint;

	*at = '\0';
	if (gnutls_x509_crt_get_fingerprint(certificate, GNUTLS_DIG_SHA256, digest, &size) < 0)
		return;
	for (size_t i = 0; i < size; i++)
		at += snprintf(at, 4, "%s%02X", i > 0 ? ":" : "", (unsigned)digest[i]);
}

int
net_certificate_read(struct slice der, struct net_certificate *out, struct err *e)
{
	gnutls_datum_t datum = {(unsigned char *)(uintptr_t)der.ptr, (unsigned)der.len};
	gnutls_x509_crt_t certificate;
	int n = gnutls_x509_crt_init(&certificate);

	if (n < 0)
		return err_set(e, EX_TEMPFAIL, "no memory for a certificate");
	n = gnutls_x509_crt_import(certificate, &datum, GNUTLS_X509_FMT_DER);
	if (n >= 0) {
		read_name(certificate, gnutls_x509_crt_get_dn3, out->subject, sizeof out->subject);
		read_name(
		    certificate, gnutls_x509_crt_get_issuer_dn3, out->issuer, sizeof out->issuer);
		out->from = gnutls_x509_crt_get_activation_time(certificate);
		out->until = gnutls_x509_crt_get_expiration_time(certificate);
		read_names(certificate, out->names, sizeof out->names);
		read_fingerprint(certificate, out);
	}
	gnutls_x509_crt_deinit(certificate);
	return n >= 0 ? 0
		      : err_set(e, EX_PROTOCOL, "cannot read the server's certificate: %s",
			    gnutls_strerror(n));
}
