/*
 * verify: see verify.h. The lines are sendmail's.
 */
#include <config.h>

#include <unistd.h>

#include "app/envelope.h"
#include "app/submission.h"
#include "app/verify.h"
#include "base/file.h"

#include "base/banned.h"

enum { TEXT_MAX = 4 << 20 };

static void
add_names(struct buf *out, const struct mail_envelope *envelope, const char *way)
{
	for (size_t i = 0; i < envelope->count; i++) {
		mail_address_write(out, &envelope->recipients[i].address);
		buf_addf(out, "... deliverable: %s\n", way);
	}
}

static int
print(const struct app_submission *s, struct err *e)
{
	const struct conf_account *account = s->account.account;
	struct buf out = BUF_INIT(TEXT_MAX), way = BUF_INIT(TEXT_MAX);
	int rc;

	add_names(
	    &out, &s->route.local, s->absent ? "the queue, until imbucad answers" : "imbucad");
	if (account != NULL)
		buf_addf(&way, "account %s, server %s port %u", account->name, account->host,
		    account->port);
	add_names(&out, &s->route.remote, buf_text(&way));
	rc = file_write(STDOUT_FILENO, "standard output", buf_text(&out), out.len, e);
	buf_free(&out);
	buf_free(&way);
	return rc;
}

int
app_verify_run(const struct app_options *options, struct err *e)
{
	struct app_submission s = APP_SUBMISSION_INIT(options);
	int rc = app_envelope_read(&s, e);

	if (rc == 0)
		rc = app_submission_route(&s, e);
	if (rc == 0)
		rc = print(&s, e);
	if (rc == 0)
		rc = app_submission_conclude(&s, e);
	app_submission_free(&s);
	return rc;
}
