#include "engine/bytes.h"
#include "engine/ops-inner.h"

#define REVISION 1 /* raise when the numbers change */

void bytes_shift(const int8_t *x, size_t count, int by, uint8_t *y)
{
	uint8_t add = (uint8_t)by;

#pragma omp simd
	for (size_t i = 0; i < count; i++)
		y[i] = (uint8_t)((uint8_t)x[i] + add);
}

void bytes_widen(const void *x, enum number type, size_t count, int16_t *y)
{
	const uint8_t *from = x;
	int sign = type == NUMBER_S8 ? 128 : 0;

#pragma omp simd
	for (size_t i = 0; i < count; i++)
		y[i] = (int16_t)((from[i] ^ sign) - sign);
}

INLINE float half_of(int v, enum half half)
{
	int lower = v & 15; /* of negative numbers too, in two's complement */

	return (float)(half == ALL ? v : half == UPPER ? (v - lower) / 16 : lower);
}

#define WITH_HALF(name, value, call) \
	do { \
		if ((value) == ALL) { \
			const enum half name = ALL; \
			call; \
		} else \
			WITH(enum half, name, value, UPPER, LOWER, call); \
	} while (0)

INLINE void unsigned_to_floats(const uint8_t *x, size_t count, enum half half, float *y)
{
#pragma omp simd
	for (size_t i = 0; i < count; i++)
		y[i] = half_of(x[i], half);
}

INLINE void signed_to_floats(const int8_t *x, size_t count, enum half half, float *y)
{
#pragma omp simd
	for (size_t i = 0; i < count; i++)
		y[i] = half_of(x[i], half);
}

void bytes_to_floats(const void *x, enum number type, size_t count, enum half half, float *y)
{
	if (type == NUMBER_U8)
		WITH_HALF(H, half, unsigned_to_floats(x, count, H, y));
	else
		WITH_HALF(H, half, signed_to_floats(x, count, H, y));
}

void bytes_join_sums(const float *upper, size_t count, float *sum)
{
#pragma omp simd
	for (size_t i = 0; i < count; i++)
		sum[i] = (float)((int32_t)upper[i] * 16 + (int32_t)sum[i]);
}

INLINE float result_of(float sum, float scale, float shift, float low, float high)
{
	float y = sum * scale + shift;

	/* so is NaN; float32 holds all sums that are not too long for 24 bits */
	y = y > low ? y : low;
	return y < high ? y : high;
}

INLINE void to_floats(const float *sum, size_t n, struct sum_rescale r, float *y)
{
#pragma omp simd
	for (size_t i = 0; i < n; i++)
		y[i] = result_of(sum[i], r.scale[i], r.shift[i], r.low, r.high);
}

INLINE void to_bytes(const float *sum, size_t n, struct sum_rescale r, uint8_t *y)
{
#pragma omp simd
	for (size_t i = 0; i < n; i++)
		y[i] = (uint8_t)(int32_t)((result_of(sum[i], r.scale[i], r.shift[i], r.low, r.high) +
		                           ROUNDER) -
		                          ROUNDER);
}

void bytes_of_sums(const float *sum, size_t count, struct sum_rescale r, enum number type, void *y)
{
	float least = type == NUMBER_U8 ? 0 : -128, most = type == NUMBER_U8 ? 255 : 127;
	size_t n;

	if (type != NUMBER_F32) {
		r.low = r.low > least ? r.low : least;
		r.high = r.high < most ? r.high : most;
	}
	for (size_t at = 0; at < count; at += n) {
		n = count - at < r.period ? count - at : r.period;
		if (type == NUMBER_F32)
			to_floats(sum + at, n, r, (float *)y + at);
		else
			to_bytes(sum + at, n, r, (uint8_t *)y + at);
	}
}
