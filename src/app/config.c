/*
 * config: see config.h.
 */
#include <config.h>

#include <unistd.h>

#include "app/config.h"
#include "base/file.h"
#include "base/json.h"

#include "base/banned.h"

enum {
	OUTPUT_MAXIMUM = 4 << 20, /* a file of 1 MiB, each byte escaped */
	NAME_COLUMNS = 24,
	VALUE_COLUMNS = 30,
};

/* The file that the account is from, NULL for one made of options. */
static const char *
file_of(const struct app_account *account)
{
	return account->accounts != NULL ? conf_accounts_file(account->accounts) : NULL;
}

static void
write_head(const struct app_account *account, struct buf *out)
{
	const struct conf_account *a = account->account;
	const char *file = file_of(account);

	if (file == NULL) {
		buf_adds(out, "account made of options alone\n");
		return;
	}
	buf_adds(out, "account '");
	buf_add_escaped(out, str_slice(a->name));
	buf_adds(out, "' of ");
	buf_add_escaped(out, str_slice(file));
	buf_addc(out, '\n');
	if (a->msmtp)
		buf_adds(out, "(a file of msmtp's: its defaults hold)\n");
	if (a->secret_voided_by != NULL)
		buf_addf(
		    out, "(its stored password is not used, because of %s)\n", a->secret_voided_by);
}

/* Appends TEXT, escaped, and blanks up to COLUMNS, at least one. */
static void
add_column(struct buf *out, struct slice text, size_t columns)
{
	size_t begin = out->len;

	buf_add_escaped(out, text);
	do
		buf_addc(out, ' ');
	while (!out->full && out->len < begin + columns);
}

void
app_config_write(const struct app_account *account, struct buf *out)
{
	const struct conf_account *a = account->account;

	write_head(account, out);
	for (const struct conf_account_keyword *row = conf_account_keyword_table; row->name != NULL;
	     row++) {
		struct buf value = BUF_INIT(OUTPUT_MAXIMUM), origin = BUF_INIT(OUTPUT_MAXIMUM);

		if (row->instead != NULL &&
		    conf_account_origin(a, row)->kind == CONF_ORIGIN_DEFAULT)
			continue;
		conf_account_print(a, row, &value);
		conf_origin_print(conf_account_origin(a, row), &origin);
		add_column(out, str_slice(row->name), NAME_COLUMNS);
		add_column(out, value.len > 0 ? buf_slice(&value) : str_slice("-"), VALUE_COLUMNS);
		buf_add_escaped(out, buf_slice(&origin));
		buf_addc(out, '\n');
		buf_free(&value);
		buf_free(&origin);
	}
}

/* One member: {"value": ..., "origin": "...", "file": ..., "line": N}. */
static void
write_member(const struct conf_account *a, const struct conf_account_keyword *row, struct json *j)
{
	static const char *const kinds[] = {
	    [CONF_ORIGIN_DEFAULT] = "default",
	    [CONF_ORIGIN_FILE] = "file",
	    [CONF_ORIGIN_OPTION] = "option",
	    [CONF_ORIGIN_PROVIDER] = "provider",
	};
	const struct conf_origin *origin = conf_account_origin(a, row);
	struct buf value = BUF_INIT(OUTPUT_MAXIMUM);

	conf_account_print(a, row, &value);
	json_object(j, row->name);
	json_text(j, "value", buf_slice(&value));
	json_text(j, "origin", str_slice(kinds[origin->kind]));
	if (origin->name != NULL)
		json_text(j, origin->kind == CONF_ORIGIN_DEFAULT ? "reason" : "name",
		    str_slice(origin->name));
	if (origin->kind == CONF_ORIGIN_FILE)
		json_number(j, "line", origin->line);
	json_object_end(j);
	buf_free(&value);
}

static void
write_json(const struct app_account *account, struct buf *out)
{
	const struct conf_account *a = account->account;
	struct json j = JSON_INIT(out);

	json_object(&j, NULL);
	json_text(&j, "file", str_slice(file_of(account)));
	json_text(&j, "account", str_slice(a->name));
	json_bool(&j, "msmtp_defaults", a->msmtp);
	json_text(&j, "secret_voided_by", str_slice(a->secret_voided_by));
	json_object(&j, "settings");
	for (const struct conf_account_keyword *row = conf_account_keyword_table; row->name != NULL;
	     row++)
		write_member(a, row, &j);
	json_object_end(&j);
	json_object_end(&j);
	buf_addc(out, '\n');
}

int
app_config_run(const struct app_options *options, struct err *e)
{
	const char *name = options->operand_count > 0 ? options->operands[0] : NULL;
	struct buf out = BUF_INIT(OUTPUT_MAXIMUM);
	struct app_account account;
	int result;

	if (options->operand_count > 1)
		return err_set(
		    e, EX_USAGE, "config takes one account, not %zu", options->operand_count);
	if (app_account_find(&account, options, name, NULL, e) < 0)
		return -1;
	app_account_warn(&account);
	if (options->json)
		write_json(&account, &out);
	else
		app_config_write(&account, &out);
	app_account_free(&account);
	if (out.full)
		result = err_set(e, EX_TEMPFAIL, "out of memory");
	else
		result = file_write(STDOUT_FILENO, "standard output", out.data, out.len, e);
	buf_free(&out);
	return result;
}
