/*
 * tls_gnutls: see tls_gnutls.h.
 */
#include <config.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include "base/i18n.h"
#include "net/certificate.h"
#include "net/name.h"
#include "net/resume.h"
#include "net/tls_gnutls.h"
#include "net/trust.h"

#include "base/banned.h"

/* TLS 1.2 at the least, on top of whatever the system or the user has set. */
#define FLOOR "-VERS-TLS1.1:-VERS-TLS1.0:-VERS-SSL3.0"

enum { PRIORITIES_MAX = 4096 };

struct net_tls_session {
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials; /* a client's own; NULL for a server's */
	bool established;			      /* the handshake is done */
	const struct net_tls_params *params;	      /* a client's; NULL for a server */
	struct net_resume *resume;		      /* where the session is kept; NULL: nowhere */
	bool offers;				      /* a session that was kept */
	int64_t until; /* how long it may be resumed, in seconds of the epoch; 0: not at all */
};

struct net_tls_identity {
	gnutls_certificate_credentials_t credentials;
	gnutls_datum_t ticket_key; /* that sessions are resumed by; GnuTLS makes others of it */
};

static int
fail(int rc, const char *sentence, struct err *e)
{
	return err_set(e, EX_SOFTWARE, "%s: %s", i18n_text(sentence), gnutls_strerror(rc));
}

/*
 * Sets the priorities: the system's; or those and PRIORITIES, which begin with a sign; or
 * PRIORITIES, which begin with a keyword. GnuTLS lets none of them undo what the system forbids.
 */
static int
set_priorities(gnutls_session_t session, const char *priorities, struct err *e)
{
	struct buf text = BUF_INIT(PRIORITIES_MAX);
	int rc;

	if (priorities != NULL)
		buf_addf(&text, "%s:", priorities);
	buf_adds(&text, FLOOR);
	if (priorities == NULL || strchr("+-!%", priorities[0]) != NULL)
		rc = gnutls_set_default_priority_append(session, buf_text(&text), NULL, 0);
	else
		rc = gnutls_priority_set_direct(session, buf_text(&text), NULL);
	if (text.full)
		rc = GNUTLS_E_INVALID_REQUEST;
	buf_free(&text);
	if (rc >= 0)
		return 0;
	if (priorities == NULL)
		return fail(rc, N_("cannot set the priorities of TLS"), e);
	(void)err_set(e, EX_CONFIG, "tls_priorities: '%s' cannot be used: %s", priorities,
	    gnutls_strerror(rc));
	return err_hint(e, "see what `gnutls-cli --list --priority STRING` says");
}

/* Makes the session of T on FD with CREDENTIALS. */
static int
begin(struct net_tls_session *t, unsigned side, int fd,
    gnutls_certificate_credentials_t credentials, struct err *e)
{
	int rc = gnutls_init(&t->session, side | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);

	if (rc >= 0)
		rc = gnutls_credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, credentials);
	if (rc < 0)
		return fail(rc, N_("cannot begin a TLS session"), e);
	if (set_priorities(t->session, t->params != NULL ? t->params->priorities : NULL, e) != 0)
		return -1;
	gnutls_transport_set_int(t->session, fd);
	gnutls_handshake_set_timeout(t->session, 0);
	return 0;
}

/* Has T show our own certificate to a server that asks for it. */
static int
load_certificate(const struct net_tls_session *t, struct err *e)
{
	const struct net_tls_params *params = t->params;
	int rc = 0;

	if (params->certificate_file != NULL)
		rc = gnutls_certificate_set_x509_key_file2(t->credentials, params->certificate_file,
		    params->key_file, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (rc >= 0)
		return 0;
	return err_set(e, EX_CONFIG,
	    "cannot use the certificate '%s' (tls_cert_file) with the key '%s' (tls_key_file): %s",
	    params->certificate_file, params->key_file, gnutls_strerror(rc));
}

/* Offers the server to take up an earlier session again, where one was kept. */
static void
offer_session(struct net_tls_session *t)
{
	struct buf session = BUF_INIT(NET_RESUME_MAX);

	t->resume =
	    net_resume_new(t->params, gnutls_check_version(NULL), gnutls_get_system_config_file());
	if (t->resume != NULL && net_resume_take(t->resume, &session, &t->until))
		t->offers = gnutls_session_set_data(t->session, session.data, session.len) >= 0;
	buf_wipe(&session);
}

static int
begin_client(struct net_tls_session *t, const struct net_tls_params *params, int fd, struct err *e)
{
	int rc = gnutls_certificate_allocate_credentials(&t->credentials);

	if (rc < 0)
		return fail(rc, N_("cannot begin a TLS session"), e);
	t->params = params;
	if (load_certificate(t, e) != 0 || begin(t, GNUTLS_CLIENT, fd, t->credentials, e) != 0)
		return -1;
	offer_session(t);
	if (net_name_is_address(params->host))
		return 0;
	rc =
	    gnutls_server_name_set(t->session, GNUTLS_NAME_DNS, params->host, strlen(params->host));
	return rc < 0 ? fail(rc, N_("cannot name the server in TLS"), e) : 0;
}

/* A session with nothing in it yet; NULL, and E is set, where there is no memory. */
static struct net_tls_session *
new_session(struct err *e)
{
	struct net_tls_session *t = calloc(1, sizeof *t);

	if (t == NULL)
		(void)err_set(e, EX_TEMPFAIL, "no memory for a TLS session");
	return t;
}

/* Keeps the session. In TLS 1.3 that takes a ticket, which comes after the handshake, or never. */
static void
keep_session(const struct net_tls_session *t)
{
	unsigned flags = gnutls_session_get_flags(t->session);
	gnutls_datum_t data;

	if (gnutls_protocol_get_version(t->session) >= GNUTLS_TLS1_3 &&
	    (flags & GNUTLS_SFLAGS_SESSION_TICKET) == 0)
		return; /* to ask for it would be to wait for it */
	if (gnutls_session_get_data2(t->session, &data) < 0)
		return;
	net_resume_keep(t->resume, (struct slice){(const char *)data.data, data.size}, t->until);
	explicit_bzero(data.data, data.size);
	gnutls_free(data.data);
}

static void
end(struct net_tls_session *t)
{
	if (t->resume != NULL && t->until > 0 && t->established)
		keep_session(t);
	if (t->established)
		(void)gnutls_bye(t->session, GNUTLS_SHUT_WR);
	if (t->session != NULL)
		gnutls_deinit(t->session);
	if (t->credentials != NULL)
		gnutls_certificate_free_credentials(t->credentials);
	net_resume_free(t->resume);
	free(t);
}

static int
begin_as_client(
    const struct net_tls_params *params, int fd, struct net_tls_session **out, struct err *e)
{
	struct net_tls_session *t = new_session(e);

	if (t == NULL)
		return -1;
	if (begin_client(t, params, fd, e) != 0) {
		end(t);
		return -1;
	}
	*out = t;
	return 0;
}

static int
begin_as_server(
    const struct net_tls_identity *identity, int fd, struct net_tls_session **out, struct err *e)
{
	struct net_tls_session *t = new_session(e);

	if (t == NULL)
		return -1;
	if (begin(t, GNUTLS_SERVER, fd, identity->credentials, e) != 0) {
		end(t);
		return -1;
	}
	(void)gnutls_session_ticket_enable_server(t->session, &identity->ticket_key);
	*out = t;
	return 0;
}

/* The other side has ended TLS, and says why. */
static int
alerted(gnutls_alert_description_t why, struct err *e)
{
	bool version = why == GNUTLS_A_PROTOCOL_VERSION || why == GNUTLS_A_INSUFFICIENT_SECURITY;

	(void)err_set(e, EX_PROTOCOL, "the other side ended TLS: %s", gnutls_alert_get_name(why));
	return err_failure(e, version ? "tls_version" : "tls_failed");
}

/* What the failure RC of a running session means. */
static int
broken(const struct net_tls_session *t, int rc, struct err *e)
{
	static const char no_tls[] = N_("the other side does not speak TLS");
	static const struct {
		int rc, ex;
		const char *what, *failure;
	} known[] = {
	    {GNUTLS_E_PREMATURE_TERMINATION, EX_TEMPFAIL, N_("the connection was closed"), "lost"},
	    {GNUTLS_E_PULL_ERROR, EX_TEMPFAIL, N_("the connection was lost"), "lost"},
	    {GNUTLS_E_PUSH_ERROR, EX_TEMPFAIL, N_("the connection was lost"), "lost"},
	    {GNUTLS_E_UNEXPECTED_PACKET, EX_PROTOCOL, no_tls, "no_tls"},
	    {GNUTLS_E_UNEXPECTED_PACKET_LENGTH, EX_PROTOCOL, no_tls, "no_tls"},
	    {GNUTLS_E_RECORD_OVERFLOW, EX_PROTOCOL, no_tls, "no_tls"},
	    {GNUTLS_E_UNSUPPORTED_VERSION_PACKET, EX_PROTOCOL,
		N_("the other side speaks no TLS, or a version below 1.2"), "tls_version"},
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (known[i].rc != rc)
			continue;
		(void)err_set(e, known[i].ex, "%s", i18n_text(known[i].what));
		return err_failure(e, known[i].failure);
	}
	if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return alerted(gnutls_alert_get(t->session), e);
	(void)err_set(e, EX_PROTOCOL, "TLS failed: %s", gnutls_strerror(rc));
	return err_failure(e, "tls_failed");
}

/*
 * Is RC a failure after which the same call is made again? Also an alert that only warns: the
 * caller's deadline then bounds a peer that sends nothing else.
 */
static bool
is_passing(int rc)
{
	return rc < 0 && gnutls_error_is_fatal(rc) == 0;
}

static bool
is_resumed(const struct net_tls_session *t)
{
	return gnutls_session_is_resumed(t->session) != 0;
}

static bool
broke_resuming(const struct net_tls_session *t)
{
	return t->offers && !t->established;
}

/* The handshake is done: is the server the one that the client wants? */
static int
verify(struct net_tls_session *t, struct err *e)
{
	/* Whose session was verified, and so has a time, need not be judged again until then. */
	if (is_resumed(t) && t->until > 0)
		return 0;
	t->until = 0;
	return net_trust_verify(t->params, t->session, t->credentials, &t->until, e);
}

static int
handshake(struct net_tls_session *t, struct err *e)
{
	int rc = gnutls_handshake(t->session);

	if (is_passing(rc))
		return 0;
	if (rc < 0)
		return broken(t, rc, e);
	t->established = true;
	return t->params == NULL || verify(t, e) == 0 ? 1 : -1;
}

static ssize_t
receive(struct net_tls_session *t, void *ptr, size_t n, struct err *e)
{
	ssize_t rc = gnutls_record_recv(t->session, ptr, n);

	if (rc == GNUTLS_E_PREMATURE_TERMINATION)
		return 0;
	if (rc != GNUTLS_E_REHANDSHAKE && is_passing((int)rc))
		return NET_TLS_AGAIN;
	return rc < 0 ? broken(t, (int)rc, e) : rc;
}

static ssize_t
transmit(struct net_tls_session *t, const void *ptr, size_t n, struct err *e)
{
	ssize_t rc = gnutls_record_send(t->session, ptr, n);

	if (is_passing((int)rc))
		return NET_TLS_AGAIN;
	return rc < 0 ? broken(t, (int)rc, e) : rc;
}

static bool
pending(const struct net_tls_session *t)
{
	return gnutls_record_check_pending(t->session) > 0;
}

static short
wants(const struct net_tls_session *t)
{
	return gnutls_record_get_direction(t->session) == 1 ? POLLOUT : POLLIN;
}

static const char *
version(const struct net_tls_session *t)
{
	return gnutls_protocol_get_name(gnutls_protocol_get_version(t->session));
}

static const char *
cipher(const struct net_tls_session *t)
{
	const char *name = gnutls_ciphersuite_get(t->session);

	return name != NULL ? name : "";
}

static const char *
channel_binding(const struct net_tls_session *t, struct buf *out)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	bool exports = gnutls_protocol_get_version(t->session) >= GNUTLS_TLS1_3;
	char exported[32];
	gnutls_datum_t unique;

	if (exports && gnutls_prf_rfc5705(t->session, sizeof label - 1, label, 0, "",
			   sizeof exported, exported) == 0) {
		buf_add(out, exported, sizeof exported);
		return "tls-exporter";
	}
	if (!exports && gnutls_session_ext_master_secret_status(t->session) != 0 &&
	    gnutls_session_channel_binding(t->session, GNUTLS_CB_TLS_UNIQUE, &unique) == 0) {
		buf_add(out, unique.data, unique.size);
		gnutls_free(unique.data);
		return "tls-unique";
	}
	return NULL;
}

static int
certificate(const struct net_tls_session *t, struct net_certificate *out, struct err *e)
{
	return net_certificate_read(net_trust_peer(t->session), out, e);
}

static bool
is_stapled(const struct net_tls_session *t)
{
	return gnutls_ocsp_status_request_is_checked(t->session, GNUTLS_OCSP_SR_IS_AVAIL) != 0;
}

static void
identity_free(struct net_tls_identity *identity)
{
	if (identity->credentials != NULL)
		gnutls_certificate_free_credentials(identity->credentials);
	if (identity->ticket_key.data != NULL)
		explicit_bzero(identity->ticket_key.data, identity->ticket_key.size);
	gnutls_free(identity->ticket_key.data);
	free(identity);
}

static int
identity_load(
    const char *certificate, const char *key, struct net_tls_identity **out, struct err *e)
{
	struct net_tls_identity *identity = calloc(1, sizeof *identity);
	int rc;

	if (identity == NULL)
		return err_set(e, EX_TEMPFAIL, "no memory for a certificate");
	rc = gnutls_certificate_allocate_credentials(&identity->credentials);
	if (rc >= 0)
		rc = gnutls_certificate_set_x509_key_file(
		    identity->credentials, certificate, key, GNUTLS_X509_FMT_PEM);
	if (rc >= 0)
		rc = gnutls_session_ticket_key_generate(&identity->ticket_key);
	if (rc < 0) {
		identity_free(identity);
		return err_set(e, EX_CONFIG,
		    "cannot use the certificate '%s' with the key '%s': %s", certificate, key,
		    gnutls_strerror(rc));
	}
	*out = identity;
	return 0;
}

const struct net_tls_engine net_tls_gnutls = {
    .connect = begin_as_client,
    .accept = begin_as_server,
    .handshake = handshake,
    .read = receive,
    .write = transmit,
    .close = end,
    .pending = pending,
    .wants = wants,
    .is_resumed = is_resumed,
    .broke_resuming = broke_resuming,
    .is_stapled = is_stapled,
    .version = version,
    .cipher = cipher,
    .channel_binding = channel_binding,
    .certificate = certificate,
    .identity_load = identity_load,
    .identity_free = identity_free,
};
