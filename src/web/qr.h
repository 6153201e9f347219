/*
 * qr: a QR code (ISO/IEC 18004) made of characters. libqrencode is behind it.
 */
#ifndef WEB_QR_H
#define WEB_QR_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends the code of TEXT to OUT: lines of UTF-8 in which blocks are light and blanks dark, for
 * light characters on a dark ground; two modules stand above each other in one character, and a
 * light margin of two modules is around. -1 with EX_DATAERR where it is too long for a code.
 */
int web_qr_print(const char *text, struct buf *out, struct err *e);

#endif
