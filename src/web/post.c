/*
 * post: see post.h.
 */
#include <config.h>

#include <stdlib.h>

#include <curl/curl.h>

#include "web/post.h"

#include "base/banned.h"

enum {
	CONNECT_WAIT = 15, /* seconds */
	WAIT = 30,
};

/* libcurl's callback for the body; to take less than there is ends the transfer. */
static size_t
take(char *data, size_t size, size_t count, void *body)
{
	struct buf *out = body;

	buf_add(out, data, size * count);
	return out->full ? 0 : size * count;
}

/* How the program ends for a failure of libcurl's; what is not here may pass. */
static int
exit_of(CURLcode failure)
{
	static const struct {
		CURLcode failure;
		int ex;
	} table[] = {
	    {CURLE_UNSUPPORTED_PROTOCOL, EX_PROTOCOL}, /* HTTP/0.9 */
	    {CURLE_URL_MALFORMAT, EX_CONFIG},
	    {CURLE_SSL_CACERT_BADFILE, EX_CONFIG},
	    {CURLE_PEER_FAILED_VERIFICATION, EX_NOPERM},
	    {CURLE_WRITE_ERROR, EX_PROTOCOL},
	    {CURLE_WEIRD_SERVER_REPLY, EX_PROTOCOL},
	    {CURLE_BAD_CONTENT_ENCODING, EX_PROTOCOL},
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (table[i].failure == failure)
			return table[i].ex;
	}
	return EX_TEMPFAIL;
}

static void
set_options(CURL *curl, const char *url, struct slice form, struct buf *body)
{
	const char *trust = getenv("SSL_CERT_FILE");

	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
#if LIBCURL_VERSION_NUM >= 0x075500
	(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
#else
	(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS, CURLPROTO_HTTPS);
#endif
	(void)curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (trust != NULL)
		(void)curl_easy_setopt(curl, CURLOPT_CAINFO, trust);
	(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)form.len);
	(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form.len > 0 ? form.ptr : "");
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
	(void)curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_WAIT);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)WAIT);
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
}

/* Posts, with the headers of an answer in JSON. */
static int
perform(CURL *curl, long *status, const struct buf *body, struct err *e)
{
	char words[CURL_ERROR_SIZE] = "";
	struct curl_slist *header = curl_slist_append(NULL, "Accept: application/json");
	CURLcode failure;

	if (header == NULL)
		return err_set(e, EX_TEMPFAIL, "out of memory");
	(void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, header);
	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words);
	failure = curl_easy_perform(curl);
	curl_slist_free_all(header);
	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
	if (failure == CURLE_OK)
		return 0;
	if (body->full)
		return err_set(e, EX_PROTOCOL, "the answer has more than %zu bytes", body->max);
	return err_set(
	    e, exit_of(failure), "%s", words[0] != '\0' ? words : curl_easy_strerror(failure));
}

int
web_post(const char *url, struct slice form, long *status, struct buf *body, struct err *e)
{
	CURL *curl;
	int rc;

	if (!str_begins_nocase(str_slice(url), "https://"))
		return err_set(e, EX_CONFIG, "'%s' does not begin with https://", url);
	curl = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init() : NULL;
	if (curl == NULL)
		return err_set(e, EX_TEMPFAIL, "out of memory");
	set_options(curl, url, form, body);
	rc = perform(curl, status, body, e);
	curl_easy_cleanup(curl);
	curl_global_cleanup();
	return rc;
}
