/*
 * outcome: what became of each recipient, and so of the run: the exit code and the words.
 */
#ifndef SUBMIT_OUTCOME_H
#define SUBMIT_OUTCOME_H

#include "submit/send.h"

enum submit_outcome_fate {
	SUBMIT_OUTCOME_SENT,
	SUBMIT_OUTCOME_FOR_NOW,	 /* refused, worth trying again */
	SUBMIT_OUTCOME_FOR_GOOD, /* refused, and will be again */
	SUBMIT_OUTCOME_UNKNOWN,	 /* nothing was said that decides it */
};

/* The fate of recipient INDEX of the envelope, after submit_send_run. */
enum submit_outcome_fate submit_outcome_of(const struct submit_send *s, size_t index);

/*
 * Turns what submit_send_run returned (RC and E) into the run's outcome: 0 where everybody got it;
 * else -1 and E: where some were refused, how many and what of them is worth trying again, with
 * EX_TEMPFAIL if anyone's is; else what went wrong, with the server's name where it took part.
 * Where the session failed after some had got it, that too.
 */
int submit_outcome_judge(const struct submit_send *s, int rc, struct err *e);

/* Appends a line for each of several recipients that was refused: who, for how long, the reply. */
void submit_outcome_print(const struct submit_send *s, struct buf *out);

#endif
