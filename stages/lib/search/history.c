#include "search/history.h"
#include "core/hash.h"

#include <stdlib.h>

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
