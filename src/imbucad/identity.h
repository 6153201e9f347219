/*
 * identity: the daemon's certificate and key, made at the first start: STATE/certificate.pem and
 * STATE/key.pem. Who has a real certificate puts it there.
 */
#ifndef IMBUCAD_IDENTITY_H
#define IMBUCAD_IDENTITY_H

#include "base/err.h"
#include "net/tls.h"

/*
 * Loads what lies in the folder STATE (NULL: $XDG_STATE_HOME/imbucad), and makes it before, for the
 * host name HOST, where neither is there. The caller frees OUT. -1 with EX_CONFIG, or as
 * file_replace.
 */
int imbucad_identity_load(
    const char *state, const char *host, struct net_tls_identity **out, struct err *e);

/* Would that be well, and is the key a secret? Nothing is made. -1 with EX_CONFIG, EX_CANTCREAT. */
int imbucad_identity_check(const char *state, struct err *e);

#endif
