/*
 * endpoint: see endpoint.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <stdio.h>

#include "base/endpoint.h"

#include "base/banned.h"

enum { HOST_SIZE = 64, PORT_SIZE = 8 };

/* Parts WHERE into an address without brackets and a port, which is as it was where there is none.
 */
static bool
split(struct slice where, struct slice *host, uint64_t *port)
{
	struct slice rest = where;

	if (where.len > 0 && where.ptr[0] == '[') {
		(void)str_cut(&rest, '[');
		*host = str_cut(&rest, ']');
		if (rest.ptr == NULL || (rest.len > 0 && rest.ptr[0] != ':'))
			return false;
		if (rest.len > 0)
			(void)str_cut(&rest, ':');
		else
			rest = (struct slice){NULL, 0};
	} else {
		*host = str_cut(&rest, ':');
	}
	return rest.ptr == NULL || str_number(rest, 0, UINT16_MAX, port);
}

struct addrinfo *
endpoint_find(struct slice where, uint16_t port)
{
	const struct addrinfo hints = {
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	char name[HOST_SIZE], service[PORT_SIZE];
	uint64_t number = port;
	struct slice host;

	if (!split(where, &host, &number) || host.len == 0 || !str_copy(name, sizeof name, host))
		return NULL;
	(void)snprintf(service, sizeof service, "%u", (unsigned)number);
	return getaddrinfo(name, service, &hints, &found) == 0 ? found : NULL;
}
