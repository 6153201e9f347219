/*
 * hash: see hash.h.
 */
#include <config.h>

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/secret.h"
#include "sasl/hash.h"

#include "base/banned.h"

enum { PASSWORD_MAXIMUM = 512 /* crypt(3) */ };

/* crypt_ra(3) of libxcrypt: it keeps what it needs in *DATA, which the caller frees. */
typedef char *crypt_function(const char *phrase, const char *setting, void **data, int *size);

bool
sasl_hash_parse(struct slice text, char out[SASL_HASH_SIZE])
{
	struct slice rest = text, kind;

	if (text.len > 0 && text.ptr[0] == '{') {
		kind = str_cut(&rest, '}');
		if (kind.len < sizeof "CRYPT" ||
		    !str_is_nocase((struct slice){kind.ptr + kind.len - 5, 5}, "CRYPT"))
			return false;
	}
	/* What the older forms were, eight letters of a password, is none today. */
	return rest.len > 3 && rest.ptr[0] == '$' && str_find_control(rest) == rest.len &&
	       str_copy(out, SASL_HASH_SIZE, rest);
}

/* It stays loaded as long as the process. NULL where there is none. */
static crypt_function *
find_crypt(void)
{
	static const char *const names[] = {"libcrypt.so.1", "libcrypt.so.2", "libcrypt.so"};
	crypt_function *found = NULL;

	for (size_t i = 0; found == NULL && i < sizeof names / sizeof names[0]; i++) {
		void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
		void *symbol = library != NULL ? dlsym(library, "crypt_ra") : NULL;

		memcpy(&found, &symbol, sizeof found);
	}
	return found;
}

static bool
is_equal(const char *a, const char *b)
{
	size_t len = strlen(a);

	return strlen(b) == len && secret_equal(a, b, len);
}

int
sasl_hash_check(const char *hash, struct slice password, struct err *e)
{
	struct buf phrase = BUF_INIT(PASSWORD_MAXIMUM);
	crypt_function *crypt = find_crypt();
	void *data = NULL;
	int size = 0, fits = 0;
	const char *made = NULL;

	if (crypt == NULL)
		return err_set(
		    e, EX_CONFIG, "this machine has no libcrypt for hashes of passwords");
	buf_add_slice(&phrase, password);
	if (!phrase.full && str_find(password, '\0') == password.len) {
		made = crypt(buf_text(&phrase), hash, &data, &size);
		fits = made != NULL && made[0] != '*' ? is_equal(made, hash) : -1;
	}
	buf_wipe(&phrase);
	if (data != NULL && size > 0)
		explicit_bzero(data, (size_t)size);
	free(data);
	if (fits == -1)
		return err_set(e, EX_CONFIG, "this machine's libcrypt does not know such a hash");
	return fits;
}
