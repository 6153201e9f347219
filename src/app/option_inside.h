/*
 * option_inside: what the two halves of the table of options share, for the files option*.c alone.
 */
#ifndef APP_OPTION_INSIDE_H
#define APP_OPTION_INSIDE_H

#include "app/option.h"

/* Functions of a row (struct app_option): set a bool, a text, or the account's keyword. */
int app_option_set_flag(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e);
int app_option_set_text(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e);
int app_option_set_keyword(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e);

/* The middle of a row, by what it sets. */
#define FLAG(field) \
	APP_OPTION_ALONE, NULL, app_option_set_flag, offsetof(struct app_options, field), NULL
#define TEXT(field, argument) \
	APP_OPTION_NEEDED, argument, app_option_set_text, offsetof(struct app_options, field), NULL
#define KEYWORD(keyword, argument) APP_OPTION_NEEDED, argument, app_option_set_keyword, 0, keyword
#define SWITCH(keyword, argument)  APP_OPTION_MAYBE, argument, app_option_set_keyword, 0, keyword

/* The row of sendmail's at INDEX, NULL beyond the last. */
const struct app_option *app_option_sendmail_at(size_t index);

#endif
