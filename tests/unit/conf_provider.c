/*
 * Units of conf/provider and provider_file: the table that is built in is what its text says, the
 * searches, the files that add and replace.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/path.h"
#include "conf/provider_file.h"

#include "base/banned.h"

static void
assert_same_list(const char *const *a, const char *const *b)
{
	size_t i = 0;

	for (; a[i] != NULL && b[i] != NULL; i++)
		assert_string_equal(a[i], b[i]);
	assert_ptr_equal(a[i], b[i]);
}

static void
assert_same_ports(const struct conf_provider_port *a, const struct conf_provider_port *b)
{
	for (size_t i = 0; a[i].number != 0 || b[i].number != 0; i++) {
		assert_int_equal(a[i].number, b[i].number);
		assert_int_equal(a[i].starttls, b[i].starttls);
		assert_int_equal(a[i].unverified, b[i].unverified);
	}
}

static void
assert_same(const struct conf_provider *a, const struct conf_provider *b)
{
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->title, b->title);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->known, b->known);
	assert_same_list(a->domains, b->domains);
	assert_same_list(a->mx, b->mx);
	assert_same_list(a->host, b->host);
	assert_same_list(a->regions, b->regions);
	assert_same_ports(a->port, b->port);
	assert_same_list(a->auth, b->auth);
	assert_int_equal(a->user, b->user);
	assert_string_equal(a->user_word, b->user_word);
	assert_int_equal(a->password, b->password);
	assert_string_equal(a->oauth_auth, b->oauth_auth);
	assert_string_equal(a->oauth_token, b->oauth_token);
	assert_string_equal(a->oauth_device, b->oauth_device);
	assert_string_equal(a->oauth_revoke, b->oauth_revoke);
	assert_string_equal(a->oauth_scope, b->oauth_scope);
	assert_string_equal(a->oauth_client, b->oauth_client);
	assert_string_equal(a->oauth_page, b->oauth_page);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->recipients, b->recipients);
	assert_int_equal(a->connections, b->connections);
	assert_string_equal(a->limits, b->limits);
	assert_int_equal(a->sender, b->sender);
	assert_same_list(a->aliases, b->aliases);
	assert_string_equal(a->app_page, b->app_page);
	assert_string_equal(a->help_page, b->help_page);
	assert_string_equal(a->spf, b->spf);
	assert_same_list(a->dkim, b->dkim);
	assert_string_equal(a->note, b->note);
	assert_int_equal(a->unverified, b->unverified);
}

/* Two readers, the generator and the program's own, agree on every row. */
static void
is_what_its_text_says(void **state)
{
	const char *top = getenv("srcdir");
	struct buf name = BUF_INIT(PATH_MAXIMUM), text = BUF_INIT(1 << 20);
	struct conf_provider_more *more = calloc(1, sizeof *more);
	struct err e = ERR_INIT;
	size_t i = 0;

	(void)state;
	assert_non_null(more);
	buf_addf(&name, "%s/data/providers", top != NULL ? top : ".");
	if (file_read(buf_text(&name), &text, &e) != 0 ||
	    conf_provider_file_parse(more, "providers", buf_slice(&text), &e) != 0)
		fail_msg("%s", e.msg);
	for (; i < more->count; i++)
		assert_same(&conf_provider_table[i], &more->at[i]);
	assert_null(conf_provider_table[i].name);
	assert_true(i >= 79);
	conf_provider_file_free(more);
	buf_free(&text);
	buf_free(&name);
}

static void
finds(void **state)
{
	static const struct {
		const struct conf_provider *(*search)(
		    const struct conf_provider_more *more, struct slice word);
		const char *word, *found; /* NULL: none */
	} cases[] = {
	    {conf_provider_find, "gmail", "gmail"}, {conf_provider_find, "GMail", "gmail"},
	    {conf_provider_find, "gmai", NULL}, {conf_provider_find, "", NULL},
	    {conf_provider_of_domain, "Libero.IT", "libero"},
	    {conf_provider_of_domain, "inwind.it.", "libero"},
	    {conf_provider_of_domain, "example.org", NULL},
	    {conf_provider_of_mx, "aspmx.l.google.com.", "gmail"},
	    {conf_provider_of_mx, "ALT1.ASPMX.L.GOOGLE.COM", "gmail"},
	    {conf_provider_of_mx, "example-org.mail.protection.outlook.com", "office365"},
	    {conf_provider_of_mx, "hotmail-com.olc.protection.outlook.com", "outlook"},
	    {conf_provider_of_mx, "mx00.ionos.it", "ionos"},
	    {conf_provider_of_mx, "mx.example.org", NULL},
	    {conf_provider_of_host, "smtp.gmail.com", "gmail"},
	    {conf_provider_of_host, "smtp.virgilio.it", "virgilio"},
	    {conf_provider_of_host, "email-smtp.eu-west-1.amazonaws.com", "ses"},
	    {conf_provider_of_host, "smtp.126.com", "netease"},
	    {conf_provider_of_host, "smtp.example.org", NULL},
	    {conf_provider_of_host, "127.0.0.1", NULL}, /* a bridge's, and any server's here */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct conf_provider *p = cases[i].search(NULL, str_slice(cases[i].word));

		if (cases[i].found == NULL)
			assert_null(p);
		else if (p == NULL || strcmp(p->name, cases[i].found) != 0)
			fail_msg("%s: not %s", cases[i].word, cases[i].found);
	}
}

static void
names_the_server(void **state)
{
	static const struct {
		const char *provider, *region, *domain, *host; /* host NULL: an error */
	} cases[] = {
	    {"gmail", "", "", "smtp.gmail.com"},
	    {"gmail", "eu", "", NULL},
	    {"ses", "eu-south-1", "", "email-smtp.eu-south-1.amazonaws.com"},
	    {"ses", "", "", NULL},
	    {"ses", "eu-sud-1", "", NULL},
	    {"netease", "", "126.com", "smtp.126.com"},
	    {"netease", "", "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct conf_provider *p =
		    conf_provider_find(NULL, str_slice(cases[i].provider));
		struct buf host = BUF_INIT(256);
		struct err e = ERR_INIT;
		int rc = conf_provider_host(
		    p, str_slice(cases[i].region), str_slice(cases[i].domain), &host, &e);

		assert_int_equal(rc, cases[i].host != NULL ? 0 : -1);
		if (rc == 0)
			assert_string_equal(buf_text(&host), cases[i].host);
		else
			assert_int_equal(e.ex, EX_CONFIG);
		buf_free(&host);
	}
}

static void
file_adds_and_replaces(void **state)
{
	static const char text[] = "provider acme\ntitle Acme\nhost smtp.acme.example\n"
				   "port 465 tls\nport? 587 starttls\ndomains acme.example\n"
				   "sender? own\nuser literal acme\n"
				   "provider gmail\ntitle Ours\nhost mail.example.org\n"
				   "port 587 starttls\ndomains gmail.com\n";
	struct conf_provider_more *more = calloc(1, sizeof *more);
	const struct conf_provider *p;
	struct err e = ERR_INIT;
	size_t count = 0, gmails = 0;

	(void)state;
	assert_non_null(more);
	assert_int_equal(conf_provider_file_parse(more, "f", str_slice(text), &e), 0);
	p = conf_provider_of_domain(more, str_slice("acme.example"));
	assert_non_null(p);
	assert_string_equal(p->user_word, "acme");
	assert_int_equal(p->unverified, CONF_PROVIDER_FIELD_SENDER);
	assert_true(p->port[1].unverified && p->port[1].starttls);
	p = conf_provider_of_domain(more, str_slice("gmail.com"));
	assert_non_null(p);
	assert_string_equal(p->title, "Ours");
	for (; (p = conf_provider_at(more, count)) != NULL; count++)
		gmails += strcmp(p->name, "gmail") == 0;
	assert_int_equal(gmails, 1);
	for (p = conf_provider_table; p->name != NULL; p++)
		count--;
	assert_int_equal(count, 1);
	conf_provider_file_free(more);
}

static void
file_is_blamed(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
	    {"title X\n", "f:1:1: a line 'provider NAME' must stand above this"},
	    {"provider a\ntitel X\n", "f:2:1: unknown keyword 'titel' (did you mean 'title'?)"},
	    {"provider a\nport 465\n",
		"f:2:1: '465' is not a port and how it is spoken, tls or starttls"},
	    {"provider a\nsender owl\n",
		"f:2:1: 'owl' is no value of 'sender' (did you mean 'own'?)"},
	    {"provider a\nsize big\n", "f:2:1: 'big' is no number"},
	    {"provider a\nuser literal\n",
		"f:2:1: 'user' is address, local, other, any, or literal and the name"},
	    {"provider a\ntitle A\n", "f:2: the provider 'a' needs a title, a host and a port"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct conf_provider_more *more = calloc(1, sizeof *more);
		struct err e = ERR_INIT;

		assert_non_null(more);
		assert_int_equal(
		    conf_provider_file_parse(more, "f", str_slice(cases[i].text), &e), -1);
		assert_string_equal(e.msg, cases[i].message);
		assert_int_equal(e.ex, EX_CONFIG);
		conf_provider_file_free(more);
	}
}

static void
file_of_the_user_is_read(void **state)
{
	char folder[] = "/tmp/imbuca-XXXXXX", name[128];
	static const char text[] = "provider acme\ntitle Acme\nhost h\nport 25 starttls\n";
	struct conf_provider_more *more;
	struct err e = ERR_INIT;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(setenv("XDG_CONFIG_HOME", folder, 1), 0);
	assert_int_equal(conf_provider_file_load(&more, &e), 0);
	assert_null(conf_provider_find(more, str_slice("acme")));
	conf_provider_file_free(more);
	(void)snprintf(name, sizeof name, "%s/imbuca", folder);
	assert_int_equal(mkdir(name, 0700), 0);
	(void)snprintf(name, sizeof name, "%s/imbuca/providers", folder);
	assert_int_equal(file_replace(name, 0644, str_slice(text), &e), 0);
	assert_int_equal(conf_provider_file_load(&more, &e), 0);
	assert_non_null(conf_provider_find(more, str_slice("acme")));
	conf_provider_file_free(more);
	assert_int_equal(chmod(name, 0666), 0);
	assert_int_equal(conf_provider_file_load(&more, &e), -1);
	assert_int_equal(e.ex, EX_CONFIG);
	assert_int_equal(unlink(name), 0);
	(void)snprintf(name, sizeof name, "%s/imbuca", folder);
	assert_int_equal(rmdir(name), 0);
	assert_int_equal(rmdir(folder), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_what_its_text_says),
	    cmocka_unit_test(finds),
	    cmocka_unit_test(names_the_server),
	    cmocka_unit_test(file_adds_and_replaces),
	    cmocka_unit_test(file_is_blamed),
	    cmocka_unit_test(file_of_the_user_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
