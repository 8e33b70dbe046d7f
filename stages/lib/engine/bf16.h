/*
 * bf16.h - numbers in memory as float32 or as bfloat16, of 4 or 2 bytes.
 *
 * Training waits for memory more than for arithmetic, and numbers of 2 bytes take half the time on their
 * way.  Only memory holds bfloat16: every number is computed with as float32.  A bfloat16 is the upper half
 * of a float32, with its range and 8 bits of significand.  Rounding is to nearest, ties away from 0;
 * infinities and NaN stay what they are.
 *
 * Functions trust their arguments; nothing here can fail.
 */
#ifndef BF16_H
#define BF16_H

#include "core/base.h"

#include <string.h>

enum format { FLOAT32, BFLOAT16 };

/* Numbers of one format, one behind the other; how many, the user knows. */
struct storage {
	void *data;
	enum format format;
};

/* Bytes of a number. */
static inline size_t storage_size(enum format f)
{
	return f == FLOAT32 ? sizeof(float) : sizeof(uint16_t);
}

static inline struct storage storage_f32(const float *x)
{
	return (struct storage){ (void *)x, FLOAT32 };
}

/* The storage that begins `at` numbers further on. */
static inline struct storage storage_at(struct storage s, size_t at)
{
	return (struct storage){ (char *)s.data + at * storage_size(s.format), s.format };
}

/* Number i of data.  A loop whose format is a constant has no choice left in it. */
static inline float storage_get(const void *data, enum format f, size_t i)
{
	uint32_t u;
	float x;

	if (f == FLOAT32)
		return ((const float *)data)[i];
	u = (uint32_t)((const uint16_t *)data)[i] << 16;
	memcpy(&x, &u, sizeof x);
	return x;
}

/* Number i of data := x, rounded to its format. */
static inline void storage_put(void *data, enum format f, size_t i, float x)
{
	uint32_t u;

	if (f == FLOAT32) {
		((float *)data)[i] = x;
		return;
	}
	memcpy(&u, &x, sizeof u);
	/* a NaN as CPUs make it has only the first of its 23 bits set, and stays one */
	((uint16_t *)data)[i] = (uint16_t)((u + 0x8000) >> 16);
}

#endif
