/*
 * obsolete: keywords that msmtp once had, or still has and calls obsolete, and what they are now.
 */
#ifndef CONF_OBSOLETE_H
#define CONF_OBSOLETE_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Where KEYWORD is an obsolete name, puts the name and the value that mean the same in its and
 * VALUE's place. A value that the old keyword did not take stays, so that the new one refuses it.
 * Returns whether it was one.
 */
bool conf_obsolete_translate(struct slice *keyword, struct slice *value);

#endif
