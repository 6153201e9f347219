/*
 * tls_gnutls: GnuTLS as the engine of net/tls. Part of the module (base/module).
 */
#ifndef NET_TLS_GNUTLS_H
#define NET_TLS_GNUTLS_H

#include "net/tls_engine.h"

extern const struct net_tls_engine net_tls_gnutls;

#endif
