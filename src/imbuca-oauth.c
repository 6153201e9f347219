/*
 * imbuca-oauth: the helper that imbuca asks for what needs HTTPS, JSON or a QR code, so that imbuca
 * itself needs no library for it. imbuca-accounts(5) says what it reads and writes.
 */
#include <config.h>

#include <sys/resource.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/i18n.h"
#include "web/qr.h"
#include "web/request.h"

#include "base/banned.h"

enum { MAXIMUM = 256 << 10 }; /* bytes that it reads, and that it writes */

static int
print_qr(struct slice text, struct buf *out, struct err *e)
{
	struct buf line = BUF_INIT(4096);
	int rc;

	buf_add_slice(&line, str_trim(text));
	rc = web_qr_print(buf_text(&line), out, e);
	buf_free(&line);
	return rc;
}

/* Without an argument a request, with --qr a text. */
static int
run(char **argv, struct err *e)
{
	struct buf in = BUF_INIT(MAXIMUM), out = BUF_INIT(MAXIMUM);
	bool qr = argv[0] != NULL && argv[1] != NULL && strcmp(argv[1], "--qr") == 0;
	struct err unwritten;
	int rc;

	if (!qr && argv[0] != NULL && argv[1] != NULL)
		return err_set(e, EX_USAGE, "usage: imbuca-oauth [--qr], see imbuca-accounts(5)");
	rc = file_read_fd(STDIN_FILENO, "standard input", &in, e);
	if (rc == 0)
		rc = (qr ? print_qr : web_request_run)(buf_slice(&in), &out, e);
	if (file_write(STDOUT_FILENO, "standard output", out.data, out.len, &unwritten) != 0 &&
	    rc == 0) {
		*e = unwritten;
		rc = -1;
	}
	buf_wipe(&in);
	buf_wipe(&out);
	return rc;
}

int
main(int argc, char **argv)
{
	const struct rlimit none = {1, 1}; /* as in app/guard */
	struct err e = ERR_INIT;

	(void)argc;
	(void)setrlimit(RLIMIT_CORE, &none);
	i18n_start(); /* imbuca ends its own sentence with ours */
	if (run(argv, &e) == 0)
		return EX_OK;
	(void)fprintf(stderr, "imbuca-oauth: %s\n", e.msg);
	return e.ex;
}
