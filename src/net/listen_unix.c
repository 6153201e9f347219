/*
 * listen_unix: see listen_unix.h.
 */
#include <config.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/path.h"
#include "net/listen_unix.h"

#include "base/banned.h"

static int
fail(const char *path, int saved, struct err *e)
{
	return err_set_errno(e, saved == EACCES || saved == EPERM ? EX_NOPERM : EX_OSERR, saved,
	    "cannot listen on %s", path);
}

static int
make_folder(const char *path, struct err *e)
{
	struct buf folder = BUF_INIT(PATH_MAXIMUM);
	int status = 0;

	buf_add_slice(&folder, str_range(path, strrchr(path, '/')));
	if (folder.len > 0)
		status = file_make_folders(buf_text(&folder), 0755, e);
	buf_free(&folder);
	return status;
}

/* Takes away what a daemon that is gone has left there. */
static int
clear(const struct sockaddr_un *address, struct err *e)
{
	struct stat st;
	int fd, answered;

	if (lstat(address->sun_path, &st) == -1)
		return errno == ENOENT ? 0 : fail(address->sun_path, errno, e);
	if (!S_ISSOCK(st.st_mode))
		return err_set(e, EX_CONFIG, "'%s' is there, and is no socket", address->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return fail(address->sun_path, errno, e);
	answered = connect(fd, (const struct sockaddr *)address, sizeof *address);
	(void)close(fd);
	if (answered == 0 || errno != ECONNREFUSED)
		return fail(address->sun_path, answered == 0 ? EADDRINUSE : errno, e);
	return unlink(address->sun_path) == 0 ? 0 : fail(address->sun_path, errno, e);
}

static int
allow(const char *path, mode_t mode, gid_t gid)
{
	if (gid != (gid_t)-1 && chown(path, (uid_t)-1, gid) == -1)
		return -1;
	return chmod(path, mode);
}

/* Binds FD, so that nobody can connect before MODE and GID are what they should be. */
static int
bind_to(int fd, const struct sockaddr_un *address, mode_t mode, gid_t gid)
{
	mode_t before = umask(0177);
	int status = bind(fd, (const struct sockaddr *)address, sizeof *address);

	(void)umask(before);
	if (status == 0)
		status = allow(address->sun_path, mode, gid);
	return status == 0 ? listen(fd, SOMAXCONN) : -1;
}

int
net_listen_unix_allow(const char *path, mode_t mode, gid_t gid, struct err *e)
{
	return allow(path, mode, gid != (gid_t)-1 ? gid : getegid()) == 0 ? 0
									  : fail(path, errno, e);
}

int
net_listen_unix(const char *path, mode_t mode, gid_t gid, struct err *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, saved;

	if (path[0] != '/' || !str_copy(address.sun_path, sizeof address.sun_path, str_slice(path)))
		return err_set(e, EX_CONFIG, "'%s' is no path that a socket can have", path);
	if (make_folder(path, e) == -1 || clear(&address, e) == -1)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd != -1 && bind_to(fd, &address, mode, gid) == 0)
		return fd;
	saved = errno;
	if (fd != -1)
		(void)close(fd);
	return fail(path, saved, e);
}

int
net_listen_unix_private(char name[NET_LISTEN_UNIX_PRIVATE_SIZE], struct err *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const socklen_t front = offsetof(struct sockaddr_un, sun_path);
	socklen_t len = sizeof address;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), saved;

	if (fd != -1 && bind(fd, (const struct sockaddr *)&address, front) == 0 &&
	    listen(fd, SOMAXCONN) == 0 && getsockname(fd, (struct sockaddr *)&address, &len) == 0 &&
	    len > front + 1 && len < front + NET_LISTEN_UNIX_PRIVATE_SIZE) {
		address.sun_path[0] = '@';
		(void)str_copy(name, NET_LISTEN_UNIX_PRIVATE_SIZE,
		    (struct slice){address.sun_path, len - front});
		return fd;
	}
	saved = errno;
	if (fd != -1)
		(void)close(fd);
	return err_set_errno(e, EX_OSERR, saved, "cannot make a socket");
}

bool
net_listen_unix_peer(int fd, uid_t *uid)
{
#ifdef SO_PEERCRED
	struct ucred peer;
	socklen_t len = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == -1 || len != sizeof peer ||
	    peer.pid == 0)
		return false;
	*uid = peer.uid;
	return true;
#else
	gid_t gid;

	return getpeereid(fd, uid, &gid) == 0;
#endif
}
