/*
 * guard: see guard.h.
 */
#include <config.h>

#include <sys/resource.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "app/guard.h"

#include "base/banned.h"

/* The wrong way round on purpose: nothing can be read from what stands in for standard input. */
static int
fill_descriptors(struct err *e)
{
	static const int modes[] = {O_WRONLY, O_RDWR, O_RDWR};

	for (int fd = 0; fd < (int)(sizeof modes / sizeof modes[0]); fd++) {
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", modes[fd]) != fd)
			return err_set(e, EX_OSERR,
			    "descriptor %d is closed, and /dev/null cannot "
			    "take its place",
			    fd);
	}
	return 0;
}

int
app_guard(const char *program, struct err *e)
{
	/* Not 0: a core_pattern that is a pipe minds no limit but 1 (core(5)), and no file is that
	   small. */
	const struct rlimit none = {1, 1};

	if (getuid() != geteuid() || getgid() != getegid()) {
		(void)err_set(e, EX_CONFIG,
		    "%s is installed set-uid or set-gid and will not run so", program);
		return err_hint(e,
		    "take the bits away: chmod ug-s %s; users who may not know the "
		    "password hand their mail to imbucad",
		    program);
	}
	if (fill_descriptors(e) != 0)
		return -1;
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)signal(SIGPIPE, SIG_IGN);
	/* A log at the limit of ulimit -f must not end us once the message has gone. */
	(void)signal(SIGXFSZ, SIG_IGN);
	return 0;
}
