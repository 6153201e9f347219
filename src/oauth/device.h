/*
 * device: the login for a machine without a browser (RFC 8628): a person types a code at the
 * provider, with whatever device, while we ask now and then whether that is done. Who calls does
 * the waiting.
 */
#ifndef OAUTH_DEVICE_H
#define OAUTH_DEVICE_H

#include "base/buf.h"
#include "base/deadline.h"
#include "base/err.h"
#include "oauth/client.h"
#include "oauth/token.h"

/* A login under way; the slices point into ANSWER. */
struct oauth_device {
	struct buf answer;     /* a secret */
	struct slice code;     /* what the person types */
	struct slice url;      /* where; https */
	struct slice link;     /* the same with the code in it; no value: the provider has none */
	unsigned interval;     /* seconds to wait before the next oauth_device_poll */
	struct deadline until; /* the code is good till then */
};

/*
 * Begins a login for C, which has an id and a device_url. On success oauth_device_free frees D. -1
 * as oauth_exchange_run, EX_PROTOCOL where the answer lacks something.
 */
int oauth_device_begin(const struct oauth_client *c, struct oauth_device *d, struct err *e);

/*
 * Asks whether it is done. Returns 1 with the token in T, which is empty; 0 where not yet, and then
 * INTERVAL may have grown; -1 with EX_NOPERM where the person said no or the code has run out, else
 * as oauth_exchange_run.
 */
int oauth_device_poll(
    const struct oauth_client *c, struct oauth_device *d, struct oauth_token *t, struct err *e);

void oauth_device_free(struct oauth_device *d);

#endif
