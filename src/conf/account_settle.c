/*
 * account_settle: see account_settle.h.
 */
#include <config.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <string.h>
#include <strings.h>
#include <syslog.h>

#include "conf/account_settle.h"

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

/* The error is about the line that opened the account, or of the KEYWORD where that has one. */
static int
blame(const struct conf_account *a, const char *keyword, struct err *e)
{
	struct buf place = BUF_INIT(sizeof e->msg);
	const struct conf_origin *origin = &a->origin;

	if (keyword != NULL && is_said(a, keyword))
		origin = conf_account_origin(a, conf_account_keyword_find(str_slice(keyword)));
	conf_origin_print(origin, &place);
	if (origin->kind != CONF_ORIGIN_DEFAULT)
		err_prefix(e, "%s", buf_text(&place));
	buf_free(&place);
	return -1;
}

static int
check_host(struct conf_account *a, struct err *e)
{
	if (a->host != NULL)
		return 0;
	err_set(e, EX_CONFIG, "account '%s' names no host", a->name);
	err_hint(e, "say which server takes its mail: host smtp.example.org");
	return blame(a, NULL, e);
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
	static int (*const steps[])(struct conf_account *, struct err *) = {settle_host, check_host,
	    check_proxy, settle_auth, settle_tls, check_certificate, check_login, settle_starttls,
	    settle_port, settle_log, settle_rest};

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		if (steps[i](account, e) < 0)
			return -1;
	}
	return 0;
}
