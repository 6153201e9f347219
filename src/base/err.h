/*
 * err: the one error of this program.
 *
 * The caller owns it and hands it in as the last argument; whoever fails fills it in and returns
 * -1; whoever passes it on may put context before it. Only a main prints it. Formats are written in
 * English and looked up in the reader's language here (i18n.h).
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <sysexits.h>

#include "base/str.h"

struct err {
	int ex;		   /* how the program ends for it: a code of sysexits.h, never 0 */
	int code;	   /* the server's reply code (RFC 5321 4.2), 0 where no server spoke */
	char enhanced[12]; /* its enhanced status code (RFC 3463), "" without one */
	char msg[512];	   /* one line for a person, no final full stop, no control bytes */
	size_t words;	   /* where in msg a server's own words begin, up to its end; 0: nowhere */
	char hint[512];	   /* what the person can do about it, "" where there is nothing to say */
	char place[256];   /* the line of a file that it is about, "" where there is none */
	char page[256];	   /* a URL where to read or do more, "" where there is none */

	/* Constant texts in English, to be translated; NULL where there is none. */
	const char *failure; /* what failed on this side, in a word of data/replies */
	const char *cause;   /* a sentence without its full stop */
	const char *remedy;  /* likewise; where there is a hint, that knows more */
	const char *keyword; /* of the accounts file that it hangs on */
};

#define ERR_INIT        \
	{               \
		.ex = 0 \
	}

/*
 * Sets the error: EX is its exit code, FORMAT and the rest its message, which is cut at the size
 * of msg; control bytes that came in with the arguments are shown as \xHH. Forgets all else that E
 * held before. Returns -1, so that `return err_set(...)` fails.
 */
int err_set(struct err *e, int ex, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* As err_set, and ends the message with ": " and the text of errno SAVED (an errno value). */
int err_set_errno(struct err *e, int ex, int saved, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Sets the error EX without a message: the person was told already what it is. Returns -1. */
int err_told(struct err *e, int ex);

/* Puts FORMAT and ": " before the message that E holds. Returns -1. */
int err_prefix(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends a blank and WORDS, which are a server's own, to E's message. Returns -1. */
int err_say(struct err *e, struct slice words);

/* Gives E a hint, in place of an earlier one. Returns -1. */
int err_hint(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says what failed by WORD of data/replies, where cause and remedy are. Returns -1. */
int err_failure(struct err *e, const char *word);

/* EX_TEMPFAIL for an errno that may pass (no space, no memory, no descriptors), else OTHERWISE. */
int err_exit_of_errno(int saved, int otherwise);

#endif
