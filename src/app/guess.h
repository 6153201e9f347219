/*
 * guess: a word that is no command, and was probably meant for one: `imbuca chekc`, `imbuca help`.
 * Without it the program would wait for a message to somebody of that name.
 */
#ifndef APP_GUESS_H
#define APP_GUESS_H

#include "app/options.h"
#include "base/err.h"

/*
 * Fails with EX_USAGE and what was meant where the only operand is near to a command's name, and
 * mail for it would go nowhere; nobody of this machine has that name either. 0 for anything else.
 */
int app_guess(const struct app_options *options, struct err *e);

#endif
