/*
 * trust: see trust.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/buf.h"
#include "base/file.h"
#include "net/trust.h"

#include "base/banned.h"

enum {
	BUNDLE_MAX = 8 << 20,	   /* a larger bundle is loaded whole */
	CERTIFICATE_MAX = 8 << 10, /* DER; a larger certificate counts as wanted */
	NAMES_MAX = 32,		   /* names of a chain that are looked for */
};

struct net_trust {
	char *file;	/* NULL: the system's */
	struct buf pem; /* the bundle's text; empty: there is none to choose from */
};

/* Names to look for: issuers and subjects of the peer's chain, as DER. */
struct names {
	gnutls_datum_t dn[NAMES_MAX];
	size_t count;
};

/* Where the systems' bundles lie. */
static const char *
system_bundle(void)
{
	static const char *const files[] = {
	    "/etc/ssl/certs/ca-certificates.crt",
	    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	    "/etc/ssl/ca-bundle.pem",
	    "/etc/ssl/cert.pem",
	};

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		if (access(files[i], R_OK) == 0)
			return files[i];
	}
	return NULL;
}

int
net_trust_new(const char *file, struct net_trust **out, struct err *e)
{
	struct net_trust *trust = calloc(1, sizeof *trust);
	const char *bundle = file != NULL ? file : system_bundle();

	if (trust == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for the certificates to trust");
	trust->pem = (struct buf)BUF_INIT(BUNDLE_MAX);
	trust->file = file != NULL ? strdup(file) : NULL;
	if (bundle != NULL && file_read(bundle, &trust->pem, e) != 0) {
		buf_free(&trust->pem);
		if (file != NULL && e->ex != EX_DATAERR) {
			net_trust_free(trust);
			e->ex = EX_CONFIG;
			return err_prefix(e, "tls_trust_file");
		}
	}
	*out = trust;
	return 0;
}

/* The value of each base64 digit and 1, 0 for what is none. */
static void
make_digits(unsigned char digits[256])
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	memset(digits, 0, 256);
	for (size_t i = 0; i < sizeof alphabet - 1; i++)
		digits[(unsigned char)alphabet[i]] = (unsigned char)(i + 1);
}

/*
 * Decodes the base64 TEXT as far as OUT has room; what is no digit is passed over. Returns the
 * bytes. GnuTLS decodes what is used; here every root of a system goes through.
 */
static size_t
decode(const unsigned char digits[256], struct slice text, unsigned char out[CERTIFICATE_MAX])
{
	uint32_t bits = 0;
	unsigned filled = 0;
	size_t len = 0;

	for (size_t i = 0; i < text.len && len < CERTIFICATE_MAX; i++) {
		unsigned char digit = digits[(unsigned char)text.ptr[i]];

		if (digit == 0)
			continue;
		bits = bits << 6 | (uint32_t)(digit - 1);
		filled += 6;
		if (filled >= 8) {
			filled -= 8;
			out[len++] = (unsigned char)(bits >> filled);
		}
	}
	return len;
}

/* Cuts the next PEM block off *REST; false where there is none. BODY is what it encodes. */
static bool
next_block(struct slice *rest, struct slice *block, struct slice *body)
{
	static const char open[] = "-----BEGIN ", shut[] = "-----END ", dashes[] = "-----";
	const char *end_of_text = rest->ptr + rest->len;
	const char *begin = memmem(rest->ptr, rest->len, open, sizeof open - 1);
	const char *data, *end, *after;

	if (begin == NULL)
		return false;
	data = memchr(begin, '\n', (size_t)(end_of_text - begin));
	end =
	    data != NULL ? memmem(data, (size_t)(end_of_text - data), shut, sizeof shut - 1) : NULL;
	if (end == NULL)
		return false;
	after = memmem(end + sizeof shut - 1, (size_t)(end_of_text - end) - (sizeof shut - 1),
	    dashes, sizeof dashes - 1);
	if (after == NULL)
		return false;
	after += sizeof dashes - 1;
	*block = str_range(begin, after);
	*body = str_range(data, end);
	*rest = str_range(after, end_of_text);
	return true;
}

static bool
holds_a_name(const unsigned char *der, size_t len, const struct names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		if (memmem(der, len, names->dn[i].data, names->dn[i].size) != NULL)
			return true;
	}
	return false;
}

/* Loads the roots in which one of NAMES occurs. */
static void
load_named(const struct net_trust *trust, gnutls_certificate_credentials_t credentials,
    const struct names *names)
{
	struct slice rest = buf_slice(&trust->pem), block, body;
	unsigned char digits[256], der[CERTIFICATE_MAX];

	make_digits(digits);
	while (rest.len > 0 && next_block(&rest, &block, &body)) {
		size_t len = decode(digits, body, der);
		gnutls_datum_t pem = {(unsigned char *)(uintptr_t)block.ptr, (unsigned)block.len};

		if (len == CERTIFICATE_MAX || holds_a_name(der, len, names))
			(void)gnutls_certificate_set_x509_trust_mem(
			    credentials, &pem, GNUTLS_X509_FMT_PEM);
	}
}

/* Adds the DN that GET takes out of CERTIFICATE, unless it is there. */
static void
add_name(struct names *names, gnutls_x509_crt_t certificate,
    int (*get)(gnutls_x509_crt_t, gnutls_datum_t *))
{
	gnutls_datum_t dn;

	if (names->count == NAMES_MAX || get(certificate, &dn) < 0)
		return;
	if (dn.size == 0 || holds_a_name(dn.data, dn.size, names))
		gnutls_free(dn.data);
	else
		names->dn[names->count++] = dn;
}

/* The issuers and subjects of the chain that the peer of SESSION showed. */
static void
collect_names(gnutls_session_t session, struct names *names)
{
	unsigned count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);

	for (unsigned i = 0; chain != NULL && i < count; i++) {
		gnutls_x509_crt_t certificate;

		if (gnutls_x509_crt_init(&certificate) < 0)
			return;
		if (gnutls_x509_crt_import(certificate, &chain[i], GNUTLS_X509_FMT_DER) >= 0) {
			add_name(names, certificate, gnutls_x509_crt_get_raw_issuer_dn);
			add_name(names, certificate, gnutls_x509_crt_get_raw_dn);
		}
		gnutls_x509_crt_deinit(certificate);
	}
}

/* Loads all roots. */
static int
load_all(const struct net_trust *trust, gnutls_certificate_credentials_t credentials, struct err *e)
{
	int n = trust->file != NULL ? gnutls_certificate_set_x509_trust_file(
					  credentials, trust->file, GNUTLS_X509_FMT_PEM)
				    : gnutls_certificate_set_x509_system_trust(credentials);

	if (n > 0)
		return 0;
	if (trust->file == NULL) {
		(void)err_set(e, EX_CONFIG, "the system has no certificates to trust");
		return err_hint(
		    e, "install the package ca-certificates, or name a file with tls_trust_file");
	}
	if (n == 0)
		return err_set(
		    e, EX_CONFIG, "the trust file '%s' holds no certificate", trust->file);
	return err_set(
	    e, EX_CONFIG, "cannot use the trust file '%s': %s", trust->file, gnutls_strerror(n));
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
	"a server of your own: name its certificate with tls_trust_file; "
	"else somebody may be listening"},
    {GNUTLS_CERT_SIGNER_NOT_CA, "its issuer is no certificate authority", ""},
    {GNUTLS_CERT_INSECURE_ALGORITHM, "it uses an algorithm that is not secure", ""},
    {0, "it cannot be verified", ""},
};

/* Puts a refusal into words: what GnuTLS returned (RC) and found (STATUS). */
static int
refuse(const char *host, int rc, unsigned status, struct err *e)
{
	const struct finding *f = findings;

	if (rc < 0)
		return err_set(e, EX_NOPERM, "the certificate of '%s' cannot be verified: %s", host,
		    gnutls_strerror(rc));
	while (f->status != 0 && (status & f->status) == 0)
		f++;
	(void)err_set(e, EX_NOPERM, "the certificate of '%s' is not trusted: %s", host, f->what);
	return err_hint(e, "%s", f->hint);
}

int
net_trust_verify(struct net_trust *trust, struct gnutls_session_int *session,
    struct gnutls_certificate_credentials_st *credentials, const char *host, struct err *e)
{
	struct names names = {.count = 0};
	unsigned status = 0;
	int rc;

	collect_names(session, &names);
	load_named(trust, credentials, &names);
	for (size_t i = 0; i < names.count; i++)
		gnutls_free(names.dn[i].data);
	rc = gnutls_certificate_verify_peers3(session, host, &status);
	if (rc >= 0 && status == 0)
		return 0;
	if (load_all(trust, credentials, e) != 0)
		return -1;
	rc = gnutls_certificate_verify_peers3(session, host, &status);
	return rc >= 0 && status == 0 ? 0 : refuse(host, rc, status, e);
}

void
net_trust_free(struct net_trust *trust)
{
	if (trust == NULL)
		return;
	buf_free(&trust->pem);
	free(trust->file);
	free(trust);
}
