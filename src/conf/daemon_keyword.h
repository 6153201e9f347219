/*
 * daemon_keyword: the table of imbucad.conf's keywords.
 */
#ifndef CONF_DAEMON_KEYWORD_H
#define CONF_DAEMON_KEYWORD_H

#include <stddef.h>

#include "base/str.h"
#include "conf/kind.h"

struct conf_daemon_keyword {
	const char *name;
	const struct conf_kind *kind;
	size_t offset; /* of its field in struct conf_daemon */
	const char
	    *fallback;	  /* the default, as it would stand in a file; NULL: unset, or settled */
	const char *help; /* half a line */
};

/* The row after the last has no name. */
extern const struct conf_daemon_keyword conf_daemon_keyword_table[];

/* Is KEYWORD in the table? Its row, or NULL. _nearest: the name closest, or NULL. */
const struct conf_daemon_keyword *conf_daemon_keyword_find(struct slice keyword);
const char *conf_daemon_keyword_nearest(struct slice keyword);

#endif
