/*
 * Units of net/record and net/resolver: answers of name servers, hostile ones above all, and the
 * address of one.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/record.h"
#include "net/resolver.h"

#include "base/banned.h"

enum { MESSAGE_MAX = NET_RECORD_ANSWER_MAX };

/* The head of an answer with COUNT records, and the question "a." of TYPE. */
static void
begin(struct buf *b, unsigned count, int type)
{
	const char head[] = {0, 1, (char)0x81, (char)0x80, 0, 1, (char)(count >> 8), (char)count, 0,
	    0, 0, 0, 1, 'a', 0, 0, (char)type, 0, 1};

	buf_reset(b);
	buf_add(b, head, sizeof head);
}

/* A record of "a." with TYPE and N bytes of DATA. */
static void
add(struct buf *b, int type, const char *data, size_t n)
{
	const char head[] = {
	    (char)0xc0, 12, 0, (char)type, 0, 1, 0, 0, 0, 60, (char)(n >> 8), (char)n};

	buf_add(b, head, sizeof head);
	buf_add(b, data, n);
}

#define ADD(b, type, data) add((b), (type), (data), sizeof(data) - 1)

static const int mx = 15, srv = 33, txt = 16, cname = 5, a = 1;

static void
sorts_what_has_a_priority(void **state)
{
	struct net_records got = NET_RECORDS_INIT;
	struct buf b = BUF_INIT(MESSAGE_MAX);
	struct err e = ERR_INIT;

	(void)state;
	begin(&b, 4, mx);
	ADD(&b, cname, "\1b\0");
	ADD(&b, mx, "\0\24\2mx\1b\0");
	ADD(&b, mx, "\0\12\2mx\xc0\14");
	ADD(&b, mx, "\0\17\0");
	assert_int_equal(net_record_parse(buf_slice(&b), NET_RECORD_MX, &got, &e), 0);
	assert_int_equal(got.count, 3);
	assert_string_equal(got.at[0].value.ptr, "mx.a");
	assert_int_equal(got.at[0].priority, 10);
	assert_string_equal(got.at[1].value.ptr, "");
	assert_string_equal(got.at[2].value.ptr, "mx.b");
	net_record_free(&got);

	begin(&b, 3, srv);
	ADD(&b, srv, "\0\1\0\5\2\113\1x\0");
	ADD(&b, srv, "\0\1\0\6\1\321\1y\0");
	ADD(&b, srv, "\0\0\0\0\0\31\1z\0");
	assert_int_equal(net_record_parse(buf_slice(&b), NET_RECORD_SRV, &got, &e), 0);
	assert_string_equal(got.at[0].value.ptr, "z");
	assert_string_equal(got.at[1].value.ptr, "y");
	assert_int_equal(got.at[1].port, 465);
	assert_string_equal(got.at[2].value.ptr, "x");
	assert_int_equal(got.at[2].port, 587);
	net_record_free(&got);
	buf_free(&b);
}

static void
joins_the_strings_of_a_text(void **state)
{
	struct net_records got = NET_RECORDS_INIT;
	struct buf b = BUF_INIT(MESSAGE_MAX);
	struct err e = ERR_INIT;

	(void)state;
	begin(&b, 2, txt);
	ADD(&b, txt, "\6v=spf1\5 -all");
	ADD(&b, txt, "\3a\0b");
	assert_int_equal(net_record_parse(buf_slice(&b), NET_RECORD_TXT, &got, &e), 0);
	assert_int_equal(got.count, 2);
	assert_true(str_is(got.at[0].value, "v=spf1 -all"));
	assert_true(str_equal(got.at[1].value, (struct slice)STR_LITERAL("a\0b")));
	assert_true(got.exists);
	net_record_free(&got);
	buf_free(&b);
}

static void
refuses_what_is_malformed(void **state)
{
	static const struct {
		int type;
		enum net_record_type asked;
		struct slice data;
	} cases[] = {
	    {mx, NET_RECORD_MX, STR_LITERAL("")},
	    {mx, NET_RECORD_MX, STR_LITERAL("\0\12")},
	    {mx, NET_RECORD_MX, STR_LITERAL("\0\12\xc0\x21")}, /* points at itself */
	    {mx, NET_RECORD_MX, STR_LITERAL("\0\12\77abc")},   /* a label beyond the end */
	    {mx, NET_RECORD_MX, STR_LITERAL("\0\12\xff\xff")}, /* points out of the message */
	    {srv, NET_RECORD_SRV, STR_LITERAL("\0\1\0\5\2\113")},
	    {txt, NET_RECORD_TXT, STR_LITERAL("\7v=spf1")},
	    {a, NET_RECORD_A, STR_LITERAL("\1\2\3")},
	    {a, NET_RECORD_A, STR_LITERAL("\1\2\3\4\5")},
	};
	struct net_records got = NET_RECORDS_INIT;
	struct buf b = BUF_INIT(MESSAGE_MAX);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = ERR_INIT;

		begin(&b, 1, cases[i].type);
		add(&b, cases[i].type, cases[i].data.ptr, cases[i].data.len);
		assert_int_equal(net_record_parse(buf_slice(&b), cases[i].asked, &got, &e), -1);
		assert_int_equal(e.ex, EX_PROTOCOL);
		net_record_free(&got);
	}
	buf_free(&b);
}

/* However an answer is cut or garbled, it is taken or refused, and nothing else happens. */
static void
survives_cuts_and_garbling(void **state)
{
	struct net_records got = NET_RECORDS_INIT;
	struct buf b = BUF_INIT(MESSAGE_MAX);
	struct err e = ERR_INIT;

	(void)state;
	begin(&b, 2, mx);
	ADD(&b, mx, "\0\24\2mx\1b\0");
	ADD(&b, mx, "\0\12\2mx\xc0\14");
	for (size_t len = 0; len < b.len; len++) {
		assert_int_equal(
		    net_record_parse((struct slice){b.data, len}, NET_RECORD_MX, &got, &e), -1);
		net_record_free(&got);
	}
	for (size_t i = 0; i < 8 * b.len; i++) {
		b.data[i / 8] = (char)(b.data[i / 8] ^ 1 << i % 8);
		(void)net_record_parse(buf_slice(&b), NET_RECORD_MX, &got, &e);
		assert_true(got.count <= 2);
		net_record_free(&got);
		b.data[i / 8] = (char)(b.data[i / 8] ^ 1 << i % 8);
	}
	buf_free(&b);
}

static void
takes_only_so_many(void **state)
{
	struct net_records got = NET_RECORDS_INIT;
	struct buf b = BUF_INIT(MESSAGE_MAX);
	struct err e = ERR_INIT;

	(void)state;
	for (unsigned count = NET_RECORD_COUNT_MAX; count <= NET_RECORD_COUNT_MAX + 1; count++) {
		begin(&b, count, a);
		for (unsigned i = 0; i < count; i++)
			ADD(&b, a, "\177\0\0\1");
		assert_int_equal(net_record_parse(buf_slice(&b), NET_RECORD_A, &got, &e),
		    count == NET_RECORD_COUNT_MAX ? 0 : -1);
		net_record_free(&got);
	}
	assert_int_equal(e.ex, EX_PROTOCOL);
	buf_free(&b);
}

static void
reads_the_address_of_a_name_server(void **state)
{
	static const struct {
		const char *text, *address; /* NULL: refused */
		unsigned port;
	} cases[] = {
	    {"192.0.2.1", "192.0.2.1", 53},
	    {"192.0.2.1:5353", "192.0.2.1", 5353},
	    {"2001:db8::1", "2001:db8::1", 53},
	    {"[2001:db8::1]", "2001:db8::1", 53},
	    {"[2001:db8::1]:5353", "2001:db8::1", 5353},
	    {"", NULL, 0},
	    {"ns.example.org", NULL, 0},
	    {"192.0.2.1:", NULL, 0},
	    {"192.0.2.1:0", NULL, 0},
	    {"192.0.2.1:65536", NULL, 0},
	    {"192.0.2.1:53a", NULL, 0},
	    {"[2001:db8::1]x", NULL, 0},
	    {"[2001:db8::1", NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct net_resolver got = {"", 0};
		struct err e = ERR_INIT;
		int rc = net_resolver_parse(str_slice(cases[i].text), &got, &e);

		assert_int_equal(rc, cases[i].address != NULL ? 0 : -1);
		if (cases[i].address == NULL) {
			assert_int_equal(e.ex, EX_USAGE);
			continue;
		}
		assert_string_equal(got.address, cases[i].address);
		assert_int_equal(got.port, cases[i].port);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sorts_what_has_a_priority),
	    cmocka_unit_test(joins_the_strings_of_a_text),
	    cmocka_unit_test(refuses_what_is_malformed),
	    cmocka_unit_test(survives_cuts_and_garbling),
	    cmocka_unit_test(takes_only_so_many),
	    cmocka_unit_test(reads_the_address_of_a_name_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
