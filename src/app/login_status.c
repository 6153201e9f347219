/*
 * login_status: see login_status.h.
 */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "app/account.h"
#include "app/login.h"
#include "app/login_status.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/path.h"
#include "conf/account_settle.h"
#include "oauth/store.h"
#include "submit/login.h"
#include "submit/substitute.h"

#include "base/banned.h"

enum { TEXT_MAXIMUM = 1 << 20 };

enum state {
	FRESH,
	RENEWABLE, /* run out, or soon; the next message renews it */
	RUN_OUT,
	MISSING,
	DAMAGED,   /* or readable by others */
	UNREACHED, /* the keyring cannot be asked */
};

static const struct {
	const char *word;     /* in JSON */
	const char *sentence; /* for a person */
	bool needs_login;
} states[] = {
    [FRESH] = {"fresh", N_("has a token"), false},
    [RENEWABLE] = {"renewable", N_("has a token that the next message renews"), false},
    [RUN_OUT] = {"run-out", N_("has a token that has run out"), true},
    [MISSING] = {"missing", N_("has no token"), true},
    [DAMAGED] = {"damaged", N_("has a token that cannot be used"), true},
    [UNREACHED] = {"unreached", N_("has nothing that can be looked at now"), false},
};

/* The report under way. */
struct report {
	bool json;
	struct buf text;
	struct json writer;
	size_t count, lacking;
	struct err unreached; /* why one could not be looked at */
};

static enum state
look(const struct oauth_client *c, struct oauth_token *t, struct err *e)
{
	int rc = oauth_store_load(c, t, e);

	if (rc < 0)
		return e->ex == EX_TEMPFAIL ? UNREACHED : DAMAGED;
	if (rc == 0)
		return MISSING;
	if (oauth_token_is_fresh(t, time(NULL)))
		return FRESH;
	return t->refresh.ptr != NULL ? RENEWABLE : RUN_OUT;
}

/* "2026-11-25 10:00", in local time. */
static void
add_time(struct buf *out, int64_t at)
{
	time_t seconds = (time_t)at;
	struct tm parts;
	char text[32];

	if (localtime_r(&seconds, &parts) != NULL &&
	    strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts) > 0)
		buf_adds(out, text);
}

static void
add_line(struct report *r, const struct oauth_client *c, enum state state,
    const struct oauth_token *t, const struct err *e)
{
	struct buf place = BUF_INIT(PATH_MAXIMUM), until = BUF_INIT(32);

	buf_addf(&r->text, "%s: %s %s", c->account, c->user, _(states[state].sentence));
	if (state == FRESH && t->expires_at != 0) {
		add_time(&until, t->expires_at);
		buf_addf(&r->text, _(", good until %s"), buf_text(&until));
	}
	if (state == FRESH && t->refresh.ptr == NULL)
		buf_adds(&r->text, _(", which cannot be renewed"));
	oauth_store_name(c, &place);
	if (state == DAMAGED || state == UNREACHED)
		buf_addf(&r->text, ": %s\n", e->msg);
	else
		buf_addf(&r->text, " (%s)\n", buf_text(&place));
	buf_free(&place);
	buf_free(&until);
}

static void
add_object(
    struct report *r, const struct oauth_client *c, enum state state, const struct oauth_token *t)
{
	struct json *j = &r->writer;

	json_object(j, NULL);
	json_text(j, "account", str_slice(c->account));
	json_text(j, "user", str_slice(c->user));
	json_text(j, "host", str_slice(c->host));
	json_text(j, "state", str_slice(states[state].word));
	json_text(j, "store", str_slice(c->keyring ? "keyring" : "file"));
	json_bool(j, "renewable", t->refresh.ptr != NULL);
	if (t->expires_at != 0)
		json_number(j, "expires_at", t->expires_at);
	json_text(j, "scope", t->scope);
	json_object_end(j);
}

static void
add(struct report *r, const struct oauth_client *c)
{
	struct oauth_token token = OAUTH_TOKEN_INIT;
	struct err e = ERR_INIT;
	enum state state = look(c, &token, &e);

	if (r->json)
		add_object(r, c, state, &token);
	else
		add_line(r, c, state, &token, &e);
	r->count++;
	r->lacking += states[state].needs_login;
	if (state == UNREACHED)
		r->unreached = e;
	oauth_token_free(&token);
}

static int
add_one(struct report *r, const struct app_options *options, struct err *e)
{
	struct app_account account;
	struct oauth_client c;

	if (app_login_find(options, &account, e) != 0)
		return -1;
	c = submit_login_client(account.account);
	if (c.user != NULL)
		add(r, &c);
	app_account_free(&account);
	return 0;
}

/* All accounts with a client identifier. */
static int
add_all(struct report *r, const struct app_options *options, struct err *e)
{
	struct conf_accounts *accounts;
	struct conf_account *a;
	int rc;

	if (conf_accounts_load(options->file, &accounts, e) != 0)
		return -1;
	rc = oauth_store_enter(e);
	for (size_t i = 0; rc == 0 && (a = conf_accounts_at(accounts, i)) != NULL; i++) {
		struct oauth_client c;
		struct err ignored;

		if (submit_substitute(a, &ignored) != 0 || conf_account_settle(a, &ignored) != 0)
			continue;
		c = submit_login_client(a);
		if (c.user != NULL && c.id != NULL && c.command == NULL)
			add(r, &c);
	}
	conf_accounts_free(accounts);
	return rc;
}

static int
finish(struct report *r, struct err *e)
{
	if (r->json) {
		json_array_end(&r->writer);
		buf_addc(&r->text, '\n');
	} else if (r->count == 0) {
		buf_adds(&r->text, _("no account has to do with tokens\n"));
	}
	if (file_write(STDOUT_FILENO, "standard output", buf_text(&r->text), r->text.len, e) != 0)
		return -1;
	if (r->lacking == 0) {
		*e = r->unreached;
		return e->ex == EX_OK ? 0 : -1;
	}
	(void)err_set(e, EX_NOPERM, "%zu of %zu accounts need a login", r->lacking, r->count);
	return err_hint(e, "imbuca login ACCOUNT");
}

int
app_login_status_run(const struct app_options *options, struct err *e)
{
	bool one = options->operand_count > 0 || app_account_is_named(options);
	struct report r = {
	    .json = options->json, .text = BUF_INIT(TEXT_MAXIMUM), .unreached = ERR_INIT};
	int rc;

	r.writer = (struct json)JSON_INIT(&r.text);
	if (r.json)
		json_array(&r.writer, NULL);
	rc = (one ? add_one : add_all)(&r, options, e);
	if (rc == 0)
		rc = finish(&r, e);
	buf_free(&r.text);
	return rc;
}
