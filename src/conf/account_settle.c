/*
 * account_settle: see account_settle.h.
 */
#include <config.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>

#include "conf/account_from.h"
#include "conf/account_settle.h"
#include "conf/provider.h"

#include "base/banned.h"

static const char msmtp_default[] = "msmtp's, as the file's name is";

/* Did a file or an option say KEYWORD? */
static bool
is_said(const struct conf_account *account, const char *keyword)
{
	const struct conf_account_keyword *row = conf_account_keyword_find(str_slice(keyword));

	return conf_account_origin(account, row)->kind != CONF_ORIGIN_DEFAULT;
}

/* Sets KEYWORD to VALUE, which a person need not have said, because of REASON (may be NULL). */
static int
derive(struct conf_account *account, const char *keyword, const char *value, const char *reason,
    struct err *e)
{
	const struct conf_origin origin = {CONF_ORIGIN_DEFAULT, reason, 0};

	if (is_said(account, keyword))
		return 0;
	return conf_account_set(
	    account, conf_account_keyword_find(str_slice(keyword)), str_slice(value), &origin, e);
}

/* Is the host this machine: localhost (RFC 6761 6.3), 127.0.0.0/8 or ::1? */
static bool
is_this_machine(const char *host)
{
	size_t len = strlen(host);
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, host, &v6) == 1)
		return IN6_IS_ADDR_LOOPBACK(&v6);
	return strcasecmp(host, "localhost") == 0 ||
	       (len > 10 && strcasecmp(host + len - 10, ".localhost") == 0);
}

static int
settle_auth(struct conf_account *a, struct err *e)
{
	if (a->msmtp)
		return derive(a, "auth", "off", msmtp_default, e);
	if (a->user != NULL)
		return derive(a, "auth", "on", "there is a user", e);
	return derive(a, "auth", "off", "there is no user", e);
}

/* Where there is a socket, the host is but a name: for the certificate and the login. */
static int
settle_host(struct conf_account *a, struct err *e)
{
	return a->socket != NULL ? derive(a, "host", "localhost", "there is a socket", e) : 0;
}

static int
settle_tls(struct conf_account *a, struct err *e)
{
	if (a->socket != NULL)
		return derive(a, "tls", "off", "there is a socket", e);
	if (is_this_machine(a->host))
		return derive(a, "tls", "off", "the host is this machine", e);
	if (a->msmtp)
		return derive(a, "tls", "off", msmtp_default, e);
	return derive(a, "tls", "on", NULL, e);
}

static int
settle_starttls(struct conf_account *a, struct err *e)
{
	if (a->port == 465)
		return derive(a, "tls_starttls", "off", "the port is 465", e);
	return derive(a, "tls_starttls", "on", NULL, e);
}

static int
settle_port(struct conf_account *a, struct err *e)
{
	if (!a->tls)
		return derive(a, "port", "25", "no TLS", e);
	if (!a->tls_starttls)
		return derive(a, "port", "465", "TLS without STARTTLS", e);
	if (a->msmtp)
		return derive(a, "port", "25", msmtp_default, e);
	return derive(a, "port", "587", "TLS by STARTTLS", e);
}

static int
settle_log(struct conf_account *a, struct err *e)
{
	if (a->msmtp)
		return derive(a, "syslog", "off", msmtp_default, e);
	if (a->logfile != NULL)
		return derive(a, "syslog", "off", "there is a logfile", e);
	return derive(a, "syslog", "mail", NULL, e);
}

static int
settle_rest(struct conf_account *a, struct err *e)
{
	if (derive(a, "timeout", "off", "RFC 5321 4.5.3.2 times each step", e) < 0)
		return -1;
	return derive(a, "domain", "", "the name of this machine", e);
}

/* The error is about the line that opened the account, or of the KEYWORD where that has one,
 * which a provider's table has not. */
static int
blame(const struct conf_account *a, const char *keyword, struct err *e)
{
	struct buf place = BUF_INIT(sizeof e->msg);
	const struct conf_origin *origin = &a->origin;

	if (keyword != NULL && is_said(a, keyword))
		origin = conf_account_origin(a, conf_account_keyword_find(str_slice(keyword)));
	if (origin->kind == CONF_ORIGIN_PROVIDER)
		origin = &a->origin;
	conf_origin_print(origin, &place);
	if (origin->kind != CONF_ORIGIN_DEFAULT)
		err_prefix(e, "%s", buf_text(&place));
	buf_free(&place);
	return -1;
}

/* --- what the provider's row fills in --- */

static const char *
own_address(const struct conf_account *a)
{
	const char *first = conf_account_from_first(a);

	return first != NULL && strchr(first, '@') != NULL ? first : NULL;
}

static struct slice
own_domain(const struct conf_account *a)
{
	const char *address = own_address(a);

	return str_slice(address != NULL ? strrchr(address, '@') + 1 : "");
}

/* Sets KEYWORD to VALUE, unless a person did. */
static int
provide(struct conf_account *a, const char *keyword, const char *value, struct err *e)
{
	const struct conf_origin origin = {CONF_ORIGIN_PROVIDER, a->served_by->name, 0};

	if (is_said(a, keyword) || value == NULL)
		return 0;
	return conf_account_set(
	    a, conf_account_keyword_find(str_slice(keyword)), str_slice(value), &origin, e);
}

static int
provide_host(struct conf_account *a, struct err *e)
{
	struct slice region = str_slice(a->provider);
	struct buf host = BUF_INIT(512);
	int rc = 0;

	if (a->host != NULL)
		return 0;
	if (region.ptr != NULL)
		(void)str_cut(&region, ' ');
	rc = conf_provider_host(a->served_by, str_trim(region), own_domain(a), &host, e);
	if (rc == 0)
		rc = provide(a, "host", buf_text(&host), e);
	else
		(void)blame(a, "provider", e);
	buf_free(&host);
	return rc;
}

/* The best of the provider's ports that goes together with what the account says. */
static int
provide_port(struct conf_account *a, struct err *e)
{
	const struct conf_provider_port *best = a->served_by->port;
	char number[16];

	if (is_said(a, "tls") && !a->tls)
		return 0;
	for (const struct conf_provider_port *p = best; p->number != 0; p++) {
		bool fits = (!is_said(a, "port") || p->number == a->port) &&
			    (!is_said(a, "tls_starttls") || p->starttls == a->tls_starttls);

		if (fits) {
			best = p;
			break;
		}
	}
	if (is_said(a, "port") && best->number != a->port)
		return 0;
	(void)snprintf(number, sizeof number, "%u", best->number);
	if (provide(a, "tls", "on", e) != 0 || provide(a, "port", number, e) != 0)
		return -1;
	return provide(a, "tls_starttls", best->starttls ? "on" : "off", e);
}

static int
provide_user(struct conf_account *a, struct err *e)
{
	const struct conf_provider *p = a->served_by;
	const char *address = own_address(a);
	struct buf local = BUF_INIT(1024);
	int rc;

	if (p->user == CONF_PROVIDER_USER_LITERAL)
		return provide(a, "user", p->user_word, e);
	if (p->user == CONF_PROVIDER_USER_OTHER || address == NULL)
		return 0;
	if (p->user != CONF_PROVIDER_USER_LOCAL)
		return provide(a, "user", address, e);
	buf_add(&local, address, (size_t)(strrchr(address, '@') - address));
	rc = provide(a, "user", buf_text(&local), e);
	buf_free(&local);
	return rc;
}

/* By name only where nothing else would do: what is left is chosen from what the server offers. */
static const char *
mechanism_of(const struct conf_provider *p)
{
	if (p->password == CONF_PROVIDER_PASSWORD_OAUTH)
		return "XOAUTH2";
	return p->auth[0] != NULL && p->auth[1] == NULL ? p->auth[0] : "on";
}

/* How the provider of the host gives tokens, where the table knows it. */
static int
settle_oauth(struct conf_account *a, struct err *e)
{
	const struct conf_provider *p = a->served_by;

	if (p == NULL)
		return 0;
	const struct {
		const char *keyword, *value;
	} rows[] = {
	    {"oauth_client_id", p->oauth_client},
	    {"oauth_scope", p->oauth_scope},
	    {"oauth_auth_url", p->oauth_auth},
	    {"oauth_device_url", p->oauth_device},
	    {"oauth_token_url", p->oauth_token},
	    {"oauth_revoke_url", p->oauth_revoke},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].value[0] != '\0' && provide(a, rows[i].keyword, rows[i].value, e) != 0)
			return -1;
	}
	return 0;
}

/* The provider that the account names, or whose address it is, or whose server. */
static int
find_provider(struct conf_account *a, struct err *e)
{
	struct slice rest = str_slice(a->provider), name;

	if (a->provider != NULL) {
		name = str_cut(&rest, ' ');
		a->served_by = conf_provider_find(a->providers, name);
		if (a->served_by == NULL) {
			(void)conf_provider_unknown(a->providers, name, e);
			(void)err_hint(e,
			    "imbuca providers lists all; for another server write host in its "
			    "place");
			return blame(a, "provider", e);
		}
	} else if (a->host == NULL) {
		a->served_by = conf_provider_of_domain(a->providers, own_domain(a));
	}
	a->by_provider = a->served_by != NULL;
	if (a->served_by == NULL && a->host != NULL)
		a->served_by = conf_provider_of_host(a->providers, str_slice(a->host));
	return 0;
}

static int
settle_provider(struct conf_account *a, struct err *e)
{
	if (find_provider(a, e) != 0)
		return -1;
	if (!a->by_provider || a->moved || a->socket != NULL)
		return 0;
	if (provide_host(a, e) != 0 || provide_port(a, e) != 0 || provide_user(a, e) != 0)
		return -1;
	return provide(a, "auth", mechanism_of(a->served_by), e);
}

/* --- whether it fits together --- */

static int
check_host(struct conf_account *a, struct err *e)
{
	if (a->host != NULL)
		return 0;
	err_set(e, EX_CONFIG, "account '%s' names no host", a->name);
	err_hint(e, "say which server takes its mail: provider gmail, or host smtp.example.org");
	return blame(a, NULL, e);
}

/* LMTP has no port of its own (RFC 2033, 5), and must not be spoken on SMTP's. */
static int
check_port(struct conf_account *a, struct err *e)
{
	if (a->protocol != CONF_ACCOUNT_PROTOCOL_LMTP || a->socket != NULL || is_said(a, "port"))
		return 0;
	err_set(e, EX_CONFIG, "account '%s' speaks LMTP, but names no port", a->name);
	return blame(a, "protocol", e);
}

static int
check_proxy(struct conf_account *a, struct err *e)
{
	if (a->proxy_user == NULL || a->proxy_password != NULL)
		return 0;
	if (a->secret_voided_by != NULL)
		err_set(e, EX_CONFIG,
		    "the proxy's password is not used, since %s changes where it would go",
		    a->secret_voided_by);
	else
		err_set(
		    e, EX_CONFIG, "account '%s' has a proxy_user, but no proxy_password", a->name);
	return blame(a, "proxy_user", e);
}

static int
check_certificate(struct conf_account *a, struct err *e)
{
	bool certificate = a->tls_cert_file != NULL, key = a->tls_key_file != NULL;

	if (certificate == key)
		return 0;
	err_set(e, EX_CONFIG, "account '%s' has a %s without a %s", a->name,
	    key ? "tls_key_file" : "tls_cert_file", key ? "tls_cert_file" : "tls_key_file");
	return blame(a, key ? "tls_key_file" : "tls_cert_file", e);
}

static int
check_login(struct conf_account *a, struct err *e)
{
	const char *mechanism = conf_account_mechanism(a);
	bool by_name = mechanism == NULL || strcmp(mechanism, "EXTERNAL") != 0;

	if (!conf_account_logs_in(a))
		return 0;
	if (by_name && a->user == NULL) {
		err_set(e, EX_CONFIG, "account '%s' is to log in, but names no user", a->name);
		if (a->by_provider && a->served_by->user == CONF_PROVIDER_USER_OTHER)
			err_hint(e, "the user name is one that the provider has made for you");
		return blame(a, "auth", e);
	}
	if (a->msmtp && !is_said(a, "tls") && !is_this_machine(a->host)) {
		err_set(e, EX_CONFIG, "account '%s' would log in without TLS", a->name);
		err_hint(e, "add the line 'tls on'; or 'tls off', if it is really meant");
		return blame(a, "auth", e);
	}
	return 0;
}

int
conf_account_settle(struct conf_account *account, struct err *e)
{
	/* In this order: each looks at what those before it have set. */
	static int (*const steps[])(struct conf_account *, struct err *) = {settle_provider,
	    settle_host, check_host, check_proxy, settle_auth, settle_tls, check_certificate,
	    check_login, settle_starttls, check_port, settle_port, settle_log, settle_oauth,
	    settle_rest};

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		if (steps[i](account, e) < 0)
			return -1;
	}
	return 0;
}
