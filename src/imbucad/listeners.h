/*
 * listeners: the sockets that the daemon listens on: opened by systemd, or here.
 */
#ifndef IMBUCAD_LISTENERS_H
#define IMBUCAD_LISTENERS_H

#include "base/buf.h"
#include "base/err.h"
#include "conf/daemon.h"

enum { IMBUCAD_LISTENERS_MAX = 64 };

struct imbucad_listener {
	int fd;
	enum conf_listener_protocol protocol;
	enum conf_listener_tls tls;
	bool is_unix;
	bool is_inherited; /* systemd's, which also takes it away */
	char where[256];   /* as configured, by which the next configuration finds it */
	char name[256];	   /* "127.0.0.1:25", "/run/imbuca/socket": what it got */
};

/* Zeros are none. */
struct imbucad_listeners {
	struct imbucad_listener at[IMBUCAD_LISTENERS_MAX]; /* COUNT of them */
	size_t count;
};

/* Those that systemd has opened, from descriptor 3 on, COUNT of them. EX_CONFIG where one of them
 * is a connection. */
int imbucad_listeners_inherit(struct imbucad_listeners *out, int count, struct err *e);

/* Is there the address that WANTED of CONF names on this machine, or the group that its socket is
 * given? It may be in use, by this daemon above all. -1 with EX_CONFIG, or as net_listen. */
int imbucad_listeners_check(
    const struct conf_daemon *conf, const struct conf_listener *wanted, struct err *e);

/*
 * What CONF wants: those of BEFORE that it still wants are taken over (their descriptors then are
 * OUT's and BEFORE's), others are opened. PRIVILEGED: without a port the well-known ones, else
 * 2525, 2587, 2465. The usual ones that this machine lacks are not missed. -1 as net_listen and
 * net_listen_unix, and then nothing new is left open.
 */
int imbucad_listeners_open(const struct conf_daemon *conf, const struct imbucad_listeners *before,
    bool privileged, struct imbucad_listeners *out, struct err *e);

/* Gives the sockets of L in the file system the mode and group that CONF says, also those that were
 * there before; systemd's keep theirs. -1 as net_listen_unix_allow. */
int imbucad_listeners_allow(
    const struct conf_daemon *conf, const struct imbucad_listeners *l, struct err *e);

/* Closes those that NEXT (or nobody, where it is NULL) has not taken over. */
void imbucad_listeners_close(struct imbucad_listeners *l, const struct imbucad_listeners *next);

/* Appends a line for each: "smtp 127.0.0.1:25", "smtps [::1]:465", "lmtp /run/imbuca/lmtp". */
void imbucad_listeners_print(const struct imbucad_listeners *l, struct buf *out);

#endif
