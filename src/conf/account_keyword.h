/*
 * account_keyword: the table of an account's keywords: what each is called, what values it takes,
 * and where in struct conf_account (conf/account.h) they are kept.
 */
#ifndef CONF_ACCOUNT_KEYWORD_H
#define CONF_ACCOUNT_KEYWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "conf/kind.h"

/* The most keywords that there can be. The table itself says how many there are. */
enum { CONF_ACCOUNT_KEYWORDS_MAXIMUM = 96 };

/* What an option must do to the value to make the account forget a stored secret. */
enum conf_account_guard {
	CONF_ACCOUNT_GUARD_NONE,
	CONF_ACCOUNT_GUARD_CHANGE, /* change it (a text) */
	CONF_ACCOUNT_GUARD_OFF,	   /* turn it off (a switch) */
};

/* One keyword: a row of the table, and so everything that there is to know about it. */
struct conf_account_keyword {
	const char *name;
	const struct conf_kind *kind;
	size_t offset; /* of its field in struct conf_account */
	enum conf_account_guard guard;
	bool secret; /* never shown; its file must be readable by its owner alone */
	const char
	    *fallback;	     /* the default, as it would stand in a file; NULL: unset, or settled */
	const char *help;    /* half a line */
	const char *instead; /* NULL; of an obsolete keyword, what to do now */
};

/*
 * The table, in the order in which `imbuca config` shows its rows. The row after the last has no
 * name.
 */
extern const struct conf_account_keyword conf_account_keyword_table[];

/* Is KEYWORD in the table? Its row, or NULL. _nearest: the name closest, or NULL. */
const struct conf_account_keyword *conf_account_keyword_find(struct slice keyword);
const char *conf_account_keyword_nearest(struct slice keyword);

#endif
