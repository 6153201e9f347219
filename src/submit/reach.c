/*
 * reach: see reach.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <string.h>

#include "submit/reach.h"

#include "base/banned.h"

/* Seconds for a connection; the account may want less. */
enum { CONNECT_WAIT = 120 };

/* The host's NAME as ASCII. */
static int
set_name(const char *keyword, const char *name, char out[NET_NAME_SIZE], struct err *e)
{
	if (net_name_to_ascii(str_slice(name), out, e) == 0)
		return 0;
	if (e->ex == EX_USAGE)
		e->ex = EX_CONFIG;
	return err_prefix(e, "%s", keyword);
}

static int
prepare_connect(struct submit_reach *r, struct err *e)
{
	static const int families[] = {
	    [CONF_ACCOUNT_IP_ANY] = AF_UNSPEC,
	    [CONF_ACCOUNT_IP_4] = AF_INET,
	    [CONF_ACCOUNT_IP_6] = AF_INET6,
	};
	const struct conf_account *account = r->account;

	r->connect = (struct net_connect_params){
	    .host = r->host,
	    .port = (uint16_t)account->port,
	    .family = families[account->ip],
	    .source = account->source_ip,
	    .socket = account->socket,
	};
	if (set_name("host", account->host, r->host, e) != 0)
		return -1;
	if (account->proxy_host == NULL)
		return 0;
	r->connect.proxy = (struct net_connect_proxy){
	    r->proxy, (uint16_t)account->proxy_port, account->proxy_user, account->proxy_password};
	return set_name("proxy_host", account->proxy_host, r->proxy, e);
}

static int
prepare_tls(struct submit_reach *r, struct err *e)
{
	const struct conf_account *account = r->account;
	const char *trust = account->tls_trust_file;

	r->tls = (struct net_tls_params){
	    .host = r->certified,
	    .trust_file = trust != NULL && strcmp(trust, "system") != 0 ? trust : NULL,
	    .crl_file = account->tls_crl_file,
	    .verify = account->tls_certcheck,
	    .fingerprints = account->tls_fingerprint.items,
	    .fingerprint_count = account->tls_fingerprint.count,
	    .certificate_file = account->tls_cert_file,
	    .key_file = account->tls_key_file,
	    .priorities = account->tls_priorities,
	    .destination = account->tls_resume ? &r->connect : NULL,
	};
	if (account->tls_host_override == NULL)
		return set_name("host", account->host, r->certified, e);
	return set_name("tls_host_override", account->tls_host_override, r->certified, e);
}

int
submit_reach_prepare(const struct conf_account *account, struct submit_reach *out, struct err *e)
{
	out->account = account;
	return prepare_tls(out, e) == 0 ? prepare_connect(out, e) : -1;
}

/* Tells who is at the other end. */
static void
remark(const struct submit_reach *r, const struct net_transcript *transcript,
    const struct net_peer *peer)
{
	const char *proxy = r->connect.proxy.host != NULL ? ", the proxy" : "";

	if (peer->port == 0)
		net_transcript_remark(transcript, "connected to %s", peer->address);
	else
		net_transcript_remark(transcript, "connected to %s port %u%s", peer->address,
		    (unsigned)peer->port, proxy);
}

struct deadline
submit_reach_deadline(const struct submit_reach *r)
{
	unsigned wait = r->account->timeout;

	if (wait == 0 || wait > CONNECT_WAIT)
		wait = CONNECT_WAIT;
	return deadline_in((int64_t)wait * 1000);
}

struct net_stream *
submit_reach_connect(const struct submit_reach *r, const struct net_transcript *transcript,
    struct deadline within, struct net_peer *peer, struct err *e)
{
	int fd = net_connect(&r->connect, within, peer, e);
	struct net_stream *stream = fd >= 0 ? net_stream_new(fd, e) : NULL;

	if (stream != NULL)
		remark(r, transcript, peer);
	return stream;
}

bool
submit_reach_is_tls_at_once(const struct submit_reach *r)
{
	return r->account->tls && !r->account->tls_starttls;
}

int
submit_reach_start_tls(const struct submit_reach *r, struct net_stream *stream,
    const struct net_transcript *transcript, struct deadline within, struct err *e)
{
	if (!submit_reach_is_tls_at_once(r))
		return 0;
	if (net_stream_start_tls(stream, &r->tls, within, e) != 0)
		return -1;
	net_transcript_tls(transcript, net_stream_tls(stream));
	return 0;
}

struct net_stream *
submit_reach_open(const struct submit_reach *r, const struct net_transcript *transcript,
    struct net_peer *peer, struct err *e)
{
	struct deadline within = submit_reach_deadline(r);
	struct net_stream *stream = submit_reach_connect(r, transcript, within, peer, e);

	if (stream == NULL || submit_reach_start_tls(r, stream, transcript, within, e) == 0)
		return stream;
	net_stream_close(stream);
	return NULL;
}
