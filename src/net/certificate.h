/*
 * certificate: what a certificate (X.509, RFC 5280) says, for a person to read. Part of the module
 * (base/module).
 */
#ifndef NET_CERTIFICATE_H
#define NET_CERTIFICATE_H

#include <time.h>

#include "base/err.h"
#include "base/str.h"

struct net_certificate {
	char subject[512]; /* as RFC 4514 writes it; cut where it is longer */
	char issuer[512];
	char
	    names[1024]; /* of hosts that it is for, and addresses, a blank between; cut likewise */
	time_t from, until;	  /* when it is valid */
	char fingerprint[32 * 3]; /* SHA-256, "AB:CD:..." */
};

/* Reads the certificate DER into OUT. -1 with EX_PROTOCOL where it is none. */
int net_certificate_read(struct slice der, struct net_certificate *out, struct err *e);

#endif
