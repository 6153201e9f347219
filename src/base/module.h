/*
 * module: what is made with GnuTLS, libgsasl and libidn2, and so stands in a shared object of its
 * own, imbuca-tls.so, which imbuca loads when it wants that for the first time. To load those
 * libraries takes longer than to hand a message to imbucad, or to put it into the queue, and these
 * need none of them. A program that opens no file any more when it needs them (imbucad) has
 * src/module.c linked in.
 *
 * Whoever is in the module calls what it needs; everybody else goes by this table.
 */
#ifndef BASE_MODULE_H
#define BASE_MODULE_H

#include "base/buf.h"
#include "base/err.h"

struct net_tls_engine;
struct sasl_engine;

struct module_library {
	const char *name;
	const char *(*version)(const char *at_least); /* of the one that runs; at least NULL */
};

struct module {
	const char *version; /* of imbuca itself */
	struct module_library libraries[3];

	const struct net_tls_engine *tls;
	const struct sasl_engine *sasl; /* libgsasl's mechanisms */

	/* net_idna_to_ascii, and of base/crypto what others need. */
	int (*to_ascii)(const char *name, struct buf *out, struct err *e);
	int (*sha256)(struct slice data, unsigned char *out, struct err *e);
	unsigned (*rsa_key_bits)(struct slice text);
	unsigned (*ed25519_key_bits)(struct slice text);
};

/* The one that src/module.c makes: linked in, or what imbuca-tls.so has to give. */
extern const struct module module_table;

/*
 * The table, which stays as long as the process. NULL, and E is EX_TEMPFAIL since a message is not
 * to blame, where there is none, it cannot be loaded, or it is another version's. It is looked for
 * beside the running program, then where it is installed. To ask again costs little, but is
 * nothing for each byte.
 */
const struct module *module_get(struct err *e);

#endif
