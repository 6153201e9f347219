/*
 * check_server: the steps up to a server that has introduced itself: its name in DNS, the
 * connection, TLS and its certificate, greeting, EHLO.
 */
#include <config.h>

#include <sys/socket.h>

#include <netdb.h>
#include <string.h>
#include <time.h>

#include "app/check_inside.h"
#include "app/extension.h"
#include "base/i18n.h"
#include "net/certificate.h"
#include "net/dns.h"
#include "net/tls.h"

#include "base/banned.h"

enum {
	TEXT_MAX = 4096,
	DAY = 24 * 60 * 60,
	SOON = 14, /* days before its end at which a certificate is worth a warning */
};

/* --- address --- */

static void
add_addresses(struct buf *out, const struct addrinfo *list)
{
	for (; list != NULL; list = list->ai_next) {
		char text[INET6_ADDRSTRLEN + 32];

		if (getnameinfo(list->ai_addr, list->ai_addrlen, text, sizeof text, NULL, 0,
			NI_NUMERICHOST) != 0)
			continue;
		buf_addf(out, "%s%s", out->len > 0 ? ", " : "", text);
		buf_adds(out, list->ai_family == AF_INET ? " (IPv4)" : " (IPv6)");
	}
}

int
app_check_server_address(struct app_check *c, struct err *e)
{
	const struct net_connect_params *p = &c->reach.connect;
	struct buf text = BUF_INIT(TEXT_MAX);
	struct addrinfo *list;

	if (p->socket != NULL || p->proxy.host != NULL || net_name_is_address(p->host))
		return 0;
	if (net_dns_lookup(
		p->host, p->port, p->family, submit_reach_deadline(&c->reach), &list, e) != 0)
		return -1;
	add_addresses(&text, list);
	freeaddrinfo(list);
	app_report_add(c->report, APP_REPORT_OK, N_("address"), "%s: %s", p->host, buf_text(&text));
	buf_free(&text);
	return 0;
}

/* --- connection --- */

int
app_check_server_connect(struct app_check *c, struct err *e)
{
	struct net_stream *stream = submit_reach_connect(
	    &c->reach, &c->transcript, submit_reach_deadline(&c->reach), &c->peer, e);

	if (stream == NULL)
		return -1;
	c->client = (struct smtp_client){
	    .dialogue = SMTP_DIALOGUE_INIT(stream, &c->transcript, c->account->timeout),
	    .name = c->name,
	    .provider = conf_account_provider(c->account),
	};
	if (c->peer.port == 0)
		app_report_add(c->report, APP_REPORT_OK, N_("connection"), "%s", c->peer.address);
	else
		app_report_add(c->report, APP_REPORT_OK, N_("connection"), "%s port %u",
		    c->peer.address, (unsigned)c->peer.port);
	return 0;
}

/* --- TLS --- */

static void
tell_tls(struct app_check *c)
{
	const struct net_tls *tls = net_stream_tls(c->client.dialogue.stream);

	app_report_add(c->report, APP_REPORT_OK, N_("TLS"), "%s, %s", net_tls_version(tls),
	    net_tls_cipher(tls));
}

/* What the certificate says, whether it is trusted or not. */
static void
tell_certificate(struct app_check *c, const struct net_certificate *certificate)
{
	const char *names =
	    certificate->names[0] != '\0' ? certificate->names : certificate->subject;
	long long days = ((long long)certificate->until - (long long)time(NULL)) / DAY;
	struct tm until;
	char date[32] = "";

	if (gmtime_r(&certificate->until, &until) != NULL)
		(void)strftime(date, sizeof date, "%Y-%m-%d", &until);
	if (days < 0)
		app_report_more(c->report, "for %s; issued by %s; ended on %s", names,
		    certificate->issuer, date);
	else
		app_report_more(c->report, "for %s; issued by %s; until %s (days left: %lld)",
		    names, certificate->issuer, date, days);
}

/*
 * The handshake has FAILED with E, which is reported here, so that what the certificate says can
 * stand behind it.
 */
static void
tell_refused_certificate(struct app_check *c)
{
	const struct net_tls *tls = net_stream_tls(c->client.dialogue.stream);
	struct net_certificate certificate;
	struct err ignored;

	if (tls == NULL || net_tls_certificate(tls, &certificate, &ignored) != 0)
		return;
	app_report_add(
	    c->report, APP_REPORT_NOTE, N_("certificate"), "SHA-256 %s", certificate.fingerprint);
	tell_certificate(c, &certificate);
}

int
app_check_server_tls(struct app_check *c, struct err *e)
{
	if (!submit_reach_is_tls_at_once(&c->reach))
		return 0;
	if (net_stream_start_tls(c->client.dialogue.stream, &c->reach.tls,
		submit_reach_deadline(&c->reach), e) != 0) {
		c->client.dialogue.over = true;
		tell_refused_certificate(c);
		return -1;
	}
	tell_tls(c);
	return 0;
}

int
app_check_server_starttls(struct app_check *c, struct err *e)
{
	if (!c->account->tls || !c->account->tls_starttls)
		return 0;
	if (strstr(c->client.ehlo.auth, " PLAIN ") != NULL ||
	    strstr(c->client.ehlo.auth, " LOGIN ") != NULL)
		APP_CHECK_WARN(c, N_("EHLO"),
		    "the server takes passwords before TLS too: a program that is set up wrongly "
		    "would show yours to everybody");
	if (smtp_client_start_tls(&c->client, &c->reach.tls, e) != 0) {
		tell_refused_certificate(c);
		return -1;
	}
	app_report_add(c->report, APP_REPORT_OK, N_("STARTTLS"), "accepted");
	tell_tls(c);
	return 0;
}

int
app_check_server_certificate(struct app_check *c, struct err *e)
{
	const struct net_tls *tls = net_stream_tls(c->client.dialogue.stream);
	struct net_certificate certificate;

	if (tls == NULL) {
		if (c->reach.connect.socket == NULL && !net_name_is_loopback(c->reach.host))
			APP_CHECK_WARN(
			    c, N_("TLS"), "none: everybody on the way can read the mail");
		return 0;
	}
	if (net_tls_certificate(tls, &certificate, e) != 0)
		return -1;
	if (!c->account->tls_certcheck)
		APP_CHECK_WARN(
		    c, N_("certificate"), "not checked, since the account has tls_certcheck off");
	else if (certificate.until - time(NULL) < (time_t)SOON * DAY)
		APP_CHECK_WARN(c, N_("certificate"), "it is trusted, and about to end");
	else
		app_report_add(c->report, APP_REPORT_OK, N_("certificate"), "it is trusted");
	tell_certificate(c, &certificate);
	app_report_more(c->report, "%s",
	    net_tls_is_stapled(tls) ? _("with a proof that it was not revoked (OCSP stapling)")
				    : _("without a proof that it was not revoked (OCSP stapling)"));
	return 0;
}

/* --- greeting, EHLO --- */

int
app_check_server_greeting(struct app_check *c, struct err *e)
{
	if (smtp_client_welcome(&c->client, e) != 0)
		return -1;
	app_report_add(c->report, APP_REPORT_OK, N_("greeting"), "%s", c->client.greeting);
	return 0;
}

int
app_check_server_hello(struct app_check *c, struct err *e)
{
	if (smtp_client_hello(&c->client, e) != 0)
		return -1;
	app_report_add(c->report, APP_REPORT_OK, N_("EHLO"), "accepted, from %s", c->name);
	return 0;
}

int
app_check_server_extensions(struct app_check *c, struct err *e)
{
	struct buf words = BUF_INIT(TEXT_MAX);
	bool any = false;

	(void)e;
	for (size_t i = 0; app_extension_words(&c->client.ehlo, i, &words); i++) {
		if (words.len > 0 && !any)
			app_report_add(
			    c->report, APP_REPORT_OK, N_("extensions"), "%s", buf_text(&words));
		else if (words.len > 0)
			app_report_more(c->report, "%s", buf_text(&words));
		any = any || words.len > 0;
		buf_reset(&words);
	}
	if (!any)
		app_report_add(c->report, APP_REPORT_NOTE, N_("extensions"), "none");
	buf_free(&words);
	return 0;
}
