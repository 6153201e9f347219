/*
 * listener: the value of imbucad.conf's keyword `listen`: where the daemon waits for clients, and
 * what it speaks there.
 *
 *	ADDRESS[:PORT] [smtp|submission|lmtp] [starttls|tls|clear]
 *	/PATH [smtp|submission|lmtp] [mode=0660] [group=NAME]
 */
#ifndef CONF_LISTENER_H
#define CONF_LISTENER_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/kind.h"

enum conf_listener_protocol {
	CONF_LISTENER_SMTP,
	CONF_LISTENER_SUBMISSION, /* SMTP after a login alone (RFC 6409) */
	CONF_LISTENER_LMTP,
};

enum conf_listener_tls {
	CONF_LISTENER_STARTTLS, /* offered */
	CONF_LISTENER_TLS,	/* from the first byte */
	CONF_LISTENER_CLEAR,	/* never */
};

struct conf_listener {
	char *where;  /* "127.0.0.1:25", "[::1]", "/run/imbuca/socket" */
	bool is_unix; /* a socket in the file system */
	enum conf_listener_protocol protocol;
	enum conf_listener_tls tls;
	unsigned mode; /* of a unix socket */
	char *group;   /* of a unix socket; NULL: the daemon's */
};

struct conf_listener_list {
	struct conf_listener *at; /* COUNT of them */
	size_t count;
};

/* Each value is one listener more; an empty one empties the list. */
extern const struct conf_kind conf_listener_kind;

#endif
