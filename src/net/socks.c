/*
 * socks: see socks.h.
 */
#include <config.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <string.h>

#include "base/i18n.h"
#include "net/socks.h"

#include "base/banned.h"

/* Numbers of RFC 1928 and 1929. */
enum {
	SOCKS_VERSION = 5,
	LOGIN_VERSION = 1,
	METHOD_NONE = 0,
	METHOD_LOGIN = 2,
	METHOD_REFUSED = 0xff,
	COMMAND_CONNECT = 1,
	ADDRESS_IPV4 = 1,
	ADDRESS_NAME = 3,
	ADDRESS_IPV6 = 4,
	FIELD_MAX = 255,
	OUT_MAX = 3 + 2 * FIELD_MAX, /* the longest of all, a login */
};

static int
no_socks(struct err *e)
{
	return err_set(e, EX_PROTOCOL, "the proxy does not speak SOCKS5");
}

/* Puts a text behind its length. */
static void
add_counted(struct buf *out, const char *text)
{
	struct slice s = str_slice(text);

	buf_addc(out, (char)s.len);
	buf_add_slice(out, s);
}

/* --- the steps, the last one first --- */

/* The rest of the reply, an address that tells us nothing: the way is free. */
static int
take_rest(struct net_socks *s, const unsigned char *answer, struct err *e)
{
	(void)answer;
	(void)e;
	s->want = 0;
	return 0;
}

static int
explain(const struct net_socks *s, unsigned reply, struct err *e)
{
	static const struct {
		int ex;
		const char *what;
	} replies[] = {
	    {EX_SOFTWARE, ""}, /* 0 is success */
	    {EX_TEMPFAIL, "it failed"},
	    {EX_NOPERM, "its rules do not allow it"},
	    {EX_TEMPFAIL, "the network cannot be reached"},
	    {EX_TEMPFAIL, "the host cannot be reached"},
	    {EX_TEMPFAIL, "the connection was refused"},
	    {EX_TEMPFAIL, "it took too long"},
	    {EX_PROTOCOL, "it makes no connections"},
	    {EX_PROTOCOL, "it takes no address of this kind"},
	};

	if (reply >= sizeof replies / sizeof replies[0])
		return no_socks(e);
	return err_set(e, replies[reply].ex, "the proxy cannot connect to '%s' port %u: %s",
	    s->params->host, (unsigned)s->params->port, replies[reply].what);
}

/* The reply as far as the first byte of the address, which with a name is its length. */
static int
take_reply(struct net_socks *s, const unsigned char *answer, struct err *e)
{
	static const size_t rest[] = {
	    [ADDRESS_IPV4] = 3 + 2, [ADDRESS_NAME] = 2, [ADDRESS_IPV6] = 15 + 2};
	unsigned kind = answer[3];

	if (answer[0] != SOCKS_VERSION)
		return no_socks(e);
	if (answer[1] != 0)
		return explain(s, answer[1], e);
	if (kind >= sizeof rest / sizeof rest[0] || rest[kind] == 0)
		return no_socks(e);
	s->want = rest[kind] + (kind == ADDRESS_NAME ? answer[4] : 0);
	s->next = take_rest;
	return 0;
}

static int
request(struct net_socks *s)
{
	const char *host = s->params->host;
	const char head[] = {SOCKS_VERSION, COMMAND_CONNECT, 0};
	const unsigned char port[] = {
	    (unsigned char)(s->params->port >> 8), (unsigned char)(s->params->port & 0xff)};
	unsigned char address[sizeof(struct in6_addr)];

	buf_add(&s->out, head, sizeof head);
	if (inet_pton(AF_INET, host, address) == 1) {
		buf_addc(&s->out, ADDRESS_IPV4);
		buf_add(&s->out, address, sizeof(struct in_addr));
	} else if (inet_pton(AF_INET6, host, address) == 1) {
		buf_addc(&s->out, ADDRESS_IPV6);
		buf_add(&s->out, address, sizeof(struct in6_addr));
	} else {
		buf_addc(&s->out, ADDRESS_NAME);
		add_counted(&s->out, host);
	}
	buf_add(&s->out, port, sizeof port);
	s->want = 5;
	s->next = take_reply;
	return 0;
}

static int
take_login(struct net_socks *s, const unsigned char *answer, struct err *e)
{
	if (answer[0] != LOGIN_VERSION)
		return no_socks(e);
	if (answer[1] != 0) {
		(void)err_set(e, EX_NOPERM, "the proxy refuses the login of '%s'", s->params->user);
		return err_hint(e, "see proxy_user and proxy_password");
	}
	return request(s);
}

static int
log_in(struct net_socks *s)
{
	buf_addc(&s->out, LOGIN_VERSION);
	add_counted(&s->out, s->params->user);
	add_counted(&s->out, s->params->password);
	s->want = 2;
	s->next = take_login;
	return 0;
}

static int
take_method(struct net_socks *s, const unsigned char *answer, struct err *e)
{
	if (answer[0] != SOCKS_VERSION)
		return no_socks(e);
	if (answer[1] == METHOD_NONE)
		return request(s);
	if (answer[1] == METHOD_LOGIN && s->params->user != NULL)
		return log_in(s);
	if (answer[1] != METHOD_REFUSED)
		return no_socks(e);
	(void)err_set(e, EX_NOPERM, "the proxy wants another login");
	return err_hint(e, "%s",
	    s->params->user == NULL ? _("name one with proxy_user and proxy_password")
				    : _("it takes no name with a password"));
}

/* --- the exchange --- */

static bool
fits(const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;

	return len >= 1 && len <= FIELD_MAX;
}

int
net_socks_start(struct net_socks *s, const struct net_socks_params *params, struct err *e)
{
	bool login = params->user != NULL;
	const char offer[] = {SOCKS_VERSION, login ? 2 : 1, METHOD_NONE, METHOD_LOGIN};

	*s = (struct net_socks){
	    .out = BUF_INIT(OUT_MAX), .want = 2, .params = params, .next = take_method};
	if (!fits(params->host))
		return err_set(e, EX_CONFIG, "the host's name is too long for a proxy");
	if (login && (!fits(params->user) || !fits(params->password)))
		return err_set(e, EX_CONFIG,
		    "a proxy takes a name and a password of 1 to %d bytes each", FIELD_MAX);
	buf_add(&s->out, offer, login ? sizeof offer : sizeof offer - 1);
	return s->out.full ? err_set(e, EX_TEMPFAIL, "no memory for the proxy") : 0;
}

int
net_socks_take(struct net_socks *s, const unsigned char *answer, struct err *e)
{
	buf_wipe(&s->out);
	if (s->next(s, answer, e) != 0)
		return -1;
	return s->out.full ? err_set(e, EX_TEMPFAIL, "no memory for the proxy") : 0;
}

void
net_socks_free(struct net_socks *s)
{
	buf_wipe(&s->out);
}
