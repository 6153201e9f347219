/*
 * transcript: see transcript.h.
 */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/file.h"
#include "net/tls.h"
#include "net/transcript.h"

#include "base/banned.h"

enum { LINE_MAXIMUM = 64 << 10 };

void
net_transcript_line(
    const struct net_transcript *t, enum net_transcript_side side, struct slice line)
{
	static const char *const marks[] = {
	    [NET_TRANSCRIPT_SERVER] = "S: ",
	    [NET_TRANSCRIPT_CLIENT] = "C: ",
	    [NET_TRANSCRIPT_REMARK] = "-- ",
	};
	struct buf out = BUF_INIT(LINE_MAXIMUM);
	struct err ignored;

	if (t->fd < 0)
		return;
	buf_adds(&out, marks[side]);
	buf_add_escaped(&out, line);
	buf_addc(&out, '\n');
	(void)file_write(t->fd, "transcript", buf_text(&out), out.len, &ignored);
	buf_free(&out);
}

void
net_transcript_remark(const struct net_transcript *t, const char *format, ...)
{
	char text[512];
	va_list args;

	if (t->fd < 0)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	net_transcript_line(t, NET_TRANSCRIPT_REMARK, str_slice(text));
}

void
net_transcript_tls(const struct net_transcript *t, const struct net_tls *tls)
{
	net_transcript_remark(t, "%s %s%s", net_tls_version(tls), net_tls_cipher(tls),
	    net_tls_is_resumed(tls) ? ", resumed" : "");
}
