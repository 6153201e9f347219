/*
 * report: what a command finds out, told as it happens: a line a finding, with a mark, the time
 * that it took, what it is about, and words; and one verdict at the end. With --json all of it is
 * one object, printed at the end.
 *
 * Formats and topics are looked up in the reader's language here; in JSON the topics and marks stay
 * English words, for programs.
 */
#ifndef APP_REPORT_H
#define APP_REPORT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

enum app_report_mark {
	APP_REPORT_OK,
	APP_REPORT_NOTE, /* neither good nor bad */
	APP_REPORT_WARNING,
	APP_REPORT_FAILED,
};

struct app_report {
	bool json, timed, colour;
	int64_t since; /* when the finding's work began */
	struct buf out;
	struct json writer;
	bool open, listing; /* JSON: a finding is open; and its list of further lines */
	bool spaced;	    /* an empty line stands before what comes at the end */
	struct err trouble; /* the first that kept the report from being written; ex is 0 without */
};

/* Begins a report, whose findings have times where TIMED. */
void app_report_open(struct app_report *r, bool json, bool timed);

/* The work for the next finding begins. */
void app_report_start(struct app_report *r);

/* A finding about TOPIC, an English word or two. Control bytes in it are escaped. */
void app_report_add(struct app_report *r, enum app_report_mark mark, const char *topic,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A further line of the same finding. */
void app_report_more(struct app_report *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What E says, as a failed finding about TOPIC; what to do is for the verdict. */
void app_report_fail(struct app_report *r, const char *topic, const struct err *e);

/* A sentence of the verdict; KEY is its name in JSON. */
void app_report_conclude(struct app_report *r, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Ends the report. -1 where it could not be written. */
int app_report_close(struct app_report *r, struct err *e);

#endif
