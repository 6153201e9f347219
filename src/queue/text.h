/*
 * text: the texts of which the spool's files are made: values escaped so that none can end its
 * line, and moments that a person can read.
 */
#ifndef QUEUE_TEXT_H
#define QUEUE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/* Appends VALUE, each of its control bytes and `%` as %HH. */
void queue_text_add(struct buf *out, struct slice value);

/* Appends what TEXT, made by queue_text_add, stands for. False where it was not made so. */
bool queue_text_read(struct buf *out, struct slice text);

/* Appends the moment WHEN (seconds since the epoch, years 1970 to 9999) in UTC, as RFC 3339 has it:
 * 2026-11-25T09:23:01Z. A moment out of these years is written as the nearest of them. */
void queue_text_add_time(struct buf *out, int64_t when);

/* Reads what queue_text_add_time wrote, and nothing else. */
bool queue_text_read_time(struct slice text, int64_t *when);

#endif
