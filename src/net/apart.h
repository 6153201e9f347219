/*
 * apart: a call that has no deadline of its own, made in a thread that is left behind when the
 * deadline comes first.
 *
 * The asker's job and the thread share memory, which whoever lets go of it last frees; so a job
 * is a struct on the heap that begins with a net_apart, and the thread touches nothing else.
 */
#ifndef NET_APART_H
#define NET_APART_H

#include <pthread.h>
#include <stdbool.h>

#include "base/deadline.h"

struct net_apart {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	int holders;
	bool done;
	void (*work)(struct net_apart *job);	/* makes the call, leaves its result in the job */
	void (*release)(struct net_apart *job); /* frees the job and what its result holds */
};

/* Begins JOB, which the asker holds until net_apart_release. */
void net_apart_init(struct net_apart *job, void (*work)(struct net_apart *job),
    void (*release)(struct net_apart *job));

/*
 * Has the job done, once. Returns whether it was in time: only then may the asker look at the
 * result. Where no thread can be made it is done at once, however long that takes.
 */
bool net_apart_run(struct net_apart *job, struct deadline within);

/* The asker lets go of the job. */
void net_apart_release(struct net_apart *job);

#endif
