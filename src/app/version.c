/*
 * version: see version.h.
 */
#include <config.h>

#include "app/version.h"
#include "net/name.h"
#include "net/tls.h"
#include "sasl/client.h"

#include "base/banned.h"

void
app_version(struct buf *out)
{
	buf_addf(out, "%s %s\nGnuTLS %s, libgsasl %s, libidn2 %s\n", PACKAGE_NAME, PACKAGE_VERSION,
	    net_tls_library(), sasl_client_library(), net_name_library());
}
