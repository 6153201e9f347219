/*
 * message: one message, read whole before anything is sent, in constant memory.
 *
 * The header is in memory, as fields; the body stays where it lies and is passed over twice: once
 * when the message is read, to know its size and what is in it, and once a stream. Between
 * them it must not change: a stream whose body did fails before it ends, so that no server takes a
 * message other than the one that was checked.
 *
 * What is read may be anything that a program calls a message: LF, CRLF and bare CR end a line,
 * also mixed; a last line without an end gets one; leading mbox `From ` lines go; a line that is no
 * header field ends the header and opens the body; there may be no header at all. Bcc, Resent-Bcc,
 * Return-Path and Content-Length are no part of what is sent (but see mail_message_show_bcc). A NUL
 * is EX_DATAERR. All other bytes are untouched until somebody asks for a change here.
 *
 * RFC 5322 (header), 5321 4.5.2 (dots), 1870 (size), 2045 6.7 (quoted-printable).
 * It adds no field on its own and knows no account: see submit/complete.
 */
#ifndef MAIL_MESSAGE_H
#define MAIL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "mail/envelope.h"

enum {
	MAIL_MESSAGE_LINE_MAX = 998, /* bytes of a line without its end: RFC 5321 4.5.3.1.6 */
	MAIL_MESSAGE_HEADER_MAX = 1 << 20,
	MAIL_MESSAGE_MEMORY_MAX = 64 << 10,
	MAIL_MESSAGE_BLOCK = 64 << 10,
};

struct mail_message_options {
	const char *directory; /* where a big message from a pipe lies, unnamed; NULL: $TMPDIR
				  or /tmp, as base/file decides */
	bool dot_ends;	       /* a last line that is a lone dot is none; it ends a terminal's */
	size_t memory_max;     /* bytes from a pipe kept in memory; 0: MAIL_MESSAGE_MEMORY_MAX */
	size_t block;	       /* bytes in a block of the body, at least 2; 0: MAIL_MESSAGE_BLOCK */
};

/* What the message is as it will be sent. */
struct mail_message_facts {
	uint64_t size;		    /* bytes with CRLF, without dot stuffing: SIZE (RFC 1870) */
	uint64_t bare_crs;	    /* CRs that became line ends, in header and body */
	size_t longest_body_line;   /* bytes without the line end, where over 998; else 0 */
	size_t longest_header_line; /* the same; only where there was no blank to fold at */
	bool header_8bit;	    /* bytes over 0x7f in the header: SMTPUTF8 (RFC 6532) */
	bool body_8bit;		    /* and in the body: 8BITMIME (RFC 6152) */
	bool encoded;		    /* the body goes as quoted-printable by mail_message_fit */
};

struct mail_message;
struct mail_message_stream;

/*
 * Reads the message on FD to its end. A regular file is not copied: it is read from its present
 * offset (left at its end), and FD must stay open as long as the message lives; anything else is
 * taken into memory or an unnamed file. OPTIONS may be NULL. NULL for: EX_IOERR (read error),
 * EX_DATAERR (a NUL, a header over 1 MiB, a Bcc behind its end), EX_TEMPFAIL (no space, no memory).
 */
struct mail_message *mail_message_read(
    int fd, const struct mail_message_options *options, struct err *e);

void mail_message_free(struct mail_message *m);

/* The facts as they are now; changes to the header and mail_message_fit change them. */
struct mail_message_facts mail_message_facts(const struct mail_message *m);

/* All fields that will be sent, as mail_header_next takes them. Valid until the header changes. */
struct slice mail_message_header(const struct mail_message *m);

/* The value of the first field NAME, trimmed and folded as it came; no value where none. */
struct slice mail_message_field(const struct mail_message *m, const char *name);

/*
 * Change the header: a field before all others (trace fields), after them, in place of the first
 * of that name (the other ones go, and without any it comes last), none of that name. VALUE as for
 * mail_header_write. EX_DATAERR for a control byte in it or where the header becomes too long.
 */
int mail_message_prepend(
    struct mail_message *m, const char *name, struct slice value, struct err *e);
int mail_message_append(
    struct mail_message *m, const char *name, struct slice value, struct err *e);
int mail_message_set(struct mail_message *m, const char *name, struct slice value, struct err *e);
int mail_message_remove(struct mail_message *m, const char *name, struct err *e);

/* Gives each name without a domain in the fields that hold addresses DOMAIN. EX_DATAERR as above.
 */
int mail_message_qualify(struct mail_message *m, const char *domain, struct err *e);

/* Puts the fields Bcc and Resent-Bcc, which are not sent, after the others. EX_DATAERR as above. */
int mail_message_show_bcc(struct mail_message *m, struct err *e);

/*
 * Adds the recipients that the header names to ENVELOPE, for -t: all To, Cc and Bcc, or, where any
 * field begins with Resent-, all Resent-To, Resent-Cc and Resent-Bcc (RFC 5322 3.6.6). A Bcc is
 * found though it is not sent. EX_DATAERR names the first field that is no address list; those of
 * all others are added nevertheless.
 */
int mail_message_recipients(
    const struct mail_message *m, struct mail_envelope *envelope, struct err *e);

/*
 * Makes the body fit a server that takes lines of 998 bytes and, unless TAKES_8BIT, no byte over
 * 0x7f: where it doesn't, and the message is one unsigned text part, its body will go as
 * quoted-printable and its MIME fields say so. Returns 1 where the body fits (now), 0 where it
 * can't be changed and goes as it is, -1 on errors.
 */
int mail_message_fit(struct mail_message *m, bool takes_8bit, struct err *e);

/*
 * Writes as encoded words (RFC 2047) what of the header is UTF-8 and needs not be: text, as in
 * Subject, and the names beside addresses. What is left needs SMTPUTF8 (RFC 6532): an address, or a
 * field that is not known. A message that was signed stays as it is.
 */
int mail_message_fit_header(struct mail_message *m, struct err *e);

/*
 * A stream of the message as it is sent: header, empty line, body, all lines ended by CRLF; with
 * STUFFED, a dot before each dot that begins a line (RFC 5321 4.5.2); never the final dot. The
 * message must not be changed or freed while it is open. NULL without memory.
 */
struct mail_message_stream *mail_message_stream_open(
    const struct mail_message *m, bool stuffed, struct err *e);

/*
 * The next block of the stream, full TLS records of 16 KiB but for the last block, valid until the
 * next call. Returns 1 with a block, 0 at the end, -1 with EX_IOERR where the body cannot be read
 * or is not what it was: then what was sent must not be completed, nor may the stream be used
 * further.
 */
int mail_message_stream_next(
    struct mail_message_stream *stream, struct slice *block, struct err *e);

void mail_message_stream_close(struct mail_message_stream *stream);

#endif
