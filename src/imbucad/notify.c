/*
 * notify: see notify.h.
 */
#include <config.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "imbucad/notify.h"

#include "base/banned.h"

enum { FIRST_SOCKET = 3, SOCKETS_MAXIMUM = 64, TEXT_MAXIMUM = 1024 };

static void
send_state(struct slice text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len;
	int fd;

	if (path == NULL || (path[0] != '/' && path[0] != '@') ||
	    !str_copy(address.sun_path, sizeof address.sun_path, str_slice(path)))
		return;
	len = offsetof(struct sockaddr_un, sun_path) + strlen(path);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return;
	(void)sendto(fd, text.ptr, text.len, MSG_NOSIGNAL, (const struct sockaddr *)&address,
	    (socklen_t)len);
	(void)close(fd);
}

void
imbucad_notify(const char *state, const char *status)
{
	struct buf text = BUF_INIT(TEXT_MAXIMUM);

	buf_adds(&text, state);
	if (status != NULL)
		buf_addf(&text, "\nSTATUS=%s", status);
	send_state(buf_slice(&text));
	buf_free(&text);
}

/* Is the variable NAME about this process? */
static bool
is_ours(const char *name)
{
	uint64_t pid;

	return str_number(str_slice(getenv(name)), 1, INT_MAX, &pid) && pid == (uint64_t)getpid();
}

int
imbucad_notify_interval(void)
{
	uint64_t microseconds;

	if ((getenv("WATCHDOG_PID") != NULL && !is_ours("WATCHDOG_PID")) ||
	    !str_number(str_slice(getenv("WATCHDOG_USEC")), 2000, UINT32_MAX, &microseconds))
		return -1;
	return (int)(microseconds / 2000);
}

int
imbucad_notify_sockets(void)
{
	uint64_t count = 0;

	if (is_ours("LISTEN_PID"))
		(void)str_number(str_slice(getenv("LISTEN_FDS")), 0, SOCKETS_MAXIMUM, &count);
	for (int fd = FIRST_SOCKET; fd < FIRST_SOCKET + (int)count; fd++) {
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	}
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	return (int)count;
}
