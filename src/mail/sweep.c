/*
 * sweep: see sweep.h.
 *
 * The loops are of a fixed length and without a branch, so that compilers make vector instructions
 * of them.
 */
#include <config.h>

#include "mail/sweep.h"

#include "base/banned.h"

enum { STRIDE = 128 }; /* bytes; what is counted in them fits into one */

/* Adds what is in the N bytes at P, one of which stands before them too. */
static inline void
count(struct mail_sweep *sweep, const unsigned char *p, size_t n)
{
	unsigned char lfs = 0, crs = 0, crlfs = 0, bits = 0;

	for (size_t i = 0; i < n; i++) {
		lfs = (unsigned char)(lfs + (p[i] == '\n'));
		crs = (unsigned char)(crs + (p[i] == '\r'));
		crlfs = (unsigned char)(crlfs + ((p[i] == '\n') & (p[i - 1] == '\r')));
		bits |= p[i];
	}
	sweep->lfs += lfs;
	sweep->crs += crs;
	sweep->crlfs += crlfs;
	sweep->has_8bit |= bits > 0x7f;
}

struct mail_sweep
mail_sweep_count(struct slice block)
{
	const unsigned char *p = (const unsigned char *)block.ptr;
	struct mail_sweep sweep = {.lfs = 0};
	size_t at = 1;

	if (block.len == 0)
		return sweep;
	sweep.lfs = p[0] == '\n';
	sweep.crs = p[0] == '\r';
	sweep.has_8bit = p[0] > 0x7f;
	for (; block.len - at >= STRIDE; at += STRIDE)
		count(&sweep, p + at, STRIDE);
	count(&sweep, p + at, block.len - at);
	return sweep;
}

/* Is there, in the N bytes at P, a half of a CRLF alone, or DOT behind an LF? */
static inline bool
differs(const unsigned char *p, size_t n, unsigned char dot)
{
	unsigned char found = 0;

	for (size_t i = 0; i < n; i++) {
		found |= (p[i] == '\n') ^ (p[i - 1] == '\r');
		found |= (p[i] == dot) & (p[i - 1] == '\n');
	}
	return found != 0;
}

bool
mail_sweep_is_wire(struct slice block, bool at_begin, bool stuffed)
{
	const unsigned char *p = (const unsigned char *)block.ptr;
	unsigned char dot = stuffed ? '.' : '\n'; /* an LF behind an LF is alone anyway */
	size_t at = 1;

	if (block.len == 0)
		return true;
	if (p[0] == '\n' || p[block.len - 1] == '\r' || (at_begin && p[0] == dot))
		return false;
	for (; block.len - at >= STRIDE; at += STRIDE) {
		if (differs(p + at, STRIDE, dot))
			return false;
	}
	return !differs(p + at, block.len - at, dot);
}
