/*
 * extension: see extension.h.
 */
#include <config.h>

#include <inttypes.h>

#include "app/extension.h"
#include "base/i18n.h"

#include "base/banned.h"

static const struct {
	unsigned bit;
	const char *words;
} extensions[] = {
    {SMTP_EHLO_SIZE, N_("SIZE: a message that is too big is refused before it is sent")},
    {SMTP_EHLO_PIPELINING, N_("PIPELINING: commands may go out together")},
    {SMTP_EHLO_STARTTLS, N_("STARTTLS: the connection can change to TLS")},
    {SMTP_EHLO_AUTH, N_("AUTH: one can log in")},
    {SMTP_EHLO_8BITMIME, N_("8BITMIME: the body may have bytes over 127")},
    {SMTP_EHLO_SMTPUTF8, N_("SMTPUTF8: so may addresses and header")},
    {SMTP_EHLO_DSN, N_("DSN: the sender can ask to be told what became of the message")},
    {SMTP_EHLO_CHUNKING, N_("CHUNKING: the message may go as counted bytes")},
    {SMTP_EHLO_LIMITS, N_("LIMITS: it says how many messages and recipients it takes at a time")},
    {SMTP_EHLO_ETRN, N_("ETRN: one can have it send what it keeps for somebody")},
    {SMTP_EHLO_ENHANCEDSTATUSCODES, N_("ENHANCEDSTATUSCODES: replies have finer codes")},
};

enum { ROWS = sizeof extensions / sizeof extensions[0] };

bool
app_extension_words(const struct smtp_ehlo *ehlo, size_t index, struct buf *out)
{
	if (index >= ROWS)
		return false;
	if ((ehlo->extensions & extensions[index].bit) == 0)
		return true;
	buf_adds(out, i18n_text(extensions[index].words));
	if (extensions[index].bit == SMTP_EHLO_SIZE && ehlo->size > 0)
		buf_addf(out, _(", over %" PRIu64 " bytes"), ehlo->size);
	if (extensions[index].bit == SMTP_EHLO_AUTH) {
		buf_adds(out, _(", by "));
		buf_add_escaped(out, str_trim(str_slice(ehlo->auth)));
	}
	return true;
}
