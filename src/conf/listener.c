/*
 * listener: see listener.h.
 */
#include <config.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/endpoint.h"
#include "base/suggest.h"
#include "conf/listener.h"

#include "base/banned.h"

enum { MODE_MAXIMUM = 0777, ANYBODY = 0666 };

static int
no_memory(struct err *e)
{
	return err_set(e, EX_TEMPFAIL, "out of memory");
}

/* --- words --- */

static int
set_mode(struct conf_listener *out, int value, struct slice text, struct err *e)
{
	unsigned mode = 0;

	(void)value;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '7' || mode > MODE_MAXIMUM)
			return err_set(
			    e, EX_CONFIG, "'%.*s' is no mode, such as 0660", STR_ARGS(text));
		mode = mode * 8 + (unsigned)(text.ptr[i] - '0');
	}
	if (text.len == 0 || mode > MODE_MAXIMUM)
		return err_set(e, EX_CONFIG, "'%.*s' is no mode, such as 0660", STR_ARGS(text));
	out->mode = mode;
	return 0;
}

static int
set_group(struct conf_listener *out, int value, struct slice text, struct err *e)
{
	(void)value;
	if (text.len == 0)
		return err_set(e, EX_CONFIG, "'group=' wants a name");
	free(out->group);
	out->group = strndup(text.ptr, text.len);
	return out->group != NULL ? 0 : no_memory(e);
}

static int
set_protocol(struct conf_listener *out, int value, struct slice text, struct err *e)
{
	(void)text, (void)e;
	out->protocol = (enum conf_listener_protocol)value;
	return 0;
}

static int
set_tls(struct conf_listener *out, int value, struct slice text, struct err *e)
{
	(void)text, (void)e;
	out->tls = (enum conf_listener_tls)value;
	return 0;
}

static const struct word {
	const char *name;
	int (*set)(struct conf_listener *out, int value, struct slice text, struct err *e);
	int value;
	bool is_network, is_unix; /* where it may stand */
	bool takes_text;	  /* behind a `=` */
} words[] = {
    {"smtp", set_protocol, CONF_LISTENER_SMTP, true, true, false},
    {"submission", set_protocol, CONF_LISTENER_SUBMISSION, true, true, false},
    {"lmtp", set_protocol, CONF_LISTENER_LMTP, true, true, false},
    {"starttls", set_tls, CONF_LISTENER_STARTTLS, true, false, false},
    {"tls", set_tls, CONF_LISTENER_TLS, true, false, false},
    {"clear", set_tls, CONF_LISTENER_CLEAR, true, false, false},
    {"mode", set_mode, 0, false, true, true},
    {"group", set_group, 0, false, true, true},
};

static int
unknown(struct slice word, struct err *e)
{
	struct suggest s = suggest_for(word);

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		suggest_offer(&s, words[i].name);
	if (s.best == NULL)
		return err_set(
		    e, EX_CONFIG, "'%.*s' is nothing that a listener can have", STR_ARGS(word));
	return err_set(e, EX_CONFIG,
	    "'%.*s' is nothing that a listener can have (did you mean '%s'?)", STR_ARGS(word),
	    s.best);
}

static int
take_word(struct conf_listener *out, struct slice text, struct err *e)
{
	struct slice rest = text, name = str_cut(&rest, '=');

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (!str_is(name, words[i].name) || words[i].takes_text != (rest.ptr != NULL))
			continue;
		if (out->is_unix && !words[i].is_unix)
			return err_set(e, EX_CONFIG,
			    "'%s' is for an address, and not for a socket's file", words[i].name);
		if (!out->is_unix && !words[i].is_network)
			return err_set(e, EX_CONFIG,
			    "'%s' is for a socket's file, and not for an address", words[i].name);
		return words[i].set(out, words[i].value, rest, e);
	}
	return unknown(name, e);
}

/* --- the place --- */

/* What can never be listened to is told with its line, and not when the daemon begins. */
static int
check_where(const struct conf_listener *l, struct err *e)
{
	const struct sockaddr_un *unix_address;
	struct addrinfo *address;

	if (l->is_unix) {
		if (strlen(l->where) < sizeof unix_address->sun_path)
			return 0;
		return err_set(e, EX_CONFIG, "'%s' is longer than the path of a socket can be, %zu",
		    l->where, sizeof unix_address->sun_path - 1);
	}
	address = endpoint_find(str_slice(l->where), 0);
	if (address == NULL)
		return err_set(e, EX_CONFIG,
		    "'%s' is not ADDRESS or ADDRESS:PORT, nor the whole path of a socket",
		    l->where);
	freeaddrinfo(address);
	return 0;
}

/* --- the list --- */

static void
free_listener(struct conf_listener *l)
{
	free(l->where);
	free(l->group);
}

static void
clear(void *field)
{
	struct conf_listener_list *list = field;

	for (size_t i = 0; i < list->count; i++)
		free_listener(&list->at[i]);
	free(list->at);
	*list = (struct conf_listener_list){NULL, 0};
}

/* Appends L itself, whose texts the list then owns. */
static int
append(struct conf_listener_list *list, const struct conf_listener *l, struct err *e)
{
	struct conf_listener *grown = array_grow(list->at, list->count, sizeof *grown);

	if (grown == NULL)
		return no_memory(e);
	list->at = grown;
	grown[list->count++] = *l;
	return 0;
}

static int
parse(void *field, struct slice value, struct err *e)
{
	struct slice rest = value, where = str_cut(&rest, ' ');
	struct conf_listener l = {.is_unix = where.len > 0 && where.ptr[0] == '/', .mode = ANYBODY};
	int status = 0;

	if (where.len == 0) {
		clear(field);
		return 0;
	}
	l.where = strndup(where.ptr, where.len);
	l.tls = l.is_unix ? CONF_LISTENER_CLEAR : CONF_LISTENER_STARTTLS;
	if (l.where == NULL)
		status = no_memory(e);
	else
		status = check_where(&l, e);
	while (status == 0 && rest.ptr != NULL) {
		struct slice word = str_trim(str_cut(&rest, ' '));

		if (word.len > 0)
			status = take_word(&l, word, e);
	}
	if (status == 0)
		status = append(field, &l, e);
	if (status == -1)
		free_listener(&l);
	return status;
}

static void
print_listener(const struct conf_listener *l, struct buf *out)
{
	buf_adds(out, l->where);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		const struct word *w = &words[i];

		if ((w->set == set_protocol && w->value == (int)l->protocol) ||
		    (w->set == set_tls && w->value == (int)l->tls && !l->is_unix))
			buf_addf(out, " %s", w->name);
	}
	if (l->is_unix)
		buf_addf(out, " mode=%04o", l->mode);
	if (l->group != NULL)
		buf_addf(out, " group=%s", l->group);
}

static void
print(const void *field, struct buf *out)
{
	const struct conf_listener_list *list = field;

	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			buf_adds(out, ", ");
		print_listener(&list->at[i], out);
	}
}

static bool
copy(void *to, const void *from)
{
	const struct conf_listener_list *source = from;
	struct err ignored;

	clear(to);
	for (size_t i = 0; i < source->count; i++) {
		struct conf_listener l = source->at[i];

		l.where = strdup(l.where);
		l.group = l.group != NULL ? strdup(l.group) : NULL;
		if (l.where == NULL || append(to, &l, &ignored) == -1) {
			free_listener(&l);
			return false;
		}
	}
	return true;
}

const struct conf_kind conf_listener_kind = {
    .parse = parse, .print = print, .copy = copy, .clear = clear};
