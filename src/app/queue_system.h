/*
 * queue_system: the caller's mail in the machine's queue, which imbucad alone may open: asked for
 * over its socket. Without imbucad there is none.
 */
#ifndef APP_QUEUE_SYSTEM_H
#define APP_QUEUE_SYSTEM_H

#include "queue/entry.h"

/*
 * Asks REQUEST ("LIST", "SHOW id", "REMOVE id": smtp/xqueue.h), and calls EACH (may be NULL) with
 * each message that comes, open as long as the call. Returns 1; 0 where nobody answers or has no
 * such message; -1.
 */
int app_queue_system_ask(const char *request,
    void (*each)(void *context, struct queue_entry *entry), void *context, struct err *e);

/* The same for VERB of the message ID. */
int app_queue_system_ask_of(const char *verb, const char *id,
    void (*each)(void *context, struct queue_entry *entry), void *context, struct err *e);

/* The same where nothing comes, of a message that is in no other queue: 0; -1, with EX_NOINPUT
 * where it is not in this one either. */
int app_queue_system_order(const char *verb, const char *id, struct err *e);

#endif
