/*
 * pace: see pace.h.
 */
#include <config.h>

#include <string.h>

#include "conf/pace.h"

#include "base/banned.h"

enum { YEAR = 366 * 24 * 60 * 60, RATE_MAXIMUM = 100000 };

/* The largest first. */
static const struct {
	char letter;
	const char *word;
	unsigned seconds;
} units[] = {{'d', "day", 86400}, {'h', "hour", 3600}, {'m', "minute", 60}, {'s', "second", 1}};

enum { UNITS = sizeof units / sizeof units[0] };

bool
conf_pace_read(struct slice value, unsigned *seconds)
{
	uint64_t n;

	for (size_t i = 0; value.len > 0 && i < UNITS; i++) {
		struct slice number = {value.ptr, value.len - 1};

		if (value.ptr[value.len - 1] != units[i].letter)
			continue;
		if (!str_number(number, 1, YEAR / units[i].seconds, &n))
			return false;
		*seconds = (unsigned)n * units[i].seconds;
		return true;
	}
	return false;
}

static int
parse_time(void *field, struct slice value, struct err *e)
{
	unsigned seconds = 0;

	if (!str_is(value, "off") && !conf_pace_read(value, &seconds))
		return err_set(e, EX_CONFIG,
		    "'%.*s' is neither off nor a time such as 5d, 4h, 30m or 90s", STR_ARGS(value));
	*(unsigned *)field = seconds;
	return 0;
}

static void
print_time(const void *field, struct buf *out)
{
	unsigned seconds = *(const unsigned *)field;
	size_t i = 0;

	if (seconds == 0) {
		buf_adds(out, "off");
		return;
	}
	while (seconds % units[i].seconds != 0)
		i++;
	buf_addf(out, "%u%c", seconds / units[i].seconds, units[i].letter);
}

const struct conf_kind conf_pace_time = {.parse = parse_time,
    .print = print_time,
    .copy = conf_kind_copy_int,
    .clear = conf_kind_clear_int};

/* The milliseconds of VALUE, 0 where it is no rate. */
static unsigned
interval(struct slice value)
{
	struct slice unit = value, number = str_cut(&unit, '/');
	uint64_t n;

	if (!str_number(number, 1, RATE_MAXIMUM, &n))
		return 0;
	for (size_t i = 0; i < UNITS; i++) {
		if (str_is(unit, units[i].word))
			return (unsigned)((units[i].seconds * UINT64_C(1000) + n - 1) / n);
	}
	return 0;
}

static int
parse_rate(void *field, struct slice value, struct err *e)
{
	if (value.len > 0 && interval(value) == 0)
		return err_set(e, EX_CONFIG,
		    "'%.*s' is no rate such as 1/second, 30/minute, 100/hour or 500/day",
		    STR_ARGS(value));
	return conf_kind_parse_text(field, value, e);
}

const struct conf_kind conf_pace_rate = {.parse = parse_rate,
    .print = conf_kind_print_text,
    .copy = conf_kind_copy_text,
    .clear = conf_kind_clear_text};

unsigned
conf_pace_interval(const char *rate)
{
	return rate != NULL ? interval(str_slice(rate)) : 0;
}
