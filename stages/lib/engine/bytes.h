/*
 * bytes.h - passes over integers of a byte, before and after a convolution of conv-int8.h.
 *
 * Everything computes on the calling thread; memory must not overlap, unless told.  Nothing here can fail.
 */
#ifndef BYTES_H
#define BYTES_H

#include "core/cpu.h"

enum number { NUMBER_F32, NUMBER_U8, NUMBER_S8 };

/* Bytes of a number. */
static inline size_t number_size(enum number n)
{
	return n == NUMBER_F32 ? sizeof(float) : 1;
}

/* y = x + by, where that is within 0 to 255. */
void bytes_shift(const int8_t *x, size_t count, int by, uint8_t *y);

/* y = x in 16 bits. */
void bytes_widen(const void *x, enum number type, size_t count, int16_t *y);

/* x = 16 * upper + lower: the whole of a number as a float, or one of its halves, lower ones 0 to 15. */
enum half { ALL, UPPER, LOWER };
void bytes_to_floats(const void *x, enum number type, size_t count, enum half half, float *y);

/* sum += 16 * upper; all integers, the result rounded to float32 once. */
void bytes_join_sums(const float *upper, size_t count, float *sum);

/* The affine function and the bounds that make a result of a sum (conv-int8.h). */
struct sum_rescale {
	const float *scale, *shift; /* [period] of ops_period(channels) */
	size_t period;
	float low, high;
};

/* y = clamp(scale * sum + shift, low, high), rounded where y is an integer; a float32 y may be the sums. */
void bytes_of_sums(const float *sum, size_t count, struct sum_rescale r, enum number type, void *y);

/* --- each at several levels of the CPU (cpu.h) --------------------------------------------------- */

CPU_LEVELS(bytes_shift);
#define bytes_shift CPU_LEVEL(bytes_shift)
CPU_LEVELS(bytes_widen);
#define bytes_widen CPU_LEVEL(bytes_widen)
CPU_LEVELS(bytes_to_floats);
#define bytes_to_floats CPU_LEVEL(bytes_to_floats)
CPU_LEVELS(bytes_join_sums);
#define bytes_join_sums CPU_LEVEL(bytes_join_sums)
CPU_LEVELS(bytes_of_sums);
#define bytes_of_sums CPU_LEVEL(bytes_of_sums)

#endif
