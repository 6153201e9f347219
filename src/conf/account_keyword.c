/*
 * account_keyword: see account_keyword.h.
 */
#include <config.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <ctype.h>
#include <string.h>
#include <syslog.h>

#include "base/log.h"
#include "base/suggest.h"
#include "conf/account.h"
#include "conf/fingerprint.h"

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

/* Kept in the form that is compared. */
static int
parse_fingerprint(void *field, struct slice value, struct err *e)
{
	char text[CONF_FINGERPRINT_SIZE] = "";

	if (value.len > 0 && conf_fingerprint_parse(value, text, e) != 0)
		return -1;
	return conf_kind_parse_list(field, str_slice(text), e);
}

/* Each is stored as a text or an int is; its own are what it takes and how it is written. */
static const struct conf_kind kind_auth = {.parse = parse_auth,
    .print = conf_kind_print_text,
    .copy = conf_kind_copy_text,
    .clear = conf_kind_clear_text};
static const struct conf_kind kind_address = {.parse = parse_address,
    .print = conf_kind_print_text,
    .copy = conf_kind_copy_text,
    .clear = conf_kind_clear_text};
static const struct conf_kind kind_fingerprint = {.parse = parse_fingerprint,
    .print = conf_kind_print_list,
    .copy = conf_kind_copy_list,
    .clear = conf_kind_clear_list};
static const struct conf_kind kind_syslog = {.parse = parse_syslog,
    .print = print_syslog,
    .copy = conf_kind_copy_int,
    .clear = conf_kind_clear_int};

/* Words in the order of the enums in account.h. */
static const struct conf_kind kind_ip = CONF_KIND_WORDS("any", "4", "6");
static const struct conf_kind kind_bare_cr = CONF_KIND_WORDS("accept", "refuse");
static const struct conf_kind kind_log_format = CONF_KIND_WORDS("text", "json");
static const struct conf_kind kind_set_always = CONF_KIND_WORDS("auto", "off", "on");
static const struct conf_kind kind_set_missing = CONF_KIND_WORDS("auto", "off");

/* --- the table --- */

#define FIELD(name) offsetof(struct conf_account, name)

const struct conf_account_keyword conf_account_keyword_table[] = {
    {"host", &conf_kind_name, FIELD(host), .guard = CONF_ACCOUNT_GUARD_CHANGE,
	.help = "the server: a name or an address"},
    {"port", &conf_kind_port, FIELD(port), .help = "its port"},
    {"ip", &kind_ip, FIELD(ip), .fallback = "any", .help = "connect by IPv4 or IPv6 alone"},
    {"source_ip", &kind_address, FIELD(source_ip),
	.help = "the address of this machine to connect from"},
    {"socket", &conf_kind_file, FIELD(socket), .guard = CONF_ACCOUNT_GUARD_CHANGE,
	.help = "connect to this unix socket, not to the host"},
    {"proxy_host", &conf_kind_name, FIELD(proxy_host), .guard = CONF_ACCOUNT_GUARD_CHANGE,
	.help = "connect through this SOCKS5 proxy"},
    {"proxy_port", &conf_kind_port, FIELD(proxy_port), .fallback = "1080",
	.help = "the proxy's port"},
    {"proxy_user", &conf_kind_text, FIELD(proxy_user), .help = "the name to tell the proxy"},
    {"proxy_password", &conf_kind_text, FIELD(proxy_password), .secret = true,
	.help = "the proxy's password"},
    {"tls", &conf_kind_switch, FIELD(tls), .guard = CONF_ACCOUNT_GUARD_OFF, .help = "encrypt"},
    {"tls_starttls", &conf_kind_switch, FIELD(tls_starttls),
	.help = "encrypt by STARTTLS; off: from the first byte"},
    {"tls_trust_file", &conf_kind_file, FIELD(tls_trust_file), .fallback = "system",
	.help = "certificates to trust: a file, or 'system'"},
    {"tls_certcheck", &conf_kind_switch, FIELD(tls_certcheck), .guard = CONF_ACCOUNT_GUARD_OFF,
	.fallback = "on", .help = "check the server's certificate"},
    {"tls_fingerprint", &kind_fingerprint, FIELD(tls_fingerprint),
	.help = "take the certificate, or spki: public key, with this SHA-256"},
    {"tls_cert_file", &conf_kind_file, FIELD(tls_cert_file),
	.help = "our certificate: a PEM file or PKCS#11 URI"},
    {"tls_key_file", &conf_kind_file, FIELD(tls_key_file),
	.help = "its key: a PEM file or PKCS#11 URI"},
    {"tls_crl_file", &conf_kind_file, FIELD(tls_crl_file), .help = "revoked certificates"},
    {"tls_priorities", &conf_kind_text, FIELD(tls_priorities),
	.help = "GnuTLS's priority string, or what to change in the system's"},
    {"tls_host_override", &conf_kind_name, FIELD(tls_host_override),
	.guard = CONF_ACCOUNT_GUARD_CHANGE, .help = "the name that the certificate must bear"},
    {"tls_min_dh_prime_bits", &conf_kind_text, FIELD(tls_min_dh_prime_bits),
	.instead = "GnuTLS and the system's policy see to it; it has no effect",
	.help = "without effect"},
    {"auth", &kind_auth, FIELD(auth), .help = "log in: on, off, or by this mechanism alone"},
    {"user", &conf_kind_text, FIELD(user), .help = "the name to log in with"},
    {"ntlmdomain", &conf_kind_text, FIELD(ntlmdomain), .help = "the domain for the login NTLM"},
    {"password", &conf_kind_text, FIELD(password), .secret = true, .help = "the password"},
    {"passwordeval", &conf_kind_text, FIELD(passwordeval),
	.help = "a command that prints the password"},
    {"from", &conf_kind_list, FIELD(from), .help = "senders that choose this account"},
    {"from_full_name", &conf_kind_text, FIELD(from_full_name),
	.help = "the sender's name in a From that is set"},
    {"allow_from_override", &conf_kind_switch, FIELD(allow_from_override), .fallback = "on",
	.help = "let -f name a sender other than from"},
    {"set_from_header", &kind_set_always, FIELD(set_from_header), .fallback = "auto",
	.help = "set From: auto where it is missing, on, off"},
    {"set_date_header", &kind_set_missing, FIELD(set_date_header), .fallback = "auto",
	.help = "set Date: auto where it is missing, off"},
    {"set_msgid_header", &kind_set_missing, FIELD(set_msgid_header), .fallback = "auto",
	.help = "set Message-ID: auto where it is missing, off"},
    {"remove_bcc_headers", &conf_kind_switch, FIELD(remove_bcc_headers), .fallback = "on",
	.help = "keep Bcc to ourselves"},
    {"undisclosed_recipients", &conf_kind_switch, FIELD(undisclosed_recipients), .fallback = "off",
	.help = "put 'To: undisclosed-recipients:;' in place of To, Cc and Bcc"},
    {"aliases", &conf_kind_file, FIELD(aliases),
	.help = "whom recipients without a domain stand for"},
    {"domain", &conf_kind_name, FIELD(domain), .help = "what to call ourselves in EHLO"},
    {"timeout", &conf_kind_seconds, FIELD(timeout), .help = "seconds that any one wait may take"},
    {"bare_cr", &kind_bare_cr, FIELD(bare_cr), .fallback = "accept",
	.help = "a CR without LF in a message: accept as a line end, or refuse"},
    {"logfile", &conf_kind_file, FIELD(logfile), .help = "log to this file"},
    {"syslog", &kind_syslog, FIELD(syslog),
	.help = "log to syslog: on, off, a facility, or the journal"},
    {"logfile_time_format", &conf_kind_text, FIELD(logfile_time_format),
	.help = "how strftime writes the time in the logfile"},
    {"log_format", &kind_log_format, FIELD(log_format), .fallback = "text",
	.help = "a line of the log: text or json"},
    {"auto_from", &conf_kind_switch, FIELD(auto_from), .fallback = "off",
	.help = "make the sender of the user's name and maildomain",
	.instead = "write 'from %U@DOMAIN'"},
    {"maildomain", &conf_kind_text, FIELD(maildomain), .help = "the domain for auto_from",
	.instead = "write 'from %U@DOMAIN'"},
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
