/*
 * history.h - what a search has tried: RUN/0001.policy.csv, RUN/0001.score.csv, RUN/0002.policy.csv, ...
 *
 * Every episode carries a hash of the bytes of its files and of all before it, so that what was
 * computed from a history can be kept beside it and known to be of this history and no other.
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

#define HASH_START UINT64_C(14695981039346656037)

uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size); /* FNV-1a, 64 bits */
uint64_t hash_file(uint64_t hash, const char *path);

/*
 * Episodes 1..count, at [1..count]; [0] holds no policy, only `hash`, the hash of what came before
 * them.  Dies.
 */
struct episode *history_read(const struct graph *g, const char *run, int count, uint64_t hash);

#endif
