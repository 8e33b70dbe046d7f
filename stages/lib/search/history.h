/*
 * history.h - what a search has tried: RUN/0001.policy.csv, RUN/0001.score.csv, RUN/0002.policy.csv, ...
 * A search for the bits of kernels has RUN/0001.kernels.npy beside each policy.
 *
 * Every episode carries a hash of the bytes of its files and of all before it, so that what was computed from
 * a history can be kept beside it and known to be of this history and no other.
 */
#ifndef HISTORY_H
#define HISTORY_H

#include "model/graph.h"
#include "model/policy.h"
#include "model/score.h"

struct episode {
	struct policy policy;
	struct score score;
	uint64_t hash;
};

/*
 * Episodes 1..count, at [1..count]; [0] holds no policy, only `hash`, the hash of what came before them.
 * Dies where a file is missing or wrong.
 */
struct episode *history_read(const struct graph *g, const char *run, int count, uint64_t hash,
                             bool has_kernels);

/* Whether one of episodes 1..count had this policy. */
bool history_has(const struct graph *g, const struct episode *history, int count, const struct policy *p);

#endif
