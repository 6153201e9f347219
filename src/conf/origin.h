/*
 * origin: where a setting comes from, so that an error and `imbuca config` can name the place.
 */
#ifndef CONF_ORIGIN_H
#define CONF_ORIGIN_H

#include "base/buf.h"

enum conf_origin_kind {
	CONF_ORIGIN_DEFAULT, /* nobody said anything; zero, so that a new account has no other */
	CONF_ORIGIN_FILE,
	CONF_ORIGIN_OPTION,
	CONF_ORIGIN_PROVIDER, /* the table of providers (conf/provider) */
};

/* A place. The name is borrowed: from the set of accounts that read the file, from argv or a table.
 */
struct conf_origin {
	enum conf_origin_kind kind;
	const char *name; /* the file; the option as "--host"; the provider; why a default is what
			     it is, or NULL */
	unsigned line;	  /* in the file, from 1; 0 elsewhere */
};

/* Appends it as a person reads it: "FILE:LINE", "option --host", "provider gmail", "default",
 * "default (REASON)". */
void conf_origin_print(const struct conf_origin *origin, struct buf *out);

#endif
