/*
 * module: see module.h.
 */
#include <config.h>

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#include "base/module.h"
#include "base/path.h"

#include "base/banned.h"

#define FILE_NAME "imbuca-tls.so"

/* Where the linker finds no table, its address is NULL. */
#pragma weak module_table

/* The name of the file, in OUT: beside the program, in a tree where it was built or unpacked. */
static void
find(struct buf *out)
{
	char program[PATH_MAXIMUM + 1];
	ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);

	if (len > 0) {
		program[len] = '\0';
		path_beside(out, program, str_slice(FILE_NAME));
	}
	if (len > 0 && access(buf_text(out), F_OK) == 0)
		return;
	buf_reset(out);
	buf_adds(out, PKGLIBDIR "/" FILE_NAME);
}

/* It is never unloaded: what it made may live on. */
static const struct module *
load(const char *name, struct err *e)
{
	void *object = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
	const struct module *found = object != NULL ? dlsym(object, "module_table") : NULL;

	if (found == NULL) {
		(void)err_set(e, EX_TEMPFAIL, "cannot load '%s': %s", name, dlerror());
		(void)err_hint(e, "TLS and logins need it; it is installed along with imbuca");
		return NULL;
	}
	if (strcmp(found->version, PACKAGE_VERSION) != 0) {
		(void)err_set(e, EX_TEMPFAIL, "'%s' is of version %s, and this is imbuca %s", name,
		    found->version, PACKAGE_VERSION);
		(void)err_hint(e, "install both anew, and start again what still runs");
		return NULL;
	}
	return found;
}

const struct module *
module_get(struct err *e)
{
	struct buf name = BUF_INIT(PATH_MAXIMUM);
	const struct module *found = &module_table;

	if (found == NULL) {
		find(&name);
		found = load(buf_text(&name), e);
		buf_free(&name);
	}
	return found;
}
