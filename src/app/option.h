/*
 * option: the table of imbuca's options: the one place that knows a letter or a name. The parser
 * (app/options), --help (app/help) and the tests read it.
 *
 * The names are msmtp's and sendmail's; where these two mean something else by one letter (-a, -d,
 * -S, -X), it is msmtp's. Options of sendmail's that ask for something a submission client does not
 * do, and whose absence harms nobody, are accepted without effect.
 */
#ifndef APP_OPTION_H
#define APP_OPTION_H

#include <stddef.h>

#include "app/options.h"
#include "base/err.h"
#include "base/str.h"

/* Does an option have a value? */
enum app_option_value {
	APP_OPTION_ALONE,
	APP_OPTION_NEEDED, /* glued to the letter, behind the `=`, or the next argument */
	APP_OPTION_MAYBE,  /* behind the `=`, or glued to the letter, or none */
	APP_OPTION_LEVEL,  /* a number glued to the letter, or none; never behind the name */
};

/* The parts of --help, in its order. */
enum app_option_group {
	APP_OPTION_GENERAL,
	APP_OPTION_MESSAGE,
	APP_OPTION_ACCOUNT,
	APP_OPTION_COMMAND,
	APP_OPTION_WITHOUT_EFFECT,
	APP_OPTION_OBSOLETE, /* of msmtp's; the manual says what replaces them */
};

struct app_option {
	char letter;	  /* 0: none */
	const char *name; /* "--name", NULL: none */
	enum app_option_group group;
	enum app_option_value value;
	const char *argument; /* what --help calls the value */

	/* Does what the option says; VALUE (NULL without one) lives as long as argv. */
	int (*apply)(struct app_options *options, const struct app_option *row, const char *value,
	    struct err *e);
	size_t offset;	     /* of the field that APPLY sets, in struct app_options */
	const char *keyword; /* of conf/account, that APPLY sets */
	const char *help;    /* half a line */
};

/* The row at INDEX, NULL beyond the last. */
const struct app_option *app_option_at(size_t index);

/* The option of LETTER, or called NAME ("--name"); NULL where there is none. */
const struct app_option *app_option_of_letter(char letter);
const struct app_option *app_option_of_name(struct slice name);

/* The commands that alone know the option of ROW, blanks between; NULL where it is not so bound. */
const char *app_option_commands(const struct app_option *row);

/* The name nearest to NAME, NULL where none is near. */
const char *app_option_nearest(struct slice name);

#endif
