/*
 * inquiry: what users of this machine ask about their mail in its queue (smtp/xqueue.h), and have
 * done to it. Root's is all of it.
 */
#ifndef IMBUCAD_INQUIRY_H
#define IMBUCAD_INQUIRY_H

#include "imbucad/handover.h"
#include "imbucad/wire.h"

/* Answers a request QUEUE (imbucad/request.h), whose first number was taken off IN; *FD becomes the
 * file with what follows. Many threads may at once. */
void imbucad_inquiry_answer(
    const struct imbucad_handover *h, struct imbucad_wire *in, struct buf *answer, int *fd);

#endif
