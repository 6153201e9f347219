/*
 * dialogue: see dialogue.h.
 */
#include <config.h>

#include <string.h>

#include "smtp/dialogue.h"

#include "base/banned.h"

enum {
	SECRET_MIN = 4,	 /* a shorter one says nothing, and would be found by chance */
	REPEATED_MIN = 8 /* so much of a longer one is starred, since a server may cut it */
};

/* The seconds that each wait may take, and the replies that can end it beside 4xx and 5xx. */
static const struct wait {
	unsigned seconds;
	int yes;  /* 2: each that begins so */
	int more; /* one that asks for more */
} waits[] = {
    [SMTP_DIALOGUE_GREETING] = {300, 2, 0},
    [SMTP_DIALOGUE_COMMAND] = {300, 2, 0},
    [SMTP_DIALOGUE_LOGIN] = {300, 2, 334},
    [SMTP_DIALOGUE_ALONG] = {60, 2, 0},
    [SMTP_DIALOGUE_TLS] = {120, 0, 0},
    [SMTP_DIALOGUE_DATA] = {120, 0, 354},
    [SMTP_DIALOGUE_BLOCK] = {180, 0, 0},
    [SMTP_DIALOGUE_END] = {600, 2, 0},
    [SMTP_DIALOGUE_FAREWELL] = {5, 2, 0},
};

struct deadline
smtp_dialogue_deadline(const struct smtp_dialogue *d, enum smtp_dialogue_wait wait)
{
	unsigned granted = waits[wait].seconds;

	if (d->timeout > 0 && d->timeout < granted)
		granted = d->timeout;
	return deadline_in((int64_t)granted * 1000);
}

void
smtp_dialogue_add(struct smtp_dialogue *d, struct slice line)
{
	buf_add_slice(&d->group, line);
	buf_adds(&d->group, "\r\n");
	buf_add_slice(&d->shown, line);
	buf_addc(&d->shown, '\n');
}

void
smtp_dialogue_add_secret(struct smtp_dialogue *d, const char *open, struct slice secret)
{
	buf_adds(&d->group, open);
	buf_add_slice(&d->group, secret);
	buf_wipe(&d->secret);
	buf_add_slice(&d->secret, secret);
	buf_adds(&d->group, "\r\n");
	buf_adds(&d->shown, open);
	buf_adds(&d->shown, "***\n");
}

void
smtp_dialogue_hide(struct smtp_dialogue *d, const char *password)
{
	buf_wipe(&d->password);
	buf_adds(&d->password, password);
}

/* Puts stars into the LEN bytes of TEXT where they repeat SECRET, or begin to. */
static void
star_one(const struct buf *secret, char *text, size_t len)
{
	size_t least = secret->len < REPEATED_MIN ? secret->len : REPEATED_MIN;

	if (secret->len < SECRET_MIN)
		return;
	for (size_t at = 0, same; at + least <= len; at += same > 0 ? same : 1) {
		for (same = 0; same < secret->len && at + same < len; same++) {
			if (text[at + same] != secret->data[same])
				break;
		}
		if (same < least)
			same = 0;
		memset(text + at, '*', same);
	}
}

static void
star(const struct smtp_dialogue *d, char *text, size_t len)
{
	star_one(&d->secret, text, len);
	star_one(&d->password, text, len);
}

/* Shows each line of TEXT as SIDE's. */
static void
show(const struct smtp_dialogue *d, enum net_transcript_side side, struct slice text)
{
	while (text.len > 0) {
		struct slice line = str_cut(&text, '\n');

		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		net_transcript_line(d->transcript, side, line);
	}
}

void
smtp_dialogue_forget(struct smtp_dialogue *d)
{
	buf_wipe(&d->group);
	buf_reset(&d->shown);
}

void
smtp_dialogue_take(struct smtp_dialogue *d, struct buf *out)
{
	show(d, NET_TRANSCRIPT_CLIENT, buf_slice(&d->shown));
	buf_add_slice(out, buf_slice(&d->group));
	out->full = out->full || d->group.full || d->shown.full;
	smtp_dialogue_forget(d);
}

int
smtp_dialogue_flush(struct smtp_dialogue *d, enum smtp_dialogue_wait wait, struct err *e)
{
	int rc;

	if (d->group.full || d->shown.full) {
		d->over = true;
		return err_set(e, EX_TEMPFAIL, "no memory for the commands");
	}
	show(d, NET_TRANSCRIPT_CLIENT, buf_slice(&d->shown));
	rc = net_stream_write(d->stream, buf_slice(&d->group), smtp_dialogue_deadline(d, wait), e);
	smtp_dialogue_forget(d);
	if (rc != 0)
		d->over = true;
	return rc;
}

/* Shows TEXT, which the server said. */
static void
show_said(const struct smtp_dialogue *d, struct slice text)
{
	struct buf copy = BUF_INIT(NET_STREAM_INPUT_MAX);

	if (d->transcript->fd < 0)
		return;
	buf_add_slice(&copy, text);
	star(d, copy.data, copy.len);
	show(d, NET_TRANSCRIPT_SERVER, buf_slice(&copy));
	buf_free(&copy);
}

/* Takes what the input holds of REPLY. Returns as smtp_reply_parse. */
static int
take(struct smtp_dialogue *d, struct smtp_reply *reply, struct err *e)
{
	struct slice input = net_stream_input(d->stream), rest = input;
	int rc = smtp_reply_parse(reply, &rest, e);
	struct slice read = {input.ptr, input.len - rest.len};

	/* With what it asks in a login, and time, one can guess the password. */
	if (rc > 0 && reply->code == 334)
		show(d, NET_TRANSCRIPT_SERVER, str_slice("334 ***"));
	else
		show_said(d, rc < 0 && read.len == 0 ? input : read);
	if (rc < 0)
		star(d, e->msg, strlen(e->msg));
	else if (rc > 0 && reply->code != 334) /* a challenge is for the login alone */
		star(d, reply->text.data, reply->text.len);
	net_stream_consume(d->stream, read.len);
	return rc;
}

/* Can REPLY be one to what was said? A server that is a reply ahead or behind says another. */
static bool
can_be(const struct smtp_reply *reply, enum smtp_dialogue_wait wait)
{
	return smtp_reply_is(reply, 4) || smtp_reply_is(reply, 5) ||
	       smtp_reply_is(reply, waits[wait].yes) || reply->code == waits[wait].more;
}

int
smtp_dialogue_read(
    struct smtp_dialogue *d, enum smtp_dialogue_wait wait, struct smtp_reply *reply, struct err *e)
{
	struct deadline within = smtp_dialogue_deadline(d, wait);
	int rc;

	smtp_reply_reset(reply);
	while ((rc = take(d, reply, e)) == 0) {
		rc = net_stream_fill(d->stream, within, e);
		if (rc == 0) {
			(void)err_set(e, EX_TEMPFAIL, "the server closed the connection");
			rc = err_failure(e, "lost");
		}
		if (rc < 0)
			break;
	}
	if (rc > 0 && !can_be(reply, wait))
		rc = err_set(e, EX_PROTOCOL,
		    "the server answers %u, which is no reply to what it was asked", reply->code);
	if (rc < 0) {
		net_transcript_remark(d->transcript, "%s", e->msg);
		smtp_reply_reset(reply);
	}
	if (rc < 0 || reply->code == 421)
		d->over = true;
	return rc < 0 ? -1 : 0;
}

int
smtp_dialogue_ask(struct smtp_dialogue *d, const char *line, enum smtp_dialogue_wait wait,
    struct smtp_reply *reply, struct err *e)
{
	smtp_dialogue_add(d, str_slice(line));
	if (smtp_dialogue_flush(d, wait, e) != 0)
		return -1;
	return smtp_dialogue_read(d, wait, reply, e);
}

void
smtp_dialogue_free(struct smtp_dialogue *d)
{
	buf_wipe(&d->group);
	buf_wipe(&d->shown);
	buf_wipe(&d->secret);
	buf_wipe(&d->password);
}
