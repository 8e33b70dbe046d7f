#include "engine/ops-inner.h"
#include "model/graph.h"

#include <math.h>
#include <string.h>

#define LOG2_E 0x1.715476p0f
#define LN_2_HIGH 0x1.62ep-1f    /* so short that its multiples up to 2^8 are exact */
#define LN_2_LOW 0x1.0bfbe8p-15f /* the rest */
#define EXP_MOST 87.0f           /* beyond it results are no plain floats */

/* Its bounds are constants: of selects, compilers that see them make branches, which vectors have not. */
INLINE float clamp_by_masks(float t, float low, float high)
{
	t = either(low, t, mask_of(t < low));
	return either(high, t, mask_of(t > high));
}

/*
 * exp(x), good to 2e-7, in steps that vectors have: x = n ln 2 + r, a Taylor series for exp(r),
 * and n into the exponent.  Beyond EXP_MOST it stays where it is; NaN stays NaN.
 */
INLINE float exponential(float x)
{
	float t = clamp_by_masks(x, -EXP_MOST, EXP_MOST), n = t * LOG2_E + ROUNDER, r, sum = 1.0f / 5040,
	      power;
	uint32_t bits;

	memcpy(&bits, &n, sizeof bits); /* its lowest bits are those of the integer */
	bits = (bits + 127) << 23;
	memcpy(&power, &bits, sizeof power);
	n -= ROUNDER;
	r = t - n * LN_2_HIGH - n * LN_2_LOW;
	sum = sum * r + 1.0f / 720;
	sum = sum * r + 1.0f / 120;
	sum = sum * r + 1.0f / 24;
	sum = sum * r + 1.0f / 6;
	sum = sum * r + 1.0f / 2;
	sum = sum * r + 1;
	sum = sum * r + 1;
	return sum * power;
}

INLINE float sigmoid(float x)
{
	return 1 / (1 + exponential(-x));
}

INLINE float hardsigmoid(float x)
{
	return clamp_by_masks(x / 6 + 0.5f, 0, 1);
}

INLINE float function(float x, enum activation how)
{
	switch (how) {
	case ACT_NONE: break;
	case ACT_RELU: return clamp_by_masks(x, 0, INFINITY);
	case ACT_RELU6: return clamp_by_masks(x, 0, 6);
	case ACT_HARDSWISH: return x * hardsigmoid(x);
	case ACT_HARDSIGMOID: return hardsigmoid(x);
	case ACT_SIGMOID: return sigmoid(x);
	case ACT_SWISH: return x * sigmoid(x);
	}
	return x;
}

INLINE float derivative(float x, enum activation how)
{
	float s;

	switch (how) {
	case ACT_NONE: break;
	case ACT_RELU: return only_if(1, mask_of(x > 0));
	case ACT_RELU6: return only_if(1, mask_of(x > 0) & mask_of(x < 6));
	case ACT_HARDSWISH: return either(1, only_if(x / 3 + 0.5f, ~mask_of(x < -3)), mask_of(x > 3));
	case ACT_HARDSIGMOID: return only_if(1.0f / 6, mask_of(x > -3) & mask_of(x < 3));
	case ACT_SIGMOID: s = sigmoid(x); return s * (1 - s);
	case ACT_SWISH: s = sigmoid(x); return s * (1 + x * (1 - s));
	}
	return 1;
}

/* A call that knows the function as a constant, A, so that its loop has no choice in it. */
#define CASE(one, call) \
	case one: { \
		const enum activation A = one; \
		call; \
		break; \
	}
#define WITH_ACTIVATION(value, call) \
	do { \
		switch ((enum activation)(value)) { \
			CASE(ACT_NONE, call) \
			CASE(ACT_RELU, call) \
			CASE(ACT_RELU6, call) \
			CASE(ACT_HARDSWISH, call) \
			CASE(ACT_HARDSIGMOID, call) \
			CASE(ACT_SIGMOID, call) \
			CASE(ACT_SWISH, call) \
		} \
	} while (0)

INLINE void activate(const float *x, size_t count, enum activation how, float *y)
{
#pragma omp simd
	for (size_t i = 0; i < count; i++)
		y[i] = function(x[i], how);
}

void ops_activate(const float *x, size_t count, int activation, float *y)
{
	WITH_ACTIVATION(activation, activate(x, count, A, y));
}

INLINE void activate_backward(const float *x, const float *dy, size_t count, enum activation how, bool add,
                              float *dx)
{
#pragma omp simd
	for (size_t i = 0; i < count; i++)
		dx[i] = (add ? dx[i] : 0) + dy[i] * derivative(x[i], how);
}

void ops_activate_backward(const float *x, const float *dy, size_t count, int activation, bool add, float *dx)
{
	if (add) /* known in the loop too */
		WITH_ACTIVATION(activation, activate_backward(x, dy, count, A, true, dx));
	else
		WITH_ACTIVATION(activation, activate_backward(x, dy, count, A, false, dx));
}
