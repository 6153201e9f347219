/*
 * table: the form of the table of replies, which is made of data/replies when the program is built.
 */
#ifndef EXPLAIN_TABLE_H
#define EXPLAIN_TABLE_H

#include "explain/explain.h"

/* For a row's retry, beside those of explain.h: backoff for 4xx, no for 5xx. */
enum { EXPLAIN_RETRY_BY_CLASS = EXPLAIN_RETRY_NO + 1 };

/* For a row's stages. */
enum { EXPLAIN_ANY = 2 * EXPLAIN_DSN - 1 };

enum { EXPLAIN_CODES_MAX = 4 };

/* What a reply is about, in a word for programs. */
struct explain_class {
	const char *word;
	int ex; /* of a run that is not worth trying again */
	const char *cause, *remedy;
	const char *keyword; /* of the accounts file, as in explain.h */
};

/* Texts are "" where there are none; cause and remedy are then the class's. */
struct explain_row {
	unsigned stages;	      /* 0 ends the rows */
	int codes[EXPLAIN_CODES_MAX]; /* 535, or 5 for all 5xx; a 0 ends them; none: any code */
	const char *enhanced;	      /* "5.7.8", or ".7.8" for any class */
	int class;		      /* an index */
	int retry;
	const char *text; /* patterns, | between them: data/replies; of a failure the word */
	const char *cause, *remedy, *page;
};

enum explain_section_kind {
	EXPLAIN_SECTION_PROVIDER,
	EXPLAIN_SECTION_SERVER,	 /* a software that anybody may run */
	EXPLAIN_SECTION_LOCAL,	 /* what other clients say where no server spoke */
	EXPLAIN_SECTION_FAILURE, /* what fails in this one, by its word */
	EXPLAIN_SECTION_GENERAL,
};

/* The rows of those who are NAMES: " gmail ", " zoho zoho-eu ". */
struct explain_section {
	enum explain_section_kind kind;
	const char *names;
	const struct explain_row *rows; /* NULL ends the table */
};

extern const struct explain_class explain_reply_table_classes[];
extern const struct explain_section explain_reply_table[];

#endif
