#include "search/history.h"
#include "core/hash.h"

#include <stdlib.h>

/* The bits of an episode's kernels, and the hash of their file behind the hash given. */
static uint64_t read_kernels(struct policy *p, const struct graph *g, const char *run, int i, uint64_t hash)
{
	char *path = xprintf("%s/%04d.kernels.npy", run, i);

	policy_read_kernels(p, g, path);
	hash = hash_file(hash, path);
	free(path);
	return hash;
}

struct episode *history_read(const struct graph *g, const char *run, int count, uint64_t hash,
                             bool has_kernels)
{
	struct episode *e = xmalloc((size_t)count + 1, sizeof *e);

	e[0].hash = hash;
	for (int i = 1; i <= count; i++) {
		char *policy = xprintf("%s/%04d.policy.csv", run, i),
		     *score = xprintf("%s/%04d.score.csv", run, i);

		e[i].policy = policy_read(g, policy);
		e[i].score = score_read(score);
		e[i].hash = hash_file(hash_file(e[i - 1].hash, policy), score);
		if (has_kernels)
			e[i].hash = read_kernels(&e[i].policy, g, run, i, e[i].hash);
		free(policy);
		free(score);
	}
	return e;
}

bool history_has(const struct graph *g, const struct episode *history, int count, const struct policy *p)
{
	for (int i = 1; i <= count; i++)
		if (policy_equal(g, &history[i].policy, p))
			return true;
	return false;
}
