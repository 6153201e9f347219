/*
 * notify: tells systemd how the daemon is (sd_notify(3)), where it has asked to be told.
 */
#ifndef IMBUCAD_NOTIFY_H
#define IMBUCAD_NOTIFY_H

/*
 * Sends STATE, a line such as "READY=1", and where STATUS is not NULL, how things stand in a
 * sentence without a newline, which `systemctl status` shows. Without $NOTIFY_SOCKET, and where it
 * fails, nothing.
 */
void imbucad_notify(const char *state, const char *status);

/* Milliseconds between two "WATCHDOG=1", half of what systemd allows; -1 where none are wanted. */
int imbucad_notify_interval(void);

/*
 * The listening sockets that systemd has opened (sd_listen_fds(3)), from descriptor 3 on: how many.
 * They are close-on-exec and non-blocking then, and a later call finds none.
 */
int imbucad_notify_sockets(void);

#endif
