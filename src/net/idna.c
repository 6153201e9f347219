/*
 * idna: see idna.h.
 */
#include <config.h>

#include <idn2.h>

#include "net/idna.h"

#include "base/banned.h"

int
net_idna_to_ascii(const char *name, struct buf *out, struct err *e)
{
	char *ascii = NULL;
	int rc = idn2_to_ascii_8z(name, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);

	if (rc != IDN2_OK)
		return err_set(e, EX_USAGE, "'%s' is no host name: %s", name, idn2_strerror(rc));
	buf_adds(out, ascii);
	idn2_free(ascii);
	return 0;
}
