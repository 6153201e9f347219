/*
 * option: see option.h. Here are imbuca's own and msmtp's options; sendmail's letters are in
 * option_sendmail.c.
 */
#include <config.h>

#include <string.h>

#include "app/option.h"
#include "app/option_inside.h"
#include "base/i18n.h"
#include "base/suggest.h"

#include "base/banned.h"

int
app_option_set_flag(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	*(bool *)(void *)((char *)options + row->offset) = true;
	return 0;
}

int
app_option_set_text(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	(void)e;
	*(const char **)(void *)((char *)options + row->offset) = value;
	return 0;
}

/* As app_option_set_text; "" where there is no value. */
static int
set_text_or_none(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	return app_option_set_text(options, row, value != NULL ? value : "", e);
}

/* Keeps the value for the account; the last of several counts. */
int
app_option_set_keyword(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	size_t i = 0;

	(void)e;
	while (
	    i < options->override_count && strcmp(options->overrides[i].keyword, row->keyword) != 0)
		i++;
	if (i == options->override_count)
		options->override_count++;
	options->overrides[i] =
	    (struct app_options_override){row->keyword, value != NULL ? value : "", row->name};
	return 0;
}

/*
 * -d shows the dialogue. With a number of sendmail's it would look into sendmail itself, which has
 * no sense here, but for -d0.1: that is how programs ask for the version.
 */
static int
set_debug(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	(void)row;
	(void)e;
	if (value == NULL)
		options->debug = true;
	else if (value[0] == '0' && (value[1] == '.' || value[1] == '\0'))
		options->version = true;
	return 0;
}

/* -X is msmtp's: a file for the log. Postfix's -XV asks for a sender of its own a recipient. */
static int
set_log(struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	if (value[0] == 'V' && strlen(value) <= sizeof "V+=" - 1)
		return err_set(e, EX_USAGE, "VERP ('-X%s') is not done here", value);
	return app_option_set_keyword(options, row, value, e);
}

/* --- the table --- */

static const struct app_option table[] = {
    {0, "--help", APP_OPTION_GENERAL, FLAG(help), N_("show this text")},
    {0, "--version", APP_OPTION_GENERAL, FLAG(version),
	N_("show the version, and those of the libraries")},
    {'C', "--file", APP_OPTION_GENERAL, TEXT(file, "FILE"), N_("read the accounts from this file")},
    {'a', "--account", APP_OPTION_GENERAL, TEXT(account, "NAME"), N_("use this account")},
    {'P', "--pretend", APP_OPTION_GENERAL, FLAG(pretend),
	N_("show what would be done, and do nothing")},
    {'S', "--serverinfo", APP_OPTION_GENERAL, FLAG(serverinfo),
	N_("show what the server says about itself, and send nothing")},
    {0, "--rmqs", APP_OPTION_GENERAL, TEXT(rmqs, "HOST|@HOST|#QUEUE"),
	N_("have the server send what it keeps for this one, and send nothing")},
    {'d', "--debug", APP_OPTION_GENERAL, APP_OPTION_LEVEL, NULL, set_debug, 0, NULL,
	N_("print the dialogue with the server on standard error, secrets starred")},
    {'v', NULL, APP_OPTION_GENERAL, FLAG(debug), N_("the same")},
    {0, "--json", APP_OPTION_GENERAL, FLAG(json), N_("as JSON, for a command that reports")},
    {0, "--provider", APP_OPTION_GENERAL, TEXT(provider, "NAME"),
	N_("whose reply 'explain' explains; for 'check' and 'setup': whose server it is")},
    {0, "--stage", APP_OPTION_GENERAL, TEXT(stage, "STAGE"),
	N_("where it came: connect, ehlo, tls, auth, mail, rcpt, data, dsn, any")},
    {0, "--yes", APP_OPTION_GENERAL, FLAG(yes), N_("for 'setup' and 'queue remove': ask nothing")},
    {0, "--max-age", APP_OPTION_GENERAL, TEXT(max_age, "TIME"),
	N_("for 'queue status': how long a message may wait, such as 2h")},

    {0, "--all-ports", APP_OPTION_COMMAND, FLAG(all_ports), N_("try the server's other ports too")},
    {0, "--send", APP_OPTION_COMMAND, APP_OPTION_MAYBE, "ADDRESS", set_text_or_none,
	offsetof(struct app_options, send), NULL,
	N_("send a message, to oneself or to the address")},
    {0, "--resolver", APP_OPTION_COMMAND, TEXT(resolver, "ADDRESS[:PORT]"),
	N_("ask this name server, and not the system's")},
    {0, "--selector", APP_OPTION_COMMAND, TEXT(selector, "NAME,..."),
	N_("look for the DKIM keys of these selectors")},
    {0, "--status", APP_OPTION_COMMAND, FLAG(status), N_("show who is logged in, and stop")},
    {0, "--browser", APP_OPTION_COMMAND, FLAG(browser),
	N_("log in by a browser on this machine, also where a code would do")},
    {0, "--paste", APP_OPTION_COMMAND, FLAG(paste),
	N_("log in by a browser elsewhere, whose last address is pasted here")},

    {'t', "--read-recipients", APP_OPTION_MESSAGE, FLAG(read_recipients),
	N_("take the recipients from To, Cc and Bcc too")},
    {'f', "--from", APP_OPTION_MESSAGE, TEXT(sender, "ADDRESS"),
	N_("the envelope's sender; it also chooses the account; '' for none")},
    {0, "--read-envelope-from", APP_OPTION_MESSAGE, FLAG(read_from),
	N_("take the sender from the header's From")},
    {'r', NULL, APP_OPTION_MESSAGE, TEXT(sender, "ADDRESS"), N_("the same")},
    {'F', NULL, APP_OPTION_MESSAGE, TEXT(full_name, "NAME"),
	N_("the sender's full name, for a message without From")},
    {'i', NULL, APP_OPTION_MESSAGE, FLAG(ignore_dots),
	N_("a line with a lone dot does not end the message")},

    {'N', "--dsn-notify", APP_OPTION_MESSAGE, KEYWORD("dsn_notify", "off|never|EVENT,..."),
	N_("ask to be told of success, failure or delay, or of nothing")},
    {'R', "--dsn-return", APP_OPTION_MESSAGE, KEYWORD("dsn_return", "off|full|hdrs"),
	N_("what of the message a report brings back")},
    {'V', NULL, APP_OPTION_MESSAGE, TEXT(envid, "ID"),
	N_("what a report calls the message's envelope")},

    {0, "--aliases", APP_OPTION_MESSAGE, KEYWORD("aliases", "FILE"),
	N_("whom recipients without a domain stand for")},
    {0, "--set-from-header", APP_OPTION_MESSAGE, SWITCH("set_from_header", "auto|on|off"),
	N_("set From where it is missing, always, or never")},
    {0, "--set-date-header", APP_OPTION_MESSAGE, SWITCH("set_date_header", "auto|off"),
	N_("set Date where it is missing, or never")},
    {0, "--set-msgid-header", APP_OPTION_MESSAGE, SWITCH("set_msgid_header", "auto|off"),
	N_("set Message-ID where it is missing, or never")},
    {0, "--remove-bcc-headers", APP_OPTION_MESSAGE, SWITCH("remove_bcc_headers", "on|off"),
	N_("do not send Bcc")},
    {0, "--undisclosed-recipients", APP_OPTION_MESSAGE, SWITCH("undisclosed_recipients", "on|off"),
	N_("hide the recipients in the header")},

    {0, "--host", APP_OPTION_ACCOUNT, KEYWORD("host", "HOST"),
	N_("the server; without -a no accounts file is read")},
    {0, "--port", APP_OPTION_ACCOUNT, KEYWORD("port", "NUMBER"), N_("its port")},
    {0, "--protocol", APP_OPTION_ACCOUNT, KEYWORD("protocol", "smtp|lmtp"), N_("what it speaks")},
    {0, "--source-ip", APP_OPTION_ACCOUNT, KEYWORD("source_ip", "ADDRESS"),
	N_("the address to connect from")},
    {0, "--proxy-host", APP_OPTION_ACCOUNT, KEYWORD("proxy_host", "HOST"),
	N_("go through this SOCKS5 proxy")},
    {0, "--proxy-port", APP_OPTION_ACCOUNT, KEYWORD("proxy_port", "NUMBER"), N_("its port")},
    {0, "--socket", APP_OPTION_ACCOUNT, KEYWORD("socket", "FILE"),
	N_("connect to this unix socket")},
    {0, "--timeout", APP_OPTION_ACCOUNT, KEYWORD("timeout", "off|SECONDS"), N_("for any one wait")},
    {0, "--domain", APP_OPTION_ACCOUNT, KEYWORD("domain", "NAME"),
	N_("what to call ourselves in EHLO")},
    {0, "--pipelining", APP_OPTION_ACCOUNT, SWITCH("pipelining", "on|off"),
	N_("send commands together where the server takes them so")},
    {0, "--chunking", APP_OPTION_ACCOUNT, SWITCH("chunking", "on|off"),
	N_("send the message by BDAT where the server takes it")},
    {0, "--max-recipients", APP_OPTION_ACCOUNT, KEYWORD("max_recipients", "NUMBER"),
	N_("recipients to send a message to at a time")},
    {0, "--tls", APP_OPTION_ACCOUNT, SWITCH("tls", "on|off"), N_("encrypt")},
    {0, "--tls-starttls", APP_OPTION_ACCOUNT, SWITCH("tls_starttls", "on|off"),
	N_("encrypt by STARTTLS, or from the first byte")},
    {0, "--tls-trust-file", APP_OPTION_ACCOUNT, KEYWORD("tls_trust_file", "FILE"),
	N_("trust the certificates in this file; 'system' for the system's")},
    {0, "--tls-certcheck", APP_OPTION_ACCOUNT, SWITCH("tls_certcheck", "on|off"),
	N_("check the server's certificate")},
    {0, "--tls-fingerprint", APP_OPTION_ACCOUNT, KEYWORD("tls_fingerprint", "FINGERPRINT"),
	N_("take the certificate of this SHA-256, and no other")},
    {0, "--tls-key-file", APP_OPTION_ACCOUNT, KEYWORD("tls_key_file", "FILE"),
	N_("the key of our certificate")},
    {0, "--tls-cert-file", APP_OPTION_ACCOUNT, KEYWORD("tls_cert_file", "FILE"),
	N_("our certificate, for a server that asks for one")},
    {0, "--tls-crl-file", APP_OPTION_ACCOUNT, KEYWORD("tls_crl_file", "FILE"),
	N_("the certificates that are revoked")},
    {0, "--tls-priorities", APP_OPTION_ACCOUNT, KEYWORD("tls_priorities", "TEXT"),
	N_("which TLS, as GnuTLS's priorities")},
    {0, "--tls-resume", APP_OPTION_ACCOUNT, SWITCH("tls_resume", "on|off"),
	N_("take up the last run's TLS session again")},
    {0, "--tls-host-override", APP_OPTION_ACCOUNT, KEYWORD("tls_host_override", "HOST"),
	N_("the name that the certificate must bear")},
    {0, "--tls-min-dh-prime-bits", APP_OPTION_OBSOLETE, KEYWORD("tls_min_dh_prime_bits", "BITS"),
	""},
    {0, "--auth", APP_OPTION_ACCOUNT, SWITCH("auth", "on|off|MECHANISM"), N_("log in")},
    {0, "--user", APP_OPTION_ACCOUNT, KEYWORD("user", "NAME"), N_("the name to log in with")},
    {0, "--passwordeval", APP_OPTION_ACCOUNT, KEYWORD("passwordeval", "COMMAND"),
	N_("a command that prints the password")},
    {0, "--oauth-client-id", APP_OPTION_ACCOUNT, KEYWORD("oauth_client_id", "ID"),
	N_("as what the provider knows this program, for OAuth2")},
    {0, "--password-command", APP_OPTION_ACCOUNT, KEYWORD("passwordeval", "COMMAND"),
	N_("the same")},
    {'X', "--logfile", APP_OPTION_ACCOUNT, APP_OPTION_NEEDED, "FILE", set_log, 0, "logfile",
	N_("log to this file")},
    {0, "--syslog", APP_OPTION_ACCOUNT, SWITCH("syslog", "on|off|FACILITY"),
	N_("log to syslog, or to the 'journal'")},
    {0, "--logfile-time-format", APP_OPTION_ACCOUNT, KEYWORD("logfile_time_format", "FORMAT"),
	N_("how strftime writes the time in the logfile")},
    {0, "--log-format", APP_OPTION_ACCOUNT, KEYWORD("log_format", "text|json"),
	N_("what a line of the log looks like")},

    {0, "--auto-from", APP_OPTION_OBSOLETE, SWITCH("auto_from", "on|off"), ""},
    {0, "--maildomain", APP_OPTION_OBSOLETE, KEYWORD("maildomain", "DOMAIN"), ""},
    {0, "--add-missing-from-header", APP_OPTION_OBSOLETE,
	SWITCH("add_missing_from_header", "on|off"), ""},
    {0, "--add-missing-date-header", APP_OPTION_OBSOLETE,
	SWITCH("add_missing_date_header", "on|off"), ""},
    {0, "--connect-timeout", APP_OPTION_OBSOLETE, KEYWORD("connect_timeout", "SECONDS"), ""},
    {0, "--keepbcc", APP_OPTION_OBSOLETE, SWITCH("keepbcc", "on|off"), ""},
};

enum { ROWS = sizeof table / sizeof table[0] };

/* Options that mean nothing elsewhere than to some commands. */
static const struct {
	const char *name, *commands;
} bound[] = {
    {"--provider", "explain check setup"},
    {"--yes", "queue setup"},
    {"--all-ports", "check setup"},
    {"--send", "check setup"},
    {"--resolver", "check dns setup"},
    {"--selector", "dns"},
    {"--status", "login"},
    {"--browser", "login setup"},
    {"--paste", "login setup"},
};

const struct app_option *
app_option_at(size_t index)
{
	if (index < ROWS)
		return &table[index];
	return app_option_sendmail_at(index - ROWS);
}

const struct app_option *
app_option_of_letter(char letter)
{
	const struct app_option *row;

	for (size_t i = 0; (row = app_option_at(i)) != NULL; i++) {
		if (row->letter == letter)
			return row;
	}
	return NULL;
}

const struct app_option *
app_option_of_name(struct slice name)
{
	const struct app_option *row;

	for (size_t i = 0; (row = app_option_at(i)) != NULL; i++) {
		if (row->name != NULL && str_is(name, row->name))
			return row;
	}
	return NULL;
}

const char *
app_option_commands(const struct app_option *row)
{
	for (size_t i = 0; row->name != NULL && i < sizeof bound / sizeof bound[0]; i++) {
		if (strcmp(bound[i].name, row->name) == 0)
			return bound[i].commands;
	}
	return NULL;
}

const char *
app_option_nearest(struct slice name)
{
	struct suggest s = suggest_for(name);
	const struct app_option *row;

	for (size_t i = 0; (row = app_option_at(i)) != NULL; i++) {
		if (row->name != NULL)
			suggest_offer(&s, row->name);
	}
	return s.best;
}
