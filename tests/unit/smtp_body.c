/*
 * Units of smtp/body: the end of the data, stuffed dots and faults, whatever the pieces are in
 * which the bytes come.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "smtp/body.h"

#include "base/banned.h"

enum { MOST = 100000 };

struct result {
	struct buf text;
	bool done;
	size_t left; /* bytes not taken */
};

/* Runs RAW through BODY in pieces of SIZE bytes. */
static struct result
run(struct smtp_body *body, struct slice raw, size_t size)
{
	struct result result = {BUF_INIT(MOST), false, raw.len};

	while (!result.done && result.left > 0) {
		struct slice piece = {
		    raw.ptr + raw.len - result.left, result.left < size ? result.left : size};
		size_t whole = piece.len;

		while (!result.done && piece.len > 0) {
			struct slice out;

			result.done = smtp_body_next(body, &piece, &out);
			buf_add_slice(&result.text, out);
		}
		result.left -= whole - piece.len;
	}
	assert_int_equal(result.text.len, body->size);
	return result;
}

#define RAW(text) STR_LITERAL(text)

static void
finds_the_end_and_takes_dots_away(void **state)
{
	static const struct {
		bool lenient;
		struct slice raw;
		const char *text; /* NULL: has no end */
		size_t left;
	} cases[] = {
	    {false, RAW(".\r\n"), "", 0},
	    {false, RAW("a\r\n.\r\nQUIT\r\n"), "a\r\n", 6},
	    {false, RAW("..\r\n...\r\n.\r\n"), ".\r\n..\r\n", 0},
	    {false, RAW(".a\r\n.\r\n"), "a\r\n", 0},
	    {false, RAW("a.\r\n\r\n.\r\n"), "a.\r\n\r\n", 0},
	    {false, RAW("a\r\n."), NULL, 0},
	    {false, RAW("a\r\n.\r"), NULL, 0},
	    {true, RAW("a\n.\nQUIT\n"), "a\n", 5},
	    {true, RAW("a\r\n.\r\n"), "a\r\n", 0},
	    {true, RAW("a\n..b\n.\r\n"), "a\n.b\n", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (size_t size = 1; size <= cases[i].raw.len; size++) {
			struct smtp_body body = SMTP_BODY_INIT(true, cases[i].lenient);
			struct result result = run(&body, cases[i].raw, size);

			assert_int_equal(result.done, cases[i].text != NULL);
			assert_true(smtp_body_is_clean(&body));
			if (result.done) {
				assert_string_equal(buf_text(&result.text), cases[i].text);
				assert_int_equal(result.left, cases[i].left);
			}
			buf_free(&result.text);
		}
	}
}

static void
smuggled_ends_are_faults_and_no_ends(void **state)
{
	static const struct slice cases[] = {
	    RAW("a\n.\nb\r\n.\r\n"),
	    RAW("a\n.\r\nb\r\n.\r\n"),
	    RAW("a\r\n.\nb\r\n.\r\n"),
	    RAW("a\r.\rb\r\n.\r\n"),
	    RAW("a\r.\nb\r\n.\r\n"),
	    RAW("a\n.\rb\r\n.\r\n"),
	    RAW("a\r.\r\nb\r\n.\r\n"),
	    RAW("a\r\n.\rb\r\n.\r\n"),
	    RAW("a\r\n\0.\r\nb\r\n.\r\n"),
	    RAW("a\r\n.\0\r\nb\r\n.\r\n"),
	    RAW("a\r\n.\r\rb\r\n.\r\n"),
	    RAW("a\r\r\n.\r\r\nb\r\n.\r\n"),
	    RAW("\n.\r\n.\r\n"),
	    RAW("\r\r\n.\r\n"),
	    RAW("a\0b\r\n.\r\n"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (size_t size = 1; size <= cases[i].len; size++) {
			struct smtp_body body = SMTP_BODY_INIT(true, false);
			struct result result = run(&body, cases[i], size);

			assert_true(result.done);
			assert_int_equal(result.left, 0);
			assert_false(smtp_body_is_clean(&body));
			buf_free(&result.text);
		}
	}
}

static void
a_chunk_has_no_dots_and_the_same_faults(void **state)
{
	static const struct {
		struct slice raw;
		bool clean;
	} cases[] = {
	    {RAW(".\r\n..\r\n"), true},
	    {RAW("no end of line"), true},
	    {RAW("a\r"), false},
	    {RAW("a\n"), false},
	    {RAW("a\rb\r\n"), false},
	    {RAW("a\0b\r\n"), false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (size_t size = 1; size <= cases[i].raw.len; size++) {
			struct smtp_body body = SMTP_BODY_INIT(false, false);
			struct result result = run(&body, cases[i].raw, size);

			assert_false(result.done);
			assert_int_equal(smtp_body_is_clean(&body), cases[i].clean);
			assert_true(str_equal(buf_slice(&result.text), cases[i].raw));
			buf_free(&result.text);
		}
	}
}

/* Text as it should be, but for COUNT bytes, with an end and something behind it. */
static void
fill_spoilt(uint32_t *seed, char *room, size_t len, size_t count)
{
	static const char bytes[] = "\r\n..\0";
	static const char end[] = "\r\n.\r\nQUIT\r\n";

	memset(room, 'a', len);
	for (size_t i = 0; i <= count || i < len / 40; i++) {
		size_t at = (*seed = *seed * 1103515245 + 12345) / 7 % (len - 16);

		if (i >= count)
			memcpy(room + at, "\r\n", 2);
		else
			room[at] = bytes[*seed / 65536 % (sizeof bytes - 1)];
	}
	memcpy(room + len - strlen(end), end, strlen(end));
}

/* What is judged by the piece, in long text, comes to the same as a byte at a time. */
static void
is_the_same_in_any_pieces(void **state)
{
	static char room[20000];
	uint32_t seed = 20261125;

	(void)state;
	for (size_t i = 0; i < 400; i++) {
		size_t len = 40 + seed % (sizeof room - 40);
		bool dots = i % 3 != 0, lenient = i % 5 == 0;
		struct smtp_body bytes = SMTP_BODY_INIT(dots, lenient), pieces = bytes;
		struct result slow, fast;

		fill_spoilt(&seed, room, len, i % 4 == 0 ? 0 : i % 30);
		slow = run(&bytes, (struct slice){room, len}, 1);
		fast = run(&pieces, (struct slice){room, len}, i % 2 == 0 ? len : 1 + seed % 9000);
		assert_int_equal(slow.done, fast.done);
		assert_int_equal(slow.left, fast.left);
		assert_true(str_equal(buf_slice(&slow.text), buf_slice(&fast.text)));
		assert_int_equal(smtp_body_is_clean(&bytes), smtp_body_is_clean(&pieces));
		assert_int_equal(bytes.at, pieces.at);
		buf_free(&slow.text);
		buf_free(&fast.text);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_the_end_and_takes_dots_away),
	    cmocka_unit_test(smuggled_ends_are_faults_and_no_ends),
	    cmocka_unit_test(a_chunk_has_no_dots_and_the_same_faults),
	    cmocka_unit_test(is_the_same_in_any_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
