/*
 * rng.h - random numbers drawn by key, not in sequence: Philox4x32-10 (Salmon et al., SC 2011).
 *
 * A number is a function of (seed, episode, purpose, index) alone.  So any episode can be replayed on
 * its own, nothing depends on what else was drawn before, and threads may draw in any order.
 */
#ifndef RNG_H
#define RNG_H

#include <stdint.h>

/* Numbers are part of the results: append, never reorder. */
enum rng_purpose {
	RNG_ACTION,
	RNG_NOISE,
	RNG_REPLAY,
	RNG_AGENT_INIT,
	RNG_WEIGHT_INIT,
	RNG_SHUFFLE,
	RNG_AUGMENT,
	RNG_SPLIT,
	RNG_MODEL,
	RNG_BASELINE,
	RNG_TEST,
	RNG_CROP,
	RNG_CUTOUT,
	RNG_DRAWN
};

struct rng {
	uint64_t seed;
	uint32_t episode;
	enum rng_purpose purpose;
};

void rng_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

uint64_t rng_bits(struct rng r, uint64_t index);
double rng_uniform(struct rng r, uint64_t index); /* [0, 1) */
double rng_normal(struct rng r, uint64_t index);  /* mean 0, variance 1 */
/* on [0, 1]; eq. 11 */
double rng_truncated_normal(struct rng r, uint64_t index, double mean, double sigma);
uint64_t rng_below(struct rng r, uint64_t index, uint64_t n); /* 0..n-1 */
/* order[] := a permutation of 0..n-1 */
void rng_permute(struct rng r, uint32_t *order, uint32_t n);

#endif
