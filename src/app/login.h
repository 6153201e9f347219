/*
 * login: `imbuca login` and `imbuca logout`: gets a token of OAuth2 for an account, and gives it
 * back.
 */
#ifndef APP_LOGIN_H
#define APP_LOGIN_H

#include <stdbool.h>

#include "app/account.h"
#include "app/options.h"
#include "base/err.h"
#include "conf/account.h"

/*
 * Does ACCOUNT, which is settled, say all that a login needs (app_login_get)? -1 with EX_CONFIG
 * and a hint, which says what to do, where not.
 */
int app_login_check(const struct conf_account *account, struct err *e);

/* How a login is to go. */
enum app_login_way {
	APP_LOGIN_ANY,	   /* by a code, where the provider has that, else by the browser */
	APP_LOGIN_BROWSER, /* of this machine */
	APP_LOGIN_PASTE,   /* of another machine, whose last address is pasted here */
};

/*
 * Talks with the person over standard input and output until ACCOUNT has a token, which is kept.
 * -1 with EX_NOPERM where the login was denied, EX_TEMPFAIL where nobody came or no server
 * answers, else as app_login_check and oauth_exchange_run.
 */
int app_login_get(const struct conf_account *account, enum app_login_way way, struct err *e);

/* Is a token kept for ACCOUNT, be it damaged? */
bool app_login_is_there(const struct conf_account *account);

/*
 * Takes ACCOUNT's token back at its provider, and forgets it. -1 with EX_CONFIG where the account
 * names no user, EX_NOINPUT where it has no token; where the provider did not do so, it is kept.
 */
int app_login_give_back(const struct conf_account *account, struct err *e);

/*
 * Finds the ACCOUNT that a command of this file is for, as app_account_find: its operand, of which
 * there may be one, or what the options choose; and enters the store of its tokens.
 */
int app_login_find(const struct app_options *options, struct app_account *account, struct err *e);

/* The way that OPTIONS want. */
enum app_login_way app_login_way_of(const struct app_options *options);

/* The commands: for the account that is the first operand, or that OPTIONS choose. */
int app_login_run(const struct app_options *options, struct err *e);
int app_login_out(const struct app_options *options, struct err *e);

#endif
