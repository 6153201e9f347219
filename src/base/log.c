/*
 * log: see log.h.
 */
#include <config.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
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

static void
begin_text(struct buf *out, const char *key)
{
	if (out->len > 0)
		buf_addc(out, ' ');
	buf_adds(out, key);
	buf_addc(out, '=');
}

static void
begin_journal(struct buf *out, const char *key)
{
	buf_adds(out, "IMBUCA_");
	for (; *key != '\0'; key++)
		buf_addc(out, *key == '-' ? '_' : (char)toupper((unsigned char)*key));
	buf_addc(out, '=');
}

static void
add_as_it_is(struct log_line *line, const char *key, struct slice value)
{
	struct json json = {&line->text, line->text.len > 0};
	struct buf *out = &line->text;
	size_t before = out->len;

	if (value.ptr == NULL)
		return;
	switch (line->format) {
	case LOG_FORMAT_TEXT:
		begin_text(out, key);
		if (wants_quotes(value))
			add_quoted(out, value);
		else
			buf_add_escaped(out, value);
		return;
	case LOG_FORMAT_JSON:
		json_text(&json, key, value);
		break;
	case LOG_FORMAT_JOURNAL:
		begin_journal(out, key);
		buf_add_escaped(out, value);
		buf_addc(out, '\n');
		break;
	}
	if (out->full) { /* half a member is worse than none */
		buf_truncate(out, before);
		out->full = false;
	}
}

void
log_add(struct log_line *line, const char *key, struct slice value)
{
	struct buf cut = BUF_INIT(LOG_VALUE_MAXIMUM + 3);

	/* A list of a thousand recipients must not push the outcome off the line's end. */
	if (value.len > LOG_VALUE_MAXIMUM) {
		buf_add(&cut, value.ptr, LOG_VALUE_MAXIMUM);
		buf_adds(&cut, "...");
		value = buf_slice(&cut);
	}
	add_as_it_is(line, key, value);
	buf_free(&cut);
}

void
log_add_text(struct log_line *line, const char *key, const char *value)
{
	log_add(line, key, str_slice(value));
}

void
log_add_number(struct log_line *line, const char *key, int64_t value)
{
	struct json json = {&line->text, line->text.len > 0};
	char digits[24];

	(void)snprintf(digits, sizeof digits, "%" PRId64, value);
	if (line->format == LOG_FORMAT_JSON)
		json_number(&json, key, value);
	else
		log_add_text(line, key, digits);
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

/* Appends the line as it is read, without a date. */
static void
finish(const struct log_line *line, struct buf *out)
{
	bool json = line->format == LOG_FORMAT_JSON;

	buf_adds(out, json ? "{" : "");
	buf_add_slice(out, buf_slice(&line->text));
	buf_adds(out, json ? "}" : "");
}

void
log_to_syslog(const struct log_line *line, const char *program, int facility, bool failed)
{
	struct buf whole = BUF_INIT(LOG_LINE_MAXIMUM + 64);

	finish(line, &whole);
	openlog(program, LOG_PID, facility);
	syslog(failed ? LOG_ERR : LOG_INFO, "%s", buf_text(&whole));
	closelog();
	buf_free(&whole);
}

bool
log_to_journal(const char *socket_name, const struct log_line *line, const struct log_line *fields,
    const char *program, int facility, bool failed)
{
	struct buf datagram = BUF_INIT(2 * LOG_LINE_MAXIMUM + 256);
	struct sockaddr_un journal = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool sent = false;

	buf_addf(&datagram,
	    "PRIORITY=%d\nSYSLOG_FACILITY=%d\nSYSLOG_IDENTIFIER=%s\nSYSLOG_PID=%ld\nMESSAGE=",
	    failed ? LOG_ERR : LOG_INFO, facility >> 3, program, (long)getpid());
	finish(line, &datagram);
	buf_addc(&datagram, '\n');
	buf_add_slice(&datagram, buf_slice(&fields->text));
	if (fd >= 0 && !datagram.full &&
	    str_copy(journal.sun_path, sizeof journal.sun_path, str_slice(socket_name)))
		sent = sendto(fd, datagram.data, datagram.len, MSG_NOSIGNAL,
			   (const struct sockaddr *)&journal, sizeof journal) >= 0;
	if (fd >= 0)
		(void)close(fd);
	buf_free(&datagram);
	return sent;
}

/* Appends the local time by FORMAT, which the user writes: a bad one prints badly, no more. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
add_time(struct buf *out, const char *format)
{
	time_t now = time(NULL);
	struct tm local;
	char text[256];

	if (localtime_r(&now, &local) != NULL && strftime(text, sizeof text, format, &local) > 0)
		buf_adds(out, text);
}
#pragma GCC diagnostic pop

/* Appends the line as it stands in a file: the date, as msmtp writes it, or a member `time`. */
static void
add_dated(const struct log_line *line, struct buf *out)
{
	const char *format = line->time_format;
	struct json json = JSON_INIT(out);
	struct buf now = BUF_INIT(256);

	if (line->format != LOG_FORMAT_JSON) {
		add_time(&now, format != NULL ? format : "%b %d %H:%M:%S");
		buf_add_escaped(out, buf_slice(&now));
		buf_addc(out, ' ');
		finish(line, out);
	} else {
		add_time(&now, format != NULL ? format : "%Y-%m-%dT%H:%M:%S%z");
		json_object(&json, NULL);
		json_text(&json, "time", buf_slice(&now));
		buf_addc(out, ',');
		buf_add_slice(out, buf_slice(&line->text));
		json_object_end(&json);
	}
	buf_free(&now);
}

int
log_to_file(const struct log_line *line, const char *name, struct err *e)
{
	bool standard = strcmp(name, "-") == 0;
	struct buf whole = BUF_INIT(LOG_LINE_MAXIMUM + 1024);
	int fd = standard
		     ? STDOUT_FILENO
		     : open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
			   0600);
	int rc;

	if (fd < 0)
		return err_set_errno(e, EX_CANTCREAT, errno, "cannot open the log file '%s'", name);
	add_dated(line, &whole);
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
