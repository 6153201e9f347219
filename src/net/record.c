/*
 * record: see record.h.
 */
#include <config.h>

#include <sys/socket.h>
#include <sys/types.h>

#include <netinet/in.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <resolv.h>
#include <string.h>

#include "net/record.h"

#include "base/banned.h"

/* A record on the wire: the message, for the names in it that point back, and its data. */
struct wire {
	const unsigned char *begin, *end;
	int type;
	const unsigned char *data;
	size_t len;
};

static unsigned
number(const unsigned char *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static unsigned
number_at(const struct wire *w, size_t at)
{
	return number(w->data + at);
}

/* Appends the name that begins at AT of the data. */
static bool
take_name(const struct wire *w, size_t at, struct buf *value)
{
	char name[NS_MAXDNAME];
	size_t len;

	if (at >= w->len ||
	    ns_name_uncompress(w->begin, w->end, w->data + at, name, sizeof name) < 0)
		return false;
	len = strlen(name);
	if (len > 0 && name[len - 1] == '.')
		len--;
	buf_add(value, name, len);
	return true;
}

static bool
take_host(const struct wire *w, struct net_record *record, struct buf *value)
{
	(void)record;
	return take_name(w, 0, value);
}

static bool
take_mx(const struct wire *w, struct net_record *record, struct buf *value)
{
	if (w->len < 3)
		return false;
	record->priority = (uint16_t)number_at(w, 0);
	return take_name(w, 2, value);
}

static bool
take_srv(const struct wire *w, struct net_record *record, struct buf *value)
{
	if (w->len < 7)
		return false;
	record->priority = (uint16_t)number_at(w, 0);
	record->weight = (uint16_t)number_at(w, 2);
	record->port = (uint16_t)number_at(w, 4);
	return take_name(w, 6, value);
}

static bool
take_address(const struct wire *w, int family, size_t size, struct buf *value)
{
	char text[INET6_ADDRSTRLEN];

	if (w->len != size || inet_ntop(family, w->data, text, sizeof text) == NULL)
		return false;
	buf_adds(value, text);
	return true;
}

static bool
take_a(const struct wire *w, struct net_record *record, struct buf *value)
{
	(void)record;
	return take_address(w, AF_INET, sizeof(struct in_addr), value);
}

static bool
take_aaaa(const struct wire *w, struct net_record *record, struct buf *value)
{
	(void)record;
	return take_address(w, AF_INET6, sizeof(struct in6_addr), value);
}

/* Strings of up to 255 bytes, each behind its length (RFC 1035 3.3.14). */
static bool
take_txt(const struct wire *w, struct net_record *record, struct buf *value)
{
	size_t at = 0;

	(void)record;
	while (at < w->len) {
		size_t len = w->data[at++];

		if (len > w->len - at)
			return false;
		buf_add(value, w->data + at, len);
		at += len;
	}
	return true;
}

static const struct type {
	const char *name;
	int number;
	bool (*take)(const struct wire *w, struct net_record *record, struct buf *value);
} types[] = {
    [NET_RECORD_A] = {"A", ns_t_a, take_a},
    [NET_RECORD_AAAA] = {"AAAA", ns_t_aaaa, take_aaaa},
    [NET_RECORD_CNAME] = {"CNAME", ns_t_cname, take_host},
    [NET_RECORD_MX] = {"MX", ns_t_mx, take_mx},
    [NET_RECORD_PTR] = {"PTR", ns_t_ptr, take_host},
    [NET_RECORD_SRV] = {"SRV", ns_t_srv, take_srv},
    [NET_RECORD_TXT] = {"TXT", ns_t_txt, take_txt},
};

const char *
net_record_type_name(enum net_record_type type)
{
	return types[type].name;
}

int
net_record_type_number(enum net_record_type type)
{
	return types[type].number;
}

/* Adds the record of W; its value's place in the bytes is fixed once no more are added. */
static int
add(const struct wire *w, const struct type *type, struct net_records *out, struct err *e)
{
	struct net_record *record = &out->at[out->count];
	size_t begin = out->bytes.len;

	if (out->count == NET_RECORD_COUNT_MAX)
		return err_set(
		    e, EX_PROTOCOL, "more than %d %s records", NET_RECORD_COUNT_MAX, type->name);
	*record = (struct net_record){.priority = 0};
	if (!type->take(w, record, &out->bytes))
		return err_set(e, EX_PROTOCOL, "a malformed %s record", type->name);
	record->value.len = out->bytes.len - begin;
	buf_addc(&out->bytes, '\0');
	if (out->bytes.full)
		return err_set(e, EX_TEMPFAIL, "no memory for a name server's answer");
	out->count++;
	return 0;
}

/* The lowest priority first; of SRV records with the same the one with the most weight. */
static void
sort(struct net_records *records)
{
	for (size_t i = 1; i < records->count; i++) {
		struct net_record moving = records->at[i];
		size_t to = i;

		while (to > 0 && (records->at[to - 1].priority > moving.priority ||
				     (records->at[to - 1].priority == moving.priority &&
					 records->at[to - 1].weight < moving.weight))) {
			records->at[to] = records->at[to - 1];
			to--;
		}
		records->at[to] = moving;
	}
}

/* Has each record find its value, now that the bytes do not move any more. */
static void
settle(struct net_records *records)
{
	const char *at = records->bytes.data;

	for (size_t i = 0; i < records->count; i++) {
		records->at[i].value.ptr = at;
		at += records->at[i].value.len + 1;
	}
	sort(records);
}

/*
 * The walk through an answer (RFC 1035 4.1). By hand: glibc's own is in a library beside it, which
 * would be loaded and bound whenever the program starts.
 */
enum {
	HEAD_SIZE = 12,
	QUESTION_SIZE = 4,     /* behind its name: type, class */
	RECORD_HEAD_SIZE = 10, /* type, class, time to live, length of the data */
};

/* Moves AT behind the name there and the SIZE bytes that follow it. NULL where the answer ends. */
static const unsigned char *
pass(const struct wire *w, const unsigned char *at, size_t size)
{
	int name = dn_skipname(at, w->end);

	return name >= 0 && size <= (size_t)(w->end - at - name) ? at + name + size : NULL;
}

/* The first record of the answer. NULL where it is malformed. */
static const unsigned char *
first(const struct wire *w)
{
	const unsigned char *at = w->begin + HEAD_SIZE;

	for (unsigned left = number(w->begin + 4); at != NULL && left > 0; left--)
		at = pass(w, at, QUESTION_SIZE);
	return at;
}

/* Has W name the data of the record at AT. Where the next one is; NULL where it is malformed. */
static const unsigned char *
next(struct wire *w, const unsigned char *at)
{
	w->data = pass(w, at, RECORD_HEAD_SIZE);
	if (w->data == NULL)
		return NULL;
	w->type = (int)number(w->data - RECORD_HEAD_SIZE);
	w->len = number(w->data - 2);
	return w->len <= (size_t)(w->end - w->data) ? w->data + w->len : NULL;
}

int
net_record_parse(
    struct slice answer, enum net_record_type type, struct net_records *out, struct err *e)
{
	const unsigned char *begin = (const unsigned char *)answer.ptr, *at;
	struct wire w = {.begin = begin, .end = begin + answer.len};

	if (answer.len < HEAD_SIZE || answer.len > NET_RECORD_ANSWER_MAX)
		return err_set(e, EX_PROTOCOL, "what the name server says is no answer");
	at = first(&w);
	for (unsigned left = number(begin + 6); at != NULL && left > 0; left--) {
		at = next(&w, at);
		if (at != NULL && w.type == types[type].number &&
		    add(&w, &types[type], out, e) != 0)
			return -1;
	}
	if (at == NULL)
		return err_set(e, EX_PROTOCOL, "what the name server says is no answer");
	out->exists = true;
	settle(out);
	return 0;
}

void
net_record_free(struct net_records *records)
{
	buf_free(&records->bytes);
	records->count = 0;
	records->exists = false;
}
