/*
 * bundle: the certificates of a PEM file, and which of them are wanted.
 *
 * A system has some hundred and fifty roots, of which a session needs one. Here they are told apart
 * by their bytes alone: nothing is parsed but base64, and nothing is decided.
 */
#ifndef NET_BUNDLE_H
#define NET_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* The most names that are looked for. */
enum { NET_BUNDLE_NAMES_MAX = 32 };

/* Names to look for: DER encodings, which others own. */
struct net_bundle_names {
	struct slice name[NET_BUNDLE_NAMES_MAX];
	size_t count;
};

/* Where this system keeps its roots in one file; NULL where in none that we know. */
const char *net_bundle_of_system(void);

/* Does one of NAMES occur in DER? */
bool net_bundle_holds(struct slice der, const struct net_bundle_names *names);

/*
 * Cuts the next block off *PEM in whose encoded bytes one of NAMES occurs, or that is too large to
 * tell, and gives it in *BLOCK, its BEGIN and END lines with it. False where there is none left.
 */
bool net_bundle_next(struct slice *pem, const struct net_bundle_names *names, struct slice *block);

#endif
