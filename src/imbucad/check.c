/*
 * check: see check.h.
 */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "deliver/aliases.h"
#include "deliver/mailbox.h"
#include "imbucad/access.h"
#include "imbucad/account.h"
#include "imbucad/check.h"
#include "imbucad/home.h"
#include "imbucad/house.h"
#include "imbucad/identity.h"
#include "imbucad/journal.h"
#include "imbucad/listeners.h"
#include "imbucad/resolve.h"
#include "imbucad/store.h"
#include "sasl/users.h"

#include "base/banned.h"

enum { TEXT_MAXIMUM = 65536 };

struct check {
	const struct conf_daemon *conf;
	bool privileged;
	struct imbucad_passwd self; /* whom the daemon runs as */
	bool has_self;		    /* there is such a user */
	struct err *first;
};

/* Says what is wrong; the first of all faults is what the command fails with. */
static void
blame(const struct check *c, const struct err *fault)
{
	(void)printf("wrong: %s\n", fault->msg);
	if (fault->hint[0] != '\0')
		(void)printf("       %s\n", fault->hint);
	if (c->first->ex == 0)
		*c->first = *fault;
}

/* FAULT is a reply to a client. */
static void
blame_reply(const struct check *c, const struct err *fault)
{
	struct err said = *fault;

	said.ex = fault->code == 550 ? EX_NOUSER : EX_CONFIG;
	blame(c, &said);
}

static void
take_fault(void *context, const struct err *fault)
{
	blame(context, fault);
}

static void
check_aliases(struct check *c)
{
	const struct conf_daemon *conf = c->conf;
	struct err fault = ERR_INIT;

	if (conf->aliases == NULL || (access(conf->aliases, F_OK) == -1 && errno == ENOENT))
		(void)printf("no aliases\n");
	else if (deliver_aliases_check(conf->aliases, take_fault, c, &fault) == -1)
		blame(c, &fault);
}

static void
check_listeners(struct check *c)
{
	const struct conf_daemon *conf = c->conf;

	for (size_t i = 0; i < conf->listeners.count; i++) {
		struct err fault = ERR_INIT;

		if (imbucad_listeners_check(conf, &conf->listeners.at[i], &fault) == -1)
			blame(c, &fault);
	}
}

/* Can those who log in be looked up? */
static void
check_users(struct check *c)
{
	const char *file = c->conf->users;
	struct err fault = ERR_INIT;
	int saved;

	if (file == NULL || !c->has_self)
		return;
	sasl_users_check(file, c->self.uid, take_fault, c);
	saved = imbucad_access(&c->self, NULL, file, IMBUCAD_ACCESS_READ);
	if (saved != EACCES)
		return;
	(void)err_set_errno(
	    &fault, EX_CONFIG, saved, "the user '%s' cannot read '%s'", c->self.name, file);
	(void)err_hint(&fault, "chgrp %s '%s' && chmod 640 '%s'", c->self.name, file, file);
	blame(c, &fault);
}

static void
check_account(struct check *c)
{
	struct conf_accounts *accounts = NULL;
	struct conf_account *account;
	struct err fault = ERR_INIT;

	if (c->conf->relay == CONF_DAEMON_RELAY_OFF)
		return;
	account = imbucad_account_load(c->conf, &accounts, &fault);
	if (account == NULL)
		blame(c, &fault);
	else
		conf_accounts_free(accounts);
}

static void
check_identity(struct check *c)
{
	struct err fault = ERR_INIT;

	if (imbucad_identity_check(c->conf->state, &fault) == -1)
		blame(c, &fault);
}

/* WHAT is at PATH, for USER, or for who starts the daemon. */
static void
check_place(const struct check *c, const struct imbucad_passwd *user, enum imbucad_access how,
    const char *what, const char *path)
{
	struct err fault = ERR_INIT;
	int saved = path != NULL ? imbucad_access(user, NULL, path, how) : 0;

	if (saved == 0)
		return;
	if (user != NULL)
		(void)err_set_errno(&fault, EX_CANTCREAT, saved,
		    "the user '%s' cannot write the %s '%s'", user->name, what, path);
	else
		(void)err_set_errno(
		    &fault, EX_CANTCREAT, saved, "cannot make the %s '%s'", what, path);
	blame(c, &fault);
}

static void
check_places(struct check *c)
{
	const struct conf_daemon *conf = c->conf;
	bool has_queue = conf->queue != NULL && access(conf->queue, F_OK) == 0;
	struct err fault = ERR_INIT;

	check_place(c, NULL, IMBUCAD_ACCESS_WRITE, "pid_file", conf->pid_file);
	if (!c->has_self)
		return;
	/* Root makes the queue, but not what it is in. */
	if (has_queue)
		check_place(c, &c->self, IMBUCAD_ACCESS_WRITE, "queue", conf->queue);
	else
		check_place(c, NULL, c->privileged ? IMBUCAD_ACCESS_WRITE : IMBUCAD_ACCESS_MAKE,
		    "queue", conf->queue);
	if (imbucad_journal_check(conf, &c->self, &fault) == -1)
		blame(c, &fault);
}

/* --- addresses --- */

/* Whom a mailbox is written as. */
static bool
find_user(const struct check *c, const char *name, struct imbucad_passwd *out)
{
	struct err ignored = ERR_INIT;

	if (c->has_self && strcmp(name, c->self.name) == 0) {
		*out = c->self;
		return true;
	}
	return imbucad_passwd_find(str_slice(name), out, &ignored) == 1;
}

/* Where mail may go elsewhere before it comes to the mailbox, that need not be there. */
static bool
has_forward(const struct conf_daemon *conf, const struct imbucad_plan_item *item, const char *home)
{
	struct buf path = BUF_INIT(PATH_MAXIMUM);
	bool has;

	buf_addf(&path, "%s/.forward", home);
	has = conf->forward && !item->is_final && access(buf_text(&path), F_OK) == 0;
	buf_free(&path);
	return has;
}

static void
check_mailbox(const struct check *c, const struct imbucad_plan_item *item,
    const struct imbucad_passwd *user, const char *path)
{
	bool is_maildir = str_begins_nocase(str_slice(c->conf->mailbox), "maildir:");
	struct err fault = ERR_INIT;
	int saved;

	if (has_forward(c->conf, item, user->home))
		return;
	/* What root makes when it starts is not there yet. */
	if (imbucad_home_is_made(c->conf, user) && access(user->home, F_OK) == -1)
		return;
	saved = imbucad_access(user, imbucad_house_mail_group(c->conf), path,
	    is_maildir ? IMBUCAD_ACCESS_MAKE : IMBUCAD_ACCESS_WRITE);
	if (saved == 0)
		return;
	(void)err_set_errno(
	    &fault, EX_CANTCREAT, saved, "the user '%s' cannot write '%s'", user->name, path);
	blame(c, &fault);
}

static void
print_mailbox(const struct check *c, const struct imbucad_plan_item *item)
{
	const struct conf_daemon *conf = c->conf;
	struct buf path = BUF_INIT(PATH_MAXIMUM);
	struct imbucad_passwd user;
	bool is_here = !imbucad_store_is(conf->mailbox);

	if (!is_here)
		buf_addf(&path, "%s as %s", conf->mailbox, item->where);
	else if ((is_here = find_user(c, item->user, &user)))
		deliver_mailbox_path(conf->mailbox, user.name, user.home, &path);
	(void)printf("  as %s into %s", item->user, buf_text(&path));
	if (item->detail[0] != '\0')
		(void)printf(", for the detail '%s'", item->detail);
	(void)printf(
	    "%s\n", conf->forward && !item->is_final ? ", unless ~/.forward says else" : "");
	if (is_here)
		check_mailbox(c, item, &user, buf_text(&path));
	buf_free(&path);
}

static void
print_item(const struct check *c, const struct imbucad_plan_item *item)
{
	if (item->kind == IMBUCAD_PLAN_MAILBOX)
		print_mailbox(c, item);
	else if (item->kind == IMBUCAD_PLAN_FILE)
		(void)printf("  as %s into %s\n", item->user, item->where);
	else if (item->kind == IMBUCAD_PLAN_COMMAND)
		(void)printf("  as %s to |%s\n", item->user, item->where);
	else
		(void)printf("  elsewhere, to %s\n", item->where);
	if (item->owner[0] != '\0')
		(void)printf("    failures to %s\n", item->owner);
}

static void
check_address(const struct check *c, struct imbucad_resolve *resolve, const char *text)
{
	struct imbucad_plan plan = {.items = NULL};
	struct mail_address address;
	struct err fault = ERR_INIT;

	if (mail_address_parse(&address, str_slice(text), &fault) == -1) {
		blame(c, &fault);
		return;
	}
	(void)printf("%s\n", text);
	if (!imbucad_resolve_is_local(resolve, address.domain)) {
		(void)printf("  elsewhere\n");
	} else if (imbucad_resolve_address(
		       resolve, IMBUCAD_ORIGIN_UNIX, &address, &plan, 0, &fault) == -1 &&
		   plan.items_count == 0) {
		blame_reply(c, &fault);
	}
	for (size_t i = 0; i < plan.items_count; i++) {
		if (plan.items[i].result.ex != 0)
			blame_reply(c, &plan.items[i].result);
		else
			print_item(c, &plan.items[i]);
	}
	imbucad_plan_free(&plan);
	mail_address_free(&address);
}

/* --- all of it --- */

static void
check_self(struct check *c)
{
	struct err fault = ERR_INIT;

	c->has_self = imbucad_home_self(c->conf, c->privileged, &c->self, &fault) == 0;
	if (!c->has_self)
		blame(c, &fault);
}

static void
check_addresses(const struct check *c, const char *const *addresses)
{
	struct imbucad_resolve *resolve;
	struct err fault = ERR_INIT;

	resolve = imbucad_resolve_new(c->conf, c->privileged, NULL, &fault);
	if (resolve == NULL)
		blame(c, &fault);
	for (; resolve != NULL && *addresses != NULL; addresses++)
		check_address(c, resolve, *addresses);
	imbucad_resolve_free(resolve);
}

int
imbucad_check(const struct conf_daemon *conf, const char *const *addresses, struct err *e)
{
	static void (*const checks[])(struct check * c) = {check_listeners, check_aliases,
	    check_self, check_users, check_account, check_identity, check_places};
	struct check c = {
	    .conf = conf, .privileged = imbucad_house_is_privileged(conf), .first = e};
	struct buf text = BUF_INIT(TEXT_MAXIMUM);

	*e = (struct err)ERR_INIT;
	conf_daemon_print(conf, &text);
	if (addresses[0] == NULL)
		(void)fputs(buf_text(&text), stdout);
	buf_free(&text);
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
		checks[i](&c);
	if (c.has_self)
		check_addresses(&c, addresses);
	return e->ex == 0 ? 0 : -1;
}
