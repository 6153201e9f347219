/*
 * sandbox: see sandbox.h.
 */
#include <config.h>

#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <unistd.h>

#if defined HAVE_LINUX_LANDLOCK_H && defined SYS_landlock_create_ruleset
#include <linux/landlock.h>
#define WITH_LANDLOCK 1
#endif
#ifdef HAVE_LIBSECCOMP
#include <seccomp.h>
#include <sys/mman.h>
#endif

#include "imbucad/sandbox.h"

#include "base/banned.h"

/* A rule set that handles everything and allows nothing. An older kernel knows it not. */
static void
lock_files(void)
{
#ifdef WITH_LANDLOCK
	const struct landlock_ruleset_attr rules = {
	    .handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
				 LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
				 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
				 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
				 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
				 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
				 LANDLOCK_ACCESS_FS_MAKE_SYM};
	long fd = syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);

	if (fd == -1)
		return;
	(void)syscall(SYS_landlock_restrict_self, fd, 0);
	(void)close((int)fd);
#endif
}

#ifdef HAVE_LIBSECCOMP

/* What reception does: it takes connections, reads, writes, waits, and needs memory and the time.
 */
static const int allowed[] = {SCMP_SYS(accept4), SCMP_SYS(brk), SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(close), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_wait), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(fcntl), SCMP_SYS(fstat),
    SCMP_SYS(futex), SCMP_SYS(getpeername), SCMP_SYS(getpid), SCMP_SYS(getrandom),
    SCMP_SYS(getsockname), SCMP_SYS(getsockopt), SCMP_SYS(gettid), SCMP_SYS(gettimeofday),
    SCMP_SYS(lseek), SCMP_SYS(madvise), SCMP_SYS(mremap), SCMP_SYS(munmap), SCMP_SYS(newfstatat),
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg), SCMP_SYS(restart_syscall), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(sched_yield), SCMP_SYS(sendmsg), SCMP_SYS(sendto),
    SCMP_SYS(setsockopt), SCMP_SYS(shutdown), SCMP_SYS(socketpair), SCMP_SYS(tgkill),
    SCMP_SYS(time), SCMP_SYS(write), SCMP_SYS(writev)};

/* What a library may try, and must live without. */
static const int refused[] = {SCMP_SYS(access), SCMP_SYS(connect), SCMP_SYS(execve),
    SCMP_SYS(ioctl), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(prctl), SCMP_SYS(readlink),
    SCMP_SYS(socket), SCMP_SYS(stat)};

static int
add_rules(scmp_filter_ctx filter)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < sizeof allowed / sizeof allowed[0]; i++)
		status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; status == 0 && i < sizeof refused / sizeof refused[0]; i++)
		status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused[i], 0);
	/* Memory, but none that can be run. */
	if (status == 0)
		status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (status == 0)
		status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return status;
}

/* Any other call ends the process: somebody else is at work in it. */
static int
lock_calls(struct err *e)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int status = filter != NULL ? add_rules(filter) : -ENOMEM;

	if (status == 0)
		status = seccomp_load(filter);
	seccomp_release(filter);
	return status == 0 ? 0 : err_set_errno(e, EX_OSERR, -status, "cannot enter the sandbox");
}

#else

static int
lock_calls(struct err *e)
{
	(void)e;
	return 0;
}

#endif

int
imbucad_sandbox_enter(struct err *e)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return err_set_errno(e, EX_OSERR, errno, "cannot enter the sandbox");
	lock_files();
	return lock_calls(e);
}
