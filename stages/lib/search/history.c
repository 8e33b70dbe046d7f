#include "search/history.h"

#include <stdlib.h>

uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ p[i]) * UINT64_C(1099511628211);
	return hash;
}

/* With its size, so that where one file ends and the next begins matters. */
uint64_t hash_file(uint64_t hash, const char *path)
{
	size_t size;
	unsigned char *bytes = file_bytes(path, &size);

	hash = hash_bytes(hash_bytes(hash, bytes, size), &size, sizeof size);
	free(bytes);
	return hash;
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
