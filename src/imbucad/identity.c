/*
 * identity: see identity.h.
 */
#include <config.h>

#include <errno.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/path.h"
#include "imbucad/identity.h"

#include "base/banned.h"

enum { PEM_MAXIMUM = 16384 };

/* The certificate first: the key says that both are there. */
static int
make(const char *certificate, const char *key, const char *host, struct err *e)
{
	struct buf public = BUF_INIT(PEM_MAXIMUM), secret = BUF_INIT(PEM_MAXIMUM);
	int status = crypto_make_certificate(host, &public, &secret, e);

	if (status == 0)
		status = file_replace(certificate, 0644, buf_slice(&public), e);
	if (status == 0)
		status = file_replace(key, 0600, buf_slice(&secret), e);
	buf_free(&public);
	buf_wipe(&secret);
	return status;
}

int
imbucad_identity_load(
    const char *state, const char *host, struct net_tls_identity **out, struct err *e)
{
	struct buf folder = BUF_INIT(PATH_MAXIMUM), certificate = BUF_INIT(PATH_MAXIMUM);
	struct buf key = BUF_INIT(PATH_MAXIMUM);
	int status = 0;

	if (state != NULL)
		buf_adds(&folder, state);
	else if (!path_xdg(&folder, PATH_STATE, "imbucad"))
		status = err_set(e, EX_CONFIG, "--state DIR is missing, and there is no home");
	buf_addf(&certificate, "%s/certificate.pem", buf_text(&folder));
	buf_addf(&key, "%s/key.pem", buf_text(&folder));
	if (status == 0 && access(buf_text(&key), F_OK) == -1 && errno == ENOENT) {
		status = file_make_folders(buf_text(&folder), 0700, e);
		if (status == 0)
			status = make(buf_text(&certificate), buf_text(&key), host, e);
	}
	if (status == 0)
		status = net_tls_identity_load(buf_text(&certificate), buf_text(&key), out, e);
	buf_free(&folder);
	buf_free(&certificate);
	buf_free(&key);
	return status;
}
