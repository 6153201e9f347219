/*
 * envelope: what the command line says of an envelope: recipients (and with -t the header), -f, -V.
 */
#ifndef APP_ENVELOPE_H
#define APP_ENVELOPE_H

#include "app/submission.h"

/*
 * Reads it into S, whose message is NULL where there is none to look into. A recipient that is no
 * address is noted. -1 with EX_USAGE where there is nobody, EX_DATAERR where nobody is an address.
 */
int app_envelope_read(struct app_submission *s, struct err *e);

#endif
