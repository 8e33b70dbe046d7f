#include "report/pace.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PACE_SECONDS 120

struct state {
	long done, recent; /* scores; those of the last PACE_SECONDS */
	time_t age;        /* seconds since the oldest of the recent ones began */
};

/* Last finetunings, in episodes that take as long. */
struct finals {
	double left, recent; /* still to come; those of this make's last PACE_SECONDS */
	double age;          /* seconds since the oldest of the recent ones began */
};

/* When a file was written; 0: there is none. */
static time_t modified(const char *path)
{
	struct stat st;

	return !path || stat(path, &st) ? 0 : st.st_mtime;
}

time_t pace_made(const char *run, long k)
{
	char *path = xprintf("%s/%04ld.score.csv", run, k);
	time_t when = modified(path);

	free(path);
	return when && (k == 1 || when >= pace_made(run, 1)) ? when : 0;
}

/*
 * How many of the first scores were made, before a moment where one is given: they are made one
 * after the other.
 */
static long made_before(const char *run, long episodes, time_t moment)
{
	long low = 0, high = episodes;

	while (low < high) {
		long middle = (low + high + 1) / 2;
		time_t when = pace_made(run, middle);

		if (when && (!moment || when < moment))
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/*
 * How far a run is, for the line after each episode.  Folders are not read: there may be hundreds.  The
 * oldest of the recent episodes began when its policy was made, or with this make, if that is later.
 */
static struct state glance(const struct pace_files *files, const char *run, long episodes)
{
	time_t now = time(NULL), since = now - PACE_SECONDS + 1, begun = modified(files->since);
	struct state s = { made_before(run, episodes, 0), 0, 0 };
	char *policy;
	time_t began;

	since = since > begun ? since : begun;
	if (!s.done || pace_made(run, s.done) < since)
		return s;
	s.recent = s.done - made_before(run, s.done, since);
	policy = xprintf("%s/%04ld.policy.csv", run, s.done - s.recent + 1);
	began = modified(policy) ? modified(policy) : pace_made(run, s.done - s.recent + 1);
	free(policy);
	s.age = now - (began > begun ? began : begun);
	return s;
}

/* Seconds that an episode and a last finetuning take in a network; NaN: not known. */
struct cost {
	double episode, final;
};

static struct cost cost_of(const struct table *times, const char *network)
{
	for (size_t i = 0; i < times->rows; i++)
		if (table_is(times, i, "network", network))
			return (struct cost){ table_number(times, i, "episode"),
				              table_number(times, i, "final") };
	return (struct cost){ NAN, NAN };
}

/* A score that is older than its policy is still to be made. */
static void count_final(const struct pace_files *files, struct finals *f, const char *policy,
                        struct cost cost)
{
	char *score = xprintf("%s.score.csv", policy), *bits = xprintf("%s.policy.csv", policy);
	time_t now = time(NULL), begun = modified(files->since), when = modified(score);

	if (!when || when < modified(bits)) {
		f->left += cost.final / cost.episode;
	} else if (when > now - PACE_SECONDS && when >= begun) {
		f->recent += cost.final / cost.episode;
		f->age = fmax(f->age, fmin((double)(now - when) + cost.final, (double)(now - begun)));
	}
	free(score);
	free(bits);
}

static struct finals look_at_finals(const struct pace_files *files)
{
	struct finals f = { 0, 0, 0 };
	struct table list, times;

	if (!files->finals || !files->times || !modified(files->times))
		return f;
	table_read(&list, files->finals);
	table_read(&times, files->times);
	for (size_t i = 0; i < list.rows; i++) {
		struct cost c = cost_of(&times, table_text(&list, i, table_column(&list, "network")));

		if (c.final / c.episode > 0)
			count_final(files, &f, table_text(&list, i, table_column(&list, "policy")), c);
	}
	return f;
}

struct pace pace_of(const struct table *runs, const struct pace_files *files)
{
	struct finals finals = look_at_finals(files);
	double recent = finals.recent, age = fmax(finals.age, 1);
	int run = table_column(runs, "run"), episodes = table_column(runs, "episodes");
	struct pace p = { 0, 0, 0 };

	for (size_t i = 0; i < runs->rows; i++) {
		long n = (long)table_int(runs, i, episodes, 1, 1000000);
		struct state s = glance(files, table_text(runs, i, run), n);

		p.done += s.done;
		p.total += n;
		recent += (double)s.recent;
		age = fmax(age, (double)s.age);
	}
	p.left = recent > 0 ? ((double)(p.total - p.done) + finals.left) * age / recent : 0;
	return p;
}
