/*
 * accounts: the accounts of a file, as they are read from it.
 *
 * The grammar is msmtprc's: `defaults`, `account NAME [: BASE,...]`, `KEYWORD VALUE`, and
 * `eval COMMAND`, which stands for the first line that the command prints; besides, `include FILE`,
 * whose lines count as if they stood there (a relative name is looked for beside the including
 * file). Files are read up to 1 MiB. A file that holds a secret must belong to its
 * reader (or root), and nobody else may read it.
 */
#ifndef CONF_ACCOUNTS_H
#define CONF_ACCOUNTS_H

#include "base/err.h"
#include "conf/account.h"

/* The accounts of one file and its includes; owns them, and the file names in their origins. */
struct conf_accounts;

/*
 * Finds the accounts file (conf/location; FILE is -C's, or NULL) and reads it. On success *OUT is
 * freed with conf_accounts_free. No file at all is EX_NOINPUT, a bad one EX_CONFIG; the message
 * starts with FILE:LINE:COLUMN where a line is to blame.
 */
int conf_accounts_load(const char *file, struct conf_accounts **out, struct err *e);

/* Frees all, and wipes the secrets; NULL is fine. */
void conf_accounts_free(struct conf_accounts *accounts);

/* The file that was read, as it was found. */
const char *conf_accounts_file(const struct conf_accounts *accounts);

/* What its writer should know: lines "FILE:LINE: 'auto_from' is obsolete: ...", or "". */
const char *conf_accounts_warnings(struct conf_accounts *accounts);

/* The account at INDEX, in the order of the file; NULL beyond the last. */
struct conf_account *conf_accounts_at(const struct conf_accounts *accounts, size_t index);

/* The account called NAME; NULL where there is none. */
struct conf_account *conf_accounts_find(const struct conf_accounts *accounts, struct slice name);

/* Sets the error that no account is called NAME (EX_CONFIG), with the nearest name. Returns -1. */
int conf_accounts_unknown(const struct conf_accounts *accounts, struct slice name, struct err *e);

#endif
