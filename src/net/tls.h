/*
 * tls: a TLS session over a connected, non-blocking socket, the client's side or the server's.
 *
 * GnuTLS is behind it (net/tls_gnutls), which is loaded with the first session. Nothing here waits:
 * a call that cannot go on says so, net_tls_wants says what poll(2) must wait for, and the same
 * call is made again. TLS 1.2 and 1.3 only, within the system's priority policy.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct net_certificate;
struct net_connect_params;

struct net_tls;		 /* a session; it belongs to whoever made it */
struct net_tls_identity; /* a server's certificate and key; many sessions share one */

/* What stands before a fingerprint that is of the public key. */
#define NET_TLS_PIN_OF_KEY "spki:"

/* What a client asks for. */
struct net_tls_params {
	const char *host;	/* the name to check, and to send as SNI unless it is an address */
	const char *trust_file; /* PEM file of the certificates to trust; NULL for the system's */
	const char *crl_file;	/* PEM file of revoked certificates; NULL for none */
	bool verify;		/* false: take any certificate (tls_certcheck off) */

	/*
	 * Where there are any, the server's certificate is taken if it has one of them, whatever
	 * else it says, and no other: 64 lower-case hexadecimal digits, the SHA-256 value of the
	 * certificate, or after NET_TLS_PIN_OF_KEY of its public key (SubjectPublicKeyInfo).
	 */
	char *const *fingerprints;
	size_t fingerprint_count;

	const char *certificate_file, *key_file; /* our own: PEM files or PKCS#11 URIs; or NULL */
	const char *priorities; /* a priority string of GnuTLS; NULL for the system's */

	/*
	 * Where the connection goes. A verified session with it is kept for the next run
	 * (net/resume), which takes it up again without looking at a certificate. NULL: neither.
	 */
	const struct net_connect_params *destination;
};

/* From net_tls_read and net_tls_write: call again when poll says so. */
enum { NET_TLS_AGAIN = -2 };

/*
 * Begins a client's session on FD, which stays the caller's. PARAMS and all that they point to must
 * outlive it. No byte is sent yet. -1 as module_get; with EX_CONFIG where our certificate or the
 * priorities cannot be used, EX_SOFTWARE where GnuTLS fails.
 */
int net_tls_connect(
    const struct net_tls_params *params, int fd, struct net_tls **out, struct err *e);

/*
 * Begins a server's session on FD with IDENTITY, which must outlive it. Clients may resume their
 * sessions as long as IDENTITY lives.
 */
int net_tls_accept(
    const struct net_tls_identity *identity, int fd, struct net_tls **out, struct err *e);

/*
 * Goes on with the handshake. Returns 1 when it is done, and for a client only after the
 * certificate was verified; 0 when poll must wait for net_tls_wants; -1 with EX_TEMPFAIL where the
 * connection failed, EX_PROTOCOL where the peer speaks no TLS that we take, EX_NOPERM for a
 * certificate that must not be trusted, EX_CONFIG where a file of PARAMS is of no use.
 */
int net_tls_handshake(struct net_tls *t, struct err *e);

/*
 * Reads up to N bytes into PTR. Returns how many; 0 at the end of the connection; NET_TLS_AGAIN; -1
 * with EX_TEMPFAIL (the connection) or EX_PROTOCOL (the peer).
 */
ssize_t net_tls_read(struct net_tls *t, void *ptr, size_t n, struct err *e);

/*
 * Writes up to N bytes (1 or more) from PTR. Returns how many were taken; NET_TLS_AGAIN, and then
 * the next write must offer the same bytes; -1 as net_tls_read.
 */
ssize_t net_tls_write(struct net_tls *t, const void *ptr, size_t n, struct err *e);

/* Are there bytes to read that have left the socket already, so that poll would not tell? */
bool net_tls_pending(const struct net_tls *t);

/* POLLIN or POLLOUT: what the call that could not go on is waiting for. */
short net_tls_wants(const struct net_tls *t);

/* Was an earlier session taken up again? */
bool net_tls_is_resumed(const struct net_tls *t);

/* Did a handshake end early to which a kept session was offered? That is not offered again. */
bool net_tls_broke_resuming(const struct net_tls *t);

/* "TLS1.3" and the like, and the cipher suite's name; valid until the next call of the same. */
const char *net_tls_version(const struct net_tls *t);
const char *net_tls_cipher(const struct net_tls *t);

/*
 * Appends the bytes that a login binds to (RFC 5056) to OUT and returns what they are called:
 * "tls-exporter" (RFC 9266) under TLS 1.3, "tls-unique" (RFC 5929) under 1.2. NULL where there are
 * none that are safe: under 1.2 without an extended master secret (RFC 7627).
 */
const char *net_tls_channel_binding(const struct net_tls *t, struct buf *out);

/* What the certificate says that the server sent, trusted or not. -1 with EX_PROTOCOL for none. */
int net_tls_certificate(const struct net_tls *t, struct net_certificate *out, struct err *e);

/* Did the server prove along with its certificate that it was not revoked (OCSP, RFC 6066 8)? */
bool net_tls_is_stapled(const struct net_tls *t);

/*
 * Keeps the session for the next run as PARAMS say, says good-bye to the peer where that needs no
 * waiting, and frees the session. NULL is allowed.
 */
void net_tls_close(struct net_tls *t);

/* Loads a server's certificate chain and key, two PEM files. -1 with EX_CONFIG. */
int net_tls_identity_load(
    const char *certificate, const char *key, struct net_tls_identity **out, struct err *e);
void net_tls_identity_free(struct net_tls_identity *identity);

#endif
