/*
 * house: one configuration in force: its listeners, the services by which its processes ask each
 * other, and how each of those processes begins. A new configuration is a new house; the old one
 * ends when its last client has gone.
 */
#ifndef IMBUCAD_HOUSE_H
#define IMBUCAD_HOUSE_H

#include <sys/types.h>

#include "conf/daemon.h"
#include "imbucad/listeners.h"
#include "imbucad/passwd.h"
#include "net/listen_unix.h"
#include "net/tls.h"

struct imbucad_house {
	struct conf_daemon conf;
	pid_t supervisor;
	bool privileged;	    /* imbucad_house_is_privileged */
	struct imbucad_passwd user; /* whom its processes run as */
	struct err unlogged;	    /* why its log cannot be written; else nothing */
	struct net_tls_identity *identity;
	struct imbucad_listeners listeners;
	/* imbucad/call.h: [0] the callers', [1] the servers' end. */
	int requests[2]; /* reception asks, the spool serves */
	int logins[2];	 /* the same, for what takes long */
	int relays[2];	 /* the spool asks, the relay serves */
	int starts[2];	 /* the spool asks, the supervisor serves: delivery processes */
	int words[2];	 /* from the spool to the runner: there is something new in the queue */
	int door;	 /* reception's listener for the runner alone; -1 without a queue */
	char door_name[NET_LISTEN_UNIX_PRIVATE_SIZE];
};

/* Does root run the daemon that CONF describes, and not a developer with a mailbox for everything?
 */
bool imbucad_house_is_privileged(const struct conf_daemon *conf);

/*
 * Takes CONF over, and opens what it says; listeners of BEFORE that it still wants are shared. -1
 * with EX_CONFIG, EX_OSERR, EX_NOPERM; then nothing is left open, and CONF is freed.
 */
int imbucad_house_open(struct imbucad_house *h, struct conf_daemon *conf,
    const struct imbucad_listeners *before, struct err *e);

/* Closes all but the listeners. */
void imbucad_house_close(struct imbucad_house *h);

/* Start its processes: the process id, 0 where none is wanted, or -1. */
pid_t imbucad_house_reception(struct imbucad_house *h, struct err *e);
pid_t imbucad_house_spool(struct imbucad_house *h, struct err *e);
pid_t imbucad_house_relay(struct imbucad_house *h, struct err *e);
pid_t imbucad_house_runner(struct imbucad_house *h, struct err *e);

/* Has the runner look into the queue. */
void imbucad_house_wake_runner(const struct imbucad_house *h);

/* The group that mail is delivered with: an mbox in the system's folder is made and locked there as
 * its group only. NULL: none. */
const char *imbucad_house_mail_group(const struct conf_daemon *conf);

/* Starts the one that delivers as NAME, or RUNS_COMMANDS; its service in *SERVICE, which the caller
 * closes. -1 with EX_NOUSER for nobody, and for root. */
pid_t imbucad_house_worker(
    struct imbucad_house *h, const char *name, bool runs_commands, int *service, struct err *e);

#endif
