/*
 * xtext: text in a parameter of SMTP (RFC 3461, 4): printable ASCII but `+` and `=`, all else as
 * `+` and two hexadecimal digits. UTF-8 stands as it is, as RFC 6533, 3 has it within SMTPUTF8.
 */
#ifndef MAIL_XTEXT_H
#define MAIL_XTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Decodes XTEXT into OUT of SIZE bytes (at least 1). False where it is none, is empty, or holds a
 * control byte, what is not UTF-8, or more than fits.
 */
bool mail_xtext_decode(struct slice xtext, char *out, size_t size);

/* Appends TEXT, encoded. */
void mail_xtext_write(struct buf *out, const char *text);

#endif
