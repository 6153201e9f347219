/*
 * device: see device.h.
 */
#include <config.h>

#include "base/i18n.h"
#include "oauth/access.h"
#include "oauth/device.h"
#include "oauth/exchange.h"
#include "oauth/lines.h"

#include "base/banned.h"

enum {
	INTERVAL = 5, /* seconds, where the provider does not say (RFC 8628 3.2) */
	INTERVAL_MAXIMUM = 60,
	SLOWER = 5, /* seconds more, each time it wants that (3.5) */
	LIFE = 900, /* seconds that a code is good, where the provider does not say */
	LIFE_MAXIMUM = 3600,
};

/* The number of NAME in the answer, at most MAXIMUM; FALLBACK where there is none. */
static unsigned
number_of(const struct oauth_device *d, const char *name, unsigned maximum, unsigned fallback)
{
	uint64_t number;

	if (!str_number(oauth_lines_find(buf_slice(&d->answer), name), 0, INT64_MAX, &number))
		return fallback;
	return number < maximum ? (unsigned)number : maximum;
}

/* The address of NAME, which a person is to open: it must be https. */
static struct slice
url_of(const struct oauth_device *d, const char *name)
{
	struct slice url = oauth_lines_find(buf_slice(&d->answer), name);

	return str_begins_nocase(url, "https://") ? url : (struct slice){NULL, 0};
}

static int
read_answer(struct oauth_device *d, struct err *e)
{
	struct slice answer = buf_slice(&d->answer);

	d->code = oauth_lines_find(answer, "user_code");
	d->url = url_of(d, "verification_uri");
	if (d->url.ptr == NULL) /* Google's name for it */
		d->url = url_of(d, "verification_url");
	d->link = url_of(d, "verification_uri_complete");
	d->interval = number_of(d, "interval", INTERVAL_MAXIMUM, INTERVAL);
	d->until = deadline_in(number_of(d, "expires_in", LIFE_MAXIMUM, LIFE) * INT64_C(1000));
	if (d->code.len > 0 && d->url.len > 0 && oauth_lines_find(answer, "device_code").len > 0)
		return 0;
	return err_set(e, EX_PROTOCOL, "the provider gave no code, or no https address for it");
}

int
oauth_device_begin(const struct oauth_client *c, struct oauth_device *d, struct err *e)
{
	struct buf request = BUF_INIT(OAUTH_EXCHANGE_MAXIMUM);
	int rc;

	*d = (struct oauth_device){.answer = BUF_INIT(OAUTH_EXCHANGE_MAXIMUM)};
	oauth_lines_add(&request, "url", str_slice(c->device_url));
	oauth_access_identify(c, &request);
	oauth_lines_add(&request, "scope", str_slice(c->scope));
	rc = oauth_access_send(c, buf_slice(&request), &d->answer, e);
	if (rc == 0)
		rc = read_answer(d, e);
	buf_wipe(&request);
	if (rc == 0)
		return 0;
	oauth_device_free(d);
	return -1;
}

/* What the provider's ERROR means for the login (RFC 8628 3.5): -1 where that is its end. */
static int
judge(struct oauth_device *d, struct slice error, struct err *e)
{
	static const struct {
		const char *error;
		const char *end; /* why it is over; NULL: it goes on */
		unsigned slower; /* and then so many seconds slower */
	} table[] = {
	    {"authorization_pending", NULL, 0},
	    {"slow_down", NULL, SLOWER},
	    {"access_denied", N_("the login was denied at the provider"), 0},
	    {"authorization_declined", N_("the login was denied at the provider"),
		0}, /* Microsoft's */
	    {"expired_token", N_("the code has run out before it was typed"), 0},
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (!str_is(error, table[i].error))
			continue;
		d->interval += table[i].slower;
		return table[i].end == NULL ? 0 : err_set(e, EX_NOPERM, "%s", _(table[i].end));
	}
	return -1;
}

/* No answer, or none for now: ask less often (RFC 8628 3.5), as long as the code is good. */
static int
be_patient(struct oauth_device *d)
{
	d->interval = d->interval < INTERVAL ? INTERVAL : 2 * d->interval;
	if (d->interval > INTERVAL_MAXIMUM)
		d->interval = INTERVAL_MAXIMUM;
	return 0;
}

int
oauth_device_poll(
    const struct oauth_client *c, struct oauth_device *d, struct oauth_token *t, struct err *e)
{
	struct buf request = BUF_INIT(OAUTH_EXCHANGE_MAXIMUM);
	struct buf answer = BUF_INIT(OAUTH_EXCHANGE_MAXIMUM);
	int rc;

	oauth_lines_add(&request, "url", str_slice(c->token_url));
	oauth_lines_add(
	    &request, "grant_type", str_slice("urn:ietf:params:oauth:grant-type:device_code"));
	oauth_lines_add(
	    &request, "device_code", oauth_lines_find(buf_slice(&d->answer), "device_code"));
	oauth_access_identify(c, &request);
	rc = oauth_access_ask(c, buf_slice(&request), NULL, t, &answer, e);
	if (rc == 0)
		rc = 1;
	else if ((rc = judge(d, oauth_lines_find(buf_slice(&answer), "error"), e)) != 0 &&
		 e->ex == EX_TEMPFAIL)
		rc = be_patient(d);
	if (rc == 0 && deadline_over(d->until))
		rc = err_set(e, EX_NOPERM, "the code has run out before it was typed");
	buf_wipe(&request);
	buf_wipe(&answer);
	return rc;
}

void
oauth_device_free(struct oauth_device *d)
{
	buf_wipe(&d->answer);
}
