/*
 * code: see code.h.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/crypto.h"
#include "base/module.h"
#include "base/secret.h"
#include "oauth/access.h"
#include "oauth/code.h"
#include "oauth/exchange.h"
#include "oauth/form.h"
#include "oauth/lines.h"

#include "base/banned.h"

enum {
	URL_MAXIMUM = 8192,
	RANDOM = CRYPTO_SHA256_SIZE, /* bytes, as long as the hash that has the same form */
};

/* base64url (RFC 4648 5) of 32 bytes, without padding. */
static void
encode(const unsigned char bytes[RANDOM], char out[OAUTH_CODE_RANDOM_SIZE])
{
	struct buf text = BUF_INIT(OAUTH_CODE_RANDOM_SIZE);

	base64_encode_url(&text, (struct slice){(const char *)bytes, RANDOM});
	(void)str_copy(out, OAUTH_CODE_RANDOM_SIZE, buf_slice(&text));
	buf_wipe(&text);
}

static int
make_random(char out[OAUTH_CODE_RANDOM_SIZE], struct err *e)
{
	unsigned char bytes[RANDOM];
	int rc = secret_random(bytes, sizeof bytes, e);

	if (rc == 0)
		encode(bytes, out);
	explicit_bzero(bytes, sizeof bytes);
	return rc;
}

/* The challenge that belongs to VERIFIER, by S256 (RFC 7636 4.2). */
static int
make_challenge(const char *verifier, char out[OAUTH_CODE_RANDOM_SIZE], struct err *e)
{
	const struct module *module = module_get(e);
	unsigned char hash[RANDOM];

	if (module == NULL || module->sha256(str_slice(verifier), hash, e) != 0)
		return -1;
	encode(hash, out);
	return 0;
}

/*
 * The address for the person. What is not of RFC 6749 and 7636 is how Google and OpenID Connect are
 * asked for a refresh token, each time anew, and for this user; a server that does not know it
 * passes over it.
 */
static void
make_url(const struct oauth_client *c, const char *challenge, struct oauth_code *code)
{
	const struct {
		const char *name, *value;
	} parameters[] = {
	    {"response_type", "code"},
	    {"client_id", c->id},
	    {"redirect_uri", code->redirect},
	    {"scope", c->scope},
	    {"state", code->state},
	    {"code_challenge", challenge},
	    {"code_challenge_method", "S256"},
	    {"login_hint", c->user},
	    {"access_type", "offline"},
	    {"prompt", "consent"},
	};

	buf_adds(&code->url, c->auth_url);
	if (strchr(c->auth_url, '?') == NULL)
		buf_addc(&code->url, '?');
	for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
		oauth_form_add(
		    &code->url, str_slice(parameters[i].name), str_slice(parameters[i].value));
}

int
oauth_code_begin(
    const struct oauth_client *c, uint16_t port, struct oauth_code *code, struct err *e)
{
	char challenge[OAUTH_CODE_RANDOM_SIZE];

	*code = (struct oauth_code){.url = BUF_INIT(URL_MAXIMUM)};
	(void)snprintf(
	    code->redirect, sizeof code->redirect, "http://localhost:%u", (unsigned)port);
	if (make_random(code->verifier, e) != 0 || make_random(code->state, e) != 0 ||
	    make_challenge(code->verifier, challenge, e) != 0)
		return -1;
	make_url(c, challenge, code);
	if (!code->url.full)
		return 0;
	oauth_code_free(code);
	return err_set(
	    e, EX_CONFIG, "the address of the login has more than %d bytes", URL_MAXIMUM);
}

/* What the provider says in place of a code (RFC 6749 4.1.2.1). */
static int
fail_refused(const struct oauth_client *c, struct slice query, const char *error, struct err *e)
{
	struct buf sentence = BUF_INIT(1024);

	(void)oauth_form_find(query, "error_description", &sentence);
	if (strcmp(error, "access_denied") == 0)
		(void)err_set(e, EX_NOPERM, "the login was denied at the provider");
	else
		(void)err_set(e, EX_NOPERM, "the provider refuses the login: %s", error);
	(void)oauth_access_blame(c, str_slice(error), e);
	if (sentence.len > 0)
		(void)err_hint(e, "it says: %.200s", buf_text(&sentence));
	buf_free(&sentence);
	return -1;
}

/* Takes the code out of QUERY, where that is an answer to our question. */
static int
take(const struct oauth_client *c, const struct oauth_code *code, struct slice query,
    struct buf *out, struct err *e)
{
	struct buf state = BUF_INIT(sizeof code->state), error = BUF_INIT(128);
	int rc = 0;

	if (!oauth_form_find(query, "state", &state) || state.len != sizeof code->state - 1 ||
	    !secret_equal(buf_text(&state), code->state, state.len))
		rc = err_set(e, EX_NOPERM,
		    "the answer does not belong to this login (its state "
		    "is another), and was not used");
	else if (oauth_form_find(query, "error", &error))
		rc = fail_refused(c, query, buf_text(&error), e);
	else if (!oauth_form_find(query, "code", out))
		rc = err_set(e, EX_PROTOCOL, "the answer has no code");
	buf_free(&state);
	buf_free(&error);
	return rc;
}

/* Has the token server make GRANT into a token. */
static int
redeem(const struct oauth_client *c, const struct oauth_code *code, struct slice grant,
    struct oauth_token *t, struct err *e)
{
	struct buf request = BUF_INIT(OAUTH_EXCHANGE_MAXIMUM);
	int rc;

	oauth_lines_add(&request, "url", str_slice(c->token_url));
	oauth_lines_add(&request, "grant_type", str_slice("authorization_code"));
	oauth_lines_add(&request, "code", grant);
	oauth_lines_add(&request, "redirect_uri", str_slice(code->redirect));
	oauth_lines_add(&request, "code_verifier", str_slice(code->verifier));
	oauth_access_identify(c, &request);
	rc = oauth_access_ask(c, buf_slice(&request), NULL, t, NULL, e);
	buf_wipe(&request);
	return rc == 0 ? 0 : -1;
}

int
oauth_code_redeem(const struct oauth_client *c, const struct oauth_code *code, struct slice query,
    struct oauth_token *t, struct err *e)
{
	struct buf grant = BUF_INIT(URL_MAXIMUM);
	int rc = take(c, code, query, &grant, e);

	if (rc == 0)
		rc = redeem(c, code, buf_slice(&grant), t, e);
	buf_wipe(&grant);
	return rc;
}

void
oauth_code_free(struct oauth_code *code)
{
	explicit_bzero(code->verifier, sizeof code->verifier);
	buf_free(&code->url);
}
