/*
 * resolve: see resolve.h.
 */
#include <config.h>

#include <ctype.h>
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
	imbucad_resolve_tell *tell_fault;
};

struct imbucad_resolve *
imbucad_resolve_new(const struct conf_daemon *conf, bool privileged,
    imbucad_resolve_tell *tell_fault, struct err *e)
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
		r->tell_fault = tell_fault;
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

/* What is being worked out. */
struct step {
	struct imbucad_resolve *r;
	struct imbucad_plan *plan;
	struct imbucad_plan_source source;
	const char *doubt;  /* why a name that is unknown may be meant to be one; NULL */
	bool is_root;	    /* it is what root stands for, who is postmaster too */
	const char *user;   /* whose ~/.forward led here, NULL where none did */
	bool is_users;	    /* and names it itself: files and commands are that user's */
	const char *detail; /* of the name that led here: the EXTENSION of a command */
};

/* --- aliases --- */

static void
tell(void *context, const struct err *fault)
{
	const struct imbucad_resolve *r = context;
	struct err said = *fault;

	if (said.hint[0] == '\0')
		(void)err_hint(&said, "until that is mended, all others count as they did; without "
				      "aliases from before, mail for names in such a line waits");
	if (r->tell_fault != NULL)
		r->tell_fault(r->conf, &said);
}

/* Why who has no line in the aliases may have been meant to. */
static const char *
doubt_of(const struct deliver_aliases *aliases)
{
	if (!deliver_aliases_is_whole(aliases))
		return "something is wrong in the aliases";
	return deliver_aliases_is_fresh(aliases) ? "the aliases are being changed" : NULL;
}

/* Reads the file where it has changed; none is none. Under the lock, as all below. */
static int
refresh(struct step *s, struct err *e)
{
	struct imbucad_resolve *r = s->r;

	if (r->conf->aliases != NULL &&
	    deliver_aliases_renew(&r->aliases, r->conf->aliases, tell, r, e) == -1)
		return deliver_failure_reply(e, 451, "4.3.0");
	s->doubt = doubt_of(r->aliases);
	return 0;
}

static int
expand_target(const struct step *s, const struct deliver_target *target,
    struct deliver_target_list *out, struct err *e)
{
	const struct deliver_aliases_scope scope = {.domains = s->r->domains, .has_default = false};
	int status = deliver_aliases_expand_target(s->r->aliases, &scope, target, out, e);

	return status == -1 ? deliver_failure_reply(e, 451, "4.3.0") : status;
}

/* What has MARK in the aliases; NULL where nothing has. */
static const struct deliver_target *
find_marked(const struct imbucad_resolve *r, uint64_t mark)
{
	const struct deliver_target_list *row;
	const struct deliver_target *found = NULL;

	for (size_t i = 0; found == NULL && (row = deliver_aliases_targets(r->aliases, i)) != NULL;
	     i++)
		found = imbucad_place_find(row, mark);
	return found;
}

static int
no_such_target(const struct step *s, struct err *e)
{
	if (s->doubt != NULL)
		return smtp_refusal(
		    e, 451, "4.3.0", "The aliases name this no more, but %s", s->doubt);
	return smtp_refusal(
	    e, 550, "5.1.1", "The aliases do not name this file, command or list any more");
}

/* What ADDRESS stands for, or, where MARK is not 0, what has that. */
static int
expand(struct step *s, const struct mail_address *address, uint64_t mark,
    struct deliver_target_list *out, struct err *e)
{
	const struct deliver_target name = {.kind = DELIVER_TARGET_ADDRESS, .address = *address};
	const struct deliver_target *target;
	int status;

	(void)pthread_mutex_lock(&s->r->lock);
	status = refresh(s, e);
	if (status == 0) {
		target = mark != 0 ? find_marked(s->r, mark) : &name;
		status = target != NULL ? expand_target(s, target, out, e) : no_such_target(s, e);
	}
	(void)pthread_mutex_unlock(&s->r->lock);
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
no_such_user(const struct step *s, const char *local, struct err *e)
{
	if (s->doubt != NULL)
		return smtp_refusal(
		    e, 451, "4.3.0", "There is no user '%s' here, but %s", local, s->doubt);
	return smtp_refusal(e, 550, "5.1.1", "There is no user '%s' here", local);
}

/* A user's mailbox. Nothing is delivered as root: what has no alias is kept by the daemon's user;
 * and a daemon that is no root's delivers for its own user alone. GIVEN: what else is known; its
 * detail counts where LOCAL has none. */
static int
add_mailbox(const struct step *s, const char *local, const struct imbucad_plan_request *given,
    struct err *e)
{
	struct imbucad_plan_request request = *given;
	struct buf stored = BUF_INIT(MAIL_ADDRESS_MAX);
	struct imbucad_passwd user;
	struct err failed = ERR_INIT;
	int status, found = find_user(local, &user, &request.detail, &failed);

	if (request.detail[0] == '\0' && given->detail != NULL)
		request.detail = given->detail;
	request.failed = &failed;
	request.user = found == 1 ? user.name : local;
	if (found == -1)
		(void)deliver_failure_reply(&failed, 451, "4.3.0");
	if (found == 0)
		(void)no_such_user(s, local, &failed);
	if (found == 1 && user.uid == 0)
		user = s->r->self;
	if (found == 1 && imbucad_store_is(s->r->conf->mailbox)) {
		buf_addf(&stored, "%s%s%s", user.name, request.detail[0] != '\0' ? "+" : "",
		    request.detail);
		request.where = buf_text(&stored);
		/* Who is not root cannot become the user, and needs not. */
		request.user = s->r->privileged ? user.name : s->r->self.name;
		request.is_final = request.is_final || !s->r->privileged;
	} else if (found == 1 && !s->r->privileged && user.uid != s->r->self.uid) {
		(void)smtp_refusal(&failed, 550, "5.1.1",
		    "Mail is taken here for '%s' alone, and not for '%s'", s->r->self.name, local);
	}
	status = imbucad_plan_add(s->plan, s->source, &request, e);
	buf_free(&stored);
	return status;
}

/* --- targets: what cannot be reached is an item that has failed, and keeps no other from it --- */

static int
add_relay(const struct step *s, const struct deliver_target *target, struct err *e)
{
	struct buf address = BUF_INIT(MAIL_ADDRESS_MAX);
	struct err failed = ERR_INIT;
	struct imbucad_plan_request request = {
	    .kind = IMBUCAD_PLAN_RELAY, .owner = target->owner, .failed = &failed};
	int status;

	mail_address_write(&address, &target->address);
	request.where = buf_text(&address);
	if (s->r->conf->relay == CONF_DAEMON_RELAY_OFF)
		(void)smtp_refusal(
		    &failed, 550, "5.7.1", "This machine brings no mail to other places");
	else if (address.full)
		(void)smtp_refusal(&failed, 550, "5.1.3", "The address is too long");
	status = imbucad_plan_add(s->plan, s->source, &request, e);
	buf_free(&address);
	return status;
}

/* What stands in a file, or goes to a command, as the user, or, of the aliases, as the daemon's. */
static int
add_special(const struct step *s, const struct deliver_target *target, struct err *e)
{
	struct err failed = ERR_INIT;
	const struct imbucad_plan_request request = {
	    .kind = target->kind == DELIVER_TARGET_FILE ? IMBUCAD_PLAN_FILE : IMBUCAD_PLAN_COMMAND,
	    .user = s->is_users ? s->user : s->r->self.name,
	    .where = target->text,
	    .detail = target->kind == DELIVER_TARGET_COMMAND ? s->detail : NULL,
	    .owner = target->owner,
	    .is_users = s->is_users,
	    .failed = &failed,
	};

	if (target->kind == DELIVER_TARGET_COMMAND && !s->r->conf->commands) {
		(void)err_set(&failed, EX_CONFIG, "the command '%s' is not run: 'commands' is off",
		    target->text);
		(void)deliver_failure_reply(&failed, 550, "5.7.1");
	}
	return imbucad_plan_add(s->plan, s->source, &request, e);
}

/* What cannot be worked out now: it waits, and the others have the message. */
static int
add_faulty(const struct step *s, const struct deliver_target *target, struct err *e)
{
	struct err failed = *target->fault;
	const struct imbucad_plan_request request = {
	    .kind = target->text != NULL ? IMBUCAD_PLAN_INCLUDE : IMBUCAD_PLAN_NAME,
	    .where = target->text != NULL ? target->text : target->address.local,
	    .owner = target->owner,
	    .failed = &failed,
	};

	(void)deliver_failure_reply(&failed, 451, "4.3.0");
	return imbucad_plan_add(s->plan, s->source, &request, e);
}

/* Is LOCAL the user's own name, with a detail or without? */
static bool
is_own(const struct step *s, const char *local)
{
	struct slice name = str_slice(local);

	name.len = str_find(name, '+');
	return s->user != NULL &&
	       (str_is_nocase(name, s->user) || str_is_nocase(str_slice(local), s->user));
}

static int add_expanded(
    struct step *s, const struct mail_address *address, uint64_t mark, struct err *e);

/* Is LOCAL postmaster, and is that nobody of its own here? */
static bool
is_postmaster(const char *local)
{
	struct slice name = str_slice(local);
	struct imbucad_passwd user;
	struct err ignored = ERR_INIT;

	name.len = str_find(name, '+');
	return str_is_nocase(name, "postmaster") && find_any_case(name, &user, &ignored) == 0;
}

/* Whom root stands for. */
static int
add_root(const struct step *s, struct err *e)
{
	struct step below = *s;
	char root[] = "root", nothing[] = "";
	const struct mail_address address = {root, nothing, nothing};

	below.is_root = true;
	return add_expanded(&below, &address, 0, e);
}

static int
add_target(const struct step *s, const struct deliver_target *target, struct err *e)
{
	struct imbucad_plan_request request = {.kind = IMBUCAD_PLAN_MAILBOX,
	    .owner = target->owner,
	    .is_final = target->kind == DELIVER_TARGET_MAILBOX};

	if (target->fault != NULL)
		return add_faulty(s, target, e);
	if (target->text != NULL)
		return add_special(s, target, e);
	if (!imbucad_resolve_is_local(s->r, target->address.domain))
		return add_relay(s, target, e);
	if (!request.is_final && !s->is_root && is_postmaster(target->address.local))
		return add_root(s, e);
	if (is_own(s, target->address.local)) {
		request.is_final = true;
		request.detail = s->detail;
	}
	return add_mailbox(s, target->address.local, &request, e);
}

static int
add_list(const struct step *s, const struct deliver_target_list *list, struct err *e)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < list->count; i++)
		status = add_target(s, &list->at[i], e);
	return status;
}

/* Adds those of expand. */
static int
add_expanded(struct step *s, const struct mail_address *address, uint64_t mark, struct err *e)
{
	struct deliver_target_list list = {NULL, 0};
	int status = expand(s, address, mark, &list, e);

	if (status != -1)
		status = add_list(s, &list, e);
	deliver_target_list_free(&list);
	return status;
}

/* Everything goes to one Maildir. */
static int
add_catch_all(const struct step *s, struct err *e)
{
	struct buf where = BUF_INIT(PATH_MAXIMUM);
	struct imbucad_plan_request request = {.kind = IMBUCAD_PLAN_FILE, .user = s->r->self.name};
	int status;

	buf_addf(&where, "%s/", s->r->conf->catch_all);
	request.where = buf_text(&where);
	status = imbucad_plan_add(s->plan, s->source, &request, e);
	buf_free(&where);
	return status;
}

/* --- places --- */

static int
add_user(struct step *s, const struct mail_address *address, struct err *e)
{
	const struct imbucad_plan_request request = {.kind = IMBUCAD_PLAN_MAILBOX};

	return add_mailbox(s, address->local, &request, e);
}

static int
add_own_mailbox(struct step *s, const struct mail_address *address, struct err *e)
{
	const struct imbucad_plan_request request = {
	    .kind = IMBUCAD_PLAN_MAILBOX, .is_final = true};

	return add_mailbox(s, address->local, &request, e);
}

static int
add_name(struct step *s, const struct mail_address *address, struct err *e)
{
	char nothing[] = "";
	const struct mail_address name = {address->local, nothing, nothing};

	return add_expanded(s, &name, 0, e);
}

static int
add_marked(struct step *s, const struct mail_address *address, struct err *e)
{
	struct imbucad_plan_request request = {.kind = IMBUCAD_PLAN_MAILBOX};
	const char *user;

	request.mark = imbucad_place_read_mark(address, &user);
	if (user[0] == '\0')
		return add_expanded(s, address, request.mark, e);
	return add_mailbox(s, user, &request, e);
}

static enum imbucad_place_kind
place_of(enum imbucad_origin_kind kind, const struct mail_address *address)
{
	return kind == IMBUCAD_ORIGIN_QUEUE ? imbucad_place_of(address) : IMBUCAD_PLACE_NONE;
}

/* --- addresses --- */

bool
imbucad_resolve_is_here(const struct imbucad_resolve *r, enum imbucad_origin_kind kind,
    const struct mail_address *address)
{
	return imbucad_resolve_is_local(r, address->domain) ||
	       place_of(kind, address) != IMBUCAD_PLACE_NONE;
}

static int
add_address(struct step *s, const struct mail_address *address, struct err *e)
{
	return add_expanded(s, address, 0, e);
}

static int
add_recipient(struct step *s, enum imbucad_origin_kind kind, const struct mail_address *address,
    struct err *e)
{
	static int (*const adds[])(
	    struct step * s, const struct mail_address *address, struct err *e) = {
	    [IMBUCAD_PLACE_NONE] = add_address,
	    [IMBUCAD_PLACE_USER] = add_user,
	    [IMBUCAD_PLACE_MAILBOX] = add_own_mailbox,
	    [IMBUCAD_PLACE_NAME] = add_name,
	    [IMBUCAD_PLACE_TARGET] = add_marked,
	};

	if (s->r->conf->catch_all != NULL)
		return add_catch_all(s, e);
	return adds[place_of(kind, address)](s, address, e);
}

int
imbucad_resolve_address(struct imbucad_resolve *r, enum imbucad_origin_kind kind,
    const struct mail_address *address, struct imbucad_plan *plan, size_t recipient, struct err *e)
{
	const char *plus = strchr(address->local, '+');
	struct step s = {.r = r,
	    .plan = plan,
	    .source = {.is_item = false, .number = recipient},
	    .detail = plus != NULL ? plus + 1 : NULL};

	if (add_recipient(&s, kind, address, e) == -1)
		return -1;
	if (imbucad_plan_reaches(plan, recipient))
		return 0;
	*e = *imbucad_plan_result(plan, recipient);
	return -1;
}

/* Parts what a ~/.forward names itself, in OWN, from whom the aliases say its names stand for. */
static int
expand_forward(struct step *s, const struct deliver_target_list *targets,
    struct deliver_target_list *own, struct deliver_target_list *expanded, struct err *e)
{
	int status = 0;

	for (size_t i = 0; status >= 0 && i < targets->count; i++) {
		const struct deliver_target *t = &targets->at[i];

		if (t->kind == DELIVER_TARGET_INCLUDE) {
			(void)err_set(e, EX_CONFIG, "a ~/.forward may not include '%s'", t->text);
			status = deliver_failure_reply(e, 451, "4.3.0");
		} else if (t->kind == DELIVER_TARGET_ADDRESS &&
			   !(imbucad_resolve_is_local(s->r, t->address.domain) &&
			       str_is_nocase(str_slice(t->address.local), s->user))) {
			status = expand(s, &t->address, 0, expanded, e);
		} else {
			status = deliver_target_add(own, t, NULL, e);
		}
	}
	return status >= 0 ? 0 : -1;
}

int
imbucad_resolve_forward(struct imbucad_resolve *r, size_t item,
    const struct deliver_target_list *targets, struct imbucad_plan *plan, struct err *e)
{
	struct step s = {.r = r,
	    .plan = plan,
	    .source = {.is_item = true, .number = item},
	    .user = plan->items[item].user,
	    .detail = plan->items[item].detail};
	struct deliver_target_list own = {NULL, 0}, expanded = {NULL, 0};
	int status = expand_forward(&s, targets, &own, &expanded, e);

	if (status == 0)
		status = add_list(&s, &expanded, e);
	s.is_users = true;
	if (status == 0)
		status = add_list(&s, &own, e);
	deliver_target_list_free(&own);
	deliver_target_list_free(&expanded);
	return status;
}
