/*
 * pace: the kinds of value that say how long and how often: a time as 5d, 4h, 30m or 90s, and a
 * rate as 30/minute.
 */
#ifndef CONF_PACE_H
#define CONF_PACE_H

#include "conf/kind.h"

extern const struct conf_kind conf_pace_time; /* unsigned: seconds, from 1 to a year; off: 0 */
extern const struct conf_kind conf_pace_rate; /* char *: N/second, N/minute, N/hour, N/day */

/* The milliseconds from one to the next at RATE, the value of a conf_pace_rate; 0 where NULL. */
unsigned conf_pace_interval(const char *rate);

/* Reads a time as conf_pace_time does, "off" aside. False for anything else. */
bool conf_pace_read(struct slice value, unsigned *seconds);

#endif
