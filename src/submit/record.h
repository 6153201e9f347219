/*
 * record: the one line that a message leaves in the log: msmtp's keys, and message-id, account,
 * peer, TLS version and duration beside them.
 */
#ifndef SUBMIT_RECORD_H
#define SUBMIT_RECORD_H

#include "submit/send.h"

/*
 * Writes the line to where the account wants it, in the syslog as PROGRAM. E is the outcome where
 * FAILED. A log that cannot
 * be written is told in WARNING and stops nothing: -1 then, else 0.
 */
int submit_record_write(const char *program, const struct submit_send *s, bool failed,
    const struct err *e, struct err *warning);

#endif
