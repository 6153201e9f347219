/*
 * daemon_keyword: see daemon_keyword.h.
 */
#include <config.h>

#include "base/suggest.h"
#include "conf/daemon.h"
#include "conf/daemon_keyword.h"

#include "base/banned.h"

enum { HOSTNAME_MAXIMUM = 64 };

/* The name goes into the greeting, the Received field, the certificate, the names of files. */
static int
parse_hostname(void *field, struct slice value, struct err *e)
{
	if (value.len == 0 || value.len > HOSTNAME_MAXIMUM || str_find_control(value) < value.len ||
	    str_has_8bit(value))
		return err_set(e, EX_CONFIG, "'%.*s' is no host name", STR_ARGS(value));
	return conf_kind_parse(&conf_kind_name, field, value, e);
}

/* lmtp:HOST:PORT */
static bool
is_server(struct slice value)
{
	struct slice host, port;
	uint64_t number;

	(void)str_cut(&value, ':');
	host = port = value;
	while (port.len > 0 && port.ptr[port.len - 1] != ':')
		port.len--;
	if (port.len < 2)
		return false;
	host.len = port.len - 1;
	port = (struct slice){value.ptr + port.len, value.len - port.len};
	return str_number(port, 1, UINT16_MAX, &number) && str_find_control(host) == host.len &&
	       (host.ptr[0] == '[') == (host.ptr[host.len - 1] == ']');
}

/* KIND:PLACE */
static int
parse_mailbox(void *field, struct slice value, struct err *e)
{
	static const char *const prefixes[] = {"maildir:", "mbox:", "lmtp:/"};

	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
		if (str_begins_nocase(value, prefixes[i]) && value.len > str_slice(prefixes[i]).len)
			return conf_kind_parse_text(field, value, e);
	}
	if (str_begins_nocase(value, "lmtp:") && is_server(value))
		return conf_kind_parse_text(field, value, e);
	return err_set(e, EX_CONFIG,
	    "'%.*s' is no mailbox, which is maildir:FOLDER, mbox:FILE, lmtp:SOCKET or "
	    "lmtp:HOST:PORT",
	    STR_ARGS(value));
}

static const struct conf_kind kind_hostname = {.parse = parse_hostname,
    .print = conf_kind_print_text,
    .copy = conf_kind_copy_text,
    .clear = conf_kind_clear_text};
static const struct conf_kind kind_mailbox = {.parse = parse_mailbox,
    .print = conf_kind_print_text,
    .copy = conf_kind_copy_text,
    .clear = conf_kind_clear_text};

static const struct conf_kind kind_relay = CONF_KIND_WORDS("off", "users", "loopback");

#define FIELD(name) offsetof(struct conf_daemon, name)

const struct conf_daemon_keyword conf_daemon_keyword_table[] = {
    {"hostname", &kind_hostname, FIELD(hostname), .help = "what to call this machine"},
    {"listen", &conf_listener_kind, FIELD(listeners),
	.help = "wait there: ADDRESS[:PORT] or /PATH, and what is spoken; may be repeated"},
    {"domain", &conf_kind_list, FIELD(domains),
	.help = "a domain whose users are this machine's; may be repeated"},
    {"aliases", &conf_kind_file, FIELD(aliases), .fallback = "/etc/aliases",
	.help = "whom names stand for; nothing for none"},
    {"mailbox", &kind_mailbox, FIELD(mailbox), .fallback = "maildir:~/Maildir",
	.help = "where a user's mail goes: maildir:FOLDER, mbox:FILE, lmtp:SERVER"},
    {"catch_all", &conf_kind_file, FIELD(catch_all),
	.help = "a Maildir that everything goes to, whomever it is for"},
    {"users", &conf_kind_file, FIELD(users), .help = "those who may log in"},
    {"require_auth", &conf_kind_switch, FIELD(require_auth), .fallback = "off",
	.help = "take mail only after a login"},
    {"bind_senders", &conf_kind_switch, FIELD(bind_senders), .fallback = "off",
	.help = "let users send in their own name alone"},
    {"forward", &conf_kind_switch, FIELD(forward), .fallback = "on", .help = "follow ~/.forward"},
    {"commands", &conf_kind_switch, FIELD(commands), .fallback = "off",
	.help = "run the commands of aliases and ~/.forward"},
    {"relay", &kind_relay, FIELD(relay), .fallback = "users",
	.help = "for whom mail is brought elsewhere: off, users, loopback"},
    {"accounts", &conf_kind_file, FIELD(accounts), .help = "where the account is that brings it"},
    {"account", &conf_kind_text, FIELD(account), .help = "its name"},
    {"queue", &conf_kind_file, FIELD(queue), .help = "where mail waits that cannot go at once"},
    {"state", &conf_kind_file, FIELD(state), .help = "where the certificate and its key lie"},
    {"pid_file", &conf_kind_file, FIELD(pid_file),
	.help = "where the number of the daemon's process is written"},
    {"user", &conf_kind_text, FIELD(user), .fallback = "imbuca",
	.help = "whom to run as, where root starts it"},
    {"max_size", &conf_kind_size, FIELD(max_size), .fallback = "50M",
	.help = "the biggest message to take"},
    {"max_recipients", &conf_kind_count, FIELD(max_recipients), .fallback = "1000",
	.help = "of one message"},
    {"max_mails", &conf_kind_count, FIELD(max_mails), .fallback = "1000",
	.help = "messages in one connection"},
    {"max_sessions", &conf_kind_count, FIELD(max_sessions), .fallback = "1000",
	.help = "connections at the same time"},
    {"max_sessions_per_peer", &conf_kind_count, FIELD(max_sessions_per_peer), .fallback = "100",
	.help = "and of one address, or user of the unix socket"},
    {"timeout", &conf_kind_count, FIELD(timeout), .fallback = "300",
	.help = "seconds that a client may take for a command"},
    {"log", &conf_kind_file, FIELD(log),
	.help = "log to this file (- is standard output) and not to syslog"},
    {.name = NULL}, /* the end */
};

const struct conf_daemon_keyword *
conf_daemon_keyword_find(struct slice keyword)
{
	for (const struct conf_daemon_keyword *row = conf_daemon_keyword_table; row->name != NULL;
	     row++) {
		if (str_is(keyword, row->name))
			return row;
	}
	return NULL;
}

const char *
conf_daemon_keyword_nearest(struct slice keyword)
{
	struct suggest s = suggest_for(keyword);

	for (const struct conf_daemon_keyword *row = conf_daemon_keyword_table; row->name != NULL;
	     row++)
		suggest_offer(&s, row->name);
	return s.best;
}
