/*
 * log: one line an event, as logfmt (`key=value`, values quoted where they hold a blank) or as a
 * JSON object, to the syslog, the journal or a file. Control bytes are escaped, so that nothing
 * from outside can add a line.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <inttypes.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* The longest line, in bytes; what is added beyond is left out. */
enum {
	LOG_LINE_MAXIMUM = 32 << 10,
	LOG_VALUE_MAXIMUM = 2048, /* bytes of a value; what is behind is shown as "..." */
};

enum log_format {
	LOG_FORMAT_TEXT,    /* logfmt */
	LOG_FORMAT_JSON,    /* an object's members */
	LOG_FORMAT_JOURNAL, /* systemd's "IMBUCA_KEY=value" with a line end each */
};

struct log_line {
	struct buf text;
	enum log_format format;	 /* set it before anything is added */
	const char *time_format; /* strftime's, for a file; NULL: the usual of the format */
};

#define LOG_LINE_INIT                              \
	{                                          \
		.text = BUF_INIT(LOG_LINE_MAXIMUM) \
	}

/* Where journald listens. */
#define LOG_JOURNAL "/run/systemd/journal/socket"

/*
 * Adds KEY (a literal: letters, digits, `-`) with VALUE, in quotes where it is empty or holds a
 * blank, a quote, a backslash or an `=`. A value without bytes of its own (ptr NULL) adds nothing.
 */
void log_add(struct log_line *line, const char *key, struct slice value);

/* Adds KEY with VALUE, only where VALUE is not NULL. */
void log_add_text(struct log_line *line, const char *key, const char *value);

/* Adds KEY with VALUE. */
void log_add_number(struct log_line *line, const char *key, int64_t value);

/* The number of the syslog facility NAME ("LOG_MAIL", "mail", any case), -1 for an unknown one. */
int log_facility(struct slice name);

/* The name of a facility in lower case ("mail"), NULL for an unknown number. */
const char *log_facility_name(int facility);

/*
 * Sends the line to the syslog as PROGRAM with FACILITY, at LOG_ERR where FAILED, else LOG_INFO.
 * Never fails and never waits for a log daemon that is not there.
 */
void log_to_syslog(const struct log_line *line, const char *program, int facility, bool failed);

/*
 * Sends LINE to the journal that listens on SOCKET (LOG_JOURNAL), as log_to_syslog would, with
 * FIELDS (of LOG_FORMAT_JOURNAL) beside it. Returns false where nobody listens.
 */
bool log_to_journal(const char *socket, const struct log_line *line, const struct log_line *fields,
    const char *program, int facility, bool failed);

/*
 * Appends the line to the file NAME behind the local date and time (in JSON: `time`), in one write,
 * so that lines of many processes don't mix; a missing file is made with mode 0600. "-" is standard
 * output. -1 with EX_CANTCREAT or EX_IOERR: the caller warns, and goes on.
 */
int log_to_file(const struct log_line *line, const char *name, struct err *e);

/* Frees what the line holds. */
void log_free(struct log_line *line);

#endif
