/*
 * progress.h - how far long work has come, on standard error.
 *
 * On a terminal one line that is rewritten: done/total, a note such as the loss, time left.  In a log a
 * plain line now and then.  Work of a few seconds says nothing.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "core/base.h"

void progress_start(const char *what, long total);
void progress_resume(const char *what, long done, long total); /* some was done before: not in this time */
void progress(long done, const char *fmt, ...) PRINTF(2, 3);
void progress_end(void);

#endif
