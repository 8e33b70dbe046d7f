/*
 * ops-inner.h - what the files of ops.h share, and nobody else.
 */
#ifndef OPS_INNER_H
#define OPS_INNER_H

#include "engine/ops.h"

/* Loops whose arguments may be constants: every call is compiled for its own. */
#define INLINE static inline __attribute__((always_inline))

/* Adding and subtracting it rounds a small float to an integer, half to even, as in quantizer.c. */
#define ROUNDER 12582912.0f

/* NaN stays NaN.  Selects, not fminf: that is a call where there is no instruction that treats NaN so. */
static inline float clamp(float t, float low, float high)
{
	t = t < low ? low : t;
	return t > high ? high : t;
}

/*
 * A number or 0, by a mask of bits.  Conditions would do, were it not for compilers that make branches of
 * several of them, and then take one number at a time.
 */
static inline uint32_t mask_of(bool yes)
{
	return 0 - (uint32_t)yes;
}

static inline float only_if(float x, uint32_t mask)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	bits &= mask;
	memcpy(&x, &bits, sizeof x);
	return x;
}

/* The one where the mask is set, else the other. */
static inline float either(float one, float other, uint32_t mask)
{
	uint32_t a, b;

	memcpy(&a, &one, sizeof a);
	memcpy(&b, &other, sizeof b);
	a = (a & mask) | (b & ~mask);
	memcpy(&one, &a, sizeof a);
	return one;
}

/* --- pieces of a tensor ----------------------------------------------------------------------- */

#define ROWS 4 /* periods side by side, whose sums read constants and sums of a channel once for all */

/* Some periods of a tensor: `rows` of them, n numbers each; the last one of a tensor may be cut short. */
struct piece {
	size_t at, n, rows;
};

/* The next piece of `count` numbers, ROWS periods where there are so many. */
static inline struct piece piece_of(size_t count, size_t at, size_t period)
{
	size_t left = count - at;

	return (struct piece){ at, left < period ? left : period, left >= ROWS * period ? ROWS : 1 };
}

/*
 * Calls with a constant: CALL knows NAME, which is VALUE, as one of two constants, so that its loops are
 * unrolled and have no choice in them.
 */
#define WITH(type, name, value, one, other, call) \
	do { \
		if ((value) == (one)) { \
			const type name = one; \
			call; \
		} else { \
			const type name = other; \
			call; \
		} \
	} while (0)
#define WITH_FORMAT(name, value, call) WITH(enum format, name, value, FLOAT32, BFLOAT16, call)
#define WITH_ROWS(name, value, call) WITH(size_t, name, value, ROWS, 1, call)
#define WITH_BOOL(name, value, call) WITH(bool, name, value, true, false, call)

#define AHEAD 4096 /* bytes: hardware does not look into the next page */
#define LINE 64

static inline void prefetch(struct storage s, size_t at, size_t n)
{
	const char *from = storage_at(s, at).data;

	for (size_t i = 0, bytes = n * storage_size(s.format); i < bytes; i += LINE)
		__builtin_prefetch(from + i + AHEAD);
}

/* --- sums of channels, by ops.c ---------------------------------------------------------------- */

/*
 * Sums of each channel: floats, one for each number of a period, which go into doubles now and then.  The
 * third is of all channels together; NULL: there is none.
 */
struct channel_sums {
	float *a, *b, *c; /* [period] */
	size_t period, terms;
	int channels;
	double *to_a, *to_b; /* [channels] */
	double *to_c;
};

struct channel_sums ops_begin_sums(int channels, double *to_a, double *to_b, double *to_c);
/* Counts the terms of a piece that was added; where they are many, or the last, they go into the doubles. */
void ops_count_terms(struct channel_sums *s, struct piece p, bool is_last);

CPU_LEVELS(ops_begin_sums);
#define ops_begin_sums CPU_LEVEL(ops_begin_sums)
CPU_LEVELS(ops_count_terms);
#define ops_count_terms CPU_LEVEL(ops_count_terms)

#endif
