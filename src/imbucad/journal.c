/*
 * journal: see journal.h.
 */
#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/log.h"
#include "imbucad/access.h"
#include "imbucad/journal.h"

#include "base/banned.h"

enum { PLACES_MAXIMUM = 2048 };

static void
end_line(const struct conf_daemon *conf, struct log_line *line, const struct err *failed)
{
	struct err ignored = ERR_INIT;

	if (failed != NULL)
		log_add_text(line, "error", failed->msg);
	if (failed != NULL && failed->hint[0] != '\0')
		log_add_text(line, "hint", failed->hint);
	/* What is lost to the file is not lost to everybody. */
	if (conf->log == NULL || log_to_file(line, conf->log, &ignored) == -1)
		log_to_syslog(line, "imbucad", LOG_MAIL, failed != NULL);
	log_free(line);
}

int
imbucad_journal_check(
    const struct conf_daemon *conf, const struct imbucad_passwd *user, struct err *e)
{
	int saved;

	if (conf->log == NULL || strcmp(conf->log, "-") == 0)
		return 0;
	saved = imbucad_access(user, NULL, conf->log, IMBUCAD_ACCESS_WRITE);
	if (saved == 0)
		return 0;
	return err_set_errno(e, EX_CANTCREAT, saved, "the user '%s' cannot write the log '%s'",
	    user->name, conf->log);
}

void
imbucad_journal_prepare(const struct conf_daemon *conf, const struct imbucad_passwd *user)
{
	int fd;

	if (conf->log == NULL || strcmp(conf->log, "-") == 0)
		return;
	fd = open(conf->log, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return;
	if (fchown(fd, user->uid, user->gid) == -1)
		(void)unlink(conf->log);
	(void)close(fd);
}

/* Where the message lies now, and what could not be done. */
static void
add_places(struct log_line *line, const struct imbucad_plan *plan)
{
	struct buf places = BUF_INIT(PLACES_MAXIMUM);

	for (size_t i = 0; i < plan->items_count; i++) {
		const struct imbucad_plan_item *item = &plan->items[i];

		if (item->result.ex == 0)
			buf_addf(&places, "%s%s%s%s", places.len > 0 ? ", " : "", item->user,
			    item->user[0] != '\0' ? ":" : "", item->place);
	}
	if (places.len > 0)
		log_add(line, "file", buf_slice(&places));
	buf_free(&places);
}

void
imbucad_journal_message(const struct conf_daemon *conf, const struct imbucad_incoming *m,
    const struct imbucad_plan *plan, const struct err *failed)
{
	struct log_line line = LOG_LINE_INIT;

	log_add_text(&line, "id", m->id);
	imbucad_origin_log(&line, &m->origin);
	log_add_text(&line, "from", m->sender);
	log_add_text(&line, "recipient", m->written[0]);
	log_add_number(&line, "recipients", (int64_t)m->envelope.count);
	log_add_number(&line, "size", (int64_t)m->size);
	add_places(&line, plan);
	end_line(conf, &line, failed);
}

void
imbucad_journal_error(
    const struct conf_daemon *conf, const struct imbucad_origin *origin, const struct err *e)
{
	struct log_line line = LOG_LINE_INIT;

	if (origin != NULL && origin->address != NULL)
		imbucad_origin_log(&line, origin);
	end_line(conf, &line, e);
}
