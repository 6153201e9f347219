/*
 * resolve: see resolve.h.
 */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "deliver/aliases.h"
#include "deliver/failure.h"
#include "imbucad/place.h"
#include "imbucad/resolve.h"
#include "imbucad/store.h"
#include "smtp/refusal.h"

#include "base/banned.h"

struct imbucad_resolve {
	const struct conf_daemon *conf;
	struct imbucad_passwd self;	 /* whom the daemon runs as */
	bool privileged;		 /* root's: it delivers as others */
	const char **domains;		 /* up to a NULL */
	pthread_mutex_t lock;		 /* of the aliases */
	struct deliver_aliases *aliases; /* NULL before they are read, and where there are none */
};

struct imbucad_resolve *
imbucad_resolve_new(const struct conf_daemon *conf, bool privileged, struct err *e)
{
	struct imbucad_resolve *r = calloc(1, sizeof *r);

	if (r != NULL)
		r->domains = calloc(conf->domains.count + 1, sizeof *r->domains);
	if (r == NULL || r->domains == NULL || pthread_mutex_init(&r->lock, NULL) != 0) {
		(void)err_set(e, EX_TEMPFAIL, "no memory to begin");
	} else if (imbucad_passwd_self(
		       geteuid() == 0 && privileged ? conf->user : NULL, &r->self, e) == 0) {
		r->conf = conf;
		r->privileged = privileged;
		for (size_t i = 0; i < conf->domains.count; i++)
			r->domains[i] = conf->domains.items[i];
		return r;
	}
	imbucad_resolve_free(r);
	return NULL;
}

void
imbucad_resolve_free(struct imbucad_resolve *r)
{
	if (r == NULL)
		return;
	deliver_aliases_free(r->aliases);
	free(r->domains);
	free(r);
}

bool
imbucad_resolve_is_local(const struct imbucad_resolve *r, const char *domain)
{
	if (domain[0] == '\0' || r->conf->catch_all != NULL)
		return true;
	for (const char **own = r->domains; *own != NULL; own++) {
		if (str_is_nocase(str_slice(domain), *own))
			return true;
	}
	return false;
}

/* --- aliases --- */

/* Reads the file where it has changed; none is none. Under the lock. */
static int
refresh(struct imbucad_resolve *r, struct err *e)
{
	struct deliver_aliases *fresh;

	if (r->conf->aliases == NULL ||
	    (r->aliases != NULL && !deliver_aliases_is_stale(r->aliases)))
		return 0;
	if (access(r->conf->aliases, F_OK) == -1 && errno == ENOENT) {
		deliver_aliases_free(r->aliases);
		r->aliases = NULL;
		return 0;
	}
	if (deliver_aliases_load(r->conf->aliases, &fresh, e) == -1)
		return deliver_failure_reply(e, 451, "4.3.0");
	deliver_aliases_free(r->aliases);
	r->aliases = fresh;
	return 0;
}

static int
expand(struct imbucad_resolve *r, const struct mail_address *address,
    struct deliver_target_list *out, struct err *e)
{
	const struct deliver_aliases_scope scope = {.domains = r->domains, .has_default = false};
	int status;

	(void)pthread_mutex_lock(&r->lock);
	status = refresh(r, e);
	if (status == 0) {
		status = deliver_aliases_expand(r->aliases, &scope, address, out, e);
		if (status == -1)
			(void)deliver_failure_reply(e, 451, "4.3.0");
	}
	(void)pthread_mutex_unlock(&r->lock);
	return status;
}

/* --- users --- */

/* NAME as it is, and in lower case. As imbucad_passwd_find. */
static int
find_any_case(struct slice name, struct imbucad_passwd *out, struct err *e)
{
	char lower[sizeof out->name];
	int found = imbucad_passwd_find(name, out, e);

	if (found != 0 || !str_copy(lower, sizeof lower, name))
		return found;
	for (char *c = lower; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return imbucad_passwd_find(str_slice(lower), out, e);
}

/* The user LOCAL, else the one before its `+`; *DETAIL is what stands behind that. */
static int
find_user(const char *local, struct imbucad_passwd *out, const char **detail, struct err *e)
{
	struct slice name = str_slice(local);
	int found = find_any_case(name, out, e);

	*detail = "";
	name.len = str_find(name, '+');
	if (found == 0 && local[name.len] == '+') {
		*detail = local + name.len + 1;
		found = find_any_case(name, out, e);
	}
	/* Somebody must read what is wrong with the mail of this machine (RFC 5321 4.5.1). */
	if (found == 0 && str_is_nocase(name, "postmaster"))
		found = imbucad_passwd_of(0, out, e);
	return found;
}

static int
no_such_user(const char *local, struct err *e)
{
	return smtp_refusal(e, 550, "5.1.1", "There is no user '%s' here", local);
}

/* A user's mailbox. Nothing is delivered as root: what has no alias is kept by the daemon's user;
 * and a daemon that is no root's delivers for its own user alone. GIVEN: what else is known. */
static int
add_mailbox(const struct imbucad_resolve *r, const char *local,
    const struct imbucad_plan_request *given, struct imbucad_plan *plan, size_t recipient,
    struct err *e)
{
	struct imbucad_plan_request request = *given;
	struct buf stored = BUF_INIT(MAIL_ADDRESS_MAX);
	struct imbucad_passwd user;
	int status, found = find_user(local, &user, &request.detail, e);

	if (found == -1)
		return deliver_failure_reply(e, 451, "4.3.0");
	if (found == 0)
		return no_such_user(local, e);
	if (user.uid == 0)
		user = r->self;
	request.user = user.name;
	if (imbucad_store_is(r->conf->mailbox)) {
		buf_addf(&stored, "%s%s%s", user.name, request.detail[0] != '\0' ? "+" : "",
		    request.detail);
		request.where = buf_text(&stored);
		/* Who is not root cannot become the user, and needs not. */
		request.user = r->privileged ? user.name : r->self.name;
		request.is_final = request.is_final || !r->privileged;
	} else if (!r->privileged && user.uid != r->self.uid) {
		return smtp_refusal(e, 550, "5.1.1",
		    "Mail is taken here for '%s' alone, and not for '%s'", r->self.name, local);
	}
	status = imbucad_plan_add(plan, recipient, &request, e);
	buf_free(&stored);
	return status;
}

/* --- targets --- */

static int
add_relay(const struct imbucad_resolve *r, const struct deliver_target *target,
    struct imbucad_plan *plan, size_t recipient, struct err *e)
{
	struct buf address = BUF_INIT(MAIL_ADDRESS_MAX);
	struct imbucad_plan_request request = {.kind = IMBUCAD_PLAN_RELAY, .owner = target->owner};
	int status;

	if (r->conf->relay == CONF_DAEMON_RELAY_OFF)
		return smtp_refusal(e, 550, "5.7.1", "This machine brings no mail to other places");
	mail_address_write(&address, &target->address);
	request.where = buf_text(&address);
	status = address.full ? smtp_refusal(e, 550, "5.1.3", "The address is too long")
			      : imbucad_plan_add(plan, recipient, &request, e);
	buf_free(&address);
	return status;
}

/* What stands in a file, or goes to a command, as USER, or as the daemon's where that is NULL. */
static int
add_special(const struct imbucad_resolve *r, const struct deliver_target *target, const char *user,
    struct imbucad_plan *plan, size_t recipient, struct err *e)
{
	const struct imbucad_plan_request request = {
	    .kind = target->kind == DELIVER_TARGET_FILE ? IMBUCAD_PLAN_FILE : IMBUCAD_PLAN_COMMAND,
	    .user = user != NULL ? user : r->self.name,
	    .where = target->text,
	    .owner = target->owner,
	    .is_users = user != NULL,
	};

	if (target->kind == DELIVER_TARGET_COMMAND && !r->conf->commands) {
		(void)err_set(
		    e, EX_CONFIG, "the command '%s' is not run: 'commands' is off", target->text);
		return deliver_failure_reply(e, 550, "5.7.1");
	}
	return imbucad_plan_add(plan, recipient, &request, e);
}

/* USER: whose ~/.forward names it, NULL for the aliases' targets. */
static int
add_target(const struct imbucad_resolve *r, const struct deliver_target *target, const char *user,
    struct imbucad_plan *plan, size_t recipient, struct err *e)
{
	struct imbucad_plan_request request = {.kind = IMBUCAD_PLAN_MAILBOX,
	    .owner = target->owner,
	    .is_final = target->kind == DELIVER_TARGET_MAILBOX};

	if (target->text != NULL)
		return add_special(r, target, user, plan, recipient, e);
	if (!imbucad_resolve_is_local(r, target->address.domain))
		return add_relay(r, target, plan, recipient, e);
	if (user != NULL && str_is_nocase(str_slice(target->address.local), user))
		request.is_final = true;
	return add_mailbox(r, target->address.local, &request, plan, recipient, e);
}

static int
add_list(const struct imbucad_resolve *r, const struct deliver_target_list *list, const char *user,
    struct imbucad_plan *plan, size_t recipient, struct err *e)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < list->count; i++)
		status = add_target(r, &list->at[i], user, plan, recipient, e);
	return status;
}

/* Everything goes to one Maildir. */
static int
add_catch_all(
    const struct imbucad_resolve *r, struct imbucad_plan *plan, size_t recipient, struct err *e)
{
	struct buf where = BUF_INIT(PATH_MAXIMUM);
	struct imbucad_plan_request request = {.kind = IMBUCAD_PLAN_FILE, .user = r->self.name};
	int status;

	buf_addf(&where, "%s/", r->conf->catch_all);
	request.where = buf_text(&where);
	status = imbucad_plan_add(plan, recipient, &request, e);
	buf_free(&where);
	return status;
}

/* --- places --- */

/* The file or command in the aliases that has MARK. */
static int
add_marked(struct imbucad_resolve *r, uint64_t mark, struct imbucad_plan *plan, size_t recipient,
    struct err *e)
{
	const struct deliver_target *found = NULL;
	const struct deliver_target_list *row;
	int status;

	(void)pthread_mutex_lock(&r->lock);
	status = refresh(r, e);
	for (size_t i = 0;
	     status == 0 && found == NULL && (row = deliver_aliases_targets(r->aliases, i)) != NULL;
	     i++)
		found = imbucad_place_find(row, mark);
	if (status == 0 && found != NULL)
		status = add_special(r, found, NULL, plan, recipient, e);
	else if (status == 0)
		status = smtp_refusal(
		    e, 550, "5.1.1", "The aliases do not name this file or command any more");
	(void)pthread_mutex_unlock(&r->lock);
	return status;
}

static int
add_place(struct imbucad_resolve *r, const struct mail_address *address, struct imbucad_plan *plan,
    size_t recipient, struct err *e)
{
	enum imbucad_place_kind kind = imbucad_place_of(address);
	struct imbucad_plan_request request = {
	    .kind = IMBUCAD_PLAN_MAILBOX, .is_final = kind == IMBUCAD_PLACE_MAILBOX};
	const char *user = address->local;

	if (kind == IMBUCAD_PLACE_TARGET) {
		request.mark = imbucad_place_read_mark(address, &user);
		if (user[0] == '\0')
			return add_marked(r, request.mark, plan, recipient, e);
	}
	return add_mailbox(r, user, &request, plan, recipient, e);
}

static bool
is_place(enum imbucad_origin_kind kind, const struct mail_address *address)
{
	return kind == IMBUCAD_ORIGIN_QUEUE && imbucad_place_of(address) != IMBUCAD_PLACE_NONE;
}

/* --- addresses --- */

bool
imbucad_resolve_is_here(const struct imbucad_resolve *r, enum imbucad_origin_kind kind,
    const struct mail_address *address)
{
	return imbucad_resolve_is_local(r, address->domain) || is_place(kind, address);
}

int
imbucad_resolve_address(struct imbucad_resolve *r, enum imbucad_origin_kind kind,
    const struct mail_address *address, struct imbucad_plan *plan, size_t recipient, struct err *e)
{
	struct deliver_target_list list = {NULL, 0};
	int status;

	if (r->conf->catch_all != NULL)
		return add_catch_all(r, plan, recipient, e);
	if (is_place(kind, address))
		return add_place(r, address, plan, recipient, e);
	status = expand(r, address, &list, e);
	if (status != -1)
		status = add_list(r, &list, NULL, plan, recipient, e);
	deliver_target_list_free(&list);
	return status;
}

int
imbucad_resolve_forward(struct imbucad_resolve *r, const char *user,
    const struct deliver_target_list *targets, struct imbucad_plan *plan, size_t recipient,
    struct err *e)
{
	struct deliver_target_list list = {NULL, 0};
	int status = 0;

	for (size_t i = 0; status >= 0 && i < targets->count; i++) {
		const struct deliver_target *t = &targets->at[i];

		if (t->kind == DELIVER_TARGET_INCLUDE) {
			(void)err_set(e, EX_CONFIG, "a ~/.forward may not include '%s'", t->text);
			status = deliver_failure_reply(e, 451, "4.3.0");
		} else if (t->kind == DELIVER_TARGET_ADDRESS &&
			   !(imbucad_resolve_is_local(r, t->address.domain) &&
			       str_is_nocase(str_slice(t->address.local), user))) {
			status = expand(r, &t->address, &list, e);
		} else {
			status = deliver_target_add(&list, t, NULL, e);
		}
	}
	if (status >= 0)
		status = add_list(r, &list, user, plan, recipient, e);
	deliver_target_list_free(&list);
	return status;
}
