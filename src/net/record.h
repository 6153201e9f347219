/*
 * record: the records of a name, out of a name server's answer (RFC 1035; SRV: RFC 2782). No I/O.
 *
 * An answer is what anybody wrote: its size bounds what is made of it, and the values of TXT
 * records are raw bytes. Names come in the form of zone files, their odd bytes escaped.
 */
#ifndef NET_RECORD_H
#define NET_RECORD_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum net_record_type {
	NET_RECORD_A,
	NET_RECORD_AAAA,
	NET_RECORD_CNAME,
	NET_RECORD_MX,
	NET_RECORD_PTR,
	NET_RECORD_SRV,
	NET_RECORD_TXT,
};

enum {
	NET_RECORD_ANSWER_MAX = 64 << 10, /* bytes of an answer, RFC 1035 4.2.2 */
	NET_RECORD_COUNT_MAX = 128,	  /* records of one name and type; nobody needs more */
};

struct net_record {
	uint16_t priority; /* MX, SRV: the lowest comes first */
	uint16_t weight;   /* SRV */
	uint16_t port;	   /* SRV */

	/* A, AAAA: the address. CNAME, MX, PTR, SRV: the host without a final dot, "" for the root,
	   which says that there is none. TXT: the strings, joined. A NUL stands behind it. */
	struct slice value;
};

/* The records of one name and type, those with a priority sorted by it. */
struct net_records {
	struct net_record at[NET_RECORD_COUNT_MAX];
	size_t count;
	bool exists; /* the name itself does, if perhaps with records of other types alone */
	struct buf bytes;
};

#define NET_RECORDS_INIT                                                 \
	{                                                                \
		.count = 0, .bytes = BUF_INIT(4 * NET_RECORD_ANSWER_MAX) \
	}

/* "MX" and the like. */
const char *net_record_type_name(enum net_record_type type);

/* Its number on the wire (RFC 1035 3.2.2). */
int net_record_type_number(enum net_record_type type);

/*
 * Takes the records of TYPE out of ANSWER, a whole DNS message, into OUT, which held none; those
 * of other types (the CNAMEs on the way) are passed over. -1 with EX_PROTOCOL for what is no
 * answer, or has more records than fit.
 */
int net_record_parse(
    struct slice answer, enum net_record_type type, struct net_records *out, struct err *e);

/* Frees the values and forgets the records, ready for the next answer. */
void net_record_free(struct net_records *records);

#endif
