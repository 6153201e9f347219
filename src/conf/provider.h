/*
 * provider: the mail providers that we know: their servers, what they want for a login, their
 * limits, whom they let an account send as.
 *
 * The table is made of data/providers when the program is built; files of the system's and the
 * user's own can add to it or replace a row (conf/provider_file). Some of it nobody has confirmed:
 * `known` says it of all, `unverified` of a field, and whoever shows the value shows that too.
 */
#ifndef CONF_PROVIDER_H
#define CONF_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum conf_provider_kind {
	CONF_PROVIDER_KIND_MAILBOX,
	CONF_PROVIDER_KIND_ISP, /* of a line */
	CONF_PROVIDER_KIND_HOSTING,
	CONF_PROVIDER_KIND_BUSINESS,
	CONF_PROVIDER_KIND_PEC, /* Italian certified mail */
	CONF_PROVIDER_KIND_ESP, /* for sending from programs */
	CONF_PROVIDER_KIND_BRIDGE,
};

enum conf_provider_known {
	CONF_PROVIDER_KNOWN_CONFIRMED, /* by the provider, or by two lists */
	CONF_PROVIDER_KNOWN_LISTED,    /* in one list */
	CONF_PROVIDER_KNOWN_UNVERIFIED,
};

/* The user name. */
enum conf_provider_user {
	CONF_PROVIDER_USER_ADDRESS,
	CONF_PROVIDER_USER_LOCAL, /* the address's local part */
	CONF_PROVIDER_USER_LITERAL,
	CONF_PROVIDER_USER_OTHER, /* one that the provider has made */
	CONF_PROVIDER_USER_ANY,
};

/* What it takes as a password, as bits. */
enum conf_provider_password {
	CONF_PROVIDER_PASSWORD_ACCOUNT = 1 << 0, /* the mailbox's own */
	CONF_PROVIDER_PASSWORD_APP = 1 << 1, /* beside ACCOUNT: where two-step verification is on */
	CONF_PROVIDER_PASSWORD_KEY = 1 << 2, /* an API key or token */
	CONF_PROVIDER_PASSWORD_SMTP = 1 << 3, /* made for SMTP alone */
	CONF_PROVIDER_PASSWORD_OAUTH = 1 << 4,
};

/* Whom an account may send as. */
enum conf_provider_sender {
	CONF_PROVIDER_SENDER_UNKNOWN,
	CONF_PROVIDER_SENDER_OWN,	/* its address and its aliases */
	CONF_PROVIDER_SENDER_DOMAIN,	/* any address of its domain */
	CONF_PROVIDER_SENDER_VERIFIED,	/* what was verified on the provider's site */
	CONF_PROVIDER_SENDER_REWRITTEN, /* anybody; but a strange From becomes the account's */
};

/* Fields of which a row may say that they are unverified, as bits. */
enum conf_provider_field {
	CONF_PROVIDER_FIELD_DOMAINS = 1 << 0,
	CONF_PROVIDER_FIELD_MX = 1 << 1,
	CONF_PROVIDER_FIELD_HOST = 1 << 2,
	CONF_PROVIDER_FIELD_AUTH = 1 << 3,
	CONF_PROVIDER_FIELD_USER = 1 << 4,
	CONF_PROVIDER_FIELD_PASSWORD = 1 << 5,
	CONF_PROVIDER_FIELD_OAUTH = 1 << 6,
	CONF_PROVIDER_FIELD_SIZE = 1 << 7,
	CONF_PROVIDER_FIELD_RECIPIENTS = 1 << 8,
	CONF_PROVIDER_FIELD_LIMITS = 1 << 9,
	CONF_PROVIDER_FIELD_SENDER = 1 << 10,
	CONF_PROVIDER_FIELD_APP_PAGE = 1 << 11,
	CONF_PROVIDER_FIELD_HELP_PAGE = 1 << 12,
	CONF_PROVIDER_FIELD_SPF = 1 << 13,
	CONF_PROVIDER_FIELD_DKIM = 1 << 14,
	CONF_PROVIDER_FIELD_NOTE = 1 << 15,
};

struct conf_provider_port {
	unsigned number; /* 0 ends the list */
	bool starttls;	 /* else TLS from the first byte */
	bool unverified;
};

/* Lists end with NULL and are never NULL themselves; a text that is not known is "". */
struct conf_provider {
	const char *name;  /* "gmail"; NULL ends the table */
	const char *title; /* "Gmail, Google Workspace" */
	enum conf_provider_kind kind;
	enum conf_provider_known known;
	const char *const *domains; /* of the addresses that it gives out */
	const char *const *mx;	    /* patterns: exchangers of other domains that it serves */
	const char *const *host; /* the server, then its other names; {region}, {domain} in them */
	const char *const *regions;	       /* what {region} may be */
	const struct conf_provider_port *port; /* at least one; the best first */
	const char *const *auth;	       /* login mechanisms; may be none that we know */
	enum conf_provider_user user;
	const char *user_word;	/* for USER_LITERAL */
	unsigned password;	/* CONF_PROVIDER_PASSWORD_... */
	const char *oauth_auth; /* endpoints (RFC 6749, RFC 8628, RFC 7009); "" where it has none */
	const char *oauth_token;
	const char *oauth_device;
	const char *oauth_revoke;
	const char *oauth_scope;
	const char *oauth_client; /* client id; "" where one has to be registered */
	const char *oauth_page;	  /* where that is done: a URL */
	uint64_t size;		  /* bytes of a message as it is sent; 0: not known */
	unsigned recipients;	  /* of one transaction; 0: not known */
	unsigned connections;	  /* at a time; 0: not known */
	const char *limits;	  /* a sentence, to be translated */
	enum conf_provider_sender sender;
	const char *const *aliases; /* patterns of senders that it takes besides */
	const char *app_page;	    /* where an app password or a key is made: a URL */
	const char *help_page;	    /* its settings for mail programs: a URL */
	const char *spf;	    /* the domain that the SPF record of a served domain includes */
	const char *const *dkim;    /* the selectors that it uses in a served domain */
	const char *note;	    /* a sentence, to be translated */
	unsigned unverified;	    /* CONF_PROVIDER_FIELD_... */
};

/* The rows that are built in; one with the name NULL ends them. */
extern const struct conf_provider conf_provider_table[];

/* Providers of files, which come before the built-in ones and replace those of their name. */
struct conf_provider_more {
	struct conf_provider *at;
	size_t count;
	void **blocks; /* what the rows point to */
	size_t block_count;
};

/*
 * In all functions MORE may be NULL. The row at INDEX, those of files first; NULL beyond the last.
 * The rows are MORE's, or constant.
 */
const struct conf_provider *conf_provider_at(const struct conf_provider_more *more, size_t index);

/* The provider called NAME, but for the case of letters; NULL where there is none. */
const struct conf_provider *conf_provider_find(
    const struct conf_provider_more *more, struct slice name);

/* The one that gives out addresses of DOMAIN; whose mail exchanger is HOST; whose server is HOST.
 */
const struct conf_provider *conf_provider_of_domain(
    const struct conf_provider_more *more, struct slice domain);
const struct conf_provider *conf_provider_of_mx(
    const struct conf_provider_more *more, struct slice host);
const struct conf_provider *conf_provider_of_host(
    const struct conf_provider_more *more, struct slice host);

/* Sets E (EX_CONFIG): no provider is called NAME, and the nearest name. Returns -1. */
int conf_provider_unknown(const struct conf_provider_more *more, struct slice name, struct err *e);

/*
 * Appends the server's name to OUT, with REGION and DOMAIN (of the account's address) in their
 * places. EX_CONFIG where the name needs one that is empty, or REGION is not the provider's.
 */
int conf_provider_host(const struct conf_provider *p, struct slice region, struct slice domain,
    struct buf *out, struct err *e);

#endif
