/*
 * account: one mail account: the server, how to reach it, how to log in, for which senders.
 *
 * It is a plain struct whose fields are filled in through one table of keywords, from a file
 * (conf/accounts) or from options; each value remembers where it comes from. An account is ready
 * for use after conf_account_settle, which fills in the defaults that depend on other values.
 * Nothing here reads a file, looks a name up or runs passwordeval.
 */
#ifndef CONF_ACCOUNT_H
#define CONF_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "conf/account_keyword.h"
#include "conf/kind.h"
#include "conf/origin.h"
#include "conf/provider.h"
#include "mail/dsn.h"

/* What is spoken with the server. */
enum conf_account_protocol {
	CONF_ACCOUNT_PROTOCOL_SMTP,
	CONF_ACCOUNT_PROTOCOL_LMTP, /* RFC 2033 */
};

/* The version of the Internet Protocol to connect with. */
enum conf_account_ip {
	CONF_ACCOUNT_IP_ANY,
	CONF_ACCOUNT_IP_4,
	CONF_ACCOUNT_IP_6,
};

/* What to do with a CR that no LF follows in a message: make it a line end, or refuse (exit 65). */
enum conf_account_bare_cr {
	CONF_ACCOUNT_BARE_CR_ACCEPT,
	CONF_ACCOUNT_BARE_CR_REFUSE,
};

/* When to set a field of the header. */
enum conf_account_set {
	CONF_ACCOUNT_SET_AUTO, /* where it is missing */
	CONF_ACCOUNT_SET_OFF,
	CONF_ACCOUNT_SET_ON, /* always, in place of one that is there */
};

/* What becomes of a message that cannot be sent now. */
enum conf_account_queue {
	CONF_ACCOUNT_QUEUE_AUTO, /* on where the caller has a queue, else off */
	CONF_ACCOUNT_QUEUE_OFF,	 /* it fails */
	CONF_ACCOUNT_QUEUE_ON,	 /* it is queued */
	CONF_ACCOUNT_QUEUE_ONLY, /* any is queued, and sent by the runner alone */
};

/* For `syslog off` and `syslog journal`; otherwise the field is a facility of syslog(3), such as
 * LOG_MAIL. */
enum { CONF_ACCOUNT_SYSLOG_OFF = -1, CONF_ACCOUNT_SYSLOG_JOURNAL = -2 };

/* Where tokens are kept. */
enum conf_account_token_store {
	CONF_ACCOUNT_TOKEN_STORE_FILE,
	CONF_ACCOUNT_TOKEN_STORE_KEYRING,
};

/* Texts are owned by the account, NULL where unset. The comments say what holds once settled. */
struct conf_account {
	char *name;	/* "" for an account made of options alone */
	char *provider; /* "NAME", or "NAME REGION"; NULL: none named */
	char *host;	/* never NULL */
	unsigned port;	/* 1 to 65535 */
	enum conf_account_protocol protocol;
	enum conf_account_ip ip;
	char *source_ip;      /* an address of ours to come from; NULL: any */
	char *socket;	      /* a unix socket to connect to in place of host; NULL: none */
	char *proxy_host;     /* a SOCKS5 proxy; NULL: none */
	unsigned proxy_port;  /* 1 to 65535 */
	char *proxy_user;     /* NULL: it needs no login */
	char *proxy_password; /* NULL only without proxy_user */
	bool tls;	      /* by STARTTLS, or from the first byte */
	bool tls_starttls;    /* by STARTTLS (only with tls) */
	char *tls_trust_file; /* PEM file; "system" for the system's store */
	struct conf_list tls_fingerprint; /* "[spki:]HEX", SHA-256; any of them is taken */
	char *tls_cert_file; /* our own certificate, a file or PKCS#11 URI; and its key, or none */
	char *tls_key_file;
	char *tls_crl_file;	     /* PEM file; NULL: none */
	char *tls_priorities;	     /* GnuTLS's; NULL: the system's */
	bool tls_resume;	     /* take up the last run's session again */
	char *tls_host_override;     /* NULL: the host's name is checked */
	char *tls_min_dh_prime_bits; /* obsolete, without effect */
	bool tls_certcheck;	     /* check the server's certificate */
	char *auth;		     /* see conf_account_logs_in and conf_account_mechanism */
	char *user;		     /* never NULL where the account logs in with a password */
	char *ntlmdomain;	     /* for the login NTLM, or NULL */
	char *password;		     /* at most one of these two is set */
	char *passwordeval;	     /* a command, whose first line it is */
	char *token_command;	     /* a command that prints a token: oauth/exchange; or NULL */
	enum conf_account_token_store token_store;
	char *oauth_client_id, *oauth_client_secret, *oauth_scope; /* see oauth/client.h */
	char *oauth_auth_url, *oauth_device_url, *oauth_token_url, *oauth_revoke_url; /* https */
	struct conf_list from; /* envelope senders, or patterns: mail_address_match */
	char *from_full_name;  /* NULL: the caller's */
	bool allow_from_override;
	enum conf_account_set set_from_header, set_date_header, set_msgid_header;
	enum conf_account_set set_received_header; /* auto: where several users share it */
	bool remove_bcc_headers, undisclosed_recipients;
	bool chunking;		 /* by BDAT, where the server takes it */
	bool pipelining;	 /* several commands in one write, where the server takes them */
	unsigned max_recipients; /* to a MAIL; 0: as many as the server takes */
	unsigned dsn_notify;	 /* MAIL_DSN_...; 0: nothing is asked for */
	enum mail_dsn_ret dsn_return;
	char *aliases; /* file; NULL: the system's, where there is one */
	char *
	    default_recipient; /* addresses, for names of this machine that nobody takes; or NULL */
	char *domain;	       /* for EHLO; NULL: the name of this machine */
	unsigned timeout;      /* seconds for any one wait; 0: RFC 5321 4.5.3.2's values */
	enum conf_account_bare_cr bare_cr;
	enum conf_account_queue queue;
	unsigned queue_lifetime;   /* seconds after which a queued message is returned; 0: never */
	unsigned queue_warning;	   /* seconds after which its sender is told; 0: never */
	unsigned connections;	   /* that the runner may have at a time, 1 or more */
	char *rate;		   /* of messages by the runner: conf/pace; NULL: any */
	char *on_failure;	   /* a command for the shell; NULL: none */
	char *logfile;		   /* a line a message is appended; NULL: none */
	char *logfile_time_format; /* strftime's; NULL: the usual one */
	enum log_format log_format;
	int syslog; /* facility, or CONF_ACCOUNT_SYSLOG_OFF or _JOURNAL */

	bool auto_from; /* obsolete: see submit/substitute, whose work is done once it is settled */
	char *maildomain; /* obsolete, for auto_from; NULL: none */

	bool msmtp;		      /* from a file of msmtp's: its defaults hold */
	struct conf_origin origin;    /* the line that opened the account */
	const char *secret_voided_by; /* the option that made us forget a stored secret, or NULL */
	const struct conf_provider_more *providers; /* of files; borrowed, NULL: none */
	const struct conf_provider *served_by; /* whose server it is; NULL: none that we know */
	bool by_provider; /* the provider was named, or the address in from is one of its */
	bool moved;	  /* an option named another host */
	bool bared;	  /* an option turned tls or tls_certcheck off */
	struct conf_origin origins[CONF_ACCOUNT_KEYWORDS_MAXIMUM];
};

/*
 * A new account with the table's defaults, NAMEd (copied). The caller frees it with
 * conf_account_free. NULL when memory ran out.
 */
struct conf_account *conf_account_new(struct slice name);

/* Wipes the secrets and frees all; NULL is fine. */
void conf_account_free(struct conf_account *account);

/* Takes over every value that BASE has from elsewhere than the defaults. */
int conf_account_inherit(
    struct conf_account *account, const struct conf_account *base, struct err *e);

/*
 * Sets the value of ROW from a file or from wherever ORIGIN says. VALUE with a control byte, and
 * whatever the kind does not take, is EX_CONFIG, with a message that starts at the value.
 */
int conf_account_set(struct conf_account *account, const struct conf_account_keyword *row,
    struct slice value, const struct conf_origin *origin, struct err *e);

/*
 * Sets KEYWORD (in the table, or obsolete) by the option OPTION ("--host", borrowed, as it was
 * written). A bad VALUE is EX_USAGE. An option that names another host or turns tls or
 * tls_certcheck off makes the account forget a password or passwordeval from its file, and remember
 * that it did (secret_voided_by; moved and bared, for the secrets that are kept elsewhere): a
 * secret goes only where its owner sent it.
 */
int conf_account_override(struct conf_account *account, const char *keyword, struct slice value,
    const char *option, struct err *e);

/* Does it log in? The mechanism that it insists on ("SCRAM-SHA-256"), or NULL for the best one. */
bool conf_account_logs_in(const struct conf_account *account);
const char *conf_account_mechanism(const struct conf_account *account);

/* The name of the provider whose server it is, NULL where we know none. */
const char *conf_account_provider(const struct conf_account *account);

/*
 * Recipients to a MAIL (0: as many as the server takes), and connections at a time (1 or more):
 * what the account says, and no more than its provider is known to take.
 */
size_t conf_account_recipients(const struct conf_account *account);
size_t conf_account_connections(const struct conf_account *account);

/* Appends the value of ROW as it would stand in a file; "***" for a secret that is set. */
void conf_account_print(
    const struct conf_account *account, const struct conf_account_keyword *row, struct buf *out);

/* Where the value of ROW comes from. */
const struct conf_origin *conf_account_origin(
    const struct conf_account *account, const struct conf_account_keyword *row);

#endif
