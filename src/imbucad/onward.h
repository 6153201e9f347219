/*
 * onward: what of a message is for other places: into the queue, or by the relay at once, where the
 * client waits for what the provider says.
 */
#ifndef IMBUCAD_ONWARD_H
#define IMBUCAD_ONWARD_H

#include "imbucad/job.h"

/* Brings item FIRST of the plan, and those behind it that go with it, and notes what became of
 * them. */
void imbucad_onward(struct imbucad_job *job, size_t first);

#endif
