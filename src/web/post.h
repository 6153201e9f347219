/*
 * post: a form that is posted over HTTPS, and the answer. libcurl is behind it.
 *
 * The server's certificate is always checked: against the system's store, or the file of
 * $SSL_CERT_FILE. No redirect is followed, no answer is longer than the caller's buffer, and all of
 * it must be over in half a minute. A proxy is what the environment says, as with any libcurl.
 */
#ifndef WEB_POST_H
#define WEB_POST_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Posts FORM (application/x-www-form-urlencoded) to URL, appends the answer's body to BODY and sets
 * STATUS to its code (100 to 999). -1 with EX_CONFIG where URL is none or not https, EX_NOPERM
 * where the certificate is not the server's, EX_PROTOCOL where the answer is none of HTTP or too
 * long, EX_TEMPFAIL where the server cannot be reached.
 */
int web_post(const char *url, struct slice form, long *status, struct buf *body, struct err *e);

#endif
