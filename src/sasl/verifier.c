/*
 * verifier: see verifier.h.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include <gsasl.h>

#include "base/base64.h"
#include "base/secret.h"
#include "sasl/verifier.h"

#include "base/banned.h"

/* About ten milliseconds on a small machine: a login is no denial of service. */
enum { ITERATIONS = 32768, SALT_SIZE = 16 };

static const struct slice scheme = STR_LITERAL("{SCRAM-SHA-256}");

static struct slice
key_slice(const unsigned char key[CRYPTO_SHA256_SIZE])
{
	return (struct slice){(const char *)key, CRYPTO_SHA256_SIZE};
}

/* Fills in the keys of V, whose salt and iterations are there, for a prepared password. */
static int
derive(struct sasl_verifier *v, struct slice password, struct err *e)
{
	struct slice salt = {(const char *)v->salt, v->salt_len};
	unsigned char salted[CRYPTO_SHA256_SIZE], client[CRYPTO_SHA256_SIZE];
	int status = -1;

	if (crypto_pbkdf2_sha256(password, salt, v->iterations, salted, e) == 0 &&
	    crypto_hmac_sha256(key_slice(salted), str_slice("Client Key"), client, e) == 0 &&
	    crypto_sha256(key_slice(client), v->stored_key, e) == 0)
		status = crypto_hmac_sha256(
		    key_slice(salted), str_slice("Server Key"), v->server_key, e);
	explicit_bzero(salted, sizeof salted);
	explicit_bzero(client, sizeof client);
	return status;
}

/* As derive, for a password as it was typed: SASLprep (RFC 4013) makes one of the ways to write it.
 */
static int
derive_prepared(struct sasl_verifier *v, struct slice password, struct err *e)
{
	struct buf raw = BUF_INIT(4096);
	char *prepared = NULL;
	int status = -1;

	buf_add_slice(&raw, password);
	if (raw.full)
		err_set(e, EX_DATAERR, "the password is too long");
	else if (gsasl_saslprep(buf_text(&raw), GSASL_ALLOW_UNASSIGNED, &prepared, NULL) !=
		 GSASL_OK)
		err_set(e, EX_DATAERR, "the password has characters that no login can carry");
	else
		status = derive(v, str_slice(prepared), e);
	if (status == 0)
		explicit_bzero(prepared, strlen(prepared));
	gsasl_free(prepared);
	buf_wipe(&raw);
	return status;
}

int
sasl_verifier_make(struct slice password, struct sasl_verifier *out, struct err *e)
{
	*out = (struct sasl_verifier){.iterations = ITERATIONS, .salt_len = SALT_SIZE};
	if (password.len == 0 || str_find_control(password) < password.len)
		return err_set(e, EX_DATAERR,
		    "a password is at least one character, and no control characters");
	if (secret_random(out->salt, SALT_SIZE, e) == -1)
		return -1;
	return derive_prepared(out, password, e);
}

int
sasl_verifier_decoy(
    struct slice name, struct slice secret, struct sasl_verifier *out, struct err *e)
{
	unsigned char mark[CRYPTO_SHA256_SIZE];

	*out = (struct sasl_verifier){.iterations = ITERATIONS, .salt_len = SALT_SIZE};
	if (crypto_hmac_sha256(secret, name, mark, e) == -1)
		return -1;
	memcpy(out->salt, mark, SALT_SIZE);
	if (secret_random(out->stored_key, sizeof out->stored_key, e) == -1)
		return -1;
	return secret_random(out->server_key, sizeof out->server_key, e);
}

/* Decodes the base64 TEXT into OUT of SIZE bytes. Returns how many bytes it was, 0 if it is bad. */
static size_t
decode(struct slice text, unsigned char *out, size_t size)
{
	struct buf raw = BUF_INIT(size);
	size_t n = base64_decode(&raw, text) ? raw.len : 0;

	memcpy(out, buf_text(&raw), n);
	buf_wipe(&raw);
	return n;
}

bool
sasl_verifier_parse(struct slice text, struct sasl_verifier *out)
{
	struct slice rest = text;
	uint64_t iterations = 0;

	*out = (struct sasl_verifier){.iterations = 0};
	if (!str_begins_nocase(text, scheme.ptr))
		return false;
	rest = (struct slice){text.ptr + scheme.len, text.len - scheme.len};
	if (!str_number(str_cut(&rest, ','), SASL_VERIFIER_ITERATIONS_MIN,
		SASL_VERIFIER_ITERATIONS_MAX, &iterations))
		return false;
	out->iterations = (uint32_t)iterations;
	out->salt_len = decode(str_cut(&rest, ','), out->salt, sizeof out->salt);
	return out->salt_len > 0 &&
	       decode(str_cut(&rest, ','), out->stored_key, CRYPTO_SHA256_SIZE) ==
		   CRYPTO_SHA256_SIZE &&
	       decode(rest, out->server_key, CRYPTO_SHA256_SIZE) == CRYPTO_SHA256_SIZE;
}

void
sasl_verifier_write(struct buf *b, const struct sasl_verifier *v)
{
	buf_addf(b, "%s%lu,", scheme.ptr, (unsigned long)v->iterations);
	base64_encode(b, (struct slice){(const char *)v->salt, v->salt_len});
	buf_addc(b, ',');
	base64_encode(b, key_slice(v->stored_key));
	buf_addc(b, ',');
	base64_encode(b, key_slice(v->server_key));
}

int
sasl_verifier_check(const struct sasl_verifier *v, struct slice password, struct err *e)
{
	struct sasl_verifier given = *v;

	if (derive_prepared(&given, password, e) == -1)
		return -1;
	return secret_equal(given.stored_key, v->stored_key, sizeof v->stored_key) ? 1 : 0;
}
