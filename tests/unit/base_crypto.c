/*
 * Units of base/crypto: the published test vectors, and a certificate that can be written.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/crypto.h"

#include "base/banned.h"

static void
assert_hex(const unsigned char *value, const char *hex)
{
	struct buf text = BUF_INIT(2 * CRYPTO_SHA256_SIZE);

	for (size_t i = 0; i < CRYPTO_SHA256_SIZE; i++)
		buf_addf(&text, "%02x", value[i]);
	assert_string_equal(buf_text(&text), hex);
	buf_free(&text);
}

static void
hashes(void **state)
{
	unsigned char out[CRYPTO_SHA256_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	/* FIPS 180-4's "abc"; RFC 4231, case 2; RFC 7914, section 11. */
	assert_int_equal(crypto_sha256(str_slice("abc"), out, &e), 0);
	assert_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(crypto_hmac_sha256(
			     str_slice("Jefe"), str_slice("what do ya want for nothing?"), out, &e),
	    0);
	assert_hex(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	assert_int_equal(
	    crypto_pbkdf2_sha256(str_slice("passwd"), str_slice("salt"), 1, out, &e), 0);
	assert_hex(out, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
}

static void
makes_a_certificate_once_for_each_call(void **state)
{
	struct buf certificate[2] = {BUF_INIT(16384), BUF_INIT(16384)};
	struct buf key[2] = {BUF_INIT(16384), BUF_INIT(16384)};
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(
		    crypto_make_certificate("pi.example", &certificate[i], &key[i], &e), 0);
		assert_true(
		    str_begins_nocase(buf_slice(&certificate[i]), "-----BEGIN CERTIFICATE-----\n"));
		assert_non_null(strstr(buf_text(&key[i]), "PRIVATE KEY-----\n"));
	}
	assert_string_not_equal(buf_text(&key[0]), buf_text(&key[1]));
	for (size_t i = 0; i < 2; i++) {
		buf_free(&certificate[i]);
		buf_wipe(&key[i]);
	}
}

static void
says_when_a_certificate_does_not_fit(void **state)
{
	struct buf certificate = BUF_INIT(100), key = BUF_INIT(100);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(crypto_make_certificate("pi.example", &certificate, &key, &e), -1);
	assert_int_equal(e.ex, EX_SOFTWARE);
	buf_free(&certificate);
	buf_wipe(&key);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hashes),
	    cmocka_unit_test(makes_a_certificate_once_for_each_call),
	    cmocka_unit_test(says_when_a_certificate_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
