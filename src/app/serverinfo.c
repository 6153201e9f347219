/*
 * serverinfo: see serverinfo.h.
 */
#include <config.h>

#include <time.h>
#include <unistd.h>

#include "app/account.h"
#include "app/extension.h"
#include "app/failure.h"
#include "app/serverinfo.h"
#include "base/file.h"
#include "net/certificate.h"
#include "smtp/client.h"
#include "submit/identity.h"
#include "submit/reach.h"

#include "base/banned.h"

enum { OUTPUT_MAXIMUM = 64 << 10 };

static void
add_date(struct buf *out, time_t when)
{
	struct tm utc;
	char text[32];

	if (gmtime_r(&when, &utc) != NULL &&
	    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc) > 0)
		buf_adds(out, text);
}

static int
add_tls(struct buf *out, const struct net_tls *tls, struct err *e)
{
	struct net_certificate certificate;

	if (tls == NULL) {
		buf_adds(out, "TLS: none\n");
		return 0;
	}
	if (net_tls_certificate(tls, &certificate, e) != 0)
		return -1;
	buf_addf(
	    out, "TLS: %s, %s\nCertificate:\n  owner: ", net_tls_version(tls), net_tls_cipher(tls));
	buf_add_escaped(out, str_slice(certificate.subject));
	buf_adds(out, "\n  issuer: ");
	buf_add_escaped(out, str_slice(certificate.issuer));
	buf_adds(out, "\n  valid from: ");
	add_date(out, certificate.from);
	buf_adds(out, "\n  valid until: ");
	add_date(out, certificate.until);
	buf_addf(out, "\n  SHA-256: %s\n", certificate.fingerprint);
	return 0;
}

static void
add_extensions(struct buf *out, const struct smtp_ehlo *ehlo)
{
	struct buf words = BUF_INIT(OUTPUT_MAXIMUM);

	buf_adds(out, "Offers:\n");
	for (size_t i = 0; app_extension_words(ehlo, i, &words); i++) {
		if (words.len > 0)
			buf_addf(out, "  %s\n", buf_text(&words));
		buf_reset(&words);
	}
	buf_free(&words);
}

/* Goes as far as a message would before the login. */
static int
greet(struct smtp_client *client, const struct submit_reach *reach, struct err *e)
{
	const struct conf_account *account = reach->account;

	if (smtp_client_greet(client, e) != 0)
		return -1;
	return account->tls && account->tls_starttls ? smtp_client_start_tls(client, &reach->tls, e)
						     : 0;
}

static int
ask(const struct submit_reach *reach, const struct net_transcript *transcript, const char *name,
    struct buf *out, struct err *e)
{
	struct net_peer peer;
	struct net_stream *stream = submit_reach_open(reach, transcript, &peer, e);
	struct smtp_client client = {
	    .dialogue = SMTP_DIALOGUE_INIT(stream, transcript, reach->account->timeout),
	    .name = name,
	    .lmtp = reach->account->protocol == CONF_ACCOUNT_PROTOCOL_LMTP,
	};
	int rc;

	if (stream == NULL)
		return -1;
	buf_addf(out, "Server: %s port %u (%s)\n", reach->account->host, reach->account->port,
	    peer.address);
	rc = greet(&client, reach, e);
	if (rc == 0) {
		buf_adds(out, "Greeting: ");
		buf_adds(out, client.greeting);
		buf_addc(out, '\n');
	}
	if (rc == 0)
		rc = add_tls(out, net_stream_tls(stream), e);
	if (rc == 0)
		add_extensions(out, &client.ehlo);
	smtp_client_quit(&client);
	smtp_client_free(&client);
	net_stream_close(stream);
	return rc;
}

int
app_serverinfo_run(const struct app_options *options, struct err *e)
{
	struct net_transcript transcript = {options->debug ? STDERR_FILENO : -1};
	struct buf out = BUF_INIT(OUTPUT_MAXIMUM);
	char name[NET_NAME_SIZE];
	struct app_account account;
	struct submit_reach reach;
	int rc;

	if (app_account_find(&account, options, NULL, NULL, e) != 0)
		return -1;
	rc = submit_reach_prepare(account.account, &reach, e);
	reach.tls.destination = NULL; /* the certificate is to be judged now */
	if (rc == 0)
		rc = submit_identity_hello(account.account->domain, name, e);
	if (rc == 0)
		rc = ask(&reach, &transcript, name, &out, e);
	if (rc == 0)
		rc = file_write(STDOUT_FILENO, "standard output", out.data, out.len, e);
	else
		rc = app_failure_explain(account.account, e);
	if (rc != 0)
		(void)err_prefix(e, "%s port %u", account.account->host, account.account->port);
	buf_free(&out);
	app_account_free(&account);
	return rc;
}
