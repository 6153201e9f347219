/*
 * refusal: an error that is at once the reply a server gives for it.
 *
 * What a receiving server reads is refused where it is found wrong, deep in a parser; code,
 * enhanced code and text travel up in the struct err, and the one who talks writes them out.
 */
#ifndef SMTP_REFUSAL_H
#define SMTP_REFUSAL_H

#include "base/err.h"

/*
 * Sets E to the reply CODE (400..599, RFC 5321 4.2) with the enhanced code ENHANCED (RFC 3463) and
 * the text FORMAT and the rest, one line. Its exit code is EX_TEMPFAIL for a 4xx, else
 * EX_PROTOCOL. Returns -1.
 */
int smtp_refusal(struct err *e, int code, const char *enhanced, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
