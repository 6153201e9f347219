/*
 * lexer: the text of a configuration file -> its lines, each a keyword and a value.
 *
 * The grammar is msmtprc's: empty lines and lines whose first sign is `#` say nothing; any other
 * line is a keyword, blanks, and the rest as its value, without the blanks at its end. A value may
 * stand in double quotes, which go; nothing inside is special. CR LF ends a line as LF does.
 * Control bytes are refused. No line is too long. No I/O; slices point into the text.
 */
#ifndef CONF_LEXER_H
#define CONF_LEXER_H

#include "base/err.h"
#include "base/str.h"

struct conf_lexer {
	const char *file;   /* borrowed; for errors */
	unsigned line;	    /* of what was read last, from 1 */
	struct slice whole; /* that line */
	struct slice rest;  /* the text behind it */
};

struct conf_line {
	struct slice keyword; /* not empty */
	struct slice value;   /* may be empty, but always points into the line */
};

/* A lexer at the beginning of TEXT, which is FILE's. */
struct conf_lexer conf_lexer_of(const char *file, struct slice text);

/* Reads on to the next line that says something. Returns 1, 0 at the end, -1 with EX_CONFIG. */
int conf_lexer_next(struct conf_lexer *lexer, struct conf_line *out, struct err *e);

/*
 * Puts "FILE:LINE:COLUMN" before E's message; AT points into the line read last. Columns are bytes
 * from 1. Returns -1.
 */
int conf_lexer_blame(const struct conf_lexer *lexer, const char *at, struct err *e);

/* EX_CONFIG: there is no such KEYWORD; MEANT is the one that is near, or NULL. Returns -1. */
int conf_lexer_unknown(struct slice keyword, const char *meant, struct err *e);

#endif
