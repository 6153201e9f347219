/*
 * option: see option.h.
 */
#include <config.h>

#include <string.h>

#include "app/option.h"
#include "base/suggest.h"

#include "base/banned.h"

static int
set_flag(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	*(bool *)(void *)((char *)options + row->offset) = true;
	return 0;
}

static int
set_text(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	(void)e;
	*(const char **)(void *)((char *)options + row->offset) = value;
	return 0;
}

/* Keeps the value for the account; the last of several counts. */
static int
set_keyword(
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

/* sendmail's -oX: i is -i; all others are about what a submission client does not do. */
static int
set_sendmail_option(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	(void)row;
	(void)e;
	if (value[0] == 'i')
		options->ignore_dots = true;
	return 0;
}

/* sendmail's -bX: m, to send a message, is what we do anyway. */
static int
set_mode(
    struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	(void)options;
	(void)row;
	if (strcmp(value, "m") != 0)
		return err_set(e, EX_USAGE, "this program has no mode '-b%s'", value);
	return 0;
}

static int
accept(struct app_options *options, const struct app_option *row, const char *value, struct err *e)
{
	(void)options;
	(void)row;
	(void)value;
	(void)e;
	return 0;
}

/* --- the table --- */

#define FLAG(field) APP_OPTION_ALONE, NULL, set_flag, offsetof(struct app_options, field), NULL
#define TEXT(field, argument) \
	APP_OPTION_NEEDED, argument, set_text, offsetof(struct app_options, field), NULL
#define KEYWORD(keyword, argument) APP_OPTION_NEEDED, argument, set_keyword, 0, keyword
#define SWITCH(keyword, argument)  APP_OPTION_MAYBE, argument, set_keyword, 0, keyword
#define ACCEPTED(value, argument)  APP_OPTION_WITHOUT_EFFECT, value, argument, accept, 0, NULL, ""

static const struct app_option table[] = {
    {0, "--help", APP_OPTION_GENERAL, FLAG(help), "show this text"},
    {0, "--version", APP_OPTION_GENERAL, FLAG(version),
	"show the version, and those of the libraries"},
    {'C', "--file", APP_OPTION_GENERAL, TEXT(file, "FILE"), "read the accounts from this file"},
    {'a', "--account", APP_OPTION_GENERAL, TEXT(account, "NAME"), "use this account"},
    {'P', "--pretend", APP_OPTION_GENERAL, FLAG(pretend),
	"show what would be done, and do nothing"},
    {'S', "--serverinfo", APP_OPTION_GENERAL, FLAG(serverinfo),
	"show what the server says about itself, and send nothing"},
    {'d', "--debug", APP_OPTION_GENERAL, FLAG(debug),
	"print the dialogue with the server on standard error, secrets starred"},
    {'v', NULL, APP_OPTION_GENERAL, FLAG(debug), "the same"},
    {0, "--json", APP_OPTION_GENERAL, FLAG(json), "as JSON, for a command that reports"},

    {'t', "--read-recipients", APP_OPTION_MESSAGE, FLAG(read_recipients),
	"take the recipients from To, Cc and Bcc too"},
    {'f', "--from", APP_OPTION_MESSAGE, TEXT(sender, "ADDRESS"),
	"the envelope's sender; it also chooses the account; '' for none"},
    {0, "--read-envelope-from", APP_OPTION_MESSAGE, FLAG(read_from),
	"take the sender from the header's From"},
    {'r', NULL, APP_OPTION_MESSAGE, TEXT(sender, "ADDRESS"), "the same"},
    {'F', NULL, APP_OPTION_MESSAGE, TEXT(full_name, "NAME"),
	"the sender's full name, for a message without From"},
    {'i', NULL, APP_OPTION_MESSAGE, FLAG(ignore_dots),
	"a line with a lone dot does not end the message"},
    {'o', NULL, APP_OPTION_MESSAGE, APP_OPTION_NEEDED, "i", set_sendmail_option, 0, NULL,
	"the same; any other -o is accepted, without effect"},

    {0, "--aliases", APP_OPTION_MESSAGE, KEYWORD("aliases", "FILE"),
	"whom recipients without a domain stand for"},
    {0, "--set-from-header", APP_OPTION_MESSAGE, SWITCH("set_from_header", "auto|on|off"),
	"set From where it is missing, always, or never"},
    {0, "--set-date-header", APP_OPTION_MESSAGE, SWITCH("set_date_header", "auto|off"),
	"set Date where it is missing, or never"},
    {0, "--set-msgid-header", APP_OPTION_MESSAGE, SWITCH("set_msgid_header", "auto|off"),
	"set Message-ID where it is missing, or never"},
    {0, "--remove-bcc-headers", APP_OPTION_MESSAGE, SWITCH("remove_bcc_headers", "on|off"),
	"do not send Bcc"},
    {0, "--undisclosed-recipients", APP_OPTION_MESSAGE, SWITCH("undisclosed_recipients", "on|off"),
	"hide the recipients in the header"},

    {0, "--host", APP_OPTION_ACCOUNT, KEYWORD("host", "HOST"),
	"the server; without -a no accounts file is read"},
    {0, "--port", APP_OPTION_ACCOUNT, KEYWORD("port", "NUMBER"), "its port"},
    {0, "--source-ip", APP_OPTION_ACCOUNT, KEYWORD("source_ip", "ADDRESS"),
	"the address to connect from"},
    {0, "--proxy-host", APP_OPTION_ACCOUNT, KEYWORD("proxy_host", "HOST"),
	"go through this SOCKS5 proxy"},
    {0, "--proxy-port", APP_OPTION_ACCOUNT, KEYWORD("proxy_port", "NUMBER"), "its port"},
    {0, "--socket", APP_OPTION_ACCOUNT, KEYWORD("socket", "FILE"), "connect to this unix socket"},
    {0, "--timeout", APP_OPTION_ACCOUNT, KEYWORD("timeout", "off|SECONDS"), "for any one wait"},
    {0, "--domain", APP_OPTION_ACCOUNT, KEYWORD("domain", "NAME"),
	"what to call ourselves in EHLO"},
    {0, "--tls", APP_OPTION_ACCOUNT, SWITCH("tls", "on|off"), "encrypt"},
    {0, "--tls-starttls", APP_OPTION_ACCOUNT, SWITCH("tls_starttls", "on|off"),
	"encrypt by STARTTLS, or from the first byte"},
    {0, "--tls-trust-file", APP_OPTION_ACCOUNT, KEYWORD("tls_trust_file", "FILE"),
	"trust the certificates in this file; 'system' for the system's"},
    {0, "--tls-certcheck", APP_OPTION_ACCOUNT, SWITCH("tls_certcheck", "on|off"),
	"check the server's certificate"},
    {0, "--tls-fingerprint", APP_OPTION_ACCOUNT, KEYWORD("tls_fingerprint", "FINGERPRINT"),
	"take the certificate of this SHA-256, and no other"},
    {0, "--tls-key-file", APP_OPTION_ACCOUNT, KEYWORD("tls_key_file", "FILE"),
	"the key of our certificate"},
    {0, "--tls-cert-file", APP_OPTION_ACCOUNT, KEYWORD("tls_cert_file", "FILE"),
	"our certificate, for a server that asks for one"},
    {0, "--tls-crl-file", APP_OPTION_ACCOUNT, KEYWORD("tls_crl_file", "FILE"),
	"the certificates that are revoked"},
    {0, "--tls-priorities", APP_OPTION_ACCOUNT, KEYWORD("tls_priorities", "TEXT"),
	"which TLS, as GnuTLS's priorities"},
    {0, "--tls-host-override", APP_OPTION_ACCOUNT, KEYWORD("tls_host_override", "HOST"),
	"the name that the certificate must bear"},
    {0, "--tls-min-dh-prime-bits", APP_OPTION_OBSOLETE, KEYWORD("tls_min_dh_prime_bits", "BITS"),
	""},
    {0, "--auth", APP_OPTION_ACCOUNT, SWITCH("auth", "on|off|MECHANISM"), "log in"},
    {0, "--user", APP_OPTION_ACCOUNT, KEYWORD("user", "NAME"), "the name to log in with"},
    {0, "--passwordeval", APP_OPTION_ACCOUNT, KEYWORD("passwordeval", "COMMAND"),
	"a command that prints the password"},
    {'X', "--logfile", APP_OPTION_ACCOUNT, KEYWORD("logfile", "FILE"), "log to this file"},
    {0, "--syslog", APP_OPTION_ACCOUNT, SWITCH("syslog", "on|off|FACILITY"),
	"log to syslog, or to the 'journal'"},
    {0, "--logfile-time-format", APP_OPTION_ACCOUNT, KEYWORD("logfile_time_format", "FORMAT"),
	"how strftime writes the time in the logfile"},
    {0, "--log-format", APP_OPTION_ACCOUNT, KEYWORD("log_format", "text|json"),
	"what a line of the log looks like"},

    {0, "--auto-from", APP_OPTION_OBSOLETE, SWITCH("auto_from", "on|off"), ""},
    {0, "--maildomain", APP_OPTION_OBSOLETE, KEYWORD("maildomain", "DOMAIN"), ""},
    {0, "--add-missing-from-header", APP_OPTION_OBSOLETE,
	SWITCH("add_missing_from_header", "on|off"), ""},
    {0, "--add-missing-date-header", APP_OPTION_OBSOLETE,
	SWITCH("add_missing_date_header", "on|off"), ""},
    {0, "--connect-timeout", APP_OPTION_OBSOLETE, KEYWORD("connect_timeout", "SECONDS"), ""},
    {0, "--keepbcc", APP_OPTION_OBSOLETE, SWITCH("keepbcc", "on|off"), ""},

    {'b', NULL, APP_OPTION_WITHOUT_EFFECT, APP_OPTION_NEEDED, "m", set_mode, 0, NULL, ""},
    {'A', NULL, ACCEPTED(APP_OPTION_NEEDED, "c|m")},
    {'B', NULL, ACCEPTED(APP_OPTION_NEEDED, "TYPE")},
    {'e', NULL, ACCEPTED(APP_OPTION_NEEDED, "MODE")},
    {'G', NULL, ACCEPTED(APP_OPTION_ALONE, NULL)},
    {'h', NULL, ACCEPTED(APP_OPTION_NEEDED, "HOPS")},
    {'L', NULL, ACCEPTED(APP_OPTION_NEEDED, "TAG")},
    {'m', NULL, ACCEPTED(APP_OPTION_ALONE, NULL)},
    {'n', NULL, ACCEPTED(APP_OPTION_ALONE, NULL)},
    {'O', NULL, ACCEPTED(APP_OPTION_NEEDED, "NAME=VALUE")},
    {'p', NULL, ACCEPTED(APP_OPTION_NEEDED, "PROTOCOL")},
    {'U', NULL, ACCEPTED(APP_OPTION_ALONE, NULL)},
    {'x', NULL, ACCEPTED(APP_OPTION_ALONE, NULL)},
};

enum { ROWS = sizeof table / sizeof table[0] };

const struct app_option *
app_option_at(size_t index)
{
	return index < ROWS ? &table[index] : NULL;
}

const struct app_option *
app_option_of_letter(char letter)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (table[i].letter == letter)
			return &table[i];
	}
	return NULL;
}

const struct app_option *
app_option_of_name(struct slice name)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (table[i].name != NULL && str_is(name, table[i].name))
			return &table[i];
	}
	return NULL;
}

const char *
app_option_nearest(struct slice name)
{
	struct suggest s = suggest_for(name);

	for (size_t i = 0; i < ROWS; i++) {
		if (table[i].name != NULL)
			suggest_offer(&s, table[i].name);
	}
	return s.best;
}
