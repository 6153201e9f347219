/*
 * setup_file: see setup_file.h.
 */
#include <config.h>

#include <sys/types.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/setup_file.h"
#include "base/file.h"
#include "base/path.h"
#include "conf/account_from.h"
#include "conf/accounts.h"
#include "conf/location.h"

#include "base/banned.h"

enum { FILE_MAX_BYTES = 1 << 20, FOLDER_MODE = 0700, FILE_MODE = 0600 };

/* Does a line "account NAME" give this name? Another would spoil the whole file. */
static int
check_name(const char *name, struct err *e)
{
	struct slice text = str_slice(name);

	if (text.len > 0 && str_trim(text).len == text.len && strpbrk(name, ":\"") == NULL)
		return 0;
	(void)err_set(e, EX_USAGE, "'%s' cannot be the name of an account", name);
	return err_hint(
	    e, "choose another name with -a, without colons, quotes, or blanks around it");
}

static int
check_names(const struct conf_accounts *set, const char *account,
    const struct mail_address *address, struct err *e)
{
	const struct conf_account *other = conf_accounts_find(set, str_slice(account));

	if (other != NULL) {
		(void)err_set(e, EX_CONFIG, "there is an account '%s' already, in line %u of '%s'",
		    account, other->origin.line, other->origin.name);
		return err_hint(e, "choose another name with -a");
	}
	for (size_t i = 0; (other = conf_accounts_at(set, i)) != NULL; i++) {
		if (conf_account_from_match(other, address) == CONF_ACCOUNT_FROM_ADDRESS)
			return err_set(e, EX_CONFIG,
			    "there is an account for this address already: '%s', in line %u of "
			    "'%s'",
			    other->name, other->origin.line, other->origin.name);
	}
	return 0;
}

/* Is the file on FD one that this user keeps? */
static bool
is_own(const char *name)
{
	return geteuid() == 0 || access(name, W_OK) == 0;
}

int
app_setup_file_find(const char *option, const char *account, const struct mail_address *address,
    struct buf *name, struct err *e)
{
	struct conf_accounts *set = NULL;
	struct buf found = BUF_INIT(PATH_MAXIMUM);
	int rc = check_name(account, e);
	int fd = rc == 0 ? conf_location_open(option, &found, e) : -1;

	if (fd >= 0) {
		(void)close(fd);
		if (conf_accounts_load(option, &set, e) != 0 ||
		    check_names(set, account, address, e) != 0)
			rc = -1;
		conf_accounts_free(set);
	}
	if (rc == 0 && fd >= 0 && is_own(buf_text(&found)))
		buf_add_slice(name, buf_slice(&found));
	else if (rc == 0 && option != NULL)
		path_expand(name, str_slice(option));
	else if (rc == 0 && getenv("IMBUCA_ACCOUNTS") != NULL && fd < 0)
		path_expand(name, str_slice(getenv("IMBUCA_ACCOUNTS")));
	else if (rc == 0 && !path_xdg(name, PATH_CONFIG, "imbuca/accounts"))
		rc = err_set(e, EX_CONFIG, "there is no home folder to keep an accounts file in");
	buf_free(&found);
	return rc;
}

/*
 * The lines of ACCOUNT. Secrets are written as they are. What msmtp has no word for stays out of a
 * FILE of its own, which it would refuse whole: host, port and user say as much as the provider.
 */
static void
write_account(struct buf *out, const char *file, const struct conf_account *account)
{
	bool msmtp = conf_location_is_msmtp(file);

	buf_addf(out, "account %s\n", account->name);
	for (const struct conf_account_keyword *row = conf_account_keyword_table; row->name != NULL;
	     row++) {
		struct buf value = BUF_INIT(FILE_MAX_BYTES);
		const char *quote;

		if (conf_account_origin(account, row)->kind != CONF_ORIGIN_OPTION || row->secret ||
		    (msmtp && strcmp(row->name, "provider") == 0))
			continue;
		conf_account_print(account, row, &value);
		quote = buf_text(&value)[0] == '"' ? "\"" : "";
		buf_addf(out, "%s %s%s%s\n", row->name, quote, buf_text(&value), quote);
		buf_free(&value);
	}
	if (account->password != NULL)
		buf_addf(out, "password \"%s\"\n", account->password);
	if (account->oauth_client_secret != NULL)
		buf_addf(out, "oauth_client_secret \"%s\"\n", account->oauth_client_secret);
}

/* The one account of the file NAME that is the one for everything; "" where there is none. */
static int
find_only(const char *name, struct buf *out, struct err *e)
{
	struct conf_accounts *set;

	if (conf_accounts_load(name, &set, e) != 0)
		return -1;
	if (conf_accounts_at(set, 0) != NULL && conf_accounts_at(set, 1) == NULL &&
	    conf_accounts_find(set, str_slice("default")) == NULL)
		buf_adds(out, conf_accounts_at(set, 0)->name);
	conf_accounts_free(set);
	return 0;
}

static int
read_old(const char *name, struct buf *text, struct buf *only, struct err *e)
{
	if (access(name, F_OK) != 0)
		return 0;
	if (file_read(name, text, e) != 0)
		return -1;
	if (text->len > 0 && text->data[text->len - 1] != '\n')
		buf_addc(text, '\n');
	if (text->len > 0)
		buf_addc(text, '\n');
	return find_only(name, only, e);
}

static int
make_folder(const char *name, struct err *e)
{
	struct slice whole = str_slice(name);
	const char *end = strrchr(name, '/');
	struct buf folder = BUF_INIT(PATH_MAXIMUM);
	int rc;

	if (end == NULL || end == name)
		return 0;
	buf_add_slice(&folder, str_range(whole.ptr, end));
	rc = file_make_folders(buf_text(&folder), FOLDER_MODE, e);
	buf_free(&folder);
	return rc;
}

int
app_setup_file_add(const char *name, const struct conf_account *account, struct err *e)
{
	struct buf text = BUF_INIT(FILE_MAX_BYTES), only = BUF_INIT(PATH_MAXIMUM);
	char *target = realpath(name, NULL);
	int rc = read_old(name, &text, &only, e);

	if (rc == 0)
		rc = make_folder(name, e);
	write_account(&text, name, account);
	if (only.len > 0)
		buf_addf(&text, "\naccount default : %s\n", buf_text(&only));
	if (rc == 0 && text.full)
		rc = err_set(e, EX_CONFIG, "the accounts file '%s' becomes too large", name);
	if (rc == 0)
		rc = file_replace(target != NULL ? target : name, FILE_MODE, buf_slice(&text), e);
	free(target);
	buf_wipe(&text);
	buf_free(&only);
	return rc;
}
