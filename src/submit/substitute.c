/*
 * substitute: see substitute.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/dns.h"
#include "net/name.h"
#include "submit/identity.h"
#include "submit/substitute.h"

#include "base/banned.h"

enum {
	TEXT_MAX = 4096,
	LOOKUP_WAIT = 30000, /* milliseconds */
};

/* Appends the value of the variable NAME, unless it is empty. */
static bool
add_variable(struct buf *out, const char *name)
{
	const char *value = getenv(name);

	if (value == NULL || value[0] == '\0')
		return false;
	buf_adds(out, value);
	return true;
}

static int
add_user(struct buf *out, struct err *e)
{
	(void)e;
	if (!add_variable(out, "USER") && !add_variable(out, "LOGNAME"))
		submit_identity_login(out);
	return 0;
}

static int
add_host(struct buf *out, struct err *e)
{
	char name[NET_NAME_SIZE];

	if (add_variable(out, "HOSTNAME"))
		return 0;
	if (gethostname(name, sizeof name) != 0)
		return err_set(e, EX_OSERR, "this machine has no name for %%H");
	name[sizeof name - 1] = '\0';
	buf_adds(out, name);
	return 0;
}

static int
add_canonical(struct buf *out, struct err *e)
{
	struct buf host = BUF_INIT(TEXT_MAX);
	struct addrinfo *found = NULL;
	int rc = add_host(&host, e);

	if (rc == 0)
		rc = net_dns_lookup(
		    buf_text(&host), 25, AF_UNSPEC, deadline_in(LOOKUP_WAIT), &found, e);
	if (rc == 0) {
		buf_adds(out, found->ai_canonname != NULL ? found->ai_canonname : buf_text(&host));
		freeaddrinfo(found);
	}
	buf_free(&host);
	return rc;
}

static int
add_mailname(struct buf *out, struct err *e)
{
	if (submit_identity_mailname(out))
		return 0;
	return err_set(e, EX_CONFIG, "there is no host's name in /etc/mailname for %%M");
}

static const struct {
	char letter;
	int (*add)(struct buf *out, struct err *e);
} patterns[] = {
    {'U', add_user},
    {'H', add_host},
    {'C', add_canonical},
    {'M', add_mailname},
};

enum { PATTERNS = sizeof patterns / sizeof patterns[0] };

/* Appends TEXT with what its patterns stand for. */
static int
expand(struct buf *out, const char *text, struct err *e)
{
	for (; *text != '\0'; text++) {
		size_t i = 0;

		while (i < PATTERNS && (text[0] != '%' || text[1] != patterns[i].letter))
			i++;
		if (i == PATTERNS) {
			buf_addc(out, *text);
			continue;
		}
		if (patterns[i].add(out, e) != 0)
			return -1;
		text++;
	}
	if (out->full || str_find_control(buf_slice(out)) < out->len)
		return err_set(e, EX_CONFIG, "what the environment puts in is no name");
	return 0;
}

static int
substitute_from(struct conf_account *account, struct err *e)
{
	const struct conf_account_keyword *row = conf_account_keyword_find(str_slice("from"));
	struct conf_list from = {NULL, 0, false};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < account->from.count; i++) {
		struct buf text = BUF_INIT(TEXT_MAX);

		rc = expand(&text, account->from.items[i], e);
		if (rc == 0)
			rc = conf_kind_parse(row->kind, &from, buf_slice(&text), e);
		buf_free(&text);
	}
	if (rc != 0) {
		conf_kind_list.clear(&from);
		return err_prefix(e, "account '%s': from", account->name);
	}
	conf_kind_list.clear(&account->from);
	account->from = from;
	return 0;
}

static int
substitute_domain(struct conf_account *account, struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	int rc = account->domain != NULL ? expand(&text, account->domain, e) : 0;

	if (rc == 0)
		rc = conf_kind_parse(&conf_kind_text, &account->domain, buf_slice(&text), e);
	else
		(void)err_prefix(e, "account '%s': domain", account->name);
	buf_free(&text);
	return rc;
}

/* Puts `from %U@MAILDOMAIN` in the place of what is there. */
static int
apply_auto_from(struct conf_account *account, struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	int rc;

	buf_adds(&text, "%U");
	if (account->maildomain != NULL)
		buf_addf(&text, "@%s", account->maildomain);
	conf_kind_list.clear(&account->from);
	rc = conf_kind_parse(&conf_kind_list, &account->from, buf_slice(&text), e);
	buf_free(&text);
	return rc;
}

int
submit_substitute(struct conf_account *account, struct err *e)
{
	if (account->auto_from && apply_auto_from(account, e) != 0)
		return -1;
	return substitute_from(account, e) == 0 ? substitute_domain(account, e) : -1;
}
