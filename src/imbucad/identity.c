/*
 * identity: see identity.h.
 */
#include <config.h>

#include <sys/stat.h>

#include <errno.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/path.h"
#include "imbucad/access.h"
#include "imbucad/identity.h"

#include "base/banned.h"

enum { PEM_MAXIMUM = 16384 };

struct files {
	struct buf folder, certificate, key;
	bool has_certificate, has_key;
};

static bool
is_there(struct buf *name)
{
	return access(buf_text(name), F_OK) == 0 || errno != ENOENT;
}

static int
find_files(const char *state, struct files *out, struct err *e)
{
	*out = (struct files){
	    BUF_INIT(PATH_MAXIMUM), BUF_INIT(PATH_MAXIMUM), BUF_INIT(PATH_MAXIMUM), false, false};
	if (state != NULL)
		buf_adds(&out->folder, state);
	else if (!path_xdg(&out->folder, PATH_STATE, "imbucad"))
		return err_set(e, EX_CONFIG, "--state DIR is missing, and there is no home");
	buf_addf(&out->certificate, "%s/certificate.pem", buf_text(&out->folder));
	buf_addf(&out->key, "%s/key.pem", buf_text(&out->folder));
	out->has_certificate = is_there(&out->certificate);
	out->has_key = is_there(&out->key);
	return 0;
}

static void
free_files(struct files *f)
{
	buf_free(&f->folder);
	buf_free(&f->certificate);
	buf_free(&f->key);
}

static int
make(struct files *f, const char *host, struct err *e)
{
	struct buf public = BUF_INIT(PEM_MAXIMUM), secret = BUF_INIT(PEM_MAXIMUM);
	int status = file_make_folders(buf_text(&f->folder), 0700, e);

	if (status == 0)
		status = crypto_make_certificate(host, &public, &secret, e);
	if (status == 0)
		status = file_replace(buf_text(&f->certificate), 0644, buf_slice(&public), e);
	if (status == 0)
		status = file_replace(buf_text(&f->key), 0600, buf_slice(&secret), e);
	buf_free(&public);
	buf_wipe(&secret);
	return status;
}

/* Somebody's certificate is never replaced because the key is gone, nor the other way round. */
static int
load(struct files *f, struct net_tls_identity **out, struct err *e)
{
	const char *there = buf_text(f->has_key ? &f->key : &f->certificate);
	const char *missing = buf_text(f->has_key ? &f->certificate : &f->key);

	if (f->has_certificate == f->has_key)
		return net_tls_identity_load(buf_text(&f->certificate), buf_text(&f->key), out, e);
	(void)err_set(e, EX_CONFIG, "'%s' is missing, and '%s' is there", missing, there);
	return err_hint(e, "put it there, or take '%s' away: then both are made anew", there);
}

int
imbucad_identity_load(
    const char *state, const char *host, struct net_tls_identity **out, struct err *e)
{
	struct files f;
	int status = find_files(state, &f, e);

	if (status == 0 && !f.has_certificate && !f.has_key)
		status = make(&f, host, e);
	if (status == 0)
		status = load(&f, out, e);
	free_files(&f);
	return status;
}

/* A group may share the key with another server, but not all. */
static int
check_key(const char *key, struct err *e)
{
	struct stat st;

	if (stat(key, &st) == -1 || (st.st_mode & S_IRWXO) == 0)
		return 0;
	(void)err_set(e, EX_CONFIG, "'%s' holds a secret that other users can read", key);
	return err_hint(e, "take their permission away: chmod o= '%s'", key);
}

int
imbucad_identity_check(const char *state, struct err *e)
{
	struct net_tls_identity *identity = NULL;
	struct files f;
	int saved, status = find_files(state, &f, e);

	if (status == 0 && !f.has_certificate && !f.has_key) {
		saved = imbucad_access(NULL, NULL, buf_text(&f.folder), IMBUCAD_ACCESS_MAKE);
		if (saved != 0)
			status = err_set_errno(e, EX_CANTCREAT, saved,
			    "cannot make a certificate in '%s'", buf_text(&f.folder));
	} else if (status == 0) {
		status = load(&f, &identity, e);
		if (status == 0)
			status = check_key(buf_text(&f.key), e);
		net_tls_identity_free(identity);
	}
	free_files(&f);
	return status;
}
