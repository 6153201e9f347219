/*
 * message_id: see message_id.h.
 */
#include <config.h>

#include <string.h>

#include "base/secret.h"
#include "mail/message_id.h"

#include "base/banned.h"

/* Letters and digits that no reader takes for others, and no case to lose: five bits each. */
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

enum { RANDOM = 20 }; /* symbols: 100 bits */

/* What may stand behind the @ (id-right, RFC 5322 3.6.4): a dot-atom of a name, or a literal. */
static bool
is_domain(const char *domain)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";
	size_t len = strlen(domain);

	if (len > 2 && domain[0] == '[' && domain[len - 1] == ']')
		return strspn(domain + 1, "0123456789abcdefABCDEFIPv:.") == len - 2;
	return len > 0 && strspn(domain, allowed) == len && domain[0] != '.' &&
	       domain[len - 1] != '.' && strstr(domain, "..") == NULL;
}

int
mail_message_id_write(struct buf *out, time_t now, const char *domain, struct err *e)
{
	unsigned char random[RANDOM];

	if (!is_domain(domain))
		return err_set(e, EX_CONFIG, "'%s' is no domain for a Message-ID", domain);
	if (secret_random(random, sizeof random, e) != 0)
		return -1;
	buf_addf(out, "<%lld.", (long long)now);
	for (size_t i = 0; i < sizeof random; i++)
		buf_addc(out, alphabet[random[i] & 31]);
	buf_addf(out, "@%s>", domain);
	return 0;
}
