/*
 * explain: what a server's reply means: how the program ends for it, whether it is worth trying
 * again, why it came, what to do.
 *
 * The stage decides as much as the code: a 550 to RCPT is about the recipient, one to MAIL or
 * after DATA about the sender or the content, a 554 instead of a greeting about this machine's
 * address. Nor does the code's first digit say whether the same will pass later: the class does.
 *
 * The table is made of data/replies. What a reply says counts for more than its codes, and what is
 * known of its provider's replies for more than what is known of all: text of the provider, text of
 * the usual servers, enhanced code (RFC 3463), code (RFC 5321), and in the end the code's first
 * digit, so that a reply which nobody listed comes out right as well.
 */
#ifndef EXPLAIN_EXPLAIN_H
#define EXPLAIN_EXPLAIN_H

#include "base/err.h"
#include "base/str.h"

/* Where a reply came, as bits. */
enum explain_stage {
	EXPLAIN_UNKNOWN = 0,
	EXPLAIN_CONNECT = 1 << 0, /* instead of a greeting */
	EXPLAIN_EHLO = 1 << 1,
	EXPLAIN_TLS = 1 << 2, /* to STARTTLS */
	EXPLAIN_AUTH = 1 << 3,
	EXPLAIN_MAIL = 1 << 4,
	EXPLAIN_RCPT = 1 << 5,
	EXPLAIN_DATA = 1 << 6, /* to DATA, and after the content */
	EXPLAIN_DSN = 1 << 7,  /* in a message that came back */
};

/* When the same is worth trying again. */
enum explain_retry {
	EXPLAIN_RETRY_NOW,
	EXPLAIN_RETRY_BACKOFF,	/* in minutes, then ever more rarely */
	EXPLAIN_RETRY_LATER,	/* in hours */
	EXPLAIN_RETRY_TOMORROW, /* up to a day later */
	EXPLAIN_RETRY_SPLIT,	/* at once, with fewer recipients in a transaction */
	EXPLAIN_RETRY_FIX,	/* after a person has mended what the remedy says */
	EXPLAIN_RETRY_NO,	/* never: it is about this message or recipient */
};

/* A reply and where it came. Everything is borrowed. */
struct explain_question {
	enum explain_stage stage;
	const char *provider; /* its name in the table of providers; NULL: none that we know */
	int code;	      /* 400..599, else taken for 599; 0: no server spoke */
	const char *enhanced; /* RFC 3463; "" without */
	struct slice text;    /* all lines without codes, a blank or line end between them */
};

/* What it means. The texts are constant. */
struct explain_verdict {
	int ex;		   /* sysexits.h; EX_TEMPFAIL wherever it is worth trying again */
	const char *class; /* a word: "auth_bad" */
	enum explain_retry retry;
	const char *cause;  /* a sentence without its full stop, to be translated (base/i18n.h) */
	const char *remedy; /* likewise */
	const char *page;   /* where to read or do more: a URL; "" without */
	/* The keywords of the accounts file that it hangs on, a blank between; "" without. */
	const char *keyword;
	bool by_text; /* its words are known; else it was judged by its codes */
};

struct explain_verdict explain_reply(const struct explain_question *question);

/*
 * What it means that this side failed, as WORD says (err_failure). Its exit code is the error's own
 * to know. Returns false where the table has no such word.
 */
bool explain_failure(const char *word, struct explain_verdict *out);

/* Puts cause, remedy, page and keyword of VERDICT into E. */
void explain_tell(const struct explain_verdict *verdict, struct err *e);

/* Has the table replies of PROVIDER: of a name of conf/provider, a family, a server's software? */
bool explain_knows(const char *provider);

/* "now", "backoff", "later", "tomorrow", "split", "fix", "no". */
const char *explain_retry_word(enum explain_retry retry);

/* Is it worth trying again though nobody does anything? */
bool explain_retry_helps(enum explain_retry retry);

/* The stage called "connect", "ehlo", "tls", "auth", "mail", "rcpt", "data", "dsn"; else unknown.
 */
enum explain_stage explain_stage_of(struct slice word);

#endif
