/*
 * certificate: see certificate.h.
 */
#include <config.h>

#include <stdio.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "net/certificate.h"

#include "base/banned.h"

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
		read_fingerprint(certificate, out);
	}
	gnutls_x509_crt_deinit(certificate);
	return n >= 0 ? 0
		      : err_set(e, EX_PROTOCOL, "cannot read the server's certificate: %s",
			    gnutls_strerror(n));
}
