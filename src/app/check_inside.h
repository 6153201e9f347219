/*
 * check_inside: what the files of `imbuca check` share: one run, and its steps.
 */
#ifndef APP_CHECK_INSIDE_H
#define APP_CHECK_INSIDE_H

#include "app/check.h"
#include "app/ports.h"
#include "base/buf.h"
#include "mail/address.h"
#include "net/connect.h"
#include "net/name.h"
#include "net/transcript.h"
#include "smtp/client.h"
#include "submit/login.h"
#include "submit/reach.h"

struct app_check {
	const struct app_options *options;
	struct app_report *report;
	const struct conf_account *account;  /* settled */
	const struct app_setup_find *server; /* that it was made of; NULL for one of a file */
	struct net_transcript transcript;
	struct submit_reach reach;
	char name[NET_NAME_SIZE]; /* ours, for EHLO */
	struct net_peer peer;
	struct smtp_client client; /* its stream is NULL before the connection */
	struct submit_login login;
	struct mail_address to;	    /* of --send; zeros where it names nobody */
	struct mail_address sender; /* zeros before the step that needs it */
	unsigned warnings;
	struct err
	    untried; /* why the login, and what needs one, were left out; ex 0: they were not */
};

/*
 * A step: does it, and reports what it finds; nothing where it is none of the account's. -1 where
 * it fails, which its caller reports.
 */
typedef int app_check_step(struct app_check *c, struct err *e);

/* To the server, in check_server.c. */
app_check_step app_check_server_address, app_check_server_connect, app_check_server_tls,
    app_check_server_greeting, app_check_server_hello, app_check_server_starttls,
    app_check_server_certificate, app_check_server_extensions;

/* With the login, in check_login.c. */
app_check_step app_check_login_mechanisms, app_check_login_run, app_check_login_sender,
    app_check_login_size, app_check_login_message;

/* A finding that warns, and is counted. */
#define APP_CHECK_WARN(c, topic, ...) \
	((c)->warnings++, app_report_add((c)->report, APP_REPORT_WARNING, topic, __VA_ARGS__))

/*
 * Tries the other ways to the account's server, as far as EHLO and without a login, and reports
 * each. Returns the first that works.
 */
struct app_port app_check_ways_try(struct app_check *c);

#endif
