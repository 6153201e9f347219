/*
 * origin: see origin.h.
 */
#include <config.h>

#include "conf/origin.h"

#include "base/banned.h"

void
conf_origin_print(const struct conf_origin *origin, struct buf *out)
{
	switch (origin->kind) {
	case CONF_ORIGIN_FILE:
		buf_addf(out, "%s:%u", origin->name, origin->line);
		break;
	case CONF_ORIGIN_OPTION:
		buf_addf(out, "option %s", origin->name);
		break;
	case CONF_ORIGIN_PROVIDER:
		buf_addf(out, "provider %s", origin->name);
		break;
	case CONF_ORIGIN_DEFAULT:
		buf_adds(out, "default");
		if (origin->name != NULL)
			buf_addf(out, " (%s)", origin->name);
		break;
	}
}
