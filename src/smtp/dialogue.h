/*
 * dialogue: commands out, replies in, over a stream, each wait as long as RFC 5321 4.5.3.2 grants.
 *
 * Commands are gathered in a group that goes out in one write (RFC 2920); the transcript shows
 * them, secrets starred, and the replies as they came. What the commands mean is no concern here.
 */
#ifndef SMTP_DIALOGUE_H
#define SMTP_DIALOGUE_H

#include "net/stream.h"
#include "net/transcript.h"
#include "smtp/reply.h"

/* What is waited for; each has its own time in dialogue.c. */
enum smtp_dialogue_wait {
	SMTP_DIALOGUE_GREETING,
	SMTP_DIALOGUE_COMMAND,
	SMTP_DIALOGUE_LOGIN, /* a command's reply that may be a challenge (334) */
	SMTP_DIALOGUE_ALONG, /* the first word to what went out behind a login */
	SMTP_DIALOGUE_TLS,
	SMTP_DIALOGUE_DATA,	/* the 354 */
	SMTP_DIALOGUE_BLOCK,	/* a block of content being taken */
	SMTP_DIALOGUE_END,	/* the reply to the content */
	SMTP_DIALOGUE_FAREWELL, /* the reply to QUIT, for which nobody needs to wait long */
};

/* Plain state; the stream and the transcript are the caller's. Set those and the time-out, zeros
 * else. */
struct smtp_dialogue {
	struct net_stream *stream;
	const struct net_transcript *transcript;
	unsigned timeout;    /* seconds that any wait may take; 0: as the RFC says */
	struct buf group;    /* commands that were not written yet */
	struct buf shown;    /* the same, for the transcript */
	bool over;	     /* the server closed, or was lost, or cannot be understood */
	struct buf secret;   /* the last that was sent: starred where the server repeats it */
	struct buf password; /* what it was made of: likewise, for a server that decodes it */
};

#define SMTP_DIALOGUE_INIT(on, shown_on, seconds)                                         \
	{                                                                                 \
		(on), (shown_on), (seconds), BUF_INIT(1 << 20), BUF_INIT(1 << 20), false, \
		    BUF_INIT(1 << 20), BUF_INIT(1 << 20)                                  \
	}

/* Until when the next wait may take. */
struct deadline smtp_dialogue_deadline(const struct smtp_dialogue *d, enum smtp_dialogue_wait wait);

/* Adds a line, given without its CRLF, to the group. */
void smtp_dialogue_add(struct smtp_dialogue *d, struct slice line);

/*
 * Adds the line OPEN followed by SECRET, which the transcript shows as stars: here, and where the
 * server says it back. There are servers that repeat a line that they do not understand.
 */
void smtp_dialogue_add_secret(struct smtp_dialogue *d, const char *open, struct slice secret);

/* Has PASSWORD starred from now on, wherever the server says it. */
void smtp_dialogue_hide(struct smtp_dialogue *d, const char *password);

/*
 * Appends the lines that were added to OUT, which goes out next, and shows them as said: for what
 * is written together with something that is no line.
 */
void smtp_dialogue_take(struct smtp_dialogue *d, struct buf *out);

/* Forgets the lines that were added and not written yet. */
void smtp_dialogue_forget(struct smtp_dialogue *d);

/* Writes the group in one go, within WAIT. -1 as net_stream_write, and the dialogue is over. */
int smtp_dialogue_flush(struct smtp_dialogue *d, enum smtp_dialogue_wait wait, struct err *e);

/*
 * Reads the next reply into REPLY, which is reset first. 421 makes the dialogue over. -1 where none
 * came (EX_TEMPFAIL), or it was no reply, or one that cannot be to what was said, as 250 to DATA
 * (EX_PROTOCOL): then the dialogue is over too.
 */
int smtp_dialogue_read(
    struct smtp_dialogue *d, enum smtp_dialogue_wait wait, struct smtp_reply *reply, struct err *e);

/* Adds LINE, writes, reads the reply. */
int smtp_dialogue_ask(struct smtp_dialogue *d, const char *line, enum smtp_dialogue_wait wait,
    struct smtp_reply *reply, struct err *e);

/* Wipes what was gathered. The stream stays open. */
void smtp_dialogue_free(struct smtp_dialogue *d);

#endif
