/*
 * daemon: see daemon.h.
 */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "conf/daemon.h"
#include "conf/daemon_keyword.h"
#include "conf/lexer.h"

#include "base/banned.h"

enum { FILE_MAXIMUM = 1 << 20, HOSTNAME_SIZE = 65 };

static void *
field_of(struct conf_daemon *c, const struct conf_daemon_keyword *row)
{
	return (char *)c + row->offset;
}

int
conf_daemon_init(struct conf_daemon *c, struct err *e)
{
	*c = (struct conf_daemon){.hostname = NULL};
	for (const struct conf_daemon_keyword *row = conf_daemon_keyword_table; row->name != NULL;
	     row++) {
		if (row->fallback != NULL && conf_kind_parse(row->kind, field_of(c, row),
						 str_slice(row->fallback), e) == -1) {
			conf_daemon_free(c);
			return -1;
		}
	}
	return 0;
}

void
conf_daemon_free(struct conf_daemon *c)
{
	for (const struct conf_daemon_keyword *row = conf_daemon_keyword_table; row->name != NULL;
	     row++)
		row->kind->clear(field_of(c, row));
}

/* --- the file --- */

static int
read_line(
    struct conf_daemon *c, struct conf_lexer *lexer, const struct conf_line *line, struct err *e)
{
	const struct conf_daemon_keyword *row = conf_daemon_keyword_find(line->keyword);

	if (row == NULL) {
		(void)conf_lexer_unknown(
		    line->keyword, conf_daemon_keyword_nearest(line->keyword), e);
		return conf_lexer_blame(lexer, line->keyword.ptr, e);
	}
	if (conf_kind_parse(row->kind, field_of(c, row), line->value, e) == -1)
		return conf_lexer_blame(lexer, line->value.ptr, e);
	return 0;
}

static int
read_text(struct conf_daemon *c, const char *file, struct slice text, struct err *e)
{
	struct conf_lexer lexer = conf_lexer_of(file, text);
	struct conf_line line;
	int got;

	while ((got = conf_lexer_next(&lexer, &line, e)) > 0) {
		if (read_line(c, &lexer, &line, e) == -1)
			return -1;
	}
	return got;
}

int
conf_daemon_load(struct conf_daemon *c, const char *file, struct err *e)
{
	struct buf text = BUF_INIT(FILE_MAXIMUM);
	int fd = file_open_read(file, e), status = -1;

	if (fd == -1)
		return -1;
	if (file_check_trusted(fd, file, e) == 0 && file_read_fd(fd, file, &text, e) == 0)
		status = read_text(c, file, buf_slice(&text), e);
	else if (e->ex != EX_TEMPFAIL)
		e->ex = EX_CONFIG;
	(void)close(fd);
	buf_free(&text);
	return status;
}

int
conf_daemon_set(struct conf_daemon *c, const char *keyword, struct slice value, struct err *e)
{
	const struct conf_daemon_keyword *row = conf_daemon_keyword_find(str_slice(keyword));

	if (str_find_control(value) < value.len)
		return err_set(e, EX_USAGE, "a control byte in the value");
	if (conf_kind_parse(row->kind, field_of(c, row), value, e) == 0)
		return 0;
	if (e->ex == EX_CONFIG)
		e->ex = EX_USAGE;
	return -1;
}

/* --- what depends on the machine --- */

static int
settle_names(struct conf_daemon *c, struct err *e)
{
	static const char *const always[] = {"localhost", "[127.0.0.1]", "[IPv6:::1]"};
	char name[HOSTNAME_SIZE];

	if (c->hostname == NULL) {
		if (gethostname(name, sizeof name) == -1)
			return err_set_errno(e, EX_OSERR, errno, "cannot find this machine's name");
		name[sizeof name - 1] = '\0';
		if (conf_daemon_set(c, "hostname", str_slice(name), e) == -1)
			return -1;
	}
	if (conf_daemon_set(c, "domain", str_slice(c->hostname), e) == -1)
		return -1;
	for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) {
		if (conf_daemon_set(c, "domain", str_slice(always[i]), e) == -1)
			return -1;
	}
	return 0;
}

/* Where nothing is said: the socket for this machine's programs and loopback; with a mailbox for
 * everything, which is a developer's, loopback alone. */
static int
settle_listeners(struct conf_daemon *c, bool privileged, struct err *e)
{
	static const char *const usual[] = {RUNSTATEDIR "/imbuca/socket", "127.0.0.1", "[::1]"};
	size_t first = c->catch_all != NULL || !privileged ? 1 : 0;
	size_t last = c->catch_all != NULL ? 1 : 2;

	if (c->listeners.count > 0)
		return 0;
	c->usual_listeners = true;
	for (size_t i = first; i <= last; i++) {
		if (conf_daemon_set(c, "listen", str_slice(usual[i]), e) == -1)
			return -1;
	}
	return 0;
}

/* Mail is brought elsewhere where there is an account to do it by. */
static int
settle_relay(struct conf_daemon *c, bool privileged, struct err *e)
{
	static const char usual[] = SYSCONFDIR "/imbuca/accounts";

	if (c->accounts == NULL && privileged && c->catch_all == NULL && access(usual, F_OK) == 0 &&
	    conf_daemon_set(c, "accounts", str_slice(usual), e) == -1)
		return -1;
	if (c->accounts == NULL)
		c->relay = CONF_DAEMON_RELAY_OFF;
	return 0;
}

/* A mailbox for everything, which is a developer's, needs no queue. */
static int
settle_queue(struct conf_daemon *c, bool privileged, struct err *e)
{
	struct buf path = BUF_INIT(PATH_MAXIMUM);
	int status = 0;

	if (c->queue != NULL || c->catch_all != NULL)
		return 0;
	if (privileged)
		buf_adds(&path, "/var/spool/imbuca");
	else if (c->state != NULL)
		buf_addf(&path, "%s/queue", c->state);
	else if (!path_xdg(&path, PATH_STATE, "imbucad/queue"))
		status = err_set(e, EX_CONFIG, "'queue' is missing, and there is no home");
	if (status == 0)
		status = conf_daemon_set(c, "queue", buf_slice(&path), e);
	buf_free(&path);
	return status;
}

static int
check(const struct conf_daemon *c, struct err *e)
{
	if (c->require_auth && c->users == NULL)
		return err_set(e, EX_CONFIG, "a login is required, and there is no users file");
	for (size_t i = 0; i < c->listeners.count; i++) {
		const struct conf_listener *l = &c->listeners.at[i];

		if (l->protocol == CONF_LISTENER_SUBMISSION && !l->is_unix && c->users == NULL)
			return err_set(e, EX_CONFIG,
			    "'listen %s submission' needs a users file, for the logins", l->where);
	}
	return 0;
}

int
conf_daemon_settle(struct conf_daemon *c, bool privileged, struct err *e)
{
	if (privileged && c->catch_all == NULL && c->state == NULL &&
	    conf_daemon_set(c, "state", str_slice("/var/lib/imbuca"), e) == -1)
		return -1;
	if (settle_names(c, e) == -1 || settle_listeners(c, privileged, e) == -1 ||
	    settle_relay(c, privileged, e) == -1 || settle_queue(c, privileged, e) == -1)
		return -1;
	return check(c, e);
}

void
conf_daemon_print(const struct conf_daemon *c, struct buf *out)
{
	for (const struct conf_daemon_keyword *row = conf_daemon_keyword_table; row->name != NULL;
	     row++) {
		struct buf value = BUF_INIT(out->max);

		conf_kind_print(row->kind, (const char *)c + row->offset, &value);
		if (value.len > 0)
			buf_addf(out, "%s %s\n", row->name, buf_text(&value));
		buf_free(&value);
	}
}
