/*
 * listen_unix: a socket in the file system that waits for connections of this machine's programs.
 */
#ifndef NET_LISTEN_UNIX_H
#define NET_LISTEN_UNIX_H

#include <sys/types.h>

#include <stdbool.h>

#include "base/err.h"

/*
 * Listens on PATH, whose folder is made where missing (0755). A socket that is there already is
 * taken away if nobody listens on it any more. The new one has MODE and belongs to the group GID,
 * or stays with ours where GID is (gid_t)-1. Returns the descriptor, non-blocking and
 * close-on-exec; the caller closes it, and removes PATH. -1 with EX_CONFIG for a path that is too
 * long or is no socket, EX_OSERR, EX_NOPERM.
 */
int net_listen_unix(const char *path, mode_t mode, gid_t gid, struct err *e);

/* Gives the socket at PATH, which listens already, this MODE and group. -1 with EX_OSERR,
 * EX_NOPERM.
 */
int net_listen_unix_allow(const char *path, mode_t mode, gid_t gid, struct err *e);

enum { NET_LISTEN_UNIX_PRIVATE_SIZE = 16 };

/*
 * Listens on a socket that has no name in the file system but one that the kernel has chosen: "@"
 * and what it is, in NAME, as net_connect takes it. Any user can connect who finds the name out:
 * see net_listen_unix_peer. Linux has this. -1 with EX_OSERR.
 */
int net_listen_unix_private(char name[NET_LISTEN_UNIX_PRIVATE_SIZE], struct err *e);

/* Who connected as FD, as the kernel knows it. False for what is no unix socket. */
bool net_listen_unix_peer(int fd, uid_t *uid);

#endif
