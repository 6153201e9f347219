/*
 * extension: what the extensions that a server offers are good for, in words.
 */
#ifndef APP_EXTENSION_H
#define APP_EXTENSION_H

#include "base/buf.h"
#include "smtp/ehlo.h"

/*
 * Appends what row INDEX of the table says, with the server's values, to OUT where EHLO has that
 * extension. Returns false beyond the last row.
 */
bool app_extension_words(const struct smtp_ehlo *ehlo, size_t index, struct buf *out);

#endif
