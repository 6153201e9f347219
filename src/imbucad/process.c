/*
 * process: see process.h.
 */
#include <config.h>

#include <sys/prctl.h>
#include <sys/resource.h>

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "imbucad/process.h"

#include "base/banned.h"

enum { GROUPS_MAXIMUM = 256 };

static int
compare(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void
imbucad_process_keep(int *keep, size_t count)
{
	unsigned from = STDERR_FILENO + 1;

	qsort(keep, count, sizeof *keep, compare);
	for (size_t i = 0; i < count; i++) {
		if (keep[i] < (int)from)
			continue;
		if (keep[i] > (int)from)
			(void)close_range(from, (unsigned)keep[i] - 1, 0);
		from = (unsigned)keep[i] + 1;
	}
	(void)close_range(from, UINT_MAX, 0);
}

/* The groups of USER and the one called GROUP. */
static int
set_groups(const struct imbucad_passwd *user, const char *group)
{
	const struct group *more = group != NULL ? getgrnam(group) : NULL;
	gid_t groups[GROUPS_MAXIMUM];
	int count = GROUPS_MAXIMUM - 1;

	if (getgrouplist(user->name, user->gid, groups, &count) == -1) {
		errno = E2BIG;
		return -1;
	}
	if (more != NULL)
		groups[count++] = more->gr_gid;
	return setgroups((size_t)count, groups);
}

int
imbucad_process_become(const struct imbucad_passwd *user, const char *group, struct err *e)
{
	if (user->uid == 0 || user->gid == 0)
		return err_set(e, EX_OSERR, "imbucad does not work as '%s'", user->name);
	if (set_groups(user, group) == -1 || setresgid(user->gid, user->gid, user->gid) == -1 ||
	    setresuid(user->uid, user->uid, user->uid) == -1)
		return err_set_errno(e, EX_OSERR, errno, "cannot become the user '%s'", user->name);
	/* Root must be out of reach now. */
	if (setuid(0) != -1 || setgid(0) != -1)
		return err_set(e, EX_OSERR, "the user '%s' can become root again", user->name);
	return 0;
}

void
imbucad_process_settle(bool strict, pid_t parent)
{
	static const int fatal[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
	const struct rlimit none = {0, 0};
	sigset_t nothing;

	for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++)
		(void)signal(fatal[i], SIG_DFL);
	(void)signal(SIGPIPE, SIG_IGN);
	/* A terminal's Ctrl-C is for the supervisor, which ends the others in their order. */
	(void)signal(SIGINT, SIG_IGN);
	(void)sigemptyset(&nothing);
	(void)sigprocmask(SIG_SETMASK, &nothing, NULL);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
	if (strict)
		(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		(void)raise(SIGTERM); /* it was too late for that */
}
