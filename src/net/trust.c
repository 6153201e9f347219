/*
 * trust: see trust.h.
 */
#include "config.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "net/trust.h"

#include "base/banned.h"

int
net_trust_load(
    struct gnutls_certificate_credentials_st *credentials, const char *file, struct err *e)
{
	int n = file != NULL
		    ? gnutls_certificate_set_x509_trust_file(credentials, file, GNUTLS_X509_FMT_PEM)
		    : gnutls_certificate_set_x509_system_trust(credentials);

	if (n > 0)
		return 0;
	if (file == NULL) {
		(void)err_set(e, EX_CONFIG, "the system has no certificates to trust");
		return err_hint(
		    e, "install the package ca-certificates, or name a file with tls_trust_file");
	}
	if (n == 0)
		return err_set(e, EX_CONFIG, "the trust file '%s' holds no certificate", file);
	return err_set(
	    e, EX_CONFIG, "cannot use the trust file '%s': %s", file, gnutls_strerror(n));
}

/* What each finding of GnuTLS means; the first that applies is the one to tell. */
static const struct finding {
	unsigned status;
	const char *what;
	const char *hint;
} findings[] = {
    {GNUTLS_CERT_EXPIRED, "it has expired",
	"its owner must renew it; if the date of this machine is wrong, set its clock"},
    {GNUTLS_CERT_NOT_ACTIVATED, "it is not valid yet",
	"the clock of this machine may be slow: see what `date` says"},
    {GNUTLS_CERT_REVOKED, "it was revoked", "do not send mail through this server"},
    {GNUTLS_CERT_UNEXPECTED_OWNER, "it was made out to another name",
	"use the host name that the provider gives, not an alias or an address"},
    {GNUTLS_CERT_SIGNER_NOT_FOUND, "nobody whom this machine trusts has issued it",
	"a server of your own: name its certificate with tls_trust_file; else somebody may be "
	"listening"},
    {GNUTLS_CERT_SIGNER_NOT_CA, "its issuer is no certificate authority", ""},
    {GNUTLS_CERT_INSECURE_ALGORITHM, "it uses an algorithm that is not secure", ""},
    {0, "it cannot be verified", ""},
};

int
net_trust_verify(struct gnutls_session_int *session, const char *host, struct err *e)
{
	const struct finding *f = findings;
	unsigned status = 0;
	int rc = gnutls_certificate_verify_peers3(session, host, &status);

	if (rc < 0)
		return err_set(e, EX_NOPERM, "the certificate of '%s' cannot be verified: %s", host,
		    gnutls_strerror(rc));
	if (status == 0)
		return 0;
	while (f->status != 0 && (status & f->status) == 0)
		f++;
	(void)err_set(e, EX_NOPERM, "the certificate of '%s' is not trusted: %s", host, f->what);
	return err_hint(e, "%s", f->hint);
}
