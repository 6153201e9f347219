/*
 * account_keyword: see account_keyword.h.
 */
#include <config.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <ctype.h>
#include <string.h>
#include <syslog.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/suggest.h"
#include "base/word.h"
#include "conf/account.h"
#include "conf/fingerprint.h"
#include "conf/pace.h"
#include "mail/address.h"

#include "base/banned.h"

/* --- the kinds of value that only an account has --- */

enum { MECHANISM_MAXIMUM = 20 }; /* RFC 4422 3.1 */

/* Kept as "on", "off" or the name of a mechanism in capitals. */
static int
parse_auth(void *field, struct slice value, struct err *e)
{
	char name[MECHANISM_MAXIMUM];
	size_t n = 0;

	if (value.len == 0 || str_is(value, "on"))
		return conf_kind_parse_text(field, str_slice("on"), e);
	if (str_is(value, "off"))
		return conf_kind_parse_text(field, value, e);
	for (; n < value.len && n < sizeof name; n++) {
		unsigned char c = (unsigned char)value.ptr[n];

		if (!isalnum(c) && c != '-' && c != '_')
			break;
		name[n] = (char)toupper(c);
	}
	if (n < value.len)
		return err_set(e, EX_CONFIG, "'%.*s' is neither on, off nor a mechanism's name",
		    STR_ARGS(value));
	return conf_kind_parse_text(field, (struct slice){name, n}, e);
}

static int
parse_syslog(void *field, struct slice value, struct err *e)
{
	int facility = log_facility(value);

	if (value.len == 0 || str_is(value, "on"))
		facility = LOG_USER; /* as in msmtp */
	else if (str_is(value, "off"))
		facility = CONF_ACCOUNT_SYSLOG_OFF;
	else if (str_is(value, "journal"))
		facility = CONF_ACCOUNT_SYSLOG_JOURNAL;
	else if (facility < 0)
		return err_set(e, EX_CONFIG,
		    "'%.*s' is neither on, off, journal nor a syslog facility", STR_ARGS(value));
	*(int *)field = facility;
	return 0;
}

static void
print_syslog(const void *field, struct buf *out)
{
	int facility = *(const int *)field;
	const char *name = log_facility_name(facility);

	if (facility == CONF_ACCOUNT_SYSLOG_JOURNAL)
		name = "journal";
	buf_adds(out, name != NULL ? name : "off");
}

static int
parse_address(void *field, struct slice value, struct err *e)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	bool is_address =
	    str_copy(text, sizeof text, value) &&
	    (inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1);

	if (value.len > 0 && !is_address)
		return err_set(e, EX_CONFIG, "'%.*s' is no IPv4 or IPv6 address", STR_ARGS(value));
	return conf_kind_parse_text(field, value, e);
}

/* Says EX_CONFIG, not EX_DATAERR, of a VALUE that is no list of addresses, or with ONE no address.
 */
static int
check_addresses(struct slice value, bool one, struct err *e)
{
	struct mail_address_list list = {NULL, 0};
	struct mail_address address = {NULL, NULL, NULL};
	int rc =
	    one ? mail_address_parse(&address, value, e) : mail_address_parse_list(&list, value, e);

	mail_address_free(&address);
	mail_address_list_free(&list);
	if (rc != 0 && e->ex == EX_DATAERR)
		e->ex = EX_CONFIG;
	return rc;
}

/* An address, or a pattern for some, or one that gets its name from the environment (%U). */
static int
parse_from(void *field, struct slice value, struct err *e)
{
	static const char special[] = "*?[%";
	bool plain = value.len > 0;

	for (size_t i = 0; plain && i < value.len; i++)
		plain = strchr(special, value.ptr[i]) == NULL;
	return plain && check_addresses(value, true, e) != 0
		   ? -1
		   : conf_kind_parse_list(field, value, e);
}

static int
parse_recipients(void *field, struct slice value, struct err *e)
{
	return check_addresses(value, false, e) != 0 ? -1 : conf_kind_parse_text(field, value, e);
}

static int
parse_https(void *field, struct slice value, struct err *e)
{
	static const struct slice scheme = STR_LITERAL("https://");
	struct slice host = {NULL, 0};

	if (str_begins_nocase(value, scheme.ptr)) {
		host = (struct slice){value.ptr + scheme.len, value.len - scheme.len};
		host = str_cut(&host, '/');
	}
	if (value.len > 0 &&
	    (host.len == 0 || str_find(value, ' ') < value.len || str_find(host, '@') < host.len))
		return err_set(e, EX_CONFIG, "'%.*s' is no address that begins with https://",
		    STR_ARGS(value));
	return conf_kind_parse_text(field, value, e);
}

/* Kept in the form that is compared. */
static int
parse_fingerprint(void *field, struct slice value, struct err *e)
{
	char text[CONF_FINGERPRINT_SIZE] = "";

	if (value.len > 0 && conf_fingerprint_parse(value, text, e) != 0)
		return -1;
	return conf_kind_parse_list(field, str_slice(text), e);
}

enum { MAX_RECIPIENTS_MAXIMUM = 65536 };

static int
parse_max_recipients(void *field, struct slice value, struct err *e)
{
	uint64_t number = 0;

	if (value.len > 0 && !str_is(value, "off") &&
	    !str_number(value, 1, MAX_RECIPIENTS_MAXIMUM, &number))
		return err_set(e, EX_CONFIG, "'%.*s' is neither off nor a number from 1 to %d",
		    STR_ARGS(value), MAX_RECIPIENTS_MAXIMUM);
	*(unsigned *)field = (unsigned)number;
	return 0;
}

/* Kept as MAIL_DSN_..., 0 for off. */
static int
parse_dsn_notify(void *field, struct slice value, struct err *e)
{
	unsigned notify = 0;

	if (value.len > 0 && !str_is(value, "off") && !mail_dsn_parse_notify(value, &notify))
		return err_set(e, EX_CONFIG,
		    "'%.*s' is neither off, never, nor some of success,failure,delay",
		    STR_ARGS(value));
	*(unsigned *)field = notify;
	return 0;
}

static void
print_dsn_notify(const void *field, struct buf *out)
{
	struct buf words = BUF_INIT(64);

	mail_dsn_write_notify(&words, *(const unsigned *)field);
	for (size_t i = 0; i < words.len; i++)
		buf_addc(out, (char)tolower((unsigned char)words.data[i]));
	if (words.len == 0)
		buf_adds(out, "off");
	buf_free(&words);
}

/* As msmtp has them, and sendmail's -R. */
static const struct word dsn_returns[] = {
    {"off", MAIL_DSN_RET_UNSAID},
    {"full", MAIL_DSN_RET_FULL},
    {"headers", MAIL_DSN_RET_HDRS},
    {"hdrs", MAIL_DSN_RET_HDRS},
    {NULL, 0},
};

static int
parse_dsn_return(void *field, struct slice value, struct err *e)
{
	unsigned ret = MAIL_DSN_RET_UNSAID;

	if (value.len > 0 && !word_parse(dsn_returns, value, &ret))
		return err_set(
		    e, EX_CONFIG, "'%.*s' is neither off, full nor headers", STR_ARGS(value));
	*(enum mail_dsn_ret *)field = (enum mail_dsn_ret)ret;
	return 0;
}

static void
print_dsn_return(const void *field, struct buf *out)
{
	buf_adds(out, word_for(dsn_returns, *(const enum mail_dsn_ret *)field));
}

/* Each is stored as a text or an int is; its own are what it takes and how it is written. */
#define STORED_AS(type, parser, printer)                                              \
	{                                                                             \
		.parse = (parser), .print = (printer), .copy = conf_kind_copy_##type, \
		.clear = conf_kind_clear_##type                                       \
	}
static const struct conf_kind kind_auth = STORED_AS(text, parse_auth, conf_kind_print_text);
static const struct conf_kind kind_address = STORED_AS(text, parse_address, conf_kind_print_text);
static const struct conf_kind kind_from = STORED_AS(list, parse_from, conf_kind_print_list);
static const struct conf_kind kind_recipients =
    STORED_AS(text, parse_recipients, conf_kind_print_text);
static const struct conf_kind kind_https = STORED_AS(text, parse_https, conf_kind_print_text);
static const struct conf_kind kind_fingerprint =
    STORED_AS(list, parse_fingerprint, conf_kind_print_list);
static const struct conf_kind kind_syslog = STORED_AS(int, parse_syslog, print_syslog);
static const struct conf_kind kind_max_recipients =
    STORED_AS(int, parse_max_recipients, conf_kind_print_limit);
static const struct conf_kind kind_dsn_notify = STORED_AS(int, parse_dsn_notify, print_dsn_notify);
static const struct conf_kind kind_dsn_return = STORED_AS(int, parse_dsn_return, print_dsn_return);

/* Words in the order of the enums in account.h. */
static const struct conf_kind kind_protocol = CONF_KIND_WORDS("smtp", "lmtp");
static const struct conf_kind kind_ip = CONF_KIND_WORDS("any", "4", "6");
static const struct conf_kind kind_token_store = CONF_KIND_WORDS("file", "keyring");
static const struct conf_kind kind_bare_cr = CONF_KIND_WORDS("accept", "refuse");
static const struct conf_kind kind_queue = CONF_KIND_WORDS("auto", "off", "on", "only");
static const struct conf_kind kind_log_format = CONF_KIND_WORDS("text", "json");
static const struct conf_kind kind_set_always = CONF_KIND_WORDS("auto", "off", "on");
static const struct conf_kind kind_set_missing = CONF_KIND_WORDS("auto", "off");

/* --- the table --- */

#define FIELD(name) offsetof(struct conf_account, name)

const struct conf_account_keyword conf_account_keyword_table[] = {
    {"provider", &conf_kind_text, FIELD(provider),
	.help = N_("fill in what is known of this mail provider")},
    {"host", &conf_kind_name, FIELD(host), .guard = CONF_ACCOUNT_GUARD_CHANGE,
	.help = N_("the server: a name or an address")},
    {"port", &conf_kind_port, FIELD(port), .help = N_("its port")},
    {"protocol", &kind_protocol, FIELD(protocol), .fallback = "smtp",
	.help = N_("smtp, or lmtp as a mail store speaks it")},
    {"ip", &kind_ip, FIELD(ip), .fallback = "any", .help = N_("connect by IPv4 or IPv6 alone")},
    {"source_ip", &kind_address, FIELD(source_ip),
	.help = N_("the address of this machine to connect from")},
    {"socket", &conf_kind_file, FIELD(socket), .guard = CONF_ACCOUNT_GUARD_CHANGE,
	.help = N_("connect to this unix socket, not to the host")},
    {"proxy_host", &conf_kind_name, FIELD(proxy_host), .guard = CONF_ACCOUNT_GUARD_CHANGE,
	.help = N_("connect through this SOCKS5 proxy")},
    {"proxy_port", &conf_kind_port, FIELD(proxy_port), .fallback = "1080",
	.help = N_("the proxy's port")},
    {"proxy_user", &conf_kind_text, FIELD(proxy_user), .help = N_("the name to tell the proxy")},
    {"proxy_password", &conf_kind_text, FIELD(proxy_password), .secret = true,
	.help = N_("the proxy's password")},
    {"tls", &conf_kind_switch, FIELD(tls), .guard = CONF_ACCOUNT_GUARD_OFF, .help = N_("encrypt")},
    {"tls_starttls", &conf_kind_switch, FIELD(tls_starttls),
	.help = N_("encrypt by STARTTLS; off: from the first byte")},
    {"tls_trust_file", &conf_kind_file, FIELD(tls_trust_file), .fallback = "system",
	.help = N_("certificates to trust: a file, or 'system'")},
    {"tls_certcheck", &conf_kind_switch, FIELD(tls_certcheck), .guard = CONF_ACCOUNT_GUARD_OFF,
	.fallback = "on", .help = N_("check the server's certificate")},
    {"tls_fingerprint", &kind_fingerprint, FIELD(tls_fingerprint),
	.help = N_("take the certificate, or spki: public key, with this SHA-256")},
    {"tls_cert_file", &conf_kind_file, FIELD(tls_cert_file),
	.help = N_("our certificate: a PEM file or PKCS#11 URI")},
    {"tls_key_file", &conf_kind_file, FIELD(tls_key_file),
	.help = N_("its key: a PEM file or PKCS#11 URI")},
    {"tls_crl_file", &conf_kind_file, FIELD(tls_crl_file), .help = N_("revoked certificates")},
    {"tls_priorities", &conf_kind_text, FIELD(tls_priorities),
	.help = N_("GnuTLS's priority string, or what to change in the system's")},
    {"tls_resume", &conf_kind_switch, FIELD(tls_resume), .fallback = "on",
	.help = N_("take up the last run's TLS session again")},
    {"tls_host_override", &conf_kind_name, FIELD(tls_host_override),
	.guard = CONF_ACCOUNT_GUARD_CHANGE, .help = N_("the name that the certificate must bear")},
    {"tls_min_dh_prime_bits", &conf_kind_text, FIELD(tls_min_dh_prime_bits),
	.instead = N_("GnuTLS and the system's policy see to it; it has no effect"),
	.help = N_("without effect")},
    {"auth", &kind_auth, FIELD(auth), .help = N_("log in: on, off, or by this mechanism alone")},
    {"user", &conf_kind_text, FIELD(user), .help = N_("the name to log in with")},
    {"ntlmdomain", &conf_kind_text, FIELD(ntlmdomain), .help = N_("the domain for the login NTLM")},
    {"password", &conf_kind_text, FIELD(password), .secret = true, .help = N_("the password")},
    {"passwordeval", &conf_kind_text, FIELD(passwordeval),
	.help = N_("a command that prints the password")},
    {"token_command", &conf_kind_text, FIELD(token_command),
	.help = N_("a command that prints an access token")},
    {"token_store", &kind_token_store, FIELD(token_store), .fallback = "file",
	.help = N_("keep tokens in a file, or in the keyring")},
    {"oauth_client_id", &conf_kind_text, FIELD(oauth_client_id),
	.help = N_("as what the provider knows this program")},
    {"oauth_client_secret", &conf_kind_text, FIELD(oauth_client_secret), .secret = true,
	.help = N_("the secret that the provider gave with it")},
    {"oauth_scope", &conf_kind_text, FIELD(oauth_scope), .help = N_("what a token is to allow")},
    {"oauth_auth_url", &kind_https, FIELD(oauth_auth_url),
	.help = N_("where a browser logs in for a token")},
    {"oauth_device_url", &kind_https, FIELD(oauth_device_url),
	.help = N_("where a code for a login is made")},
    {"oauth_token_url", &kind_https, FIELD(oauth_token_url), .help = N_("where tokens are given")},
    {"oauth_revoke_url", &kind_https, FIELD(oauth_revoke_url),
	.help = N_("where they are taken back")},
    {"from", &kind_from, FIELD(from), .help = N_("senders that choose this account")},
    {"from_full_name", &conf_kind_text, FIELD(from_full_name),
	.help = N_("the sender's name in a From that is set")},
    {"allow_from_override", &conf_kind_switch, FIELD(allow_from_override), .fallback = "on",
	.help = N_("let -f name a sender other than from")},
    {"set_from_header", &kind_set_always, FIELD(set_from_header), .fallback = "auto",
	.help = N_("set From: auto where no provider takes it, on, off")},
    {"set_date_header", &kind_set_missing, FIELD(set_date_header), .fallback = "auto",
	.help = N_("set Date: auto where it is missing, off")},
    {"set_msgid_header", &kind_set_missing, FIELD(set_msgid_header), .fallback = "auto",
	.help = N_("set Message-ID: auto where it is missing, off")},
    {"set_received_header", &kind_set_always, FIELD(set_received_header), .fallback = "auto",
	.help = N_("set Received: auto in the system's file, on, off")},
    {"remove_bcc_headers", &conf_kind_switch, FIELD(remove_bcc_headers), .fallback = "on",
	.help = N_("keep Bcc to ourselves")},
    {"undisclosed_recipients", &conf_kind_switch, FIELD(undisclosed_recipients), .fallback = "off",
	.help = N_("put 'To: undisclosed-recipients:;' in place of To, Cc and Bcc")},
    {"pipelining", &conf_kind_switch, FIELD(pipelining), .fallback = "on",
	.help = N_("send commands together where the server takes them so")},
    {"chunking", &conf_kind_switch, FIELD(chunking), .fallback = "off",
	.help = N_("send the message by BDAT where the server takes it")},
    {"max_recipients", &kind_max_recipients, FIELD(max_recipients),
	.help = N_("recipients to send a message to at a time")},
    {"dsn_notify", &kind_dsn_notify, FIELD(dsn_notify),
	.help = N_("ask for a report: never, or some of success,failure,delay")},
    {"dsn_return", &kind_dsn_return, FIELD(dsn_return),
	.help = N_("what a report brings back: full or headers")},
    {"aliases", &conf_kind_file, FIELD(aliases),
	.help = N_("whom recipients without a domain stand for")},
    {"default_recipient", &kind_recipients, FIELD(default_recipient),
	.help = N_("who gets mail for a name of this machine that nobody here takes")},
    {"domain", &conf_kind_name, FIELD(domain), .help = N_("what to call ourselves in EHLO")},
    {"timeout", &conf_kind_seconds, FIELD(timeout),
	.help = N_("seconds that any one wait may take")},
    {"bare_cr", &kind_bare_cr, FIELD(bare_cr), .fallback = "accept",
	.help = N_("a CR without LF in a message: accept as a line end, or refuse")},
    {"queue", &kind_queue, FIELD(queue), .fallback = "auto",
	.help = N_("queue what cannot be sent now: on, off, or auto; only: queue all")},
    {"queue_lifetime", &conf_pace_time, FIELD(queue_lifetime), .fallback = "5d",
	.help = N_("return a queued message after this time")},
    {"queue_warning", &conf_pace_time, FIELD(queue_warning), .fallback = "4h",
	.help = N_("tell the sender of a queued message after this time")},
    {"connections", &conf_kind_few, FIELD(connections), .fallback = "1",
	.help = N_("how many connections the queue's runner may have at a time")},
    {"rate", &conf_pace_rate, FIELD(rate),
	.help = N_("how many messages the queue's runner may send: 30/minute")},
    {"on_failure", &conf_kind_text, FIELD(on_failure),
	.help = N_("a command to run once the account has failed for queue_warning")},
    {"logfile", &conf_kind_file, FIELD(logfile), .help = N_("log to this file")},
    {"syslog", &kind_syslog, FIELD(syslog),
	.help = N_("log to syslog: on, off, a facility, or the journal")},
    {"logfile_time_format", &conf_kind_text, FIELD(logfile_time_format),
	.help = N_("how strftime writes the time in the logfile")},
    {"log_format", &kind_log_format, FIELD(log_format), .fallback = "text",
	.help = N_("a line of the log: text or json")},
    {"auto_from", &conf_kind_switch, FIELD(auto_from), .fallback = "off",
	.help = N_("make the sender of the user's name and maildomain"),
	.instead = N_("write 'from %U@DOMAIN'")},
    {"maildomain", &conf_kind_text, FIELD(maildomain), .help = N_("the domain for auto_from"),
	.instead = N_("write 'from %U@DOMAIN'")},
    {.name = NULL}, /* the end */
};

_Static_assert(sizeof conf_account_keyword_table / sizeof conf_account_keyword_table[0] - 1 <=
		   CONF_ACCOUNT_KEYWORDS_MAXIMUM,
    "an account remembers the origin of each value");

const struct conf_account_keyword *
conf_account_keyword_find(struct slice keyword)
{
	for (const struct conf_account_keyword *row = conf_account_keyword_table; row->name != NULL;
	     row++) {
		if (str_is(keyword, row->name))
			return row;
	}
	return NULL;
}

const char *
conf_account_keyword_nearest(struct slice keyword)
{
	struct suggest s = suggest_for(keyword);

	for (const struct conf_account_keyword *row = conf_account_keyword_table; row->name != NULL;
	     row++)
		suggest_offer(&s, row->name);
	return s.best;
}
