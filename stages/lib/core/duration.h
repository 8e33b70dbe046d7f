/*
 * duration.h - how long something takes, as people say it: `40 s`, `12 min`, `2 h 10 min`.
 */
#ifndef DURATION_H
#define DURATION_H

#define DURATION_ROOM 32 /* bytes that hold any of them */

/* In seconds below a minute, in minutes above; what is negative or no number is 0 s.  Returns text. */
char *duration(char text[DURATION_ROOM], double seconds);

#endif
