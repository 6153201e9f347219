/*
 * log: see log.h.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

#include "base/banned.h"

/* Must VALUE stand in quotes? */
static bool
wants_quotes(struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (strchr(" \"\\=", value.ptr[i]) != NULL)
			return true;
	}
	return value.len == 0;
}

static void
add_quoted(struct buf *out, struct slice value)
{
	size_t begin = 0;

	buf_addc(out, '"');
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] != '"' && value.ptr[i] != '\\')
			continue;
		buf_add_escaped(out, (struct slice){value.ptr + begin, i - begin});
		buf_addc(out, '\\');
		buf_addc(out, value.ptr[i]);
		begin = i + 1;
	}
	buf_add_escaped(out, (struct slice){value.ptr + begin, value.len - begin});
	buf_addc(out, '"');
}

void
log_add(struct log_line *line, const char *key, struct slice value)
{
	if (value.ptr == NULL)
		return;
	if (line->text.len > 0)
		buf_addc(&line->text, ' ');
	buf_adds(&line->text, key);
	buf_addc(&line->text, '=');
	if (wants_quotes(value))
		add_quoted(&line->text, value);
	else
		buf_add_escaped(&line->text, value);
}

void
log_add_text(struct log_line *line, const char *key, const char *value)
{
	log_add(line, key, str_slice(value));
}

void
log_add_number(struct log_line *line, const char *key, int64_t value)
{
	if (line->text.len > 0)
		buf_addc(&line->text, ' ');
	buf_addf(&line->text, "%s=%" PRId64, key, value);
}

static const struct {
	const char *name;
	int number;
} facilities[] = {
    {"mail", LOG_MAIL},
    {"user", LOG_USER},
    {"daemon", LOG_DAEMON},
    {"cron", LOG_CRON},
    {"local0", LOG_LOCAL0},
    {"local1", LOG_LOCAL1},
    {"local2", LOG_LOCAL2},
    {"local3", LOG_LOCAL3},
    {"local4", LOG_LOCAL4},
    {"local5", LOG_LOCAL5},
    {"local6", LOG_LOCAL6},
    {"local7", LOG_LOCAL7},
};

enum { FACILITIES = sizeof facilities / sizeof facilities[0] };

int
log_facility(struct slice name)
{
	if (str_begins_nocase(name, "LOG_"))
		name = (struct slice){name.ptr + 4, name.len - 4};
	for (size_t i = 0; i < FACILITIES; i++) {
		if (str_is_nocase(name, facilities[i].name))
			return facilities[i].number;
	}
	return -1;
}

const char *
log_facility_name(int facility)
{
	for (size_t i = 0; i < FACILITIES; i++) {
		if (facility == facilities[i].number)
			return facilities[i].name;
	}
	return NULL;
}

void
log_to_syslog(const struct log_line *line, const char *program, int facility, bool failed)
{
	openlog(program, LOG_PID, facility);
	syslog(failed ? LOG_ERR : LOG_INFO, "%s", buf_text(&line->text));
	closelog();
}

/* "Nov 25 01:02:03 ", as msmtp writes it. */
static void
add_time(struct buf *out)
{
	time_t now = time(NULL);
	struct tm local;
	char text[32];

	if (localtime_r(&now, &local) != NULL &&
	    strftime(text, sizeof text, "%b %d %H:%M:%S ", &local) > 0)
		buf_adds(out, text);
}

int
log_to_file(const struct log_line *line, const char *name, struct err *e)
{
	bool standard = strcmp(name, "-") == 0;
	struct buf whole = BUF_INIT(LOG_LINE_MAXIMUM + 64);
	int fd = standard
		     ? STDOUT_FILENO
		     : open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
			   0600);
	int rc;

	if (fd < 0)
		return err_set_errno(e, EX_CANTCREAT, errno, "cannot open the log file '%s'", name);
	add_time(&whole);
	buf_adds(&whole, buf_text(&line->text));
	buf_addc(&whole, '\n');
	rc = file_write(fd, name, whole.data, whole.len, e);
	if (!standard)
		(void)close(fd);
	buf_free(&whole);
	return rc;
}

void
log_free(struct log_line *line)
{
	buf_free(&line->text);
}
