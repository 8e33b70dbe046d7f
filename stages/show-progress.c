/*
 * show-progress - how far searches have come.
 *
 * Reads a list of runs, run,episodes, and counts the score files in each.  Without --after, a table
 * of all runs. With --after SCORE, the file just made, one line for all of them on standard error:
 * done/total, the run at work, its best so far, time left by the pace of the last two minutes.  On
 * a terminal the line is rewritten; in a log it comes at every hundredth of the whole.
 */
#include "core/cli.h"
#include "io/csv.h"
#include "model/score.h"
#include "report/text-table.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define REVISION 1
#define PACE_SECONDS 120

static const char *runs_path, *after, *prefix = "";

static const struct opt options[] = {
	{ 'r', "runs", OPT_PATH, &runs_path, "runs.csv", "directories of runs and their lengths" },
	{ 'a', "after", OPT_PATH, &after, NULL, "the score just made: print one line" },
	{ 'p', "prefix", OPT_TEXT, &prefix, NULL, "left out at the beginning of names" },
	{ 0 }
};

struct state {
	long done, recent; /* scores; those of the last PACE_SECONDS */
	time_t age;        /* seconds since the oldest of the recent ones */
};

/* "0042.score.csv" -> 42; 0 of other names */
static long episode_of(const char *name)
{
	return strspn(name, "0123456789") == 4 && !strcmp(name + 4, ".score.csv") ? strtol(name, NULL, 10)
	                                                                          : 0;
}

/*
 * When the k-th score of a run was made; 0: it was not.  A score that is older than the first was left by a
 * search that is being redone.
 */
static time_t made(const char *run, long k)
{
	char *path = xprintf("%s/%04ld.score.csv", run, k);
	struct stat st;
	time_t when = stat(path, &st) ? 0 : st.st_mtime;

	free(path);
	return when && (k == 1 || when >= made(run, 1)) ? when : 0;
}

/* All scores of a run: how many, and the best. */
static long look(const char *run, long episodes, double *best)
{
	DIR *dir = opendir(run);
	struct dirent *e;
	long done = 0;

	*best = -1;
	while (dir && (e = readdir(dir))) {
		long episode = episode_of(e->d_name);
		char *path;

		if (!episode || episode > episodes || !made(run, episode))
			continue;
		path = xprintf("%s/%s", run, e->d_name);
		done++;
		*best = fmax(*best, score_read(path).top1);
		free(path);
	}
	if (dir)
		closedir(dir);
	return done;
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
		time_t when = made(run, middle);

		if (when && (!moment || when < moment))
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/*
 * How far a run is, for the line after each episode.  Folders are not read: there may be hundreds.
 */
static struct state glance(const char *run, long episodes)
{
	time_t now = time(NULL), since = now - PACE_SECONDS + 1;
	struct state s = { made_before(run, episodes, 0), 0, 0 };

	if (s.done && made(run, s.done) >= since) {
		s.recent = s.done - made_before(run, s.done, since);
		s.age = now - made(run, s.done - s.recent + 1);
	}
	return s;
}

static const char *short_name(const char *run)
{
	return strncmp(run, prefix, strlen(prefix)) ? run : run + strlen(prefix);
}

static void print_table(const struct table *t)
{
	static const struct text_column columns[] = { { "", LEFT, 56, 0 },
		                                      { "", LEFT, 0, 1 },
		                                      { "", LEFT, 0, 3 } };
	struct text_table *text = text_table_new(columns, LEN(columns));
	int run = table_column(t, "run"), episodes = table_column(t, "episodes");

	for (size_t i = 0; i < t->rows; i++) {
		long total = (long)table_int(t, i, episodes, 1, 1000000);
		double best;
		long done = look(table_text(t, i, run), total, &best);

		text_cell(text, "%s", short_name(table_text(t, i, run)));
		text_cell(text, "%4ld/%ld", done, total);
		if (best >= 0)
			text_cell(text, "best %.2f %%", best);
		text_end_row(text);
	}
	text_table_print(text, stdout);
	text_table_free(text);
}

static void print_line(const struct table *t)
{
	bool terminal = isatty(STDERR_FILENO);
	long done = 0, total = 0, recent = 0, length = 1000000, left;
	time_t age = 1;
	double best;
	char *run = xstrdup(after), *slash = strrchr(run, '/');

	if (!t->rows)
		die("%s: no run", runs_path);
	if (slash)
		*slash = '\0';
	for (size_t i = 0; i < t->rows; i++) {
		long n = (long)table_int(t, i, table_column(t, "episodes"), 1, 1000000);
		struct state s = glance(table_text(t, i, table_column(t, "run")), n);

		if (!strcmp(run, table_text(t, i, table_column(t, "run"))))
			length = n;
		done += s.done;
		recent += s.recent;
		age = s.age > age ? s.age : age;
		total += n;
	}
	if (!terminal && done % ((total + 99) / 100) && done != total)
		return;
	look(run, length, &best);
	left = recent ? (total - done) * (long)age / recent : 0;
	fprintf(stderr, "%s  episode %ld/%ld  %ld %%  %s %.2f %% (best %.2f %%)  %ld:%02ld left%s",
	        terminal ? "\r\033[K" : "", done, total, done * 100 / total, short_name(run),
	        score_read(after).top1, best, left / 60, left % 60, terminal && done < total ? "" : "\n");
}

int main(int argc, char **argv)
{
	struct table t;

	cli_begin(argc, argv, "how far searches have come", REVISION, options);
	table_read(&t, runs_path);
	if (after)
		print_line(&t);
	else
		print_table(&t);
	return cli_end();
}
