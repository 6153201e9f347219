/*
 * inquiry: see inquiry.h.
 */
#include <config.h>

#include <sys/socket.h>

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "imbucad/inquiry.h"
#include "imbucad/origin.h"
#include "queue/change.h"
#include "queue/listing.h"
#include "queue/parcel.h"
#include "smtp/refusal.h"

#include "base/banned.h"

/* One request. */
struct inquiry {
	const struct imbucad_handover *h;
	const uint64_t *owner; /* whose mail it is about; NULL: anybody's */
	char id[QUEUE_ID_SIZE];
	enum queue_change change;
	int *fd; /* what follows goes there */
};

/* --- looking --- */

static int
open_file(const struct inquiry *q, struct err *e)
{
	*q->fd = file_open_unnamed(NULL, e);
	return *q->fd != -1 ? 0 : -1;
}

/* What is no message, or has just gone, is passed over. */
static int
list_one(const struct inquiry *q, enum queue_spool_folder folder, const char *id, struct err *e)
{
	struct queue_entry entry;
	struct err ignored = ERR_INIT;
	int status = 0;

	if (queue_entry_open(&entry, q->h->queue, folder, id, &ignored) != QUEUE_ENTRY_OPEN)
		return 0;
	if (q->owner == NULL || *q->owner == entry.envelope.uid)
		status = queue_parcel_put(&entry, false, *q->fd, e);
	queue_entry_close(&entry);
	return status;
}

static int
list(const struct inquiry *q, struct err *e)
{
	int status = open_file(q, e);

	for (size_t f = 0; status == 0 && f < QUEUE_CHANGE_FOLDERS; f++) {
		enum queue_spool_folder folder = queue_change_folders[f];
		struct queue_listing listing;

		status = queue_listing_read(&listing, q->h->queue, folder, e);
		for (size_t i = 0; status == 0 && i < listing.count; i++)
			status = list_one(q, folder, listing.ids[i], e);
		queue_listing_free(&listing);
	}
	return status;
}

static int
show(const struct inquiry *q, struct err *e)
{
	struct queue_entry entry;
	int status;

	if (queue_change_find(q->h->queue, q->id, q->owner, &entry, e) == -1)
		return -1;
	status = open_file(q, e);
	if (status == 0)
		status = queue_parcel_put(&entry, true, *q->fd, e);
	queue_entry_close(&entry);
	return status;
}

/* --- changing --- */

static int
change(const struct inquiry *q, struct err *e)
{
	struct queue_entry entry;
	int status;

	if (queue_change_find(q->h->queue, q->id, q->owner, &entry, e) == -1)
		return -1;
	status = queue_change(&entry, q->change, e);
	queue_entry_close(&entry);
	return status;
}

/* The runner takes its name for: this one, now. */
static int
retry(const struct inquiry *q, struct err *e)
{
	struct queue_entry entry;
	int status;

	if (queue_change_find(q->h->queue, q->id, q->owner, &entry, e) == -1)
		return -1;
	status = queue_change_check(&entry, e);
	queue_entry_close(&entry);
	if (status == -1)
		return -1;
	if (send(q->h->runner, q->id, strlen(q->id), MSG_DONTWAIT | MSG_NOSIGNAL) == -1)
		return err_set(e, EX_TEMPFAIL, "the queue's runner is busy");
	return 0;
}

static const struct {
	const char *verb;
	bool names; /* a message */
	int (*answer)(const struct inquiry *q, struct err *e);
	enum queue_change change;
} rows[] = {
    {"LIST", false, list, QUEUE_CHANGES},
    {"SHOW", true, show, QUEUE_CHANGES},
    {"HOLD", true, change, QUEUE_CHANGE_HOLD},
    {"RELEASE", true, change, QUEUE_CHANGE_RELEASE},
    {"REMOVE", true, change, QUEUE_CHANGE_REMOVE},
    {"LEAVE", true, change, QUEUE_CHANGE_LEAVE},
    {"RETRY", true, retry, QUEUE_CHANGES},
};

static int
answer_request(struct inquiry *q, struct slice request, struct err *e)
{
	struct slice verb = str_cut(&request, ' ');

	if (q->h->queue == NULL)
		return smtp_refusal(e, 502, "5.5.1", "There is no queue here");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!str_is_nocase(verb, rows[i].verb) || rows[i].names != (request.len > 0))
			continue;
		if (rows[i].names &&
		    (!queue_id_is(request) || !str_copy(q->id, sizeof q->id, request)))
			return err_set(e, EX_NOINPUT, "there is no such message in the queue");
		q->change = rows[i].change;
		return rows[i].answer(q, e);
	}
	return smtp_refusal(e, 501, "5.5.4",
	    "Syntax: XQUEUE LIST, or SHOW, HOLD, RELEASE, REMOVE, LEAVE, RETRY and a name");
}

/* Makes of E the reply that smtp/xqueue reads it out of. */
static void
refuse(struct err *e)
{
	static const struct {
		int ex, code;
		const char *enhanced;
	} replies[] = {{EX_NOINPUT, 550, "5.1.1"}, {EX_DATAERR, 554, "5.3.0"}};
	size_t i = 0;

	while (i < sizeof replies / sizeof replies[0] && replies[i].ex != e->ex)
		i++;
	if (i < sizeof replies / sizeof replies[0])
		(void)smtp_refusal(e, replies[i].code, replies[i].enhanced, "%s", e->msg);
	else
		(void)smtp_refusal(e, 451, "4.3.0", "%s", e->msg);
}

void
imbucad_inquiry_answer(
    const struct imbucad_handover *h, struct imbucad_wire *in, struct buf *answer, int *fd)
{
	struct imbucad_origin origin;
	struct inquiry q = {.h = h, .fd = fd};
	struct err e = ERR_INIT;
	off_t size;

	imbucad_origin_take(in, &origin);
	q.owner = origin.uid != 0 ? &origin.uid : NULL;
	if (in->bad || origin.kind != IMBUCAD_ORIGIN_UNIX)
		(void)smtp_refusal(&e, 550, "5.7.1", "The queue is for users of this machine");
	else if (answer_request(&q, imbucad_wire_slice(in), &e) == -1 && e.ex != EX_PROTOCOL)
		refuse(&e);
	size = e.ex == 0 && *fd != -1 ? lseek(*fd, 0, SEEK_END) : 0;
	imbucad_wire_put_err(answer, &e);
	imbucad_wire_put_number(answer, size > 0 ? (uint64_t)size : 0);
}
