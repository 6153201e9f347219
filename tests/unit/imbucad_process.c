/*
 * Units of imbucad/process: whose parent has died before it could ask to hear of that ends as well.
 */
#include <config.h>

#include <sys/wait.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "imbucad/process.h"

#include "base/banned.h"

/* How a child of ours ends that takes PARENT for what has started it. */
static int
end_of_child(pid_t parent)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		imbucad_process_settle(false, parent);
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
ends_where_its_parent_is_gone(void **state)
{
	int status = end_of_child(getpid() + 1);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void
goes_on_below_its_parent(void **state)
{
	int status = end_of_child(getpid());

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ends_where_its_parent_is_gone),
	    cmocka_unit_test(goes_on_below_its_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
