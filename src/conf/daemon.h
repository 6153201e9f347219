/*
 * daemon: the configuration of imbucad: the lines of imbucad.conf(5), in the accounts' grammar, as
 * one plain struct filled in through one table of keywords. The options of the command line are
 * written as such lines and set on top.
 */
#ifndef CONF_DAEMON_H
#define CONF_DAEMON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/kind.h"
#include "conf/listener.h"

/* Who may have mail brought elsewhere, by the account of the machine. */
enum conf_daemon_relay {
	CONF_DAEMON_RELAY_OFF,	    /* nobody */
	CONF_DAEMON_RELAY_USERS,    /* who comes through a unix socket, or has logged in */
	CONF_DAEMON_RELAY_LOOPBACK, /* and any program that connects from this machine */
};

/* Texts are owned, NULL where unset. The comments say what holds once settled. */
struct conf_daemon {
	char *hostname;			     /* never NULL */
	struct conf_listener_list listeners; /* at least one */
	bool usual_listeners;		     /* nobody has named them */
	struct conf_list domains; /* whose users are this machine's: the hostname and localhost at
				     least */
	char *aliases;		  /* file; NULL: none */
	char *
	    mailbox; /* "maildir:...", "mbox:...": deliver/mailbox.h; "lmtp:...": imbucad/store.h */
	char *catch_all;   /* a Maildir that everything goes to; NULL: none */
	char *users;	   /* those who may log in; NULL: nobody */
	bool require_auth; /* take mail only after a login */
	bool bind_senders; /* a user sends in the user's own name alone */
	bool forward;	   /* ~/.forward counts */
	bool commands;	   /* `|command` in aliases and ~/.forward is run */
	enum conf_daemon_relay relay;
	char *accounts; /* file with the account that relays; NULL where relay is off */
	char *account;	/* its name; NULL: the default one */
	char *queue;	/* folder of what waits; NULL: none, with a mailbox for everything */
	char *state;	/* folder of the certificate and its key; NULL: the usual one */
	char *pid_file; /* the supervisor's number; NULL: none */
	char *user;	/* whom the daemon's processes run as, where root starts it */
	uint64_t max_size;
	unsigned max_recipients, max_mails, max_sessions, max_sessions_per_peer;
	unsigned timeout; /* seconds for a command */
	char *log;	  /* file; NULL: syslog */
};

/* A configuration with the table's defaults. Free it with conf_daemon_free. */
int conf_daemon_init(struct conf_daemon *c, struct err *e);

/*
 * Reads FILE on top. -1 with EX_CONFIG and FILE:LINE:COLUMN, EX_NOINPUT where it is not there, or
 * EX_TEMPFAIL. A file that others can write is refused.
 */
int conf_daemon_load(struct conf_daemon *c, const char *file, struct err *e);

/* Sets KEYWORD, which must be in the table, to VALUE, as the line would. -1 with EX_USAGE. */
int conf_daemon_set(struct conf_daemon *c, const char *keyword, struct slice value, struct err *e);

/*
 * Fills in what depends on other values and on this machine. PRIVILEGED: run by root. -1 with
 * EX_CONFIG where values don't fit together, EX_OSERR where the machine has no name.
 */
int conf_daemon_settle(struct conf_daemon *c, bool privileged, struct err *e);

/* Appends the lines in force, one a keyword that is set. */
void conf_daemon_print(const struct conf_daemon *c, struct buf *out);

void conf_daemon_free(struct conf_daemon *c);

#endif
