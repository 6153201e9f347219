/*
 * library: the mechanisms of libgsasl (sasl/engine.h): SCRAM (RFC 5802, 7677) with and without a
 * channel binding (RFC 9266, 5929), PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195), DIGEST-MD5 (RFC
 * 2831), EXTERNAL (RFC 4422 A), GSSAPI (RFC 4752), NTLM. None of them gets a security layer.
 *
 * SCRAM's salted password is computed here, which bounds the server's iteration count.
 */
#ifndef SASL_LIBRARY_H
#define SASL_LIBRARY_H

#include "sasl/engine.h"

extern const struct sasl_engine sasl_library_engine;

#endif
