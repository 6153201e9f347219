/*
 * obsolete: see obsolete.h.
 */
#include <config.h>

#include "conf/obsolete.h"

#include "base/banned.h"

static const struct row {
	const char *name, *now;
	const char *on, *off; /* what the old one's on and off are; NULL: its value stays */
} rows[] = {
    {"add_missing_date_header", "set_date_header", "auto", "off"},
    {"add_missing_from_header", "set_from_header", "auto", "off"},
    {"connect_timeout", "timeout", NULL, NULL},
    {"keepbcc", "remove_bcc_headers", "off", "on"},
    {"tls_nocertcheck", "tls_certcheck", "off", "on"},
    {"tls_nostarttls", "tls_starttls", "off", "on"},
};

bool
conf_obsolete_translate(struct slice *keyword, struct slice *value)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];

		if (!str_is(*keyword, row->name))
			continue;
		*keyword = str_slice(row->now);
		if (row->on != NULL && (value->len == 0 || str_is(*value, "on")))
			*value = str_slice(row->on);
		else if (row->off != NULL && str_is(*value, "off"))
			*value = str_slice(row->off);
		return true;
	}
	return false;
}
