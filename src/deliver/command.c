/*
 * command: see command.h.
 */
#include <config.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "deliver/command.h"
#include "deliver/failure.h"
#include "deliver/text.h"

#include "base/banned.h"

enum {
	WORDS_MAXIMUM = 64,
	TEXT_MAXIMUM = 8192,
	ENVIRONMENT = 7,
	POLL_PAUSE = 20, /* milliseconds */
};

/* --- the command line --- */

/* Words with a NUL behind each, gathered in one buffer, and pointers to them. */
struct words {
	struct buf text;
	size_t begins[WORDS_MAXIMUM];
	size_t count;
	char *argv[WORDS_MAXIMUM + 1];
};

/* Takes one word off *REST, which does not begin with a blank. */
static int
take_word(struct slice *rest, struct words *out)
{
	char quote = '\0';
	size_t i = 0;

	if (out->count == WORDS_MAXIMUM)
		return -1;
	out->begins[out->count++] = out->text.len;
	for (; i < rest->len && (quote != '\0' || !isblank((unsigned char)rest->ptr[i])); i++) {
		char c = rest->ptr[i];

		if (c == quote && quote != '\0') {
			quote = '\0';
		} else if (quote == '\0' && (c == '"' || c == '\'')) {
			quote = c;
		} else {
			if (c == '\\' && quote != '\'' && i + 1 < rest->len)
				c = rest->ptr[++i];
			buf_addc(&out->text, c);
		}
	}
	buf_add(&out->text, "", 1);
	*rest = (struct slice){rest->ptr + i, rest->len - i};
	return quote == '\0' ? 0 : -1;
}

static int
part(const char *command, struct words *out, struct err *e)
{
	struct slice rest = str_trim(str_slice(command));
	int status = rest.len > 0 ? 0 : -1;

	*out = (struct words){.text = BUF_INIT(TEXT_MAXIMUM)};
	while (status == 0 && rest.len > 0) {
		status = take_word(&rest, out);
		rest = str_trim(rest);
	}
	if (status == -1 || out->text.full) {
		(void)err_set(e, EX_TEMPFAIL, "'%s' is no command line", command);
		return deliver_failure_reply(e, 451, "4.3.0");
	}
	for (size_t i = 0; i < out->count; i++)
		out->argv[i] = out->text.data + out->begins[i];
	return 0;
}

/* --- the environment --- */

/* NAME=VALUE, with `_` for each byte that a shell might take for its own. */
static void
add_safe(struct buf *out, const char *name, const char *value)
{
	buf_addf(out, "%s=", name);
	for (const char *c = value; *c != '\0'; c++)
		buf_addc(
		    out, isalnum((unsigned char)*c) || strchr("@.+-_=/:%,", *c) != NULL ? *c : '_');
	buf_add(out, "", 1);
}

static void
make_environment(
    const struct deliver_command_context *c, struct buf *text, char *environment[ENVIRONMENT + 1])
{
	size_t begins[ENVIRONMENT], n = 0;
	const char *const safe[][2] = {
	    {"SENDER", c->sender}, {"RECIPIENT", c->recipient}, {"EXTENSION", c->extension}};

	begins[n++] = text->len;
	buf_add(
	    text, "PATH=/usr/local/bin:/usr/bin:/bin", sizeof "PATH=/usr/local/bin:/usr/bin:/bin");
	begins[n++] = text->len;
	buf_addf(text, "HOME=%s", c->home);
	buf_add(text, "", 1);
	begins[n++] = text->len;
	buf_addf(text, "USER=%s", c->user);
	buf_add(text, "", 1);
	begins[n++] = text->len;
	buf_addf(text, "LOGNAME=%s", c->user);
	buf_add(text, "", 1);
	for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++) {
		begins[n++] = text->len;
		add_safe(text, safe[i][0], safe[i][1]);
	}
	for (size_t i = 0; i < n; i++)
		environment[i] = text->full ? NULL : text->data + begins[i];
	environment[n] = NULL;
}

/* --- running --- */

/* The message as one unnamed file, at its beginning. */
static int
make_input(struct slice top, int message, struct err *e)
{
	struct deliver_text text;
	int fd = file_open_unnamed(NULL, e);
	ssize_t n = 0;
	int status;

	if (fd == -1)
		return deliver_failure_reply(e, 451, "4.3.0");
	status = file_write(fd, "the message", top.ptr, top.len, e);
	deliver_text_begin(&text, message);
	while (status == 0 && (n = deliver_text_next(&text)) > 0)
		status = file_write(fd, "the message", text.block, (size_t)n, e);
	if (status == 0 && n == 0 && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	(void)close(fd);
	return deliver_failure(e, errno, "write", "the message");
}

/* A user of the system's own may have no home, and no command needs one. */
static const char *
folder_of(const char *home)
{
	struct stat st;

	return stat(home, &st) == 0 && S_ISDIR(st.st_mode) && access(home, X_OK) == 0 ? home : "/";
}

static int
spawn(char *const *argv, char *const *environment, int input, const char *folder, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int status;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	(void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	(void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
#ifdef __GLIBC__
	(void)posix_spawn_file_actions_addchdir_np(&actions, folder);
	(void)posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
#else
	(void)folder;
#endif
	(void)posix_spawnattr_setflags(
	    &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setsigdefault(&attributes, &all);
	status = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environment);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return status;
}

/* Waits for PID and kills its group at the deadline. What waitpid(2) says of it. */
static int
await(pid_t pid, struct deadline within)
{
	const struct timespec pause = {0, POLL_PAUSE * 1000000L};
	int status = 0;
	pid_t done;

	while ((done = waitpid(pid, &status, WNOHANG)) == 0) {
		if (deadline_over(within)) {
			(void)kill(-pid, SIGKILL);
			(void)waitpid(pid, &status, 0);
			return status;
		}
		(void)nanosleep(&pause, NULL);
	}
	(void)kill(-pid, SIGKILL);
	return done == pid ? status : -1;
}

static int
judge(const char *command, int status, struct err *e)
{
	if (!WIFEXITED(status)) {
		(void)err_set(e, EX_TEMPFAIL, "'%s' was killed", command);
		return deliver_failure_reply(e, 451, "4.3.0");
	}
	if (WEXITSTATUS(status) == 0)
		return 0;
	(void)err_set(e, EX_TEMPFAIL, "'%s' ended with status %d", command, WEXITSTATUS(status));
	if (WEXITSTATUS(status) == EX_TEMPFAIL || WEXITSTATUS(status) > EX_CONFIG ||
	    WEXITSTATUS(status) < EX_USAGE)
		return deliver_failure_reply(e, 451, "4.3.0");
	if (WEXITSTATUS(status) == EX_NOUSER)
		return deliver_failure_reply(e, 550, "5.1.1");
	return deliver_failure_reply(e, 554, "5.3.0");
}

int
deliver_command(const char *command, const struct deliver_command_context *context,
    struct slice top, int message, struct deadline within, struct err *e)
{
	struct words words;
	struct buf text = BUF_INIT(TEXT_MAXIMUM);
	char *environment[ENVIRONMENT + 1];
	int input = -1, status = part(command, &words, e);
	pid_t pid = -1;

	make_environment(context, &text, environment);
	if (status == 0)
		status = (input = make_input(top, message, e)) == -1 ? -1 : 0;
	if (status == 0) {
		int failed = spawn(words.argv, environment, input, folder_of(context->home), &pid);

		status = failed != 0 ? deliver_failure(e, failed, "run", command)
				     : judge(command, await(pid, within), e);
	}
	if (input != -1)
		(void)close(input);
	buf_free(&text);
	buf_free(&words.text);
	return status;
}
