/*
 * wire: see wire.h.
 */
#include <config.h>

#include <string.h>

#include "imbucad/wire.h"

#include "base/banned.h"

void
imbucad_wire_put_number(struct buf *out, uint64_t number)
{
	buf_add(out, &number, sizeof number);
}

void
imbucad_wire_put_slice(struct buf *out, struct slice text)
{
	imbucad_wire_put_number(out, text.len);
	buf_add_slice(out, text);
	buf_add(out, "", 1);
}

void
imbucad_wire_put_text(struct buf *out, const char *text)
{
	imbucad_wire_put_slice(out, str_slice(text != NULL ? text : ""));
}

void
imbucad_wire_put_err(struct buf *out, const struct err *e)
{
	imbucad_wire_put_number(out, (uint64_t)e->ex);
	imbucad_wire_put_number(out, (uint64_t)e->code);
	imbucad_wire_put_text(out, e->enhanced);
	imbucad_wire_put_text(out, e->msg);
	imbucad_wire_put_text(out, e->hint);
}

void
imbucad_wire_put_share(struct buf *out, const struct err *e, size_t others)
{
	enum { FRAME = 64 /* more than all but the texts of it */ };
	size_t room = (out->max - out->len) / (others + 1);
	struct err cut = *e;

	if (strlen(cut.msg) + strlen(cut.hint) + FRAME > room)
		cut.hint[0] = '\0';
	if (strlen(cut.msg) + FRAME > room)
		cut.msg[room > FRAME ? room - FRAME : 0] = '\0';
	imbucad_wire_put_err(out, &cut);
}

/* Takes N bytes; NULL where they are not there. */
static const char *
take(struct imbucad_wire *in, uint64_t n)
{
	const char *at = in->rest.ptr;

	if (in->bad || n > in->rest.len) {
		in->bad = true;
		return NULL;
	}
	in->rest.ptr += n;
	in->rest.len -= (size_t)n;
	return at;
}

uint64_t
imbucad_wire_number(struct imbucad_wire *in)
{
	uint64_t number = 0;
	const char *at = take(in, sizeof number);

	if (at != NULL)
		memcpy(&number, at, sizeof number);
	return number;
}

struct slice
imbucad_wire_slice(struct imbucad_wire *in)
{
	uint64_t len = imbucad_wire_number(in);
	const char *at = take(in, len), *end = take(in, 1);

	if (at == NULL || end == NULL || *end != '\0') {
		in->bad = true;
		return str_slice("");
	}
	return (struct slice){at, (size_t)len};
}

const char *
imbucad_wire_text(struct imbucad_wire *in)
{
	struct slice text = imbucad_wire_slice(in);

	if (strlen(text.ptr) == text.len)
		return text.ptr;
	in->bad = true;
	return "";
}

void
imbucad_wire_err(struct imbucad_wire *in, struct err *e)
{
	int ex = (int)imbucad_wire_number(in), code = (int)imbucad_wire_number(in);
	const char *enhanced = imbucad_wire_text(in), *msg = imbucad_wire_text(in);
	const char *hint = imbucad_wire_text(in);

	(void)err_set(e, ex, "%s", msg);
	if (hint[0] != '\0')
		(void)err_hint(e, "%s", hint);
	e->code = code;
	(void)str_copy(e->enhanced, sizeof e->enhanced, str_slice(enhanced));
}
