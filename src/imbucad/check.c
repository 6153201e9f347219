/*
 * check: see check.h.
 */
#include <config.h>

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/path.h"
#include "deliver/aliases.h"
#include "deliver/mailbox.h"
#include "imbucad/check.h"
#include "imbucad/listeners.h"
#include "imbucad/resolve.h"
#include "imbucad/store.h"
#include "sasl/users.h"

#include "base/banned.h"

enum { TEXT_MAXIMUM = 65536 };

/* Says what is wrong; the first of all faults is what the command fails with. */
static void
blame(const struct err *fault, struct err *first)
{
	(void)printf("wrong: %s\n", fault->msg);
	if (fault->hint[0] != '\0')
		(void)printf("       %s\n", fault->hint);
	if (first->ex == 0)
		*first = *fault;
}

/* FAULT is a reply to a client. */
static void
blame_reply(const struct err *fault, struct err *first)
{
	struct err said = *fault;

	said.ex = fault->code == 550 ? EX_NOUSER : EX_CONFIG;
	blame(&said, first);
}

static void
take_fault(void *context, const struct err *fault)
{
	blame(fault, context);
}

static void
check_aliases(const struct conf_daemon *conf, struct err *first)
{
	struct err fault = ERR_INIT;

	if (conf->aliases == NULL || (access(conf->aliases, F_OK) == -1 && errno == ENOENT))
		(void)printf("no aliases\n");
	else if (deliver_aliases_check(conf->aliases, take_fault, first, &fault) == -1)
		blame(&fault, first);
}

static void
check_listeners(const struct conf_daemon *conf, struct err *first)
{
	for (size_t i = 0; i < conf->listeners.count; i++) {
		struct err fault = ERR_INIT;
		gid_t ignored;

		if (imbucad_listeners_group(&conf->listeners.at[i], &ignored, &fault) == -1)
			blame(&fault, first);
	}
}

/* Can those who log in be looked up? By the daemon's user, not by us, where we are root. */
static void
check_users(const struct conf_daemon *conf, struct err *first)
{
	struct imbucad_passwd user;
	struct sasl_user ignored;
	struct err fault = ERR_INIT;
	struct stat st;

	if (conf->users == NULL)
		return;
	if (sasl_users_find(conf->users, str_slice("nobody"), &ignored, &fault) == -1) {
		blame(&fault, first);
		return;
	}
	if (geteuid() != 0 || imbucad_passwd_find(str_slice(conf->user), &user, &fault) != 1 ||
	    stat(conf->users, &st) == -1)
		return;
	if (st.st_uid == user.uid || (st.st_gid == user.gid && (st.st_mode & S_IRGRP) != 0))
		return;
	(void)err_set(&fault, EX_CONFIG, "the user '%s' cannot read '%s'", conf->user, conf->users);
	(void)err_hint(
	    &fault, "chgrp %s '%s' && chmod 640 '%s'", conf->user, conf->users, conf->users);
	blame(&fault, first);
}

/* --- addresses --- */

static void
print_mailbox(const struct conf_daemon *conf, const struct imbucad_plan_item *item)
{
	struct buf path = BUF_INIT(PATH_MAXIMUM);
	struct imbucad_passwd user;
	struct err ignored = ERR_INIT;

	if (imbucad_store_is(conf->mailbox))
		buf_addf(&path, "%s as %s", conf->mailbox, item->where);
	else if (imbucad_passwd_find(str_slice(item->user), &user, &ignored) == 1)
		deliver_mailbox_path(conf->mailbox, user.name, user.home, &path);
	(void)printf("  as %s into %s", item->user, buf_text(&path));
	if (item->detail[0] != '\0')
		(void)printf(", for the detail '%s'", item->detail);
	(void)printf(
	    "%s\n", conf->forward && !item->is_final ? ", unless ~/.forward says else" : "");
	buf_free(&path);
}

static void
print_item(const struct conf_daemon *conf, const struct imbucad_plan_item *item)
{
	if (item->kind == IMBUCAD_PLAN_MAILBOX)
		print_mailbox(conf, item);
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
check_address(const struct conf_daemon *conf, struct imbucad_resolve *resolve, const char *text,
    struct err *first)
{
	struct imbucad_plan plan = {.items = NULL};
	struct mail_address address;
	struct err fault = ERR_INIT;

	if (mail_address_parse(&address, str_slice(text), &fault) == -1) {
		blame(&fault, first);
		return;
	}
	(void)printf("%s\n", text);
	if (!imbucad_resolve_is_local(resolve, address.domain)) {
		(void)printf("  elsewhere\n");
	} else if (imbucad_resolve_address(
		       resolve, IMBUCAD_ORIGIN_UNIX, &address, &plan, 0, &fault) == -1 &&
		   plan.items_count == 0) {
		blame_reply(&fault, first);
	}
	for (size_t i = 0; i < plan.items_count; i++) {
		if (plan.items[i].result.ex != 0)
			blame_reply(&plan.items[i].result, first);
		else
			print_item(conf, &plan.items[i]);
	}
	imbucad_plan_free(&plan);
	mail_address_free(&address);
}

int
imbucad_check(const struct conf_daemon *conf, const char *const *addresses, struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAXIMUM);
	struct imbucad_resolve *resolve;
	struct err fault = ERR_INIT;

	*e = (struct err)ERR_INIT;
	conf_daemon_print(conf, &text);
	if (addresses[0] == NULL)
		(void)fputs(buf_text(&text), stdout);
	check_listeners(conf, e);
	check_aliases(conf, e);
	check_users(conf, e);
	resolve =
	    imbucad_resolve_new(conf, geteuid() == 0 && conf->catch_all == NULL, NULL, &fault);
	if (resolve == NULL)
		blame(&fault, e);
	for (; resolve != NULL && *addresses != NULL; addresses++)
		check_address(conf, resolve, *addresses, e);
	imbucad_resolve_free(resolve);
	buf_free(&text);
	return e->ex == 0 ? 0 : -1;
}
