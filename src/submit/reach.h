/*
 * reach: how an account's server is reached: the account's keywords about connection and TLS as the
 * network layer takes them, and the connection itself.
 */
#ifndef SUBMIT_REACH_H
#define SUBMIT_REACH_H

#include "conf/account.h"
#include "net/connect.h"
#include "net/name.h"
#include "net/stream.h"
#include "net/tls.h"
#include "net/transcript.h"

struct submit_reach {
	const struct conf_account *account; /* settled */
	char host[NET_NAME_SIZE];	    /* A-labels */
	char certified[NET_NAME_SIZE];	    /* what its certificate must bear */
	char proxy[NET_NAME_SIZE];
	struct net_connect_params
	    connect; /* points into the account and this struct, as does TLS */
	struct net_tls_params tls;
};

/* Makes OUT of ACCOUNT; it must not be moved then. -1 with EX_CONFIG for a bad name. */
int submit_reach_prepare(
    const struct conf_account *account, struct submit_reach *out, struct err *e);

/* Until when a connection, and TLS from its first byte, may take. */
struct deadline submit_reach_deadline(const struct submit_reach *r);

/* Connects, and no more. The stream is the caller's. NULL as net_connect. */
struct net_stream *submit_reach_connect(const struct submit_reach *r,
    const struct net_transcript *transcript, struct deadline within, struct net_peer *peer,
    struct err *e);

/* Does the account speak TLS from the first byte? */
bool submit_reach_is_tls_at_once(const struct submit_reach *r);

/*
 * Goes into TLS on STREAM, which was just connected, where the account speaks it from the first
 * byte. -1 as net_stream_start_tls.
 */
int submit_reach_start_tls(const struct submit_reach *r, struct net_stream *stream,
    const struct net_transcript *transcript, struct deadline within, struct err *e);

/*
 * Connects, and goes into TLS at once where the account has no STARTTLS. The stream is the
 * caller's. NULL as net_connect and net_stream_start_tls.
 */
struct net_stream *submit_reach_open(const struct submit_reach *r,
    const struct net_transcript *transcript, struct net_peer *peer, struct err *e);

#endif
