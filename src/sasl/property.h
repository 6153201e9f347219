/*
 * property: what libgsasl is given in base64: salts, keys, and what a login binds to.
 */
#ifndef SASL_PROPERTY_H
#define SASL_PROPERTY_H

#include <gsasl.h>

#include "base/str.h"

/*
 * Sets the property NAME of SESSION to BYTES in base64, and leaves no other copy of that. Returns a
 * code of libgsasl's; GSASL_MALLOC_ERROR where BYTES are more than any login has (some 760).
 */
int sasl_property_set(Gsasl_session *session, Gsasl_property name, struct slice bytes);

#endif
