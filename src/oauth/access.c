/*
 * access: see access.h.
 */
#include <config.h>

#include <unistd.h>

#include "base/i18n.h"
#include "base/process.h"
#include "oauth/access.h"
#include "oauth/exchange.h"
#include "oauth/lines.h"
#include "oauth/store.h"

#include "base/banned.h"

enum { COMMAND_MAXIMUM = 1024 };

void
oauth_access_identify(const struct oauth_client *c, struct buf *request)
{
	oauth_lines_add(request, "client_id", str_slice(c->id));
	oauth_lines_add(request, "client_secret", str_slice(c->secret));
}

int
oauth_access_blame(const struct oauth_client *c, struct slice error, struct err *e)
{
	static const struct {
		const char *error, *meaning;
	} table[] = {
	    {"invalid_client", N_("the provider does not know oauth_client_id, or not with this "
				  "oauth_client_secret")},
	    {"unauthorized_client", N_("oauth_client_id may not do this at the provider")},
	    {"invalid_scope", N_("oauth_client_id may not have this oauth_scope at the provider")},
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (!str_is(error, table[i].error))
			continue;
		(void)err_prefix(e, "%s", _(table[i].meaning));
		return err_hint(
		    e, "see imbuca config %s, and README for how to register one", c->account);
	}
	return -1;
}

int
oauth_access_send(
    const struct oauth_client *c, struct slice request, struct buf *answer, struct err *e)
{
	int rc = oauth_exchange_run(NULL, request, answer, e);

	if (rc == 1)
		(void)oauth_access_blame(c, oauth_lines_find(buf_slice(answer), "error"), e);
	return rc;
}

int
oauth_access_ask(const struct oauth_client *c, struct slice request,
    const struct oauth_token *before, struct oauth_token *t, struct buf *answer, struct err *e)
{
	struct buf own = BUF_INIT(OAUTH_EXCHANGE_MAXIMUM);
	int rc = oauth_access_send(c, request, &own, e);

	if (rc == 0)
		rc = oauth_token_of_answer(t, buf_slice(&own), time(NULL), before, e);
	if (answer != NULL)
		buf_add_slice(answer, buf_slice(&own));
	buf_wipe(&own);
	return rc;
}

/* --- of a command --- */

/*
 * Makes of what a command PRINTED an answer: a word and nothing else is an access token, as many
 * programs print one.
 */
static void
complete(struct slice printed, struct buf *answer)
{
	struct slice word, value;

	if (oauth_lines_next(&printed, &word, &value) && value.ptr == NULL &&
	    str_trim(printed).len == 0)
		oauth_lines_add(answer, "access_token", word);
}

/* The accounts file is not to blame: the command may have a token the next time. */
static int
fail_command(struct err *e)
{
	if (e->ex == EX_CONFIG)
		e->ex = EX_NOPERM;
	return err_prefix(e, "the command of token_command gave no token");
}

static int
of_command(const struct oauth_client *c, struct slice refused, struct buf *out, struct err *e)
{
	struct buf request = BUF_INIT(OAUTH_EXCHANGE_MAXIMUM);
	struct buf answer = BUF_INIT(2 * OAUTH_EXCHANGE_MAXIMUM);
	struct oauth_token token = OAUTH_TOKEN_INIT;
	struct buf printed = BUF_INIT(OAUTH_EXCHANGE_MAXIMUM);
	int rc;

	oauth_lines_add(&request, "account", str_slice(c->account));
	oauth_lines_add(&request, "user", str_slice(c->user));
	oauth_lines_add(&request, "host", str_slice(c->host));
	oauth_lines_add(&request, "scope", str_slice(c->scope));
	oauth_lines_add(&request, "url", str_slice(c->token_url));
	oauth_access_identify(c, &request);
	oauth_lines_add(&request, "refused", refused);
	rc = oauth_exchange_run(c->command, buf_slice(&request), &printed, e);
	buf_add_slice(&answer, buf_slice(&printed));
	complete(buf_slice(&printed), &answer);
	if (rc == 0)
		rc = oauth_token_of_answer(&token, buf_slice(&answer), time(NULL), NULL, e);
	if (rc == 0)
		buf_add_slice(out, token.access);
	else
		rc = fail_command(e);
	oauth_token_free(&token);
	buf_wipe(&printed);
	buf_wipe(&answer);
	buf_wipe(&request);
	return rc == 0 ? 1 : -1;
}

/* --- of the store --- */

static int
need_login(const struct oauth_client *c, struct err *e)
{
	struct buf command = BUF_INIT(COMMAND_MAXIMUM);

	oauth_store_command(c, &command);
	e->ex = EX_NOPERM;
	(void)err_hint(e, "log in anew: %s", buf_text(&command));
	buf_free(&command);
	return -1;
}

/* The token server has said no: where that is not for the account's sake, a login mends it. */
static int
explain(const struct oauth_client *c, struct slice error, struct err *e)
{
	static const struct {
		const char *error, *meaning;
	} table[] = {
	    {"invalid_grant", N_("the token has run out, or was withdrawn")},
	    {"interaction_required", N_("the provider wants to see you again")},
	    {"consent_required", N_("the provider wants to see you again")},
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (str_is(error, table[i].error))
			(void)err_prefix(e, "%s", _(table[i].meaning));
	}
	return e->hint[0] != '\0' ? -1 : need_login(c, e);
}

/* Makes NEW of OLD at the token server. */
static int
renew(const struct oauth_client *c, const struct oauth_token *old, struct oauth_token *new,
    struct err *e)
{
	struct buf request = BUF_INIT(OAUTH_EXCHANGE_MAXIMUM);
	struct buf answer = BUF_INIT(OAUTH_EXCHANGE_MAXIMUM);
	int rc;

	oauth_lines_add(&request, "url", str_slice(c->token_url));
	oauth_lines_add(&request, "grant_type", str_slice("refresh_token"));
	oauth_lines_add(&request, "refresh_token", old->refresh);
	oauth_access_identify(c, &request);
	rc = oauth_access_ask(c, buf_slice(&request), old, new, &answer, e);
	if (rc == 1)
		rc = explain(c, oauth_lines_find(buf_slice(&answer), "error"), e);
	if (rc != 0)
		(void)err_prefix(e, "cannot renew the token of %s", c->user);
	buf_wipe(&request);
	buf_wipe(&answer);
	return rc;
}

/* May the token of T be used as it is? */
static bool
is_usable(const struct oauth_token *t, struct slice refused)
{
	return oauth_token_is_fresh(t, time(NULL)) && !str_equal(t->access, refused);
}

static int
check_renewable(const struct oauth_client *c, const struct oauth_token *t, struct err *e)
{
	if (t->refresh.ptr == NULL) {
		(void)err_set(e, EX_NOPERM,
		    "the token of %s is no longer good, and the provider gave none to renew it "
		    "with",
		    c->user);
		return need_login(c, e);
	}
	if (c->token_url != NULL && c->id != NULL)
		return 0;
	return err_set(e, EX_CONFIG, "account '%s' has no %s to renew its token with", c->account,
	    c->id == NULL ? "oauth_client_id" : "oauth_token_url");
}

/* Keeps NEW. Where that fails, it is of use for now, and perhaps the last that comes of the old. */
static void
keep(const struct oauth_client *c, const struct oauth_token *new, struct err *unkept)
{
	struct buf command = BUF_INIT(COMMAND_MAXIMUM);

	if (oauth_store_save(c, new, unkept) == 0)
		return;
	oauth_store_command(c, &command);
	(void)err_prefix(unkept, "the token of %s was renewed, and cannot be kept", c->user);
	(void)err_hint(unkept, "once there is room for it, log in anew: %s", buf_text(&command));
	buf_free(&command);
}

/*
 * Has OLD renewed into OUT, and keeps what came. A signal in the midst of it has to wait: the token
 * server may take the old refresh token no more, and the new one is here alone until it is kept.
 */
static int
replace(const struct oauth_client *c, const struct oauth_token *old, struct buf *out,
    struct err *unkept, struct err *e)
{
	struct oauth_token new = OAUTH_TOKEN_INIT;
	sigset_t before;
	int rc;

	process_hold(&before);
	rc = renew(c, old, &new, e);
	if (rc == 0) {
		keep(c, &new, unkept);
		buf_add_slice(out, new.access);
	}
	process_release(&before);
	oauth_token_free(&new);
	return rc == 0 ? 1 : -1;
}

/* With the lock: the token that another process has renewed meanwhile, or the renewed one. */
static int
renew_kept(const struct oauth_client *c, struct slice refused, struct buf *out, struct err *unkept,
    struct err *e)
{
	struct oauth_token old = OAUTH_TOKEN_INIT;
	int rc = oauth_store_load(c, &old, e);

	if (rc == 1 && is_usable(&old, refused)) {
		buf_add_slice(out, old.access);
	} else if (rc == 1) {
		rc = check_renewable(c, &old, e);
		if (rc == 0)
			rc = replace(c, &old, out, unkept, e);
	}
	oauth_token_free(&old);
	return rc;
}

static int
of_store(const struct oauth_client *c, struct slice refused, struct buf *out, struct err *unkept,
    struct err *e)
{
	struct oauth_token token = OAUTH_TOKEN_INIT;
	int rc = oauth_store_load(c, &token, e), lock;
	bool usable = rc == 1 && is_usable(&token, refused);

	if (usable)
		buf_add_slice(out, token.access);
	oauth_token_free(&token);
	if (rc != 1 || usable)
		return rc;
	lock = oauth_store_lock(c, e);
	if (lock < 0)
		return -1;
	rc = renew_kept(c, refused, out, unkept, e);
	(void)close(lock);
	return rc;
}

int
oauth_access_get(const struct oauth_client *c, struct slice refused, struct buf *out,
    struct err *unkept, struct err *e)
{
	if (c->command != NULL)
		return of_command(c, refused, out, e);
	return of_store(c, refused, out, unkept, e);
}

/* Does the provider's ERROR say that there is no such token any more? */
static bool
is_gone(struct slice error)
{
	return str_is(error, "invalid_token") || str_is(error, "invalid_grant");
}

int
oauth_access_revoke(const struct oauth_client *c, const struct oauth_token *t, struct err *e)
{
	struct buf request = BUF_INIT(OAUTH_EXCHANGE_MAXIMUM);
	struct buf answer = BUF_INIT(OAUTH_EXCHANGE_MAXIMUM);
	bool refreshes = t->refresh.ptr != NULL;
	int rc;

	if (c->revoke_url == NULL)
		return 0;
	oauth_lines_add(&request, "url", str_slice(c->revoke_url));
	oauth_lines_add(&request, "token", refreshes ? t->refresh : t->access);
	oauth_lines_add(
	    &request, "token_type_hint", str_slice(refreshes ? "refresh_token" : "access_token"));
	oauth_access_identify(c, &request);
	rc = oauth_access_send(c, buf_slice(&request), &answer, e);
	if (rc == 1 && is_gone(oauth_lines_find(buf_slice(&answer), "error")))
		rc = 0;
	buf_wipe(&request);
	buf_wipe(&answer);
	return rc == 0 ? 1 : -1;
}
