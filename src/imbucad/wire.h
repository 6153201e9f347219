/*
 * wire: how the daemon's processes write what they tell each other: numbers and texts in a row, in
 * the order in which the reader takes them. The writer may be a process that was taken over: a
 * reader takes nothing on trust.
 */
#ifndef IMBUCAD_WIRE_H
#define IMBUCAD_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum { IMBUCAD_WIRE_SHARES = 2000 };

/* Append. A NULL text is written as "". */
void imbucad_wire_put_number(struct buf *out, uint64_t number);
void imbucad_wire_put_text(struct buf *out, const char *text);
void imbucad_wire_put_slice(struct buf *out, struct slice text);

/* Appends E: code, enhanced code, exit code, message, hint. */
void imbucad_wire_put_err(struct buf *out, const struct err *e);

/*
 * The same without the hint, and with the message cut, where else there would not be room for
 * OTHERS of the kind behind it. There is room for IMBUCAD_WIRE_SHARES in a packet.
 */
void imbucad_wire_put_share(struct buf *out, const struct err *e, size_t others);

/* What is left to read. Once something was not there, BAD, and everything is 0 or "". */
struct imbucad_wire {
	struct slice rest;
	bool bad;
};

uint64_t imbucad_wire_number(struct imbucad_wire *in);

/* A text without NULs in it; it lies in what is read, with a NUL behind it. */
const char *imbucad_wire_text(struct imbucad_wire *in);
struct slice imbucad_wire_slice(struct imbucad_wire *in);

void imbucad_wire_err(struct imbucad_wire *in, struct err *e);

#endif
