#include "core/progress.h"
#include "core/duration.h"

#include <unistd.h>

#define QUIET_SECONDS 5 /* work shorter than this says nothing */
#define LOG_SECONDS 20  /* between lines of a log */

static struct {
	const char *what;
	long before, total; /* done before the start, all */
	double began, shown;
	bool terminal, line_open;
} p;

void progress_start(const char *what, long total)
{
	progress_resume(what, 0, total);
}

void progress_resume(const char *what, long done, long total)
{
	p.what = what;
	p.before = done;
	p.total = total;
	p.began = p.shown = seconds_now();
	p.terminal = isatty(STDERR_FILENO);
	before_messages(progress_end);
}

void progress(long done, const char *fmt, ...)
{
	double t = seconds_now(), each = done > p.before ? (t - p.began) / (double)(done - p.before) : 0;
	double left = each * (double)(p.total - done);
	char text[200], time[DURATION_ROOM];
	va_list ap;

	if (t - p.began < QUIET_SECONDS || t - p.shown < (p.terminal ? 0.5 : LOG_SECONDS))
		return;
	p.shown = t;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s%s: %ld/%ld  %s  %s left%s", p.terminal ? "\r\033[K" : "", p.what, done, p.total,
	        text, duration(time, left), p.terminal ? "" : "\n");
	p.line_open = p.terminal;
}

void progress_end(void)
{
	if (p.line_open)
		fputs("\r\033[K", stderr);
	p.line_open = false;
}
