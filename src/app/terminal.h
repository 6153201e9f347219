/*
 * terminal: how text may look where it goes.
 */
#ifndef APP_TERMINAL_H
#define APP_TERMINAL_H

#include <stdbool.h>

#include "base/buf.h"

/* May what is written to FD have colours: is it a terminal that has them, and NO_COLOR not set? */
bool app_terminal_colours(int fd);

/*
 * Appends TEXT, which strangers may have written, to OUT as it may go to FD: its lines end with LF,
 * and where FD is a terminal, what would command that is shown (str_escape), but for tabs.
 */
void app_terminal_add(struct buf *out, int fd, struct slice text);

#endif
