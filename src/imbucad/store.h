/*
 * store: mailboxes that another server keeps, such as Dovecot's, by LMTP (RFC 2033): one message
 * after the other over connections that stay, with an answer for each recipient.
 */
#ifndef IMBUCAD_STORE_H
#define IMBUCAD_STORE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "conf/daemon.h"

struct imbucad_store;

/* Does SPEC (conf_daemon.mailbox) name such a server? "lmtp:/PATH" or "lmtp:HOST:PORT". */
bool imbucad_store_is(const char *spec);

/* The one that CONF's mailbox names. NULL with EX_CONFIG, EX_TEMPFAIL. */
struct imbucad_store *imbucad_store_new(const struct conf_daemon *conf, struct err *e);

/* One message for one recipient. */
struct imbucad_store_item {
	const char *sender;    /* "" for the null one */
	const char *recipient; /* as the server knows it */
	struct slice top;      /* lines, LF at the end of each */
	int message;	       /* the whole file behind them */
};

/* Delivers it; many threads may at once. -1 with the server's reply, or 451. */
int imbucad_store_deliver(
    struct imbucad_store *s, const struct imbucad_store_item *item, struct err *e);

void imbucad_store_free(struct imbucad_store *s);

#endif
