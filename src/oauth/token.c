/*
 * token: see token.h.
 */
#include <config.h>

#include <inttypes.h>

#include "oauth/lines.h"
#include "oauth/token.h"

#include "base/banned.h"

enum {
	MARGIN = 60,			 /* seconds */
	LIFE_MAXIMUM = 10 * 366 * 86400, /* seconds */
};

/* Is TOKEN one that can stand in a login: visible characters (RFC 6749 A.12)? */
static bool
is_token(struct slice token)
{
	for (size_t i = 0; i < token.len; i++) {
		if (token.ptr[i] <= ' ' || token.ptr[i] > '~')
			return false;
	}
	return token.len > 0;
}

/* Sets the slices of T. */
static bool
read_text(struct oauth_token *t)
{
	struct slice text = buf_slice(&t->text);
	struct slice expires = oauth_lines_find(text, "expires_at");
	uint64_t seconds = 0;

	t->access = oauth_lines_find(text, "access_token");
	t->refresh = oauth_lines_find(text, "refresh_token");
	t->scope = oauth_lines_find(text, "scope");
	if (expires.ptr != NULL && !str_number(expires, 0, INT64_MAX, &seconds))
		return false;
	t->expires_at = (int64_t)seconds;
	return !t->text.full && is_token(t->access) &&
	       (t->refresh.ptr == NULL || is_token(t->refresh));
}

/* When the token of ANSWER expires, 0 where that is not known. */
static int64_t
expiry_of(struct slice answer, time_t now)
{
	uint64_t life;

	if (!str_number(oauth_lines_find(answer, "expires_in"), 1, LIFE_MAXIMUM, &life))
		return 0;
	return (int64_t)now + (int64_t)life;
}

int
oauth_token_of_answer(struct oauth_token *t, struct slice answer, time_t now,
    const struct oauth_token *before, struct err *e)
{
	struct slice type = oauth_lines_find(answer, "token_type");
	struct slice refresh = oauth_lines_find(answer, "refresh_token");
	struct slice scope = oauth_lines_find(answer, "scope");

	if (type.ptr != NULL && !str_is_nocase(type, "bearer"))
		return err_set(e, EX_PROTOCOL,
		    "the token is of the type '%.*s', which mail servers do not take",
		    STR_ARGS(type));
	if (refresh.ptr == NULL && before != NULL)
		refresh = before->refresh;
	if (scope.ptr == NULL && before != NULL)
		scope = before->scope;
	oauth_lines_add(&t->text, "access_token", oauth_lines_find(answer, "access_token"));
	oauth_lines_add(&t->text, "refresh_token", refresh);
	oauth_lines_add(&t->text, "scope", scope);
	buf_addf(&t->text, "expires_at %" PRId64 "\n", expiry_of(answer, now));
	if (read_text(t))
		return 0;
	return err_set(e, EX_PROTOCOL, "the answer has no access token, or one that is none");
}

int
oauth_token_of_text(struct oauth_token *t, struct slice text, struct err *e)
{
	buf_add_slice(&t->text, text);
	return read_text(t) ? 0 : err_set(e, EX_CONFIG, "it holds no token");
}

bool
oauth_token_is_fresh(const struct oauth_token *t, time_t now)
{
	return t->expires_at == 0 || t->expires_at > (int64_t)now + MARGIN;
}

void
oauth_token_free(struct oauth_token *t)
{
	buf_wipe(&t->text);
	*t = (struct oauth_token)OAUTH_TOKEN_INIT;
}
