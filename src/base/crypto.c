/*
 * crypto: see crypto.h.
 */
#include <config.h>

#include <string.h>
#include <time.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/crypto.h"
#include "base/i18n.h"

#include "base/banned.h"

enum { DAY = 24 * 60 * 60, VALID_DAYS = 3652 };

enum { KEY_MAX = 16 << 10, ED25519_SIZE = 32 }; /* base64 of a key; bytes of one */

/* STATUS, what GnuTLS returned, as this program's; SENTENCE says what cannot be done then. */
static int
check(int status, const char *sentence, struct err *e)
{
	if (status >= 0)
		return 0;
	return err_set(e, EX_SOFTWARE, "%s: %s", i18n_text(sentence), gnutls_strerror(status));
}

/* GnuTLS takes what it only reads through a pointer to writable bytes. */
static gnutls_datum_t
datum(struct slice s)
{
	union {
		const char *in;
		unsigned char *out;
	} bytes = {.in = s.ptr};

	return (gnutls_datum_t){bytes.out, (unsigned)s.len};
}

int
crypto_sha256(struct slice data, unsigned char out[CRYPTO_SHA256_SIZE], struct err *e)
{
	return check(gnutls_hash_fast(GNUTLS_DIG_SHA256, data.ptr, data.len, out),
	    N_("cannot compute a hash"), e);
}

int
crypto_hmac_sha256(
    struct slice key, struct slice data, unsigned char out[CRYPTO_SHA256_SIZE], struct err *e)
{
	return check(gnutls_hmac_fast(GNUTLS_MAC_SHA256, key.ptr, key.len, data.ptr, data.len, out),
	    N_("cannot compute a hash"), e);
}

/* One block of PBKDF2. */
static int
pbkdf2(gnutls_mac_algorithm_t mac, struct slice password, struct slice salt, uint32_t iterations,
    unsigned char *out, size_t size, struct err *e)
{
	gnutls_datum_t key = datum(password), seed = datum(salt);

	return check(gnutls_pbkdf2(mac, &key, &seed, iterations, out, size),
	    N_("cannot hash the password"), e);
}

int
crypto_pbkdf2_sha1(struct slice password, struct slice salt, uint32_t iterations,
    unsigned char out[CRYPTO_SHA1_SIZE], struct err *e)
{
	return pbkdf2(GNUTLS_MAC_SHA1, password, salt, iterations, out, CRYPTO_SHA1_SIZE, e);
}

int
crypto_pbkdf2_sha256(struct slice password, struct slice salt, uint32_t iterations,
    unsigned char out[CRYPTO_SHA256_SIZE], struct err *e)
{
	return pbkdf2(GNUTLS_MAC_SHA256, password, salt, iterations, out, CRYPTO_SHA256_SIZE, e);
}

/* Whom the certificate is for, and for how long. */
static int
describe(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key, const char *host)
{
	static const unsigned char loopback4[4] = {127, 0, 0, 1};
	static const unsigned char loopback6[16] = {[15] = 1};
	time_t now = time(NULL);
	unsigned char serial[16] = {0};
	int status = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);

	serial[0] &= 0x7f; /* a positive number, RFC 5280 4.1.2.2 */
#define TRY(call) status = status < 0 ? status : (call)
	TRY(gnutls_x509_crt_set_version(certificate, 3));
	TRY(gnutls_x509_crt_set_serial(certificate, serial, sizeof serial));
	TRY(gnutls_x509_crt_set_activation_time(certificate, now - DAY));
	TRY(gnutls_x509_crt_set_expiration_time(certificate, now + (time_t)VALID_DAYS * DAY));
	TRY(gnutls_x509_crt_set_dn_by_oid(
	    certificate, GNUTLS_OID_X520_COMMON_NAME, 0, host, (unsigned)strlen(host)));
	TRY(gnutls_x509_crt_set_key(certificate, key));
	TRY(gnutls_x509_crt_set_subject_alt_name(
	    certificate, GNUTLS_SAN_DNSNAME, host, (unsigned)strlen(host), GNUTLS_FSAN_SET));
	TRY(gnutls_x509_crt_set_subject_alt_name(
	    certificate, GNUTLS_SAN_DNSNAME, "localhost", 9, GNUTLS_FSAN_APPEND));
	TRY(gnutls_x509_crt_set_subject_alt_name(
	    certificate, GNUTLS_SAN_IPADDRESS, loopback4, sizeof loopback4, GNUTLS_FSAN_APPEND));
	TRY(gnutls_x509_crt_set_subject_alt_name(
	    certificate, GNUTLS_SAN_IPADDRESS, loopback6, sizeof loopback6, GNUTLS_FSAN_APPEND));
	TRY(gnutls_x509_crt_set_basic_constraints(certificate, 0, -1));
	TRY(gnutls_x509_crt_set_key_usage(certificate, GNUTLS_KEY_DIGITAL_SIGNATURE));
	TRY(gnutls_x509_crt_set_key_purpose_oid(certificate, GNUTLS_KP_TLS_WWW_SERVER, 0));
	TRY(gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0));
#undef TRY
	return status;
}

/* Appends PEM, unless STATUS says that there is none; frees it, wiped. */
static int
take_pem(int status, gnutls_datum_t *pem, struct buf *out)
{
	if (status < 0)
		return status;
	buf_add(out, pem->data, pem->size);
	explicit_bzero(pem->data, pem->size);
	gnutls_free(pem->data);
	return out->full ? GNUTLS_E_MEMORY_ERROR : 0;
}

int
crypto_make_certificate(const char *host, struct buf *certificate, struct buf *key, struct err *e)
{
	gnutls_x509_crt_t crt = NULL;
	gnutls_x509_privkey_t secret = NULL;
	gnutls_datum_t pem;
	int status = gnutls_x509_crt_init(&crt);

	if (status >= 0)
		status = gnutls_x509_privkey_init(&secret);
	if (status >= 0)
		status = gnutls_x509_privkey_generate(
		    secret, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	if (status >= 0)
		status = describe(crt, secret, host);
	if (status >= 0)
		status = take_pem(
		    gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem), &pem, certificate);
	if (status >= 0)
		status = take_pem(
		    gnutls_x509_privkey_export2(secret, GNUTLS_X509_FMT_PEM, &pem), &pem, key);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(secret);
	return check(status, N_("cannot make a certificate"), e);
}

/* The bytes of the base64 TEXT, to be freed with gnutls_free. */
static bool
decode(struct slice text, gnutls_datum_t *out)
{
	struct buf packed = BUF_INIT(KEY_MAX);
	gnutls_datum_t data;
	bool good;

	for (size_t i = 0; i < text.len; i++) {
		if (strchr(" \t\r\n", text.ptr[i]) == NULL)
			buf_addc(&packed, text.ptr[i]);
	}
	data = (gnutls_datum_t){(unsigned char *)packed.data, (unsigned)packed.len};
	good = packed.len > 0 && !packed.full && gnutls_base64_decode2(&data, out) >= 0;
	buf_free(&packed);
	return good;
}

unsigned
crypto_rsa_key_bits(struct slice text)
{
	gnutls_datum_t der;
	gnutls_pubkey_t key;
	unsigned bits = 0;

	if (!decode(text, &der))
		return 0;
	if (gnutls_pubkey_init(&key) >= 0) {
		if (gnutls_pubkey_import(key, &der, GNUTLS_X509_FMT_DER) < 0 ||
		    gnutls_pubkey_get_pk_algorithm(key, &bits) != GNUTLS_PK_RSA)
			bits = 0;
		gnutls_pubkey_deinit(key);
	}
	gnutls_free(der.data);
	return bits;
}

unsigned
crypto_ed25519_key_bits(struct slice text)
{
	gnutls_datum_t raw;
	unsigned bits;

	if (!decode(text, &raw))
		return 0;
	bits = raw.size == ED25519_SIZE ? 8 * ED25519_SIZE : 0;
	gnutls_free(raw.data);
	return bits;
}
