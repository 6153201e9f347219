/*
 * settle: what of a message goes into the queue because it is delivered elsewhere already, so that
 * a client that sends it again would send it there twice.
 */
#ifndef IMBUCAD_SETTLE_H
#define IMBUCAD_SETTLE_H

#include "imbucad/job.h"

/*
 * After all is delivered that can be. Where a recipient stands for several places, of which some
 * have the message, the others are queued as what they are (imbucad/place.h). Where some recipients
 * got the message and others did not, and one reply is for all (SMTP), it is queued for the latter,
 * to be tried again or to be returned, so that the reply may be yes. Also says to the queue who
 * wants to be told of success.
 */
void imbucad_settle(struct imbucad_job *job);

#endif
