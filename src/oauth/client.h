/*
 * client: what an account says about its tokens, as this layer takes it.
 */
#ifndef OAUTH_CLIENT_H
#define OAUTH_CLIENT_H

#include <stdbool.h>

/* All texts are borrowed, and NULL where the account does not say them, but for the first three. */
struct oauth_client {
	const char *account; /* its name, for a person */
	const char *user;    /* whose token it is */
	const char *host;    /* the mail server that it is for, and no other */

	const char *id;	    /* the client identifier (RFC 6749 2.2) */
	const char *secret; /* the client's password, where the provider gave one */
	const char *scope;  /* what the token is to allow; scopes with blanks between them */
	const char *auth_url, *device_url, *token_url, *revoke_url; /* https */

	const char *command; /* prints tokens in place of what is kept here */
	bool keyring;	     /* tokens are in the keyring, not in a file */
};

#endif
