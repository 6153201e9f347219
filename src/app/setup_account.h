/*
 * setup_account: the account that an address needs at the server that was found for it, and what a
 * person must know and say before a password goes there.
 */
#ifndef APP_SETUP_ACCOUNT_H
#define APP_SETUP_ACCOUNT_H

#include "app/options.h"
#include "app/report.h"
#include "app/setup_find.h"
#include "base/err.h"
#include "conf/account.h"
#include "mail/address.h"

/*
 * Makes the account called NAME for ADDRESS at SERVER, with what OPTIONS say over it; its password
 * is not set, and it is not settled. MORE (may be NULL) must outlive it. The caller frees it with
 * conf_account_free. NULL with EX_USAGE where an option is bad, or where only the person knows the
 * user name and no option says it.
 */
struct conf_account *app_setup_account_make(const struct app_options *options,
    const struct conf_provider_more *more, const struct app_setup_find *server,
    const struct mail_address *address, struct slice name, struct err *e);

/* The value of the option that sets KEYWORD, NULL where it is not given. */
const char *app_setup_account_option(const struct app_options *options, const char *keyword);

/* Sets KEYWORD of ACCOUNT to VALUE, as said by a person. As conf_account_set. */
int app_setup_account_set(
    struct conf_account *account, const char *keyword, const char *value, struct err *e);

/* Sets what the OPTIONS that name keywords say. -1 with the option before the message. */
int app_setup_account_take(
    struct conf_account *account, const struct app_options *options, struct err *e);

/* Does provider P (may be NULL) take a token of OAuth2 in any case, and never a password? */
bool app_setup_account_wants_token(const struct conf_provider *p);

/* Tells what the password must be at provider P (may be NULL), where it is not the mailbox's. */
void app_setup_account_tell_password(const struct conf_provider *p, struct app_report *report);

/*
 * A server that DNS named gets a password only if the person knows it. Returns 1 where SERVER is
 * sure, or the person says yes; 0 where there is no terminal; -1 with EX_NOPERM for another answer.
 */
int app_setup_account_confirm(const struct app_setup_find *server, struct err *e);

/* Asks QUESTION at the terminal: is the answer YES? Returns as terminal_ask. */
int app_setup_account_ask(const char *question, bool *yes, struct err *e);

/* Sets E (EX_USAGE): there is no terminal to ask at, and what to say instead. Returns -1. */
int app_setup_account_unasked(struct err *e);

#endif
