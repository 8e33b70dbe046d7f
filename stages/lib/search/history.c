#include "search/history.h"
#include "core/hash.h"
#include "io/csv.h"

#include <stdlib.h>

struct score score_read(const char *path)
{
	struct score s;
	struct table t;

	table_read(&t, path);
	if (t.rows != 1)
		die("%s: %zu rows; expected one score", path, t.rows);
	s.top1 = table_real(&t, 0, table_column(&t, "top1"), 0, 100);
	s.top5 = table_real(&t, 0, table_column(&t, "top5"), 0, 100);
	s.loss = table_real(&t, 0, table_column(&t, "loss"), 0, 1e9);
	table_free(&t);
	return s;
}

struct episode *history_read(const struct graph *g, const char *run, int count, uint64_t hash)
{
	struct episode *e = xmalloc((size_t)count + 1, sizeof *e);

	e[0].hash = hash;
	for (int i = 1; i <= count; i++) {
		char *policy = xprintf("%s/%04d.policy.csv", run, i),
		     *score = xprintf("%s/%04d.score.csv", run, i);

		e[i].policy = policy_read(g, policy);
		e[i].score = score_read(score);
		e[i].hash = hash_file(hash_file(e[i - 1].hash, policy), score);
		free(policy);
		free(score);
	}
	return e;
}

bool history_has(const struct episode *history, int count, const struct policy *p)
{
	for (int i = 1; i <= count; i++)
		if (policy_equal(&history[i].policy, p))
			return true;
	return false;
}
