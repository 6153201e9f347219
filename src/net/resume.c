/*
 * resume: see resume.h.
 *
 * The file is named by the hash of the settings: SEAL LF UNTIL LF SESSION. The seal is a hash of
 * what follows it, of the settings and of the state of their files.
 */
#include <config.h>

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/path.h"
#include "net/bundle.h"
#include "net/connect.h"
#include "net/resume.h"
#include "net/tls.h"

#include "base/banned.h"

enum { SETTINGS_MAX = 64 << 10, HEX_SIZE = 2 * CRYPTO_SHA256_SIZE + 1 };

struct net_resume {
	struct buf folder, name; /* paths */
	struct buf settings;	 /* and the state of the files that they name */
};

/* --- what a session is kept for --- */

/* A value with its length, so that no two rows of values read alike. */
static void
add_text(struct buf *out, const char *value)
{
	if (value == NULL)
		value = "";
	buf_addf(out, "%zu %s\n", strlen(value), value);
}

/* Which of the many files that NAME may have been this is. A PKCS#11 URI is no file. */
static void
add_state(struct buf *out, const char *name)
{
	struct stat st;

	if (name == NULL || stat(name, &st) != 0)
		return;
	buf_addf(out, "%ju %ju %jd %jd.%09ld %jd.%09ld\n", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino, (intmax_t)st.st_size, (intmax_t)st.st_mtim.tv_sec,
	    st.st_mtim.tv_nsec, (intmax_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
}

static void
add_settings(struct buf *out, const struct net_tls_params *p)
{
	const char *texts[] = {p->host, p->destination->socket, p->destination->host, p->trust_file,
	    p->crl_file, p->certificate_file, p->key_file, p->priorities};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		add_text(out, texts[i]);
	buf_addf(out, "%u %d\n", p->destination->port, p->verify);
	for (size_t i = 0; i < p->fingerprint_count; i++)
		add_text(out, p->fingerprints[i]);
}

/* Appends where sessions are kept to FOLDER, and to NAME the file for these settings. */
static bool
find_place(struct net_resume *r)
{
	unsigned char hash[CRYPTO_SHA256_SIZE];
	char hex[HEX_SIZE];
	struct err ignored;

	if (r->settings.full || crypto_sha256(buf_slice(&r->settings), hash, &ignored) != 0 ||
	    !path_xdg(&r->folder, PATH_CACHE, "imbuca/tls"))
		return false;
	str_hex(hex, hash, sizeof hash);
	buf_addf(&r->name, "%s/%s", buf_text(&r->folder), hex);
	return !r->folder.full && !r->name.full;
}

struct net_resume *
net_resume_new(const struct net_tls_params *params, const char *library, const char *policy)
{
	const char *roots =
	    params->trust_file != NULL ? params->trust_file : net_bundle_of_system();
	bool pinned = params->fingerprint_count > 0;
	struct net_resume *r;

	if (params->destination == NULL || (!pinned && (!params->verify || roots == NULL)))
		return NULL;
	r = calloc(1, sizeof *r);
	if (r == NULL)
		return NULL;
	r->folder = r->name = (struct buf)BUF_INIT(PATH_MAXIMUM);
	r->settings = (struct buf)BUF_INIT(SETTINGS_MAX);
	add_settings(&r->settings, params);
	if (!find_place(r)) {
		net_resume_free(r);
		return NULL;
	}
	add_text(&r->settings, library);
	add_state(&r->settings, policy);
	add_state(&r->settings, roots);
	add_state(&r->settings, params->crl_file);
	add_state(&r->settings, params->certificate_file);
	add_state(&r->settings, params->key_file);
	return r;
}

void
net_resume_free(struct net_resume *r)
{
	if (r == NULL)
		return;
	buf_free(&r->folder);
	buf_free(&r->name);
	buf_free(&r->settings);
	free(r);
}

/* --- the file --- */

/* The seal of CONTENT. False where it cannot be made. */
static bool
seal(const struct net_resume *r, struct slice content, char out[HEX_SIZE])
{
	struct buf sealed = BUF_INIT(SETTINGS_MAX + 2 * NET_RESUME_MAX);
	unsigned char hash[CRYPTO_SHA256_SIZE];
	struct err ignored;
	bool done;

	buf_add_slice(&sealed, buf_slice(&r->settings));
	buf_add_slice(&sealed, content);
	done = !r->settings.full && !sealed.full &&
	       crypto_sha256(buf_slice(&sealed), hash, &ignored) == 0;
	if (done)
		str_hex(out, hash, sizeof hash);
	buf_wipe(&sealed);
	return done;
}

/* Is what ST describes of that KIND, the caller's, and closed to everybody else? */
static bool
is_private(const struct stat *st, mode_t kind)
{
	return (st->st_mode & S_IFMT) == kind && st->st_uid == geteuid() &&
	       (st->st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

static bool
is_private_folder(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0 && is_private(&st, S_IFDIR);
}

/* Appends the file to OUT, as far as nobody else can have had a hand in it. */
static bool
read_private(const struct net_resume *r, struct buf *out)
{
	const char *name = buf_text(&r->name);
	struct err ignored;
	struct stat st;
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	bool done;

	if (fd < 0)
		return false;
	done = is_private_folder(buf_text(&r->folder)) && fstat(fd, &st) == 0 &&
	       is_private(&st, S_IFREG) && file_read_fd(fd, name, out, &ignored) == 0;
	(void)close(fd);
	return done;
}

/* Is CONTENT sealed as it should be, and of today? Then it is taken apart. */
static bool
open_up(const struct net_resume *r, struct slice content, struct slice *session, int64_t *until)
{
	struct slice said = str_cut(&content, '\n');
	int64_t now = (int64_t)time(NULL);
	char expected[HEX_SIZE];
	uint64_t number;

	if (!seal(r, content, expected) || !str_is(said, expected) ||
	    !str_number(str_cut(&content, '\n'), 0, INT64_MAX, &number))
		return false;
	*session = content;
	*until = (int64_t)number;
	/* Not from the future either: then the clock was wrong, or is. */
	return *until > now && *until <= now + NET_RESUME_SECONDS;
}

bool
net_resume_take(const struct net_resume *r, struct buf *session, int64_t *until)
{
	struct buf text = BUF_INIT(2 * NET_RESUME_MAX);
	struct slice found;
	bool usable = read_private(r, &text) && open_up(r, buf_slice(&text), &found, until);

	if (usable)
		buf_add_slice(session, found);
	/* A second use would let whoever listens tell that it was the same client (RFC 8446 C.4);
	   and one that its server chokes on is not offered for ever. */
	if (text.len > 0)
		(void)unlink(buf_text(&r->name));
	buf_wipe(&text);
	return usable && !session->full;
}

/*
 * Makes the folder unless it is there. Not where the last part of its path that is there belongs to
 * somebody else: root with the home of a user would make files where that user says.
 */
static bool
make_folder(const char *folder)
{
	struct buf path = BUF_INIT(PATH_MAXIMUM);
	struct stat st = {0};
	struct err ignored;
	char *end;
	bool ours;

	buf_adds(&path, folder);
	while (lstat(path.data, &st) != 0 && errno == ENOENT) {
		end = strrchr(path.data, '/');
		if (end == NULL || end == path.data)
			break;
		*end = '\0';
	}
	ours = st.st_uid == geteuid() && st.st_mode != 0;
	buf_free(&path);
	return ours && file_make_folders(folder, S_IRWXU, &ignored) == 0 &&
	       is_private_folder(folder);
}

void
net_resume_keep(const struct net_resume *r, struct slice session, int64_t until)
{
	int64_t longest = (int64_t)time(NULL) + NET_RESUME_SECONDS;
	struct buf content = BUF_INIT(2 * NET_RESUME_MAX), text = BUF_INIT(2 * NET_RESUME_MAX);
	char sealed[HEX_SIZE];
	struct err ignored;

	if (session.len > NET_RESUME_MAX || !make_folder(buf_text(&r->folder)))
		return;
	buf_addf(&content, "%" PRId64 "\n", until < longest ? until : longest);
	buf_add_slice(&content, session);
	if (!content.full && seal(r, buf_slice(&content), sealed)) {
		buf_addf(&text, "%s\n", sealed);
		buf_add_slice(&text, buf_slice(&content));
		(void)file_replace_unsynced(
		    buf_text(&r->name), S_IRUSR | S_IWUSR, buf_slice(&text), &ignored);
	}
	buf_wipe(&content);
	buf_wipe(&text);
}
