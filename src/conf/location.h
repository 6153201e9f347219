/*
 * location: where the accounts file is.
 */
#ifndef CONF_LOCATION_H
#define CONF_LOCATION_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* The name that was given to the accounts file: FILE (of -C) where it is not NULL, else
 * $IMBUCA_ACCOUNTS, unless empty. NULL where there is none, and the file is looked for. */
const char *conf_location_said(const char *file);

/*
 * Opens the accounts file: what conf_location_said has of FILE, or the first that exists of
 *     imbuca/accounts below $XDG_CONFIG_HOME (~/.config)
 *     ~/.msmtprc
 *     msmtp/config below $XDG_CONFIG_HOME
 *     SYSCONFDIR/imbuca/accounts
 *     SYSCONFDIR/msmtprc
 * One that is not the caller's own and may not be read is passed over.
 * Appends its name to NAME. Returns the descriptor, which the caller closes; -1 with EX_NOINPUT
 * where there is none of these, EX_NOPERM where there is one of the system's that the caller may
 * not read, their names as hint; with EX_CONFIG, or as file_open_read where it may pass.
 */
int conf_location_open(const char *file, struct buf *name, struct err *e);

/* Is NAME one of those that msmtp looks for: .../.msmtprc, .../msmtprc, .../msmtp/config? */
bool conf_location_is_msmtp(const char *name);

#endif
