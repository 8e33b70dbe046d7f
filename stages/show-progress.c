/*
 * show-progress - how far searches have come.
 *
 * Reads a list of runs, run,episodes, and counts the score files in each.  Without --after, a table of all runs. With
 * --after SCORE, the file just made, one line for all of them on standard error: done/total, the run at work, its best
 * so far, time left by the pace of the last two minutes.  On a terminal the line is rewritten; in a log it
 * comes at every hundredth of the whole.
 */
#include "lib/cli.h"
#include "lib/table.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define REVISION 1
#define PACE_SECONDS 120

static const char *runs_path, *after, *under = "";

static const struct opt options[] = {
	{ 'r', "runs",  OPT_PATH, &runs_path, "runs.csv", "directories of runs and their lengths" },
	{ 'a', "after", OPT_PATH, &after,     NULL,       "the score just made: print one line" },
	{ 'u', "under", OPT_TEXT, &under,     NULL,       "leave this out at the beginning of names" },
	{ 0 }
};

struct state {
	long done, recent;              /* scores; those of the last PACE_SECONDS, and the age of the oldest of these */
	time_t age;
	double best;                    /* top-1; negative: none */
};

static double top1_of(const char *path)
{
	struct table t;
	double x;

	table_read(&t, path);
	if (!t.rows)
		die("%s: no row", path);
	x = table_real(&t, 0, table_column(&t, "top1"), 0, 100);
	table_free(&t);
	return x;
}

static bool is_episode(const char *name)
{
	return strspn(name, "0123456789") == 4 && !strcmp(name + 4, ".score.csv");
}

static struct state look(const char *run, long episodes, bool with_best)
{
	struct state s = { 0, 0, 0, -1 };
	DIR *dir = opendir(run);
	time_t now = time(NULL);
	struct dirent *e;
	struct stat st;

	while (dir && (e = readdir(dir))) {
		char *path;

		if (!is_episode(e->d_name) || atol(e->d_name) > episodes)
			continue;
		path = xprintf("%s/%s", run, e->d_name);
		s.done++;
		if (!stat(path, &st) && now - st.st_mtime < PACE_SECONDS) {
			s.recent++;
			s.age = now - st.st_mtime > s.age ? now - st.st_mtime : s.age;
		}
		if (with_best) {
			double x = top1_of(path);

			s.best = x > s.best ? x : s.best;
		}
		free(path);
	}
	if (dir)
		closedir(dir);
	return s;
}

static const char *short_name(const char *run)
{
	return strncmp(run, under, strlen(under)) ? run : run + strlen(under);
}

static void print_table(const struct table *t)
{
	int run = table_column(t, "run"), episodes = table_column(t, "episodes");

	for (size_t i = 0; i < t->rows; i++) {
		long total = (long)table_int(t, i, episodes, 1, 1000000);
		struct state s = look(table_text(t, i, run), total, true);

		printf("%-56s %4ld/%ld", short_name(table_text(t, i, run)), s.done, total);
		printf(s.best >= 0 ? "   best %.2f %%\n" : "\n", s.best);
	}
}

static void print_line(const struct table *t)
{
	bool terminal = isatty(STDERR_FILENO);
	long done = 0, total = 0, recent = 0, length = 1000000, left;
	time_t age = 1;
	char *run = xstrdup(after), *slash = strrchr(run, '/');

	if (slash)
		*slash = '\0';
	for (size_t i = 0; i < t->rows; i++) {
		long n = (long)table_int(t, i, table_column(t, "episodes"), 1, 1000000);
		struct state s = look(table_text(t, i, table_column(t, "run")), n, false);

		if (!strcmp(run, table_text(t, i, table_column(t, "run"))))
			length = n;
		done += s.done;
		recent += s.recent;
		age = s.age > age ? s.age : age;
		total += n;
	}
	if (!terminal && done % ((total + 99) / 100) && done != total)
		return;
	left = recent ? (total - done) * (long)age / recent : 0;
	fprintf(stderr, "%s  episode %ld/%ld  %ld %%  %s %.2f %% (best %.2f %%)  %ld:%02ld left%s",
	        terminal ? "\r\033[K" : "", done, total, done * 100 / total, short_name(run), top1_of(after),
	        look(run, length, true).best, left / 60, left % 60, terminal && done < total ? "" : "\n");
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
