/*
 * request: see request.h.
 */
#include <config.h>

#include "oauth/form.h"
#include "oauth/lines.h"
#include "web/members.h"
#include "web/post.h"
#include "web/request.h"

#include "base/banned.h"

enum { MAXIMUM = 64 << 10 }; /* bytes of a form, and of an answer */

/* Makes the address and the form of LINES. */
static int
read_lines(struct slice lines, struct buf *url, struct buf *form, struct err *e)
{
	struct slice name, value;

	while (oauth_lines_next(&lines, &name, &value)) {
		if (str_is(name, "url"))
			buf_add_slice(url, value);
		else
			oauth_form_add(form, name, value);
	}
	if (url->full || form->full)
		return err_set(e, EX_DATAERR, "the request has more than %d bytes", MAXIMUM);
	if (url->len == 0)
		return err_set(e, EX_USAGE, "the request has no line 'url'");
	return 0;
}

/* Is the refusal ERROR (RFC 6749 4.1.2.1, 5.2), which came with STATUS, one for now? */
static bool
may_pass(struct slice error, long status)
{
	return status == 429 || status >= 500 || str_is(error, "temporarily_unavailable") ||
	       str_is(error, "server_error");
}

/* What the server's word ERROR, and its sentence about it, make of the run. */
static int
fail_refused(struct slice lines, struct slice error, long status, struct err *e)
{
	struct slice sentence = oauth_lines_find(lines, "error_description");
	int ex = may_pass(error, status) ? EX_TEMPFAIL : EX_NOPERM;

	return err_set(e, ex, "refused: %.*s%s%.*s", STR_ARGS(error), sentence.len > 0 ? ": " : "",
	    STR_ARGS(sentence));
}

static int
judge(struct slice body, long status, struct buf *out, struct err *e)
{
	size_t before = out->len;
	bool good = status / 100 == 2;
	int rc = good && body.len == 0 ? 0 : web_members_print(body, out, e);
	struct slice lines = {buf_text(out) + before, out->len - before};
	struct slice error = oauth_lines_find(lines, "error");

	if (rc == 0 && error.len > 0)
		return fail_refused(lines, error, status, e);
	if (good)
		return rc;
	if (status / 100 == 3)
		return err_set(e, EX_PROTOCOL,
		    "the server sends us elsewhere (status %ld), where we do not follow", status);
	return err_set(e, may_pass(error, status) ? EX_TEMPFAIL : EX_PROTOCOL,
	    "the server answers with status %ld", status);
}

/* The host of URL, for words. */
static struct slice
host_of(struct slice url)
{
	static const struct slice scheme = STR_LITERAL("https://");

	if (str_begins_nocase(url, scheme.ptr))
		url = (struct slice){url.ptr + scheme.len, url.len - scheme.len};
	return str_cut(&url, '/');
}

int
web_request_run(struct slice lines, struct buf *out, struct err *e)
{
	struct buf url = BUF_INIT(MAXIMUM), form = BUF_INIT(MAXIMUM), body = BUF_INIT(MAXIMUM);
	long status = 0;
	int rc = read_lines(lines, &url, &form, e);

	if (rc == 0) {
		rc = web_post(buf_text(&url), buf_slice(&form), &status, &body, e);
		if (rc == 0)
			rc = judge(buf_slice(&body), status, out, e);
		if (rc != 0)
			(void)err_prefix(e, "%.*s", STR_ARGS(host_of(buf_slice(&url))));
	}
	buf_wipe(&form);
	buf_wipe(&body);
	buf_free(&url);
	return rc;
}
