/*
 * i18n: see i18n.h.
 */
#include <config.h>

#include <libintl.h>
#include <locale.h>
#include <stdlib.h>

#include "base/i18n.h"

#include "base/banned.h"

void
i18n_start(void)
{
	/* Ours, and those whose words we pass on: strerror's and GnuTLS's. */
	static const char *const domains[] = {PACKAGE, "libc", "gnutls30", "gnutls"};
	const char *folder = getenv("TEXTDOMAINDIR");

	(void)setlocale(LC_MESSAGES, "");
	(void)bindtextdomain(PACKAGE, folder != NULL && folder[0] != '\0' ? folder : LOCALEDIR);
	for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++)
		(void)bind_textdomain_codeset(domains[i], "UTF-8");
	(void)textdomain(PACKAGE);
}

const char *
i18n_text(const char *text)
{
	return text[0] != '\0' ? gettext(text) : text;
}
