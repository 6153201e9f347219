/*
 * module: the table of base/module.h, and with it all that GnuTLS, libgsasl and libidn2 are needed
 * for. It makes imbuca-tls.so, and is linked into imbucad.
 */
#include <config.h>

#include <gnutls/gnutls.h>
#include <gsasl.h>
#include <idn2.h>

#include "base/crypto.h"
#include "base/module.h"
#include "net/idna.h"
#include "net/tls_gnutls.h"
#include "sasl/library.h"

#include "base/banned.h"

#pragma GCC visibility push(default)

const struct module module_table = {
    .version = PACKAGE_VERSION,
    .libraries =
	{
	    {"GnuTLS", gnutls_check_version},
	    {"libgsasl", gsasl_check_version},
	    {"libidn2", idn2_check_version},
	},
    .tls = &net_tls_gnutls,
    .sasl = &sasl_library_engine,
    .to_ascii = net_idna_to_ascii,
    .sha256 = crypto_sha256,
    .rsa_key_bits = crypto_rsa_key_bits,
    .ed25519_key_bits = crypto_ed25519_key_bits,
};
