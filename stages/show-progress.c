/*
 * show-progress - how far searches have come.
 *
 * Reads a list of runs, run,episodes, and counts the score files in each.  Without --after, a table
 * of all runs. With --after SCORE, the file just made, one line for all of them on standard error:
 * done/total, the run at work, its highest top-1 so far, time left.  On a terminal the line is rewritten; in
 * a log it comes at every hundredth of the whole.
 *
 * Time left is what is still to be done by the pace of the last two minutes, both counted in episodes; with
 * --finals and --times the last finetunings of policies are as many episodes as they take as long as.
 */
#include "core/cli.h"
#include "core/duration.h"
#include "io/csv.h"
#include "model/score.h"
#include "report/pace.h"
#include "report/text-table.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REVISION 1

static const char *runs_path, *after, *prefix = "";
static struct pace_files pace_files;

static const struct opt options[] = {
	{ 'r', "runs", OPT_PATH, &runs_path, "runs.csv", "directories of runs and their lengths" },
	{ 'a', "after", OPT_PATH, &after, NULL, "the score just made: print one line" },
	{ 'f', "finals", OPT_PATH, &pace_files.finals, NULL,
	  "policies to be finetuned at length: policy,network" },
	{ 't', "times", OPT_PATH, &pace_files.times, NULL,
	  "seconds: network,episode,final; finals do not count where it is missing" },
	{ 's', "since", OPT_PATH, &pace_files.since, NULL,
	  "a file written when work began: older scores say no pace" },
	{ 'p', "prefix", OPT_TEXT, &prefix, NULL, "left out at the beginning of names" },
	{ 0 }
};

/* "0042.score.csv" -> 42; 0 of other names */
static long episode_of(const char *name)
{
	return strspn(name, "0123456789") == 4 && !strcmp(name + 4, ".score.csv") ? strtol(name, NULL, 10)
	                                                                          : 0;
}

/* All scores of a run: how many, and the highest. */
static long look(const char *run, long episodes, double *highest)
{
	DIR *dir = opendir(run);
	struct dirent *e;
	long done = 0;

	*highest = -1;
	while (dir && (e = readdir(dir))) {
		long episode = episode_of(e->d_name);
		char *path;

		if (!episode || episode > episodes || !pace_made(run, episode))
			continue;
		path = xprintf("%s/%s", run, e->d_name);
		done++;
		*highest = fmax(*highest, score_read(path).top1);
		free(path);
	}
	if (dir)
		closedir(dir);
	return done;
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
		double highest;
		long done = look(table_text(t, i, run), total, &highest);

		text_cell(text, "%s", short_name(table_text(t, i, run)));
		text_cell(text, "%4ld/%ld", done, total);
		if (highest >= 0)
			text_cell(text, "highest %.2f %%", highest);
		text_end_row(text);
	}
	text_table_print(text, stdout);
	text_table_free(text);
}

/* How long the run is that a score is of. */
static long length_of(const struct table *t, const char *run)
{
	for (size_t i = 0; i < t->rows; i++)
		if (!strcmp(run, table_text(t, i, table_column(t, "run"))))
			return (long)table_int(t, i, table_column(t, "episodes"), 1, 1000000);
	return 1000000;
}

static void print_line(const struct table *t)
{
	bool terminal = isatty(STDERR_FILENO);
	char text[DURATION_ROOM], *run = xstrdup(after), *slash = strrchr(run, '/');
	struct pace p;
	double highest;

	if (!t->rows)
		die("%s: no run", runs_path);
	if (slash)
		*slash = '\0';
	p = pace_of(t, &pace_files);
	if (!terminal && p.done % ((p.total + 99) / 100) && p.done != p.total)
		return;
	look(run, length_of(t, run), &highest);
	fprintf(stderr, "%s  episode %ld/%ld  %ld %%  %s %.2f %% (highest %.2f %%)  %s left%s",
	        terminal ? "\r\033[K" : "", p.done, p.total, p.done * 100 / p.total, short_name(run),
	        score_read(after).top1, highest, duration(text, p.left),
	        terminal && p.done < p.total ? "" : "\n");
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
