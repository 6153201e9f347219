/*
 * origin: see origin.h.
 */
#include <config.h>

#include "imbucad/origin.h"

#include "base/banned.h"

enum imbucad_origin_kind
imbucad_origin_of(const char *address)
{
	static const char *const loopback[] = {"127.", "::ffff:127."};

	for (size_t i = 0; i < sizeof loopback / sizeof loopback[0]; i++) {
		if (str_begins_nocase(str_slice(address), loopback[i]))
			return IMBUCAD_ORIGIN_LOOPBACK;
	}
	return str_is(str_slice(address), "::1") ? IMBUCAD_ORIGIN_LOOPBACK : IMBUCAD_ORIGIN_NETWORK;
}

bool
imbucad_origin_is_inside(enum imbucad_origin_kind kind)
{
	return kind == IMBUCAD_ORIGIN_QUEUE || kind == IMBUCAD_ORIGIN_UNIX;
}

void
imbucad_origin_put(struct buf *out, const struct imbucad_origin *origin)
{
	imbucad_wire_put_number(out, origin->kind);
	imbucad_wire_put_number(out, origin->uid);
	imbucad_wire_put_text(out, origin->address);
	imbucad_wire_put_text(out, origin->login);
	imbucad_wire_put_text(out, origin->client);
	imbucad_wire_put_text(out, origin->protocol);
	imbucad_wire_put_text(out, origin->tls);
}

void
imbucad_origin_take(struct imbucad_wire *in, struct imbucad_origin *out)
{
	uint64_t kind = imbucad_wire_number(in);

	out->kind =
	    kind <= IMBUCAD_ORIGIN_QUEUE ? (enum imbucad_origin_kind)kind : IMBUCAD_ORIGIN_NETWORK;
	out->uid = imbucad_wire_number(in);
	out->address = imbucad_wire_text(in);
	out->login = imbucad_wire_text(in);
	out->client = imbucad_wire_text(in);
	out->protocol = imbucad_wire_text(in);
	out->tls = imbucad_wire_text(in);
}

void
imbucad_origin_log(struct log_line *line, const struct imbucad_origin *origin)
{
	const struct {
		const char *key, *value;
	} texts[] = {{"peer", origin->address}, {"client", origin->client}, {"tls", origin->tls},
	    {"user", origin->login}};

	if (imbucad_origin_is_inside(origin->kind))
		log_add_number(line, "uid", (int64_t)origin->uid);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (texts[i].value[0] != '\0')
			log_add_text(line, texts[i].key, texts[i].value);
	}
}
