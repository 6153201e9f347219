/*
 * oauth: OAUTHBEARER (RFC 7628) and XOAUTH2 (Google's and Microsoft's form of it), for libgsasl has
 * neither (sasl/engine.h). The token is given as the password; nobody here gets or renews it.
 *
 * A server that does not take the token says why, as JSON, and refuses only after an answer.
 */
#ifndef SASL_OAUTH_H
#define SASL_OAUTH_H

#include "sasl/engine.h"

extern const struct sasl_engine sasl_oauth_engine;

#endif
