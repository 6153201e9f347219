/*
 * tls_engine: what makes TLS, behind net/tls. The functions are those of tls.h without their
 * prefix; a session is the engine's own.
 */
#ifndef NET_TLS_ENGINE_H
#define NET_TLS_ENGINE_H

#include "net/tls.h"

struct net_tls_session;

struct net_tls_engine {
	int (*connect)(const struct net_tls_params *params, int fd, struct net_tls_session **out,
	    struct err *e);
	int (*accept)(const struct net_tls_identity *identity, int fd, struct net_tls_session **out,
	    struct err *e);
	int (*handshake)(struct net_tls_session *s, struct err *e);
	ssize_t (*read)(struct net_tls_session *s, void *ptr, size_t n, struct err *e);
	ssize_t (*write)(struct net_tls_session *s, const void *ptr, size_t n, struct err *e);
	void (*close)(struct net_tls_session *s);

	bool (*pending)(const struct net_tls_session *s);
	short (*wants)(const struct net_tls_session *s);
	bool (*is_resumed)(const struct net_tls_session *s);
	bool (*broke_resuming)(const struct net_tls_session *s);
	bool (*is_stapled)(const struct net_tls_session *s);
	const char *(*version)(const struct net_tls_session *s);
	const char *(*cipher)(const struct net_tls_session *s);
	const char *(*channel_binding)(const struct net_tls_session *s, struct buf *out);
	int (*certificate)(
	    const struct net_tls_session *s, struct net_certificate *out, struct err *e);

	int (*identity_load)(
	    const char *certificate, const char *key, struct net_tls_identity **out, struct err *e);
	void (*identity_free)(struct net_tls_identity *identity);
};

#endif
