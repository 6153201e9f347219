/*
 * trust: see trust.h.
 */
#include <config.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "net/bundle.h"
#include "net/tls.h"
#include "net/trust.h"

#include "base/banned.h"

enum { BUNDLE_MAX = 8 << 20 }; /* a larger bundle is loaded whole */

/* --- the chain that the peer showed --- */

/* Imports the certificate number I of the peer of SESSION. False where there is none. */
static bool
import_peer(gnutls_session_t session, unsigned i, gnutls_x509_crt_t *out)
{
	unsigned count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);

	if (chain == NULL || i >= count || gnutls_x509_crt_init(out) < 0)
		return false;
	if (gnutls_x509_crt_import(*out, &chain[i], GNUTLS_X509_FMT_DER) >= 0)
		return true;
	gnutls_x509_crt_deinit(*out);
	return false;
}

/* Adds the DN that GET takes out of CERTIFICATE, unless it is there. */
static void
add_name(struct net_bundle_names *names, gnutls_x509_crt_t certificate,
    int (*get)(gnutls_x509_crt_t, gnutls_datum_t *))
{
	gnutls_datum_t dn;
	struct slice name;

	if (names->count == NET_BUNDLE_NAMES_MAX || get(certificate, &dn) < 0)
		return;
	name = (struct slice){(const char *)dn.data, dn.size};
	if (dn.size == 0 || net_bundle_holds(name, names))
		gnutls_free(dn.data);
	else
		names->name[names->count++] = name;
}

/* The issuers and subjects of the chain, to be freed by free_names. */
static void
collect_names(gnutls_session_t session, struct net_bundle_names *names)
{
	gnutls_x509_crt_t certificate;

	for (unsigned i = 0; import_peer(session, i, &certificate); i++) {
		add_name(names, certificate, gnutls_x509_crt_get_raw_issuer_dn);
		add_name(names, certificate, gnutls_x509_crt_get_raw_dn);
		gnutls_x509_crt_deinit(certificate);
	}
}

static void
free_names(struct net_bundle_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		gnutls_free((void *)(uintptr_t)names->name[i].ptr);
}

/* --- the roots --- */

/* Loads those roots that the chain names, as far as there is a bundle to choose from. */
static int
load_named(const char *file, gnutls_session_t session, gnutls_certificate_credentials_t credentials,
    struct err *e)
{
	struct net_bundle_names names = {.count = 0};
	struct buf bundle = BUF_INIT(BUNDLE_MAX);
	const char *name = file != NULL ? file : net_bundle_of_system();
	int rc = name != NULL ? file_read(name, &bundle, e) : 0;
	struct slice rest = rc == 0 ? buf_slice(&bundle) : (struct slice){NULL, 0}, block;

	if (rc != 0 && (file == NULL || e->ex == EX_DATAERR))
		rc = 0;
	if (rc != 0) {
		e->ex = EX_CONFIG;
		(void)err_prefix(e, "tls_trust_file");
	}
	collect_names(session, &names);
	while (net_bundle_next(&rest, &names, &block)) {
		gnutls_datum_t pem = {(unsigned char *)(uintptr_t)block.ptr, (unsigned)block.len};

		(void)gnutls_certificate_set_x509_trust_mem(credentials, &pem, GNUTLS_X509_FMT_PEM);
	}
	free_names(&names);
	buf_free(&bundle);
	return rc;
}

/* Loads all roots. */
static int
load_all(const char *file, gnutls_certificate_credentials_t credentials, struct err *e)
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

static int
load_crl(const char *file, gnutls_certificate_credentials_t credentials, struct err *e)
{
	int n = file != NULL
		    ? gnutls_certificate_set_x509_crl_file(credentials, file, GNUTLS_X509_FMT_PEM)
		    : 1;

	if (n > 0)
		return 0;
	return err_set(e, EX_CONFIG, "tls_crl_file: cannot use '%s': %s", file,
	    n < 0 ? gnutls_strerror(n) : "there is no list in it");
}

/* --- the verdict --- */

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
    {GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED, "the list of revoked certificates is out of date",
	"get a new one for tls_crl_file"},
    {GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE,
	"the list of revoked certificates is not valid yet",
	"the clock of this machine may be slow: see what `date` says"},
    {GNUTLS_CERT_MISSING_OCSP_STATUS,
	"it must come with a proof that it was not revoked (must-staple), and did not",
	"its owner must turn OCSP stapling on"},
    {GNUTLS_CERT_INVALID_OCSP_STATUS,
	"the proof that it was not revoked (OCSP) is out of date or forged",
	"its owner must mend OCSP stapling; if the date of this machine is wrong, set its clock"},
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

static int
verify_chain(const struct net_tls_params *params, gnutls_session_t session,
    gnutls_certificate_credentials_t credentials, struct err *e)
{
	unsigned status = 0;
	int rc;

	if (load_crl(params->crl_file, credentials, e) != 0 ||
	    load_named(params->trust_file, session, credentials, e) != 0)
		return -1;
	rc = gnutls_certificate_verify_peers3(session, params->host, &status);
	if (rc >= 0 && status == 0)
		return 0;
	if (load_all(params->trust_file, credentials, e) != 0)
		return -1;
	rc = gnutls_certificate_verify_peers3(session, params->host, &status);
	return rc >= 0 && status == 0 ? 0 : refuse(params->host, rc, status, e);
}

/* --- pins --- */

enum { HEX_SIZE = 2 * CRYPTO_SHA256_SIZE + 1 };

static void
to_hex(const unsigned char hash[CRYPTO_SHA256_SIZE], char out[HEX_SIZE])
{
	for (size_t i = 0; i < CRYPTO_SHA256_SIZE; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

static bool
is_pinned(const struct net_tls_params *params, const char *certificate, const char *key)
{
	for (size_t i = 0; i < params->fingerprint_count; i++) {
		const char *pin = params->fingerprints[i];
		bool of_key = strncmp(pin, NET_TLS_PIN_OF_KEY, strlen(NET_TLS_PIN_OF_KEY)) == 0;

		if (of_key ? strcmp(pin + strlen(NET_TLS_PIN_OF_KEY), key) == 0
			   : strcmp(pin, certificate) == 0)
			return true;
	}
	return false;
}

static int
verify_pin(const struct net_tls_params *params, gnutls_session_t session, struct err *e)
{
	unsigned char certificate[CRYPTO_SHA256_SIZE], key[CRYPTO_SHA256_SIZE];
	char certificate_hex[HEX_SIZE], key_hex[HEX_SIZE];
	size_t certificate_len = sizeof certificate, key_len = sizeof key;
	gnutls_x509_crt_t peer;
	int rc;

	if (!import_peer(session, 0, &peer))
		return err_set(e, EX_NOPERM, "'%s' has no certificate", params->host);
	rc =
	    gnutls_x509_crt_get_fingerprint(peer, GNUTLS_DIG_SHA256, certificate, &certificate_len);
	if (rc >= 0)
		rc = gnutls_x509_crt_get_key_id(peer, GNUTLS_KEYID_USE_SHA256, key, &key_len);
	gnutls_x509_crt_deinit(peer);
	if (rc < 0)
		return err_set(e, EX_SOFTWARE, "cannot take the fingerprint of a certificate: %s",
		    gnutls_strerror(rc));
	to_hex(certificate, certificate_hex);
	to_hex(key, key_hex);
	if (is_pinned(params, certificate_hex, key_hex))
		return 0;
	(void)err_set(e, EX_NOPERM,
	    "the certificate of '%s' is not trusted: tls_fingerprint names another", params->host);
	return err_hint(e,
	    "it has %s; name that one only if the owner of the server confirms it, "
	    "else somebody may be listening",
	    certificate_hex);
}

int
net_trust_verify(const struct net_tls_params *params, gnutls_session_t session,
    gnutls_certificate_credentials_t credentials, struct err *e)
{
	if (params->fingerprint_count > 0)
		return verify_pin(params, session, e);
	return params->verify ? verify_chain(params, session, credentials, e) : 0;
}
