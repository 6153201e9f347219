/*
 * daemon: see daemon.h.
 */
#include <config.h>

#include <sys/resource.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "imbucad/daemon.h"
#include "imbucad/identity.h"
#include "imbucad/reception.h"
#include "net/listen.h"

#include "base/banned.h"

enum {
	PORT = 2525, /* those of an ordinary user */
	TLS_PORT = 2465,
	SECRET_SIZE = 32,
	HOSTNAME_SIZE = 65,
	RECIPIENTS_MAX = 1000,
	DESCRIPTORS_A_SESSION = 2, /* its connection, its message */
	OTHER_DESCRIPTORS = 64,
};

/* What must live as long as the daemon runs. */
struct daemon {
	const struct imbucad_options *options;
	char hostname[HOSTNAME_SIZE];
	unsigned char secret[SECRET_SIZE];
	struct net_tls_identity *identity;
	struct imbucad_session_service service;
	struct imbucad_reception_listener listeners[IMBUCAD_OPTIONS_LISTENERS_MAX];
	size_t listeners_count;
};

static int
find_hostname(struct daemon *d, struct err *e)
{
	if (d->options->hostname != NULL)
		(void)str_copy(d->hostname, sizeof d->hostname, str_slice(d->options->hostname));
	else if (gethostname(d->hostname, sizeof d->hostname) == -1)
		return err_set_errno(e, EX_OSERR, errno, "cannot find this machine's name");
	d->hostname[sizeof d->hostname - 1] = '\0';
	return 0;
}

/* What the sessions share. Logins are offered where there is a users file. */
static void
describe_service(struct daemon *d)
{
	const struct imbucad_options *o = d->options;
	struct slice secret = {(const char *)d->secret, sizeof d->secret};
	bool logins = o->users != NULL;

	d->service = (struct imbucad_session_service){
	    .maildir = o->maildir,
	    .log = o->log,
	    .identity = d->identity,
	    .smtp =
		{
		    .hostname = d->hostname,
		    .starttls = true,
		    .require_auth = o->require_auth,
		    .auth_clear = logins ? sasl_server_mechanisms(false) : NULL,
		    .auth_tls = logins ? sasl_server_mechanisms(true) : NULL,
		    .max_size = o->max_size,
		    .max_recipients = RECIPIENTS_MAX,
		},
	    .login = {{o->users, secret, false}, {o->users, secret, true}},
	};
}

static int
open_listeners(struct daemon *d, struct err *e)
{
	for (size_t i = 0; i < d->options->listeners_count; i++) {
		const struct imbucad_options_listener *wanted = &d->options->listeners[i];
		struct net_peer bound;
		int fd =
		    net_listen(str_slice(wanted->where), wanted->tls ? TLS_PORT : PORT, &bound, e);
		bool v6;

		if (fd == -1)
			return -1;
		d->listeners[d->listeners_count++] =
		    (struct imbucad_reception_listener){fd, wanted->tls};
		v6 = strchr(bound.address, ':') != NULL;
		(void)printf("%s %s%s%s:%u\n", wanted->tls ? "smtps" : "smtp", v6 ? "[" : "",
		    bound.address, v6 ? "]" : "", (unsigned)bound.port);
	}
	(void)printf("ready\n");
	return fflush(stdout) == 0 ? 0 : err_set(e, EX_IOERR, "cannot write");
}

/* As many sessions as wanted, and as descriptors allow. */
static size_t
count_sessions(const struct imbucad_options *o)
{
	struct rlimit limit = {0, 0};
	size_t most = 1;

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur > OTHER_DESCRIPTORS + 2 * DESCRIPTORS_A_SESSION)
		most = (size_t)(limit.rlim_cur - OTHER_DESCRIPTORS) / (2 * DESCRIPTORS_A_SESSION);
	return o->max_sessions < most ? (size_t)o->max_sessions : most;
}

static int
run(struct daemon *d, struct err *e)
{
	const struct imbucad_reception_params params = {
	    .service = &d->service,
	    .listeners = d->listeners,
	    .listeners_count = d->options->listeners_count,
	    .max_sessions = count_sessions(d->options),
	};

	if (find_hostname(d, e) == -1 || crypto_random(d->secret, sizeof d->secret, e) == -1 ||
	    imbucad_identity_load(d->options->state, d->hostname, &d->identity, e) == -1)
		return -1;
	describe_service(d);
	return open_listeners(d, e) == -1 ? -1 : imbucad_reception_run(&params, e);
}

int
imbucad_daemon_run(const struct imbucad_options *options, struct err *e)
{
	struct daemon d = {.options = options};
	int status = run(&d, e);

	for (size_t i = 0; i < d.listeners_count; i++)
		(void)close(d.listeners[i].fd);
	net_tls_identity_free(d.identity);
	return status;
}
