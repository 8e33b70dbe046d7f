/*
 * arithmetic.h - whole numbers that accelerators count in: cycles, words, bits.  All are at least 0, divisors
 * at least 1, and callers keep sums below 2^63.
 */
#ifndef ARITHMETIC_H
#define ARITHMETIC_H

#include <stdint.h>

static inline int64_t max(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static inline int64_t min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t ceil_div(int64_t a, int64_t b)
{
	return (a + b - 1) / b;
}

static inline int64_t round_up(int64_t a, int64_t b)
{
	return ceil_div(a, b) * b;
}

#endif
