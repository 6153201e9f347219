/*
 * request: what reception asks the spool, over the calls of imbucad/call.h. Both answers begin with
 * an error (imbucad_wire_put_err), ex 0 for yes, that is the reply for the client.
 *
 *	RCPT     origin, sender, size that was announced, whether a file is wanted, recipient
 *	         -> error; with it an unnamed file for the message's bytes
 *	MESSAGE  origin, sender, whether LMTP, recipients, bytes of the message; the file: the
 *	         message, and behind it each recipient
 *	         -> how many errors follow: one for all, or with LMTP one a recipient; text of a yes
 *	QUEUE    origin, the request (smtp/xqueue.h)
 *	         -> error, bytes that follow; with it a file with these
 *	LOGIN    a number of reception's own, whether it begins, under TLS, mechanism or "",
 *response
 *	         -> error, state (enum sasl_server_state), challenge, user
 */
#ifndef IMBUCAD_REQUEST_H
#define IMBUCAD_REQUEST_H

enum imbucad_request {
	IMBUCAD_REQUEST_RCPT,
	IMBUCAD_REQUEST_MESSAGE,
	IMBUCAD_REQUEST_LOGIN,
	IMBUCAD_REQUEST_QUEUE,
	IMBUCAD_REQUEST_COUNT,
};

#endif
