#include "core/duration.h"

#include <stdio.h>

#define MINUTE 60L
#define MOST_SECONDS 3.6e12 /* a billion hours: what a division by nothing gives */

char *duration(char text[DURATION_ROOM], double seconds)
{
	long whole = seconds > 0 ? (long)((seconds < MOST_SECONDS ? seconds : MOST_SECONDS) + 0.5) : 0,
	     minutes = (whole + MINUTE / 2) / MINUTE;

	if (whole < MINUTE)
		snprintf(text, DURATION_ROOM, "%ld s", whole);
	else if (minutes < 60)
		snprintf(text, DURATION_ROOM, "%ld min", minutes);
	else if (minutes % 60)
		snprintf(text, DURATION_ROOM, "%ld h %ld min", minutes / 60, minutes % 60);
	else
		snprintf(text, DURATION_ROOM, "%ld h", minutes / 60);
	return text;
}
