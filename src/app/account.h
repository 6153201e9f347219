/*
 * account: the one account that a run of the program works with, from the accounts file and the
 * options together.
 */
#ifndef APP_ACCOUNT_H
#define APP_ACCOUNT_H

#include <stdbool.h>

#include "app/options.h"
#include "base/err.h"
#include "conf/accounts.h"
#include "conf/provider.h"
#include "mail/address.h"

/* The account in force; app_account_free frees what it holds. */
struct app_account {
	struct conf_account *account;	      /* settled; owned by one of the two below */
	struct conf_accounts *accounts;	      /* the file's; NULL where no file was read */
	struct conf_account *made;	      /* of no file; NULL otherwise */
	struct conf_provider_more *providers; /* what `made` borrows; NULL otherwise */
	bool shared; /* it is out of the system's file, which several users have */

	/* Why app_account_find failed, where it is one of these. */
	bool missing;	/* there is no accounts file that the caller may read */
	bool withheld;	/* that, and one that others may: the system's */
	bool unmatched; /* no account in it is meant */
};

/*
 * Finds the account: NAME (NULL: the options' -a) or the one for SENDER (see conf_accounts_choose;
 * NULL: the options' -f) out of the accounts file, puts the options over it and settles it. With
 * --host and no -a no file is read: the account is what the options say, as in msmtp. An error
 * leaves nothing to free.
 */
int app_account_find(struct app_account *out, const struct app_options *options, const char *name,
    const struct mail_address *sender, struct err *e);

/* Do the options name an account (-a), or a server (--host)? */
bool app_account_is_named(const struct app_options *options);

/* Tells on standard error what is obsolete in the file; for a person who looks into it. */
void app_account_warn(const struct app_account *account);

void app_account_free(struct app_account *account);

#endif
