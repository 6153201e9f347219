/*
 * path: the names of files: `~`, the XDG folders, and names beside other names.
 *
 * Each function appends to OUT, which the caller owns, and touches no file.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/buf.h"

/* The longest name that the program works with, in bytes. */
enum { PATH_MAXIMUM = 4096 };

/* The folders of the XDG Base Directory Specification, and where each is without its variable. */
enum path_folder {
	PATH_CONFIG, /* $XDG_CONFIG_HOME, ~/.config */
	PATH_STATE,  /* $XDG_STATE_HOME, ~/.local/state */
	PATH_CACHE,  /* $XDG_CACHE_HOME, ~/.cache */
};

/*
 * The caller's home: $HOME where that is an absolute name, else what the passwd entry says; that
 * also where $HOME is not the caller's folder and that one is, unless the caller is root: programs
 * that change their user often leave HOME as it was. Returns false where there is neither.
 */
bool path_home(struct buf *out);

/* NAME below FOLDER. A variable that holds no absolute name counts as not set, as the XDG
 * specification wants. Returns false where the home would be needed and there is none. */
bool path_xdg(struct buf *out, enum path_folder folder, const char *name);

/* NAME with a leading `~` or `~/` replaced by the home; without a home NAME as it is. */
void path_expand(struct buf *out, struct slice name);

/* NAME as it is when absolute, else beside the file BESIDE. `~` is expanded. */
void path_beside(struct buf *out, const char *beside, struct slice name);

#endif
