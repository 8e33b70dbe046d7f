/*
 * bf16.h - floats in memory, of 32 bits or, as bfloat16, of 16.
 *
 * Training waits for memory more than for arithmetic; numbers of 16 bits take half the time on
 * their way.  All are computed with in 32 bits.  A bfloat16 is the upper half of a float: its
 * range, 8 bits of significand; rounded to nearest, ties away from 0.
 */
#ifndef BF16_H
#define BF16_H

#include "core/base.h"

#include <string.h>

enum format { FLOAT32, BFLOAT16 };

struct storage {
	void *data;
	enum format format;
};

static inline size_t storage_size(enum format f) /* bytes of a number */
{
	return f == FLOAT32 ? sizeof(float) : sizeof(uint16_t);
}

static inline struct storage storage_f32(const float *x)
{
	return (struct storage){ (void *)x, FLOAT32 };
}

static inline struct storage storage_at(struct storage s, size_t at)
{
	return (struct storage){ (char *)s.data + at * storage_size(s.format), s.format };
}

/* Number i of data.  In loops that know the format, the compiler leaves one of the two. */
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

static inline void storage_put(void *data, enum format f, size_t i, float x)
{
	uint32_t u;

	if (f == FLOAT32) {
		((float *)data)[i] = x;
		return;
	}
	memcpy(&u, &x, sizeof u);
	/* what is no number stays none as CPUs make it: of its 23 bits only the first is set */
	((uint16_t *)data)[i] = (uint16_t)((u + 0x8000) >> 16);
}

#endif
