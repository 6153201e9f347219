/*
 * name: see name.h.
 */
#include <config.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/module.h"
#include "net/name.h"

#include "base/banned.h"

/* May C stand in a host's name (or in an address)? */
static bool
is_forbidden(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte <= 0x20 || byte == 0x7f || strchr("/<>@\"", c) != NULL;
}

/* NAME, which is in other letters too, as A-labels. */
static int
to_ascii(const char *name, char out[NET_NAME_SIZE], struct err *e)
{
	const struct module *module = module_get(e);
	struct buf ascii = BUF_INIT(NET_NAME_SIZE - 1);
	int rc = module != NULL ? module->to_ascii(name, &ascii, e) : -1;

	if (rc == 0 && ascii.full)
		rc = err_set(e, EX_USAGE, "a host name is too long");
	(void)str_copy(out, NET_NAME_SIZE, buf_slice(&ascii));
	buf_free(&ascii);
	return rc;
}

int
net_name_to_ascii(struct slice name, char out[NET_NAME_SIZE], struct err *e)
{
	char text[4 * NET_NAME_SIZE];

	if (name.len > 1 && name.ptr[name.len - 1] == '.')
		name.len--;
	for (size_t i = 0; i < name.len; i++) {
		if (is_forbidden(name.ptr[i]))
			return err_set(e, EX_USAGE, "'%.*s' is no host name", STR_ARGS(name));
	}
	if (name.len == 0 || !str_copy(text, sizeof text, name))
		return name.len == 0 ? err_set(e, EX_USAGE, "a host name is empty")
				     : err_set(e, EX_USAGE, "a host name is too long");
	if (!str_has_8bit(name)) {
		if (!str_copy(out, NET_NAME_SIZE, name))
			return err_set(e, EX_USAGE, "a host name is too long");
		return 0;
	}
	return to_ascii(text, out, e);
}

bool
net_name_is_address(const char *name)
{
	unsigned char raw[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, name, raw) == 1 || inet_pton(AF_INET6, name, raw) == 1;
}

bool
net_name_is_loopback(const char *name)
{
	static const char below[] = ".localhost";
	struct in_addr v4;
	struct in6_addr v6;
	size_t len = strlen(name);

	if (inet_pton(AF_INET, name, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, name, &v6) == 1)
		return IN6_IS_ADDR_LOOPBACK(&v6);
	return str_is_nocase(str_slice(name), "localhost") ||
	       (len > sizeof below - 1 &&
		   str_is_nocase(str_slice(name + len - (sizeof below - 1)), below));
}

void
net_name_of_host(char out[NET_NAME_SIZE])
{
	char name[NET_NAME_SIZE];
	struct err ignored;

	if (gethostname(name, sizeof name) == 0) {
		name[sizeof name - 1] = '\0';
		if (strchr(name, '.') != NULL &&
		    net_name_to_ascii(str_slice(name), out, &ignored) == 0)
			return;
	}
	(void)str_copy(out, NET_NAME_SIZE, str_slice("localhost.localdomain"));
}
