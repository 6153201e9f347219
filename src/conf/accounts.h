/*
 * accounts: the accounts of a file: which file, how it is read, which account is meant.
 *
 * The grammar is msmtprc's: `defaults`, `account NAME [: BASE,...]`, `KEYWORD VALUE`, and
 * `include FILE`, whose lines count as if they stood there (a relative name is looked for beside
 * the including file). Files are read up to 1 MiB. A file that holds a secret must belong to its
 * reader (or root), and nobody else may read it.
 */
#ifndef CONF_ACCOUNTS_H
#define CONF_ACCOUNTS_H

#include "base/err.h"
#include "conf/account.h"
#include "mail/address.h"

/* The accounts of one file and its includes; owns them, and the file names in their origins. */
struct conf_accounts;

/*
 * Finds the accounts file (conf/location; FILE is -C's, or NULL) and reads it. On success *OUT is
 * freed with conf_accounts_free. No file at all, or a bad one, is EX_CONFIG; the message starts
 * with FILE:LINE:COLUMN where a line is to blame.
 */
int conf_accounts_load(const char *file, struct conf_accounts **out, struct err *e);

/* Frees all, and wipes the secrets; NULL is fine. */
void conf_accounts_free(struct conf_accounts *accounts);

/* The file that was read, as it was found. */
const char *conf_accounts_file(const struct conf_accounts *accounts);

/* The account at INDEX, in the order of the file; NULL beyond the last. */
struct conf_account *conf_accounts_at(const struct conf_accounts *accounts, size_t index);

/*
 * The account that is meant: the one called NAME where NAME is not NULL; else the first with
 * SENDER (NULL: not known) in its `from` list, before the first with a pattern there that SENDER
 * fits (mail_address_match, so that a +detail counts for nothing); else the one called "default";
 * else the only one. It stays the set's. NULL with EX_CONFIG where there is none of them, or none
 * called NAME, with the names that there are as hint.
 */
struct conf_account *conf_accounts_choose(const struct conf_accounts *accounts, const char *name,
    const struct mail_address *sender, struct err *e);

#endif
