/*
 * oauth: OAUTHBEARER (RFC 7628) and XOAUTH2 (Google's and Microsoft's form of it), for libgsasl has
 * neither (sasl/engine.h). The token is given as the password; oauth/access gets and renews it.
 *
 * A server that does not take the token says why, as JSON (RFC 7628 3.2.2), and refuses only after
 * an answer. What it says is told: status, schemes, scope.
 */
#ifndef SASL_OAUTH_H
#define SASL_OAUTH_H

#include "sasl/engine.h"

extern const struct sasl_engine sasl_oauth_engine;

#endif
