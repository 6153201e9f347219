/*
 * providers: see providers.h.
 */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/paragraph.h"
#include "app/providers.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/json.h"
#include "conf/provider_file.h"

#include "base/banned.h"

enum { OUTPUT_MAX = 1 << 20, VALUE_MAX = 64 << 10, PORTS_WIDTH = 14 };

/* In the order of the enums; the words are those of data/providers. */
static const char *const kind_words[] = {
    "mailbox", "isp", "hosting", "business", "pec", "esp", "bridge"};
static const char *const known_words[] = {"confirmed", "listed", "unverified"};
static const char *const user_words[] = {"address", "local", "literal", "other", "any"};
static const char *const sender_words[] = {"unknown", "own", "domain", "verified", "rewritten"};
static const char *const password_words[] = {"account", "app", "key", "smtp", "oauth"};

static const char *const known_sentences[] = {
    N_("confirmed by the provider or by two lists"),
    N_("from one list; not confirmed"),
    N_("unverified"),
};

static const char *const user_sentences[] = {
    N_("the whole address"),
    N_("what stands before the @ of the address"),
    N_("the word that follows"),
    N_("one that the provider has made for you"),
    N_("any will do"),
};

static const char *const sender_sentences[] = {
    "",
    N_("your own address and its aliases alone"),
    N_("any address of your domain, and no other"),
    N_("only what you have verified on the provider's site"),
    N_("any; but a From that is not a verified alias is replaced by your own address"),
};

static const char *const password_sentences[] = {
    N_("the password of the mailbox"),
    N_("an app password; beside the mailbox's own, where two-step verification is on"),
    N_("an API key or token"),
    N_("a password that the provider makes for this alone"),
    N_("OAuth2: imbuca login"),
};

static bool
is_doubted(const struct conf_provider *p, enum conf_provider_field field)
{
	return (p->unverified & field) != 0 || p->known == CONF_PROVIDER_KNOWN_UNVERIFIED;
}

static void
add_list(struct buf *out, const char *const *list)
{
	for (size_t i = 0; list[i] != NULL; i++)
		buf_addf(out, "%s%s", i > 0 ? " " : "", list[i]);
}

static void
add_passwords(struct buf *out, unsigned set)
{
	const char *gap = "";

	for (size_t i = 0; i < sizeof password_words / sizeof password_words[0]; i++) {
		if ((set >> i & 1) == 0)
			continue;
		buf_addf(out, "%s%s", gap, password_words[i]);
		gap = " ";
	}
}

/* --- a line each --- */

/* The ports that have room in a line; "+" where there are more. */
static void
add_ports(struct buf *out, const struct conf_provider_port *port)
{
	for (; port->number != 0; port++) {
		size_t room = port[1].number != 0 ? PORTS_WIDTH - strlen(" +") : PORTS_WIDTH;
		size_t before = out->len;

		buf_addf(out, "%s%u%s", before > 0 ? " " : "", port->number,
		    port->unverified ? "?" : "");
		if (out->len <= room)
			continue;
		buf_truncate(out, before);
		buf_adds(out, " +");
		return;
	}
}

static void
write_row(struct buf *out, const struct conf_provider *p)
{
	struct buf host = BUF_INIT(VALUE_MAX), ports = BUF_INIT(256), passwords = BUF_INIT(256);

	buf_addf(&host, "%s%s", p->host[0], is_doubted(p, CONF_PROVIDER_FIELD_HOST) ? "?" : "");
	add_ports(&ports, p->port);
	add_passwords(&passwords, p->password);
	buf_addf(out, "%-14s %-34s %-*s %s%s\n", p->name, buf_text(&host), PORTS_WIDTH,
	    buf_text(&ports), buf_text(&passwords),
	    is_doubted(p, CONF_PROVIDER_FIELD_PASSWORD) ? "?" : "");
	buf_free(&host);
	buf_free(&ports);
	buf_free(&passwords);
}

/* --- one in full --- */

/* WORD and TEXT, with a mark where FIELD is not confirmed. */
static void
add(const struct app_paragraph *out, const struct conf_provider *p, enum conf_provider_field field,
    const char *word, const char *text)
{
	struct buf value = BUF_INIT(VALUE_MAX);

	buf_adds(&value, text);
	if (value.len > 0 && (p->unverified & field) != 0)
		buf_addf(&value, " (%s)", _("unverified"));
	app_paragraph_add(out, word, buf_text(&value));
	buf_free(&value);
}

static void
add_words(const struct app_paragraph *out, const struct conf_provider *p,
    enum conf_provider_field field, const char *word, const char *const *list)
{
	struct buf value = BUF_INIT(VALUE_MAX);

	add_list(&value, list);
	add(out, p, field, word, buf_text(&value));
	buf_free(&value);
}

static void
add_number(const struct app_paragraph *out, const struct conf_provider *p,
    enum conf_provider_field field, const char *word, uint64_t number)
{
	char text[32] = "";

	if (number > 0)
		(void)snprintf(text, sizeof text, "%" PRIu64, number);
	add(out, p, field, word, text);
}

static void
write_servers(const struct app_paragraph *out, const struct conf_provider *p)
{
	add_words(out, p, CONF_PROVIDER_FIELD_HOST, _("server"), p->host);
	add_words(out, p, CONF_PROVIDER_FIELD_HOST, _("regions"), p->regions);
	for (const struct conf_provider_port *port = p->port; port->number != 0; port++) {
		struct buf value = BUF_INIT(VALUE_MAX);

		buf_addf(&value, "%u, %s", port->number,
		    port->starttls ? _("TLS by STARTTLS") : _("TLS from the start"));
		if (port->unverified)
			buf_addf(&value, " (%s)", _("unverified"));
		app_paragraph_add(out, _("port"), buf_text(&value));
		buf_free(&value);
	}
}

static void
write_login(const struct app_paragraph *out, const struct conf_provider *p)
{
	add_words(out, p, CONF_PROVIDER_FIELD_AUTH, _("login by"), p->auth);
	add(out, p, CONF_PROVIDER_FIELD_USER, _("user"),
	    p->user == CONF_PROVIDER_USER_LITERAL ? p->user_word
						  : i18n_text(user_sentences[p->user]));
	for (size_t i = 0; i < sizeof password_sentences / sizeof password_sentences[0]; i++) {
		if ((p->password >> i & 1) != 0)
			add(out, p, CONF_PROVIDER_FIELD_PASSWORD, _("password"),
			    i18n_text(password_sentences[i]));
	}
	add(out, p, CONF_PROVIDER_FIELD_APP_PAGE, _("made on"), p->app_page);
	add(out, p, CONF_PROVIDER_FIELD_OAUTH, _("OAuth2 by"), p->oauth_page);
	add(out, p, CONF_PROVIDER_FIELD_NOTE, _("note"), i18n_text(p->note));
}

static void
write_all(struct buf *text, const struct conf_provider *p)
{
	struct app_paragraph out = APP_PARAGRAPH_INIT(text, STDOUT_FILENO);

	buf_addf(text, "%s: %s\n", p->name, p->title);
	app_paragraph_add(&out, _("known"), i18n_text(known_sentences[p->known]));
	write_servers(&out, p);
	write_login(&out, p);
	add(&out, p, CONF_PROVIDER_FIELD_SENDER, _("sender"),
	    i18n_text(sender_sentences[p->sender]));
	add_words(&out, p, 0, _("also"), p->aliases);
	add_number(&out, p, CONF_PROVIDER_FIELD_RECIPIENTS, _("recipients"), p->recipients);
	add_number(&out, p, 0, _("connections"), p->connections);
	add_number(&out, p, CONF_PROVIDER_FIELD_SIZE, _("bytes"), p->size);
	add(&out, p, CONF_PROVIDER_FIELD_LIMITS, _("limits"), i18n_text(p->limits));
	add(&out, p, CONF_PROVIDER_FIELD_HELP_PAGE, _("page"), p->help_page);
	add_words(&out, p, CONF_PROVIDER_FIELD_DOMAINS, _("addresses"), p->domains);
	add_words(&out, p, CONF_PROVIDER_FIELD_MX, _("mx"), p->mx);
	add(&out, p, CONF_PROVIDER_FIELD_SPF, _("spf"), p->spf);
	add_words(&out, p, CONF_PROVIDER_FIELD_DKIM, _("dkim"), p->dkim);
}

/* --- as JSON --- */

static void
json_list(struct json *j, const char *key, const char *const *list)
{
	json_array(j, key);
	for (; *list != NULL; list++)
		json_text(j, NULL, str_slice(*list));
	json_array_end(j);
}

static void
json_ports(struct json *j, const struct conf_provider_port *port)
{
	json_array(j, "ports");
	for (; port->number != 0; port++) {
		json_object(j, NULL);
		json_number(j, "port", port->number);
		json_text(j, "tls", str_slice(port->starttls ? "starttls" : "tls"));
		json_bool(j, "unverified", port->unverified);
		json_object_end(j);
	}
	json_array_end(j);
}

/* The fields that nobody has confirmed, by the names that they have in data/providers. */
static void
json_doubts(struct json *j, const struct conf_provider *p)
{
	static const char *const names[] = {"domains", "mx", "host", "auth", "user", "password",
	    "oauth", "size", "recipients", "limits", "sender", "app_page", "help_page", "spf",
	    "dkim", "note"};

	json_array(j, "unverified");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if ((p->unverified >> i & 1) != 0)
			json_text(j, NULL, str_slice(names[i]));
	}
	json_array_end(j);
}

static void
json_texts(struct json *j, const struct conf_provider *p)
{
	const struct {
		const char *key, *value;
	} texts[] = {
	    {"oauth_auth", p->oauth_auth},
	    {"oauth_token", p->oauth_token},
	    {"oauth_device", p->oauth_device},
	    {"oauth_revoke", p->oauth_revoke},
	    {"oauth_scope", p->oauth_scope},
	    {"oauth_page", p->oauth_page},
	    {"limits", i18n_text(p->limits)},
	    {"app_page", p->app_page},
	    {"help_page", p->help_page},
	    {"spf", p->spf},
	    {"note", i18n_text(p->note)},
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		json_text(j, texts[i].key, str_slice(texts[i].value));
}

static void
json_provider(struct json *j, const struct conf_provider *p)
{
	struct buf passwords = BUF_INIT(256);

	json_object(j, NULL);
	json_text(j, "name", str_slice(p->name));
	json_text(j, "title", str_slice(p->title));
	json_text(j, "kind", str_slice(kind_words[p->kind]));
	json_text(j, "known", str_slice(known_words[p->known]));
	json_text(j, "host", str_slice(p->host[0]));
	json_list(j, "hosts", p->host);
	json_list(j, "regions", p->regions);
	json_ports(j, p->port);
	json_list(j, "auth", p->auth);
	json_text(j, "user", str_slice(user_words[p->user]));
	json_text(j, "user_word", str_slice(p->user_word));
	add_passwords(&passwords, p->password);
	json_text(j, "password", buf_slice(&passwords));
	buf_free(&passwords);
	json_number(j, "size", (int64_t)p->size);
	json_number(j, "recipients", p->recipients);
	json_number(j, "connections", p->connections);
	json_text(j, "sender", str_slice(sender_words[p->sender]));
	json_list(j, "aliases", p->aliases);
	json_list(j, "domains", p->domains);
	json_list(j, "mx", p->mx);
	json_list(j, "dkim", p->dkim);
	json_texts(j, p);
	json_doubts(j, p);
	json_object_end(j);
}

/* --- the command --- */

static int
find(const struct conf_provider_more *more, const char *word, const struct conf_provider **out,
    struct err *e)
{
	struct slice domain = str_slice(word);

	*out = conf_provider_find(more, str_slice(word));
	if (*out == NULL && strchr(word, '@') != NULL) {
		(void)str_cut(&domain, '@');
		*out = conf_provider_of_domain(more, domain);
		if (*out == NULL)
			return err_set(e, EX_USAGE,
			    "no provider that we know gives out addresses of '%.*s'",
			    STR_ARGS(domain));
	}
	if (*out == NULL) {
		(void)conf_provider_unknown(more, str_slice(word), e);
		e->ex = EX_USAGE;
		return -1;
	}
	return 0;
}

static void
write_list(const struct conf_provider_more *more, bool as_json, struct buf *out)
{
	const struct conf_provider *p;
	struct json j = JSON_INIT(out);

	if (as_json)
		json_array(&j, NULL);
	for (size_t i = 0; (p = conf_provider_at(more, i)) != NULL; i++) {
		if (as_json)
			json_provider(&j, p);
		else
			write_row(out, p);
	}
	if (as_json)
		json_array_end(&j);
	else
		buf_addf(out, "\n%s\n",
		    _("? unverified; + more ports, all shown by: imbuca providers NAME"));
}

static void
write_one(const struct conf_provider *p, bool as_json, struct buf *out)
{
	struct json j = JSON_INIT(out);

	if (as_json)
		json_provider(&j, p);
	else
		write_all(out, p);
}

int
app_providers_run(const struct app_options *options, struct err *e)
{
	struct conf_provider_more *more = NULL;
	const struct conf_provider *p = NULL;
	struct buf out = BUF_INIT(OUTPUT_MAX);
	int rc;

	if (options->operand_count > 1)
		return err_set(e, EX_USAGE, "providers takes one name or address, not %zu",
		    options->operand_count);
	rc = conf_provider_file_load(&more, e);
	if (rc == 0 && options->operand_count == 1)
		rc = find(more, options->operands[0], &p, e);
	if (rc == 0 && p != NULL)
		write_one(p, options->json, &out);
	else if (rc == 0)
		write_list(more, options->json, &out);
	if (rc == 0 && options->json)
		buf_addc(&out, '\n');
	if (rc == 0)
		rc = file_write(STDOUT_FILENO, "standard output", out.data, out.len, e);
	buf_free(&out);
	conf_provider_file_free(more);
	return rc;
}
