/*
 * trust: see trust.h.
 */
#include <config.h>

#include <stdint.h>
#include <string.h>
#include <time.h>

#include <gnutls/gnutls.h>
#include <gnutls/ocsp.h>
#include <gnutls/x509.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/i18n.h"
#include "net/bundle.h"
#include "net/certificate.h"
#include "net/tls.h"
#include "net/trust.h"

#include "base/banned.h"

enum { BUNDLE_MAX = 8 << 20 }; /* a larger bundle is loaded whole */

/* --- the chain that the peer showed --- */

struct slice
net_trust_peer(gnutls_session_t session)
{
	unsigned count = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);

	return chain != NULL && count > 0
		   ? (struct slice){(const char *)chain[0].data, chain[0].size}
		   : (struct slice){NULL, 0};
}

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
	    n < 0 ? gnutls_strerror(n) : _("there is no list in it"));
}

/* --- the verdict --- */

/* What each finding of GnuTLS means; the first that applies is the one to tell. */
static const struct finding {
	unsigned status;
	const char *what;
	const char *failure;
} findings[] = {
    {GNUTLS_CERT_EXPIRED, N_("it has expired"), "cert_expired"},
    {GNUTLS_CERT_NOT_ACTIVATED, N_("it is not valid yet"), "cert_early"},
    {GNUTLS_CERT_REVOKED, N_("it was revoked"), "cert_revoked"},
    {GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED, N_("the list of revoked certificates is out of date"),
	"crl_old"},
    {GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE,
	N_("the list of revoked certificates is not valid yet"), "cert_early"},
    {GNUTLS_CERT_MISSING_OCSP_STATUS,
	N_("it must come with a proof that it was not revoked (must-staple), and did not"),
	"cert_unproved"},
    {GNUTLS_CERT_INVALID_OCSP_STATUS,
	N_("the proof that it was not revoked (OCSP) is out of date or forged"), "cert_unproved"},
    {GNUTLS_CERT_UNEXPECTED_OWNER, N_("it was made out to another name"), "cert_name"},
    {GNUTLS_CERT_SIGNER_NOT_FOUND, N_("nobody whom this machine trusts has issued it"),
	"cert_issuer"},
    {GNUTLS_CERT_SIGNER_NOT_CA, N_("its issuer is no certificate authority"), "cert_bad"},
    {GNUTLS_CERT_INSECURE_ALGORITHM, N_("it uses an algorithm that is not secure"), "cert_bad"},
    {0, N_("it cannot be verified"), "cert_bad"},
};

/* Has the server made its certificate itself? */
static bool
is_self_signed(gnutls_session_t session)
{
	gnutls_x509_crt_t certificate;
	bool same;

	if (!import_peer(session, 0, &certificate))
		return false;
	same = gnutls_x509_crt_check_issuer(certificate, certificate) != 0;
	gnutls_x509_crt_deinit(certificate);
	return same;
}

/* Says what the certificate itself tells of a remedy. */
static int
advise(gnutls_session_t session, struct err *e)
{
	const struct slice der = net_trust_peer(session);
	struct net_certificate shown;
	struct err ignored;

	if (der.ptr == NULL || net_certificate_read(der, &shown, &ignored) != 0)
		return -1;
	if (strcmp(e->failure, "cert_name") == 0)
		return err_hint(e,
		    "set host to a name that the certificate bears, if it is your provider's: "
		    "%.200s",
		    shown.names[0] != '\0' ? shown.names : shown.subject);
	if (strcmp(e->failure, "cert_issuer") != 0)
		return -1;
	if (is_self_signed(session))
		(void)err_failure(e, "cert_self_signed");
	return err_hint(e,
	    "if the server is yours, and this is its certificate, write 'tls_fingerprint %s' "
	    "into the account; else do not send, since somebody may be listening",
	    shown.fingerprint);
}

/* Puts a refusal into words: what GnuTLS returned (RC) and found (STATUS). */
static int
refuse(const char *host, int rc, unsigned status, gnutls_session_t session, struct err *e)
{
	const struct finding *f = findings;

	if (rc < 0) {
		(void)err_set(e, EX_NOPERM, "the certificate of '%s' cannot be verified: %s", host,
		    gnutls_strerror(rc));
		return err_failure(e, "cert_bad");
	}
	while (f->status != 0 && (status & f->status) == 0)
		f++;
	(void)err_set(
	    e, EX_NOPERM, "the certificate of '%s' is not trusted: %s", host, i18n_text(f->what));
	(void)err_failure(e, f->failure);
	return advise(session, e);
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
	return rc >= 0 && status == 0 ? 0 : refuse(params->host, rc, status, session, e);
}

/* --- how long the verdict holds --- */

/* Makes *UNTIL no later than WHEN. */
static void
end_by(int64_t *until, time_t when)
{
	if (when != (time_t)-1 && when < *until)
		*until = when;
}

/* Makes *UNTIL no later than the next issue of the lists in FILE, which was loaded before. */
static void
end_by_lists(int64_t *until, const char *file)
{
	struct buf text = BUF_INIT(BUNDLE_MAX);
	gnutls_x509_crl_t *lists = NULL;
	gnutls_datum_t pem;
	unsigned count = 0;
	struct err ignored;

	if (file_read(file, &text, &ignored) != 0)
		*until = 0;
	pem = (gnutls_datum_t){(unsigned char *)text.data, (unsigned)text.len};
	if (gnutls_x509_crl_list_import2(&lists, &count, &pem, GNUTLS_X509_FMT_PEM, 0) < 0)
		*until = count = 0;
	for (unsigned i = 0; i < count; i++) {
		end_by(until, gnutls_x509_crl_get_next_update(lists[i]));
		gnutls_x509_crl_deinit(lists[i]);
	}
	gnutls_free(lists);
	buf_free(&text);
}

/* Makes *UNTIL no later than the end of a stapled proof that the certificate was not revoked. */
static void
end_by_proof(int64_t *until, gnutls_session_t session)
{
	gnutls_ocsp_resp_t proof;
	gnutls_datum_t der;
	time_t next;

	if (gnutls_ocsp_status_request_get(session, &der) < 0 || gnutls_ocsp_resp_init(&proof) < 0)
		return;
	if (gnutls_ocsp_resp_import(proof, &der) >= 0 &&
	    gnutls_ocsp_resp_get_single(
		proof, 0, NULL, NULL, NULL, NULL, NULL, NULL, &next, NULL, NULL) >= 0)
		end_by(until, next);
	gnutls_ocsp_resp_deinit(proof);
}

static int64_t
end_of_verdict(const struct net_tls_params *params, gnutls_session_t session)
{
	gnutls_x509_crt_t certificate;
	int64_t until = INT64_MAX;

	for (unsigned i = 0; import_peer(session, i, &certificate); i++) {
		end_by(&until, gnutls_x509_crt_get_expiration_time(certificate));
		gnutls_x509_crt_deinit(certificate);
	}
	if (params->crl_file != NULL)
		end_by_lists(&until, params->crl_file);
	end_by_proof(&until, session);
	return until;
}

/* --- pins --- */

enum { HEX_SIZE = 2 * CRYPTO_SHA256_SIZE + 1 };

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
	str_hex(certificate_hex, certificate, sizeof certificate);
	str_hex(key_hex, key, sizeof key);
	if (is_pinned(params, certificate_hex, key_hex))
		return 0;
	(void)err_set(e, EX_NOPERM,
	    "the certificate of '%s' is not trusted: tls_fingerprint names another", params->host);
	(void)err_failure(e, "cert_pin");
	return err_hint(e,
	    "it has %s; name that one only if the owner of the server confirms it, "
	    "else somebody may be listening",
	    certificate_hex);
}

int
net_trust_verify(const struct net_tls_params *params, gnutls_session_t session,
    gnutls_certificate_credentials_t credentials, int64_t *until, struct err *e)
{
	bool pinned = params->fingerprint_count > 0;

	*until = 0;
	if (!pinned && !params->verify)
		return 0;
	if (pinned ? verify_pin(params, session, e) != 0
		   : verify_chain(params, session, credentials, e) != 0)
		return -1;
	*until = pinned ? INT64_MAX : end_of_verdict(params, session);
	return 0;
}
