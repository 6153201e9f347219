/*
 * property: see property.h.
 */
#include <config.h>

#include "base/base64.h"
#include "sasl/property.h"

#include "base/banned.h"

enum { TEXT_MAXIMUM = 1024 };

int
sasl_property_set(Gsasl_session *session, Gsasl_property name, struct slice bytes)
{
	struct buf text = BUF_INIT(TEXT_MAXIMUM);
	int rc;

	base64_encode(&text, bytes);
	rc = text.full ? GSASL_MALLOC_ERROR : gsasl_property_set(session, name, buf_text(&text));
	buf_wipe(&text);
	return rc;
}
