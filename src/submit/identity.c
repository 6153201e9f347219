/*
 * identity: see identity.h.
 */
#include <config.h>

#include <ctype.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "net/name.h"
#include "submit/identity.h"

#include "base/banned.h"

static const char mailname[] = "/etc/mailname";

void
submit_identity_login(struct buf *out)
{
	const struct passwd *user = getpwuid(getuid());

	if (user != NULL)
		buf_adds(out, user->pw_name);
	else
		buf_addf(out, "uid%lu", (unsigned long)getuid());
}

void
submit_identity_full_name(struct buf *out)
{
	const struct passwd *user = getpwuid(getuid());
	struct slice rest = str_slice(user != NULL ? user->pw_gecos : NULL);
	struct slice name = str_trim(str_cut(&rest, ','));
	const char *said = getenv("NAME");

	if (said != NULL && said[0] != '\0') {
		buf_adds(out, said);
		return;
	}
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] != '&') {
			buf_addc(out, name.ptr[i]);
			continue;
		}
		buf_addc(out, (char)toupper((unsigned char)user->pw_name[0]));
		buf_adds(out, user->pw_name[0] != '\0' ? user->pw_name + 1 : "");
	}
}

bool
submit_identity_mailname(struct buf *out)
{
	struct buf text = BUF_INIT(4096);
	struct slice rest, line;
	char name[NET_NAME_SIZE];
	struct err ignored;
	bool good = false;

	if (file_read(mailname, &text, &ignored) == 0) {
		rest = buf_slice(&text);
		line = str_trim(str_cut(&rest, '\n'));
		good = net_name_to_ascii(line, name, &ignored) == 0;
	}
	if (good)
		buf_adds(out, name);
	buf_free(&text);
	return good;
}

void
submit_identity_domain(struct buf *out, const char *preferred)
{
	char name[NET_NAME_SIZE];

	if (preferred != NULL) {
		buf_adds(out, preferred);
	} else if (!submit_identity_mailname(out)) {
		net_name_of_host(name);
		buf_adds(out, name);
	}
}

int
submit_identity_hello(const char *preferred, char out[NET_NAME_SIZE], struct err *e)
{
	if (preferred != NULL)
		return net_name_to_ascii(str_slice(preferred), out, e);
	net_name_of_host(out);
	return 0;
}

int
submit_identity_caller(const char *domain, struct mail_address *out, struct err *e)
{
	struct buf text = BUF_INIT(4096);
	int rc;

	submit_identity_login(&text);
	buf_addc(&text, '@');
	buf_adds(&text, domain);
	rc = mail_address_parse(out, buf_slice(&text), e);
	buf_free(&text);
	return rc;
}

bool
submit_identity_is_local(const struct mail_address *address)
{
	struct slice domain = str_slice(address->domain);
	char name[NET_NAME_SIZE];

	if (mail_address_is_null(address))
		return false;
	if (domain.len == 0 || net_name_is_loopback(address->domain) ||
	    str_is_nocase(domain, "localhost.localdomain"))
		return true;
	if (gethostname(name, sizeof name) != 0)
		return false;
	name[sizeof name - 1] = '\0';
	return str_is_nocase(domain, name);
}

int
submit_identity_qualify(struct mail_address *address, const char *domain, struct err *e)
{
	char *copy;

	if (mail_address_is_null(address) || address->domain[0] != '\0')
		return 0;
	copy = strdup(domain);
	if (copy == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for an address");
	free(address->domain);
	address->domain = copy;
	return 0;
}
