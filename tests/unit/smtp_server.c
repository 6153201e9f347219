/*
 * Units of smtp/server: dialogues in which the owner says yes to everything but addresses that
 * begin with `no`, messages that hold "refuse me", and logins by anything but "good". Each is run
 * whole, and a byte at a time.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "smtp/refusal.h"
#include "smtp/server.h"

#include "base/banned.h"

#define TEN(text) text text text text text text text text text text

struct owner {
	struct smtp_server *server;
	struct buf replies; /* codes and enhanced codes, a blank behind each */
	struct buf body;    /* of the message under way */
	struct buf events;  /* a letter for each that the owner got */
	bool closed;
};

/* The codes of the complete lines of the output, without continuation lines. */
static void
note_replies(struct owner *o)
{
	struct buf *output = smtp_server_output(o->server);
	struct slice rest = buf_slice(output);

	while (rest.ptr != NULL && rest.len > 0) {
		struct slice line = str_cut(&rest, '\n');
		struct slice code = str_cut(&line, ' ');
		struct slice enhanced = str_cut(&line, ' ');

		if (code.len != 3)
			continue;
		buf_addf(&o->replies, "%.*s", STR_ARGS(code));
		if (str_find(enhanced, '.') == 1)
			buf_addf(&o->replies, "/%.*s", STR_ARGS(enhanced));
		buf_addc(&o->replies, ' ');
	}
	buf_reset(output);
}

static void
answer(struct owner *o, bool yes, int code, const char *enhanced)
{
	struct err e = ERR_INIT;

	(void)smtp_refusal(&e, code, enhanced, "No");
	if (yes)
		smtp_server_accept(o->server, NULL);
	else
		smtp_server_refuse(o->server, &e);
}

static void
act(struct owner *o, enum smtp_server_event event, const struct smtp_server_detail *detail)
{
	static const char letters[] = "??MRB!x@>TQC";

	if (event != SMTP_SERVER_BODY)
		buf_addc(&o->events, letters[event]);
	if (event == SMTP_SERVER_NEED_ANSWER) /* LMTP's next recipient */
		smtp_server_accept(o->server, NULL);
	else if (event == SMTP_SERVER_MAIL || event == SMTP_SERVER_RCPT)
		answer(o, !str_begins_nocase(str_slice(detail->command.path.text), "no"), 550,
		    "5.1.1");
	else if (event == SMTP_SERVER_BODY)
		buf_add_slice(&o->body, detail->body);
	else if (event == SMTP_SERVER_MESSAGE)
		answer(o, strstr(buf_text(&o->body), "refuse me") == NULL, 554, "5.7.1");
	else if (event == SMTP_SERVER_AUTH && str_is_nocase(detail->command.mechanism, "ASK"))
		smtp_server_challenge(o->server, str_slice("cXVlc3Rpb24="));
	else if (event == SMTP_SERVER_AUTH)
		answer(o, str_is(detail->command.initial, "good"), 535, "5.7.8");
	else if (event == SMTP_SERVER_RESPONSE)
		answer(o, str_is(detail->response, "good"), 535, "5.7.8");
	else if (event == SMTP_SERVER_STARTTLS)
		smtp_server_secured(o->server);
	if (event == SMTP_SERVER_MESSAGE || event == SMTP_SERVER_RESET)
		buf_reset(&o->body);
	o->closed = o->closed || event == SMTP_SERVER_CLOSE;
}

/* Hands INPUT over, at most STEP more bytes each time. */
static void
play(struct owner *o, struct slice input, size_t step)
{
	size_t given = 0;

	while (!o->closed) {
		struct slice offer = {input.ptr, given};
		struct smtp_server_detail detail;
		enum smtp_server_event event = smtp_server_next(o->server, &offer, &detail);

		input.len -= (size_t)(offer.ptr - input.ptr);
		input.ptr = offer.ptr;
		given = offer.len;
		note_replies(o);
		if (event != SMTP_SERVER_NEED_INPUT) {
			act(o, event, &detail);
			note_replies(o);
		} else if (given == input.len) {
			break;
		} else {
			given += input.len - given < step ? input.len - given : step;
		}
	}
}

static const struct smtp_server_params smtp = {
    .hostname = "mx.example",
    .starttls = true,
    .auth_clear = "ASK",
    .auth_tls = "PLAIN ASK",
    .max_size = 1000,
    .max_recipients = 3,
};

static const struct smtp_server_params lmtp = {
    .hostname = "mx.example",
    .lmtp = true,
    .max_size = 1000,
    .max_recipients = 3,
};

static const struct smtp_server_params lenient = {
    .hostname = "mx.example",
    .lenient = true,
    .max_size = 1000,
    .max_recipients = 3,
};

static const struct smtp_server_params locked = {
    .hostname = "mx.example",
    .starttls = true,
    .require_auth = true,
    .auth_tls = "PLAIN",
    .max_size = 1000,
    .max_recipients = 3,
};

struct dialogue {
	const struct smtp_server_params *params;
	struct slice input;
	const char *replies; /* after the greeting's 220 */
	const char *events;  /* after that */
};

static void
run_dialogues(const struct dialogue *dialogues, size_t n)
{
	for (size_t i = 0; i < 2 * n; i++) {
		const struct dialogue *d = &dialogues[i / 2];
		struct owner o = {.server = smtp_server_new(d->params, false),
		    .replies = BUF_INIT(10000),
		    .body = BUF_INIT(10000),
		    .events = BUF_INIT(10000)};

		assert_non_null(o.server);
		play(&o, d->input, i % 2 == 0 ? d->input.len : 1);
		assert_string_equal(buf_text(&o.replies) + strlen("220 "), d->replies);
		assert_string_equal(buf_text(&o.events), d->events);
		smtp_server_free(o.server);
		buf_free(&o.replies);
		buf_free(&o.body);
		buf_free(&o.events);
	}
}

#define RUN(cases) run_dialogues(cases, sizeof(cases) / sizeof(cases)[0])
#define IN(text)   STR_LITERAL(text)
#define EHLO	   "EHLO me\r\n"
#define MAIL	   EHLO "MAIL FROM:<a@b>\r\n"
#define RCPT	   MAIL "RCPT TO:<c@d>\r\n"

static void
takes_messages(void **state)
{
	static const struct dialogue cases[] = {
	    {&smtp, IN("HELO me\r\nQUIT\r\nNOOP\r\n"), "250 221/2.0.0 ", "xC"},
	    {&smtp, IN(RCPT "DATA\r\nhi\r\n.\r\nQUIT\r\n"),
		"250 250/2.1.0 250/2.1.5 354 250/2.0.0 221/2.0.0 ", "xMR!C"},
	    {&smtp, IN(RCPT "BDAT 4\r\nhi\r\nBDAT 4 LAST\r\nho\r\nNOOP\r\n"),
		"250 250/2.1.0 250/2.1.5 250/2.0.0 250/2.0.0 250/2.0.0 ", "xMR!"},
	    {&smtp, IN(RCPT "BDAT 4\r\nhi\r\nBDAT 0 LAST\r\nNOOP\r\n"),
		"250 250/2.1.0 250/2.1.5 250/2.0.0 250/2.0.0 250/2.0.0 ", "xMR!"},
	    {&smtp, IN(MAIL "RCPT TO:<no@d>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\n"),
		"250 250/2.1.0 550/5.1.1 250/2.1.5 354 250/2.0.0 ", "xMRR!"},
	    {&smtp, IN(EHLO "MAIL FROM:<> SIZE=1000 BODY=8BITMIME SMTPUTF8\r\n"), "250 250/2.1.0 ",
		"xM"},
	    {&smtp, IN("NOOP\r\nHELP\r\nVRFY a\r\nEXPN a\r\nRSET\r\n"),
		"250/2.0.0 214/2.0.0 252/2.5.0 502/5.5.1 250/2.0.0 ", "x"},
	    {&lmtp,
		IN("LHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c>\r\nRCPT TO:<d>\r\nDATA\r\n.\r\n"
		   "NOOP\r\n"),
		"250 250/2.1.0 250/2.1.5 250/2.1.5 354 250/2.0.0 250/2.0.0 250/2.0.0 ", "xMRR!?"},
	    {&lenient, IN("EHLO me\nMAIL FROM: a@b\nRCPT TO:<c>\nDATA\nhi\n.\nQUIT\n"),
		"250 250/2.1.0 250/2.1.5 354 250/2.0.0 221/2.0.0 ", "xMR!C"},
	};

	(void)state;
	RUN(cases);
}

static void
keeps_the_order_of_commands(void **state)
{
	static const struct dialogue cases[] = {
	    {&smtp, IN("MAIL FROM:<a@b>\r\nRCPT TO:<a@b>\r\nDATA\r\nSTARTTLS\r\nAUTH ASK\r\n"),
		"503/5.5.1 503/5.5.1 503/5.5.1 503/5.5.1 503/5.5.1 ", ""},
	    {&smtp, IN(EHLO "RCPT TO:<a@b>\r\nDATA\r\n"), "250 503/5.5.1 503/5.5.1 ", "x"},
	    {&smtp, IN(MAIL "MAIL FROM:<a@b>\r\nDATA\r\nSTARTTLS\r\nAUTH ASK\r\n"),
		"250 250/2.1.0 503/5.5.1 503/5.5.1 503/5.5.1 503/5.5.1 ", "xM"},
	    {&smtp, IN("LHLO me\r\n"), "500/5.5.1 ", ""},
	    {&lmtp, IN("EHLO me\r\nHELO me\r\n"), "500/5.5.1 500/5.5.1 ", ""},
	    {&smtp, IN(RCPT "BDAT 2\r\nhiDATA\r\nRCPT TO:<e@f>\r\nBDAT 0 LAST\r\n"),
		"250 250/2.1.0 250/2.1.5 250/2.0.0 503/5.5.1 503/5.5.1 250/2.0.0 ", "xMR!"},
	    {&locked, IN(EHLO "MAIL FROM:<a@b>\r\nAUTH PLAIN good\r\nSTARTTLS\r\n"),
		"250 530/5.7.0 538/5.7.11 220/2.0.0 ", "xT"},
	    {&lmtp, IN("LHLO me\r\nAUTH PLAIN x\r\nSTARTTLS\r\n"), "250 502/5.5.1 502/5.5.1 ", "x"},
	};

	(void)state;
	RUN(cases);
}

static void
state_is_right_after_each_refusal(void **state)
{
	static const struct dialogue cases[] = {
	    /* a refused sender leaves no transaction */
	    {&smtp, IN(EHLO "MAIL FROM:<no@b>\r\nRCPT TO:<c@d>\r\nMAIL FROM:<a@b>\r\n"),
		"250 550/5.1.1 503/5.5.1 250/2.1.0 ", "xMM"},
	    /* nor its SMTPUTF8 */
	    {&smtp,
		IN(EHLO "MAIL FROM:<no@b> SMTPUTF8\r\nMAIL FROM:<a@b>\r\nRCPT TO:<\xc3\xa0@b>\r\n"),
		"250 550/5.1.1 250/2.1.0 553/5.6.7 ", "xMM"},
	    {&smtp, IN(EHLO "MAIL FROM:<\xc3\xa0@b>\r\nMAIL FROM:<\xc3\xa0@b> SMTPUTF8\r\n"),
		"250 553/5.6.7 250/2.1.0 ", "xM"},
	    /* all recipients refused: no content is taken */
	    {&smtp, IN(MAIL "RCPT TO:<no@d>\r\nDATA\r\nRSET\r\n"),
		"250 250/2.1.0 550/5.1.1 503/5.5.1 250/2.0.0 ", "xMRx"},
	    /* a refused end of data leaves no recipients */
	    {&smtp,
		IN(RCPT "DATA\r\nrefuse me\r\n.\r\nDATA\r\nRCPT TO:<e@f>\r\nMAIL FROM:<a@b>\r\n"),
		"250 250/2.1.0 250/2.1.5 354 554/5.7.1 503/5.5.1 503/5.5.1 250/2.1.0 ", "xMR!M"},
	    /* a refused chunk leaves none either, and its bytes are no commands */
	    {&smtp,
		IN(RCPT "BDAT 1001\r\n" TEN(TEN("NOOP\r\nQUI\n")) "!DATA\r\nMAIL FROM:<a@b>\r\n"),
		"250 250/2.1.0 250/2.1.5 552/5.3.4 503/5.5.1 250/2.1.0 ", "xMRxM"},
	    {&smtp, IN(MAIL "BDAT 6\r\nQUIT\r\nRSET\r\n"), "250 250/2.1.0 503/5.5.1 250/2.0.0 ",
		"xMx"},
	    {&smtp, IN(RCPT "BDAT 9 LAST\r\nrefuse meBDAT 6 LAST\r\nQUIT\r\nMAIL FROM:<a@b>\r\n"),
		"250 250/2.1.0 250/2.1.5 554/5.7.1 503/5.5.1 250/2.1.0 ", "xMR!M"},
	    /* RSET between two chunks */
	    {&smtp, IN(RCPT "BDAT 2\r\nhiRSET\r\nBDAT 0 LAST\r\nMAIL FROM:<a@b>\r\n"),
		"250 250/2.1.0 250/2.1.5 250/2.0.0 250/2.0.0 503/5.5.1 250/2.1.0 ", "xMRxM"},
	    /* EHLO within a message */
	    {&smtp, IN(RCPT EHLO "DATA\r\n"), "250 250/2.1.0 250/2.1.5 250 503/5.5.1 ", "xMRx"},
	    /* too many recipients, and those that were taken stay */
	    {&smtp, IN(RCPT "RCPT TO:<e>\r\nRCPT TO:<f>\r\nRCPT TO:<g>\r\nDATA\r\n.\r\n"),
		"250 250/2.1.0 250/2.1.5 250/2.1.5 250/2.1.5 452/4.5.3 354 250/2.0.0 ", "xMRRR!"},
	    /* too big: said beforehand, found at the end */
	    {&smtp, IN(EHLO "MAIL FROM:<a@b> SIZE=1001\r\nMAIL FROM:<a@b> BODY=BINARYMIME\r\n"),
		"250 552/5.3.4 501/5.5.4 ", "x"},
	    {&smtp,
		IN(RCPT "DATA\r\n" TEN(TEN("123456789\r\n")) ".\r\nDATA\r\nMAIL FROM:<a@b>\r\n"),
		"250 250/2.1.0 250/2.1.5 354 552/5.3.4 503/5.5.1 250/2.1.0 ", "xMRxM"},
	};

	(void)state;
	RUN(cases);
}

static void
logs_in(void **state)
{
	static const struct dialogue cases[] = {
	    {&smtp, IN(EHLO "AUTH ASK\r\ngood\r\nAUTH ASK\r\n"), "250 334 235/2.7.0 503/5.5.1 ",
		"x@>"},
	    {&smtp, IN(EHLO "AUTH ASK\r\nbad\r\nAUTH ASK\r\n*\r\nAUTH PLAIN good\r\n"),
		"250 334 535/5.7.8 334 501/5.7.0 235/2.7.0 ", "x@>@@"},
	    /* a login before STARTTLS is forgotten */
	    {&smtp, IN(EHLO "AUTH PLAIN good\r\nSTARTTLS\r\n"), "250 235/2.7.0 220/2.0.0 ", "x@T"},
	};
	struct owner o = {.server = smtp_server_new(&locked, true),
	    .replies = BUF_INIT(10000),
	    .body = BUF_INIT(100),
	    .events = BUF_INIT(100)};

	(void)state;
	RUN(cases);
	play(&o, str_slice(EHLO "AUTH PLAIN good\r\nMAIL FROM:<a@b>\r\n"), 100);
	assert_string_equal(buf_text(&o.replies), "220 250 235/2.7.0 250/2.1.0 ");
	assert_string_equal(smtp_server_protocol(o.server), "ESMTPSA");
	assert_string_equal(smtp_server_client(o.server), "me");
	smtp_server_free(o.server);
	buf_free(&o.replies);
	buf_free(&o.events);
}

static void
hangs_up_on_attacks(void **state)
{
	static const struct dialogue cases[] = {
	    {&smtp, IN("NOOP\nNOOP\r\n"), "500/5.5.2 ", "C"},
	    {&smtp, IN("NOOP \rNOOP\r\n"), "500/5.5.2 ", "C"},
	    {&smtp, IN("NOOP\0\r\n"), "500/5.5.2 ", "C"},
	    {&smtp, IN(RCPT "DATA\r\nhi\n.\r\nQUIT\r\n.\r\nNOOP\r\n"),
		"250 250/2.1.0 250/2.1.5 354 550/5.6.0 ", "xMRC"},
	    {&smtp, IN(RCPT "BDAT 3 LAST\r\nhi\nNOOP\r\n"), "250 250/2.1.0 250/2.1.5 550/5.6.0 ",
		"xMRC"},
	    {&smtp, IN(EHLO "BDAT x\r\nQUIT\r\n"), "250 501/5.5.4 ", "xC"},
	    {&smtp, IN("NOOP " TEN(TEN("123456789012345678901"))), "500/5.5.2 ", "C"},
	    {&smtp, IN(TEN("NO\r\n") TEN("NO\r\n") "NOOP\r\n"),
		TEN("500/5.5.2 ") TEN("500/5.5.2 ") "421/4.7.0 ", "C"},
	    {&smtp, IN(RCPT "DATA\r\n" TEN(TEN("12345678901234567890\r\n"))),
		"250 250/2.1.0 250/2.1.5 354 552/5.3.4 ", "xMRC"},
	};

	(void)state;
	RUN(cases);
}

static void
nothing_may_come_before_tls(void **state)
{
	struct owner o = {.server = smtp_server_new(&smtp, false),
	    .replies = BUF_INIT(10000),
	    .body = BUF_INIT(100),
	    .events = BUF_INIT(100)};

	(void)state;
	play(&o, str_slice(EHLO "STARTTLS\r\nEHLO you\r\n"), 100);
	assert_string_equal(buf_text(&o.replies), "220 250 503/5.5.1 ");
	assert_string_equal(buf_text(&o.events), "xC");
	smtp_server_free(o.server);
	buf_free(&o.replies);
	buf_free(&o.events);
}

static void
takes_no_input_while_it_waits(void **state)
{
	struct smtp_server *s = smtp_server_new(&smtp, false);
	struct slice input = str_slice(MAIL "NOOP\r\n");
	struct smtp_server_detail detail;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(smtp_server_next(s, &input, &detail), SMTP_SERVER_RESET);
	assert_int_equal(smtp_server_next(s, &input, &detail), SMTP_SERVER_MAIL);
	assert_int_equal(smtp_server_next(s, &input, &detail), SMTP_SERVER_NEED_ANSWER);
	assert_true(str_is(input, "NOOP\r\n"));
	buf_reset(smtp_server_output(s));
	(void)err_set(&e, EX_TEMPFAIL, "the disk /dev/sda1 is full");
	smtp_server_refuse(s, &e);
	assert_null(strstr(buf_text(smtp_server_output(s)), "sda1"));
	assert_true(str_begins_nocase(buf_slice(smtp_server_output(s)), "451 4.3.0 "));
	assert_int_equal(smtp_server_next(s, &input, &detail), SMTP_SERVER_NEED_INPUT);
	assert_int_equal(input.len, 0);
	(void)smtp_refusal(&e, 421, "4.3.2", "Going down");
	smtp_server_end(s, &e);
	assert_int_equal(smtp_server_next(s, &input, &detail), SMTP_SERVER_CLOSE);
	smtp_server_free(s);
}

static void
waits_for_a_client_that_reads_no_replies(void **state)
{
	struct smtp_server *s = smtp_server_new(&smtp, false);
	struct buf flood = BUF_INIT(100000);
	struct smtp_server_detail detail;
	struct slice input;

	(void)state;
	for (size_t i = 0; i < 10000; i++)
		buf_adds(&flood, "NOOP\r\n");
	input = buf_slice(&flood);
	assert_int_equal(smtp_server_next(s, &input, &detail), SMTP_SERVER_NEED_INPUT);
	assert_in_range(input.len, 1, flood.len - 1);
	assert_false(smtp_server_output(s)->full);
	for (size_t left = input.len; left > 0; left = input.len) {
		buf_reset(smtp_server_output(s));
		(void)smtp_server_next(s, &input, &detail);
		assert_true(input.len < left);
	}
	smtp_server_free(s);
	buf_free(&flood);
}

#define FIVE(x)	    x x x x x
#define TWENTY(x)   FIVE(x x x x)
#define HUNDRED(x)  FIVE(TWENTY(x))
#define NO	    "RCPT TO:<no@d>\r\n"
#define YES	    "RCPT TO:<c@d>\r\n"
#define NINETY(x)   TWENTY(x x x x) FIVE(x x)
#define BEGIN_CODES "250 250/2.1.0 "

/* Beyond the limit each is told, and those before get the message (RFC 5321 4.5.3.1.10). Refused
 * ones are many where none between them is accepted. */
static void
counts_recipients(void **state)
{
	static const struct dialogue cases[] = {
	    {&smtp, IN(MAIL YES YES YES HUNDRED(YES) "DATA\r\n.\r\nQUIT\r\n"),
		BEGIN_CODES
		"250/2.1.5 250/2.1.5 250/2.1.5 " HUNDRED("452/4.5.3 ") "354 250/2.0.0 221/2.0.0 ",
		"xMRRR!C"},
	    {&smtp, IN(MAIL HUNDRED(NO) YES), BEGIN_CODES HUNDRED("550/5.1.1 ") "421/4.7.0 ",
		"xM" HUNDRED("R") "C"},
	    {&smtp, IN(MAIL NINETY(NO) YES NINETY(NO) "DATA\r\n.\r\nQUIT\r\n"),
		BEGIN_CODES NINETY("550/5.1.1 ") "250/2.1.5 " NINETY(
		    "550/5.1.1 ") "354 250/2.0.0 221/2.0.0 ",
		"xM" NINETY("R") "R" NINETY("R") "!C"},
	};

	(void)state;
	RUN(cases);
}

static void
answers_each_recipient_in_lmtp(void **state)
{
	struct smtp_server *s = smtp_server_new(&lmtp, false);
	struct slice input = str_slice("LHLO me\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nRCPT TO:<c>\r\n"
				       "DATA\r\n.\r\nDATA\r\n");
	struct smtp_server_detail detail;
	enum smtp_server_event event;
	struct err e = ERR_INIT;

	(void)state;
	while ((event = smtp_server_next(s, &input, &detail)) != SMTP_SERVER_MESSAGE) {
		if (event == SMTP_SERVER_MAIL || event == SMTP_SERVER_RCPT)
			smtp_server_accept(s, NULL);
	}
	buf_reset(smtp_server_output(s));
	smtp_server_accept(s, "one");
	assert_int_equal(smtp_server_next(s, &input, &detail), SMTP_SERVER_NEED_ANSWER);
	(void)smtp_refusal(&e, 452, "4.2.2", "full");
	smtp_server_refuse(s, &e);
	assert_string_equal(buf_text(smtp_server_output(s)), "250 2.0.0 one\r\n452 4.2.2 full\r\n");
	buf_reset(smtp_server_output(s));
	(void)smtp_server_next(s, &input, &detail);
	assert_true(str_begins_nocase(buf_slice(smtp_server_output(s)), "503 5.5.1 "));
	smtp_server_free(s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_messages),
	    cmocka_unit_test(keeps_the_order_of_commands),
	    cmocka_unit_test(state_is_right_after_each_refusal),
	    cmocka_unit_test(logs_in),
	    cmocka_unit_test(hangs_up_on_attacks),
	    cmocka_unit_test(nothing_may_come_before_tls),
	    cmocka_unit_test(takes_no_input_while_it_waits),
	    cmocka_unit_test(waits_for_a_client_that_reads_no_replies),
	    cmocka_unit_test(counts_recipients),
	    cmocka_unit_test(answers_each_recipient_in_lmtp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
