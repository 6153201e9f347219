/*
 * version: see version.h.
 */
#include <config.h>

#include "app/version.h"
#include "base/module.h"

#include "base/banned.h"

void
app_version(struct buf *out)
{
	struct err e = ERR_INIT;
	const struct module *module = module_get(&e);

	buf_addf(out, "%s %s\n", PACKAGE_NAME, PACKAGE_VERSION);
	if (module == NULL) {
		buf_addf(out, "%s\n", e.msg);
		return;
	}
	for (size_t i = 0; i < sizeof module->libraries / sizeof module->libraries[0]; i++)
		buf_addf(out, "%s%s %s", i > 0 ? ", " : "", module->libraries[i].name,
		    module->libraries[i].version(NULL));
	buf_addc(out, '\n');
}
