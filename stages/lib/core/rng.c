#include "core/rng.h"

#include <math.h>

#define REVISION 1 /* raise when the numbers change */

__extension__ typedef unsigned __int128 wide;

void rng_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
	uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];

	for (int round = 0; round < 10; round++) {
		uint64_t a = (uint64_t)0xD2511F53u * c0, b = (uint64_t)0xCD9E8D57u * c2;

		c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
		c1 = (uint32_t)b;
		c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
		c3 = (uint32_t)a;
		k0 += 0x9E3779B9u;
		k1 += 0xBB67AE85u;
	}
	out[0] = c0;
	out[1] = c1;
	out[2] = c2;
	out[3] = c3;
}

uint64_t rng_bits(struct rng r, uint64_t index)
{
	const uint32_t counter[4] = { (uint32_t)index, (uint32_t)(index >> 32), r.episode,
		                      (uint32_t)r.purpose };
	const uint32_t key[2] = { (uint32_t)r.seed, (uint32_t)(r.seed >> 32) };
	uint32_t out[4];

	rng_philox(counter, key, out);
	return (uint64_t)out[1] << 32 | out[0];
}

double rng_uniform(struct rng r, uint64_t index)
{
	return (double)(rng_bits(r, index) >> 11) * 0x1p-53;
}

double rng_normal(struct rng r, uint64_t index)
{
	double u = 1 - rng_uniform(r, 2 * index), v = rng_uniform(r, 2 * index + 1);

	return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
}

/* The inverse of the normal distribution function, by bisection: exact enough, and the same everywhere. */
static double normal_quantile(double p)
{
	double low = -40, high = 40;

	for (int i = 0; i < 100; i++) {
		double middle = (low + high) / 2;

		if (0.5 * erfc(-middle / 1.41421356237309504880) < p)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

double rng_truncated_normal(struct rng r, uint64_t index, double mean, double sigma)
{
	double from, to, x;

	if (sigma < 1e-6)
		return mean;
	from = 0.5 * erfc(mean / sigma / 1.41421356237309504880);
	to = 0.5 * erfc(-(1 - mean) / sigma / 1.41421356237309504880);
	x = mean + sigma * normal_quantile(from + (to - from) * rng_uniform(r, index));
	return x < 0 ? 0 : x > 1 ? 1 : x;
}

uint64_t rng_below(struct rng r, uint64_t index, uint64_t n)
{
	return (uint64_t)(((wide)rng_bits(r, index) * n) >> 64);
}

void rng_permute(struct rng r, uint32_t *order, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t j = (uint32_t)rng_below(r, i, i + 1);

		order[i] = order[j];
		order[j] = i;
	}
}
