/*
 * qr: see qr.h.
 */
#include <config.h>

#include <qrencode.h>

#include "web/qr.h"

#include "base/banned.h"

enum { MARGIN = 2 }; /* modules */

/* Is the module at X, Y light? Around the code all are; below it nothing is. */
static bool
is_light(const QRcode *code, int x, int y)
{
	if (y >= code->width + MARGIN)
		return false;
	if (x < 0 || y < 0 || x >= code->width || y >= code->width)
		return true;
	return (code->data[y * code->width + x] & 1) == 0;
}

int
web_qr_print(const char *text, struct buf *out, struct err *e)
{
	static const char *const blocks[2][2] = {{" ", "▄"}, {"▀", "█"}};
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);

	if (code == NULL)
		return err_set(e, EX_DATAERR, "there is no QR code of so long a text");
	for (int y = -MARGIN; y < code->width + MARGIN; y += 2) {
		for (int x = -MARGIN; x < code->width + MARGIN; x++)
			buf_adds(out, blocks[is_light(code, x, y)][is_light(code, x, y + 1)]);
		buf_addc(out, '\n');
	}
	QRcode_free(code);
	return 0;
}
