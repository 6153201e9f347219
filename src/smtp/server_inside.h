/*
 * server_inside: what a session of server.h is made of, for the files server*.c alone.
 */
#ifndef SMTP_SERVER_INSIDE_H
#define SMTP_SERVER_INSIDE_H

#include "smtp/body.h"
#include "smtp/server.h"

/* Where the session is, as bits, so that a row of the table can name several. */
enum smtp_server_state {
	SMTP_SERVER_IN_CONNECTED = 1 << 0, /* nothing was said yet */
	SMTP_SERVER_IN_GREETED = 1 << 1,   /* no message under way */
	SMTP_SERVER_IN_MAIL = 1 << 2,	   /* a sender, no recipient */
	SMTP_SERVER_IN_RCPT = 1 << 3,	   /* recipients */
	SMTP_SERVER_IN_CHUNKS = 1 << 4,	   /* between two chunks */
	SMTP_SERVER_IN_ANY = SMTP_SERVER_IN_CONNECTED | SMTP_SERVER_IN_GREETED |
			     SMTP_SERVER_IN_MAIL | SMTP_SERVER_IN_RCPT | SMTP_SERVER_IN_CHUNKS,
	SMTP_SERVER_IN_TRANSACTION =
	    SMTP_SERVER_IN_MAIL | SMTP_SERVER_IN_RCPT | SMTP_SERVER_IN_CHUNKS,
};

/* What the next bytes are. */
enum smtp_server_mode {
	SMTP_SERVER_TAKES_COMMANDS,
	SMTP_SERVER_TAKES_DATA,	    /* a message up to its dot */
	SMTP_SERVER_TAKES_CHUNK,    /* the bytes of a BDAT */
	SMTP_SERVER_TAKES_SKIP,	    /* the bytes of a BDAT that was refused */
	SMTP_SERVER_TAKES_EXCHANGE, /* answers to challenges */
	SMTP_SERVER_TAKES_NOTHING,  /* none are wanted */
};

struct smtp_server {
	const struct smtp_server_params *params;
	struct buf output;
	enum smtp_server_state state;
	enum smtp_server_mode mode;
	enum smtp_server_event asked; /* the event that waits for its answer, or NEED_INPUT */
	unsigned answers;	      /* how many it still waits for */
	unsigned errors;
	unsigned refusals; /* for good, of recipients, since the last one that was accepted */
	unsigned mails;	   /* since the session began */
	unsigned recipients;
	bool smtputf8;
	bool each;     /* recipient of the message has an answer of its own to it */
	bool extended; /* greeted by EHLO or LHLO */
	bool tls;
	bool authenticated;
	struct smtp_body body;
	uint64_t chunk; /* bytes of it to come */
	uint64_t chunk_size;
	bool last; /* it is the last one */
	char client[256];
};

/* Takes what it can off the front of *REST, the input, and says what comes of it. */
typedef enum smtp_server_event smtp_server_handler(
    struct smtp_server *s, struct slice *rest, struct smtp_server_detail *detail);

/* Appends one line of a reply; what is no printable ASCII in TEXT becomes `?`. */
void smtp_server_reply(struct smtp_server *s, int code, const char *enhanced, const char *text);

/* The same for what E refuses. */
void smtp_server_say(struct smtp_server *s, const struct err *e);

/* Says no and counts it as a mistake of the client's; too many end the session. */
enum smtp_server_event smtp_server_mistake(struct smtp_server *s, const struct err *e);
enum smtp_server_event smtp_server_wrong(
    struct smtp_server *s, int code, const char *enhanced, const char *text);

/* Says no and ends the session: what came is no mistake but an attack, or not SMTP at all. */
enum smtp_server_event smtp_server_hang_up(
    struct smtp_server *s, int code, const char *enhanced, const char *text);

/* Asks the owner: EVENT waits for its answer. */
enum smtp_server_event smtp_server_ask(struct smtp_server *s, enum smtp_server_event event);

/* Forgets the message under way. */
void smtp_server_forget(struct smtp_server *s);

/*
 * Does what the command LINE says; *REST is the input behind it. In server_command.c, where the
 * table of the commands is.
 */
enum smtp_server_event smtp_server_command(struct smtp_server *s, struct slice line,
    struct slice *rest, struct smtp_server_detail *detail);

#endif
