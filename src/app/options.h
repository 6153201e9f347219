/*
 * options: argv, parsed by the one table of options (app/option).
 *
 * Parsing is sendmail's: it ends at the first operand or after "--"; letters can be bundled; a
 * value is glued to its letter or comes next, and may be empty. Long options are msmtp's
 * (--host=NAME or --host NAME; a switch such as --tls may stand alone). Called as imbuca, a first
 * operand that is a command's name (app/command) is a command; options may stand among its
 * operands. Nothing here looks at the environment or a file.
 */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct app_command;
struct app_option;

/* An option that sets an account's keyword (conf_account_override). */
struct app_options_override {
	const char *keyword; /* of conf/account's table */
	const char *value;
	const char *option; /* as --help calls it: "--host" */
};

enum { APP_OPTIONS_OVERRIDES = 64 }; /* more than one each of those that exist; repeats replace */
enum { APP_OPTIONS_BOUND = 16 };     /* likewise */

/* Texts point into argv, NULL where not given. */
struct app_options {
	const struct app_command *command; /* NULL: send the message on standard input */
	char *const *operands;		   /* recipients, or the command's operands */
	size_t operand_count;
	const char *stray; /* the only one, without @, where it could have been meant for a
			      command; NULL else */

	bool read_recipients;  /* -t: recipients from the header too */
	bool ignore_dots;      /* -i: a line with a lone dot is data */
	const char *sender;    /* -f, -r, --from: "" or "<>" is the null sender */
	const char *full_name; /* -F */
	const char *envid;     /* -V: xtext (RFC 3461) */
	const char *account;   /* -a */
	const char *file;      /* -C */
	bool debug;	       /* -d, -v: print the dialogue */
	bool pretend;	       /* -P: show what would be done, do nothing */
	bool serverinfo;       /* -S: show what the server says about itself */
	const char *rmqs;      /* --rmqs: whose messages the server shall send */
	bool read_from;	       /* --read-envelope-from: the header's From is the sender */
	bool json;	       /* --json, for a command that reports */
	bool gateway;	       /* -G: add nothing to the header */
	bool no_aliases;       /* -n */
	const char *subject;   /* -s: where the header has none */
	const char *log_tag;   /* -L: the program's name in the syslog */
	char errors;	       /* -e, -oe: a letter of "mpqwe", 0 where not given */
	const char *provider;  /* --provider: whose reply it is, or "NAME [REGION]" of the server */
	const char *stage;     /* --stage: of a reply to explain */
	char delivery;	       /* -od: 'i' now, 'b' behind, 'q' or 'd' by the runner; 0: not said */
	const char *queue;     /* -q: what stands behind it, "" for nothing; NULL: not given */
	bool yes;	       /* --yes: ask nothing */
	const char *max_age;   /* --max-age, for queue status */
	const char *resolver;  /* --resolver: the name server to ask */
	bool all_ports;	       /* --all-ports, for check */
	const char *send;      /* --send, for check: to whom; "": to oneself */
	const char *selector;  /* --selector, for dns: DKIM's, several with commas */
	bool status;	       /* --status, --browser, --paste: of a login */
	bool browser;
	bool paste;
	bool help;    /* --help */
	bool version; /* --version */

	const struct app_option *bound[APP_OPTIONS_BOUND]; /* given, and for some commands alone */
	size_t bound_count;
	struct app_options_override overrides[APP_OPTIONS_OVERRIDES];
	size_t override_count;
};

/*
 * Parses ARGV (ended by NULL; argv[0] says as what we are called; kept, and reordered where a
 * command's options stand among its operands). An unknown option, a missing or needless value, or
 * a control byte anywhere but for `explain`, which sends its text to nobody, is EX_USAGE.
 */
int app_options_parse(struct app_options *options, char **argv, struct err *e);

#endif
