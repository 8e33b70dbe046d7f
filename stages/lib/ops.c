#include "ops.h"
#include "graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDER 12582912.0f     /* see quant.c */
#define PERIOD_LEAST 128
#define PERIOD_MAX 8192
#define TERMS 64                /* floats summed before a double takes over */

size_t ops_period(int c)
{
	return (size_t)c * (c < PERIOD_LEAST ? (PERIOD_LEAST + (size_t)c - 1) / (size_t)c : 1);
}

void ops_repeat(const float *channel, int c, float *period)
{
	for (size_t i = 0, n = ops_period(c); i < n; i += (size_t)c)
		memcpy(period + i, channel, (size_t)c * sizeof *channel);
}

/* add the period-long sums of floats to the c sums of doubles, and clear them */
static void flush(float *sums, size_t period, int c, double *to)
{
	for (size_t i = 0; i < period; i += (size_t)c)
		for (int k = 0; k < c; k++)
			to[k] += (double)sums[i + (size_t)k];
	memset(sums, 0, period * sizeof *sums);
}

static float *clear_sums(size_t period)
{
	static _Thread_local float sums[2 * PERIOD_MAX];

	if (period > PERIOD_MAX)
		die("a layer of %zu channels; at most %d are supported", period, PERIOD_MAX);
	memset(sums, 0, 2 * period * sizeof *sums);
	return sums;
}

void ops_moments(const float *z, size_t count, int c, double *sum, double *square)
{
	size_t period = ops_period(c);
	float *s = clear_sums(period), *q = s + period;

	for (size_t at = 0, term = 1; at < count; at += period, term++) {
		size_t n = count - at < period ? count - at : period;
		const float *x = z + at;

#pragma omp simd
		for (size_t i = 0; i < n; i++) {
			s[i] += x[i];
			q[i] += x[i] * x[i];
		}
		if (term % TERMS == 0 || at + period >= count) {
			flush(s, period, c, sum);
			flush(q, period, c, square);
		}
	}
}

struct squash ops_squash(int activation, struct quantiser q)
{
	struct squash s = { activation == ACT_NONE ? -INFINITY : 0, activation == ACT_RELU6 ? 6 : INFINITY, q };

	if (q.on) {
		s.low = q.low > s.low ? q.low : s.low;
		s.high = q.high < s.high ? q.high : s.high;
	}
	return s;
}

static inline float clamp(float t, float low, float high)
{
	t = t < low ? low : t;
	return t > high ? high : t;
}

static inline float squash_one(float t, float low, float high, float inverse, float step)
{
	return ((clamp(t, low, high) * inverse + ROUNDER) - ROUNDER) * step;
}

void ops_quantise(const float *x, size_t count, struct squash s, float *y)
{
	float low = s.low, high = s.high, step = s.q.step, inverse = 1 / s.q.step;

	if (s.q.on) {
#pragma omp simd
		for (size_t i = 0; i < count; i++)
			y[i] = squash_one(x[i], low, high, inverse, step);
	} else {
#pragma omp simd
		for (size_t i = 0; i < count; i++)
			y[i] = clamp(x[i], low, high);
	}
}

void ops_forward(const float *z, size_t count, int c, const float *scale, const float *shift, struct squash s, float *y)
{
	size_t period = ops_period(c);
	float low = s.low, high = s.high, step = s.q.step, inverse = 1 / s.q.step;

	for (size_t at = 0; at < count; at += period) {
		size_t n = count - at < period ? count - at : period;
		const float *x = z + at;
		float *out = y + at;

		if (s.q.on) {
#pragma omp simd
			for (size_t i = 0; i < n; i++)
				out[i] = squash_one(x[i] * scale[i] + shift[i], low, high, inverse, step);
		} else {
#pragma omp simd
			for (size_t i = 0; i < n; i++)
				out[i] = clamp(x[i] * scale[i] + shift[i], low, high);
		}
	}
}

/* Negative integers have the same eight bits either way. */
static inline uint8_t byte_of(float t, float low, float high, float inverse)
{
	return (uint8_t)(int32_t)((clamp(t, low, high) * inverse + ROUNDER) - ROUNDER);
}

void ops_forward_bytes(const float *z, size_t count, int c, const float *scale, const float *shift, struct squash s, void *y)
{
	size_t period = ops_period(c);
	float low = s.low, high = s.high, inverse = 1 / s.q.step;

	for (size_t at = 0; at < count; at += period) {
		size_t n = count - at < period ? count - at : period;
		const float *x = z + at;
		uint8_t *out = (uint8_t *)y + at;

#pragma omp simd
		for (size_t i = 0; i < n; i++)
			out[i] = byte_of(x[i] * scale[i] + shift[i], low, high, inverse);
	}
}

void ops_to_bytes(const float *x, size_t count, struct quantiser q, void *y)
{
	float low = q.low, high = q.high, inverse = 1 / q.step;
	uint8_t *out = y;

#pragma omp simd
	for (size_t i = 0; i < count; i++)
		out[i] = byte_of(x[i], low, high, inverse);
}

/* What the range of the quantiser is worth: dy where t was clipped by it, and not by the activation. */
struct clip_bounds { float above, below; };

static struct clip_bounds clip_bounds(struct squash s)
{
	return (struct clip_bounds){ s.q.on && s.q.high <= s.high ? s.q.high : INFINITY,
	                           s.q.on && s.q.low < 0 && s.q.low >= s.low ? s.q.low : -INFINITY };
}

void ops_backward_sums(const float *z, const float *dy, size_t count, int c, const float *scale, const float *shift,
                       struct squash s, double *sum, double *product, double *clip)
{
	size_t period = ops_period(c);
	float *gs = clear_sums(period), *ps = gs + period, low = s.low, high = s.high;
	struct clip_bounds bounds = clip_bounds(s);

	for (size_t at = 0, term = 1; at < count; at += period, term++) {
		size_t n = count - at < period ? count - at : period;
		const float *x = z + at, *g = dy + at;
		float clipped = 0;

#pragma omp simd reduction(+ : clipped)
		for (size_t i = 0; i < n; i++) {
			float t = x[i] * scale[i] + shift[i], d = g[i];

			clipped += t >= bounds.above ? d : t <= bounds.below ? -d : 0;
			d = t > low && t < high ? d : 0;
			gs[i] += d;
			ps[i] += d * x[i];
		}
		*clip += (double)clipped;
		if (term % TERMS == 0 || at + period >= count) {
			flush(gs, period, c, sum);
			flush(ps, period, c, product);
		}
	}
}

void ops_backward_apply(const float *z, const float *dy, size_t count, int c, const float *scale, const float *shift,
                        struct squash s, const float *a, const float *b, const float *d, float *dz)
{
	size_t period = ops_period(c);
	float low = s.low, high = s.high;

	for (size_t at = 0; at < count; at += period) {
		size_t n = count - at < period ? count - at : period;
		const float *x = z + at, *g = dy + at;
		float *out = dz + at;

#pragma omp simd
		for (size_t i = 0; i < n; i++) {
			float t = x[i] * scale[i] + shift[i];

			out[i] = a[i] * (t > low && t < high ? g[i] : 0) + b[i] * x[i] + d[i];
		}
	}
}

void ops_quantise_backward(const float *x, const float *dy, size_t count, struct squash s, bool add, float *dx, double *clip)
{
	struct clip_bounds bounds = clip_bounds(s);
	float keep = add ? 1 : 0;

	for (size_t at = 0; at < count; at += 1024) {
		size_t n = count - at < 1024 ? count - at : 1024;
		float clipped = 0;

#pragma omp simd reduction(+ : clipped)
		for (size_t i = at; i < at + n; i++) {
			float t = x[i], d = dy[i], before = add ? dx[i] : 0;

			clipped += t >= bounds.above ? d : t <= bounds.below ? -d : 0;
			dx[i] = keep * before + (t > s.low && t < s.high ? d : 0);
		}
		*clip += (double)clipped;
	}
}

void ops_add(const float *a, const float *b, size_t count, struct squash s, float *y)
{
	float low = s.low, high = s.high;

#pragma omp simd
	for (size_t i = 0; i < count; i++)
		y[i] = clamp(a[i] + b[i], low, high);
}

void ops_accumulate(float *to, const float *from, size_t count)
{
#pragma omp simd
	for (size_t i = 0; i < count; i++)
		to[i] += from[i];
}

void ops_average(const float *x, int images, size_t area, int c, float *y)
{
	for (int n = 0; n < images; n++) {
		float *out = y + (size_t)n * (size_t)c;

		memset(out, 0, (size_t)c * sizeof *out);
		for (size_t p = 0; p < area; p++)
			ops_accumulate(out, x + ((size_t)n * area + p) * (size_t)c, (size_t)c);
		for (int k = 0; k < c; k++)
			out[k] /= (float)area;
	}
}

void ops_average_backward(const float *dy, int images, size_t area, int c, bool add, float *dx)
{
	float share = 1 / (float)area;

	for (size_t row = 0; row < (size_t)images * area; row++) {
		const float *d = dy + row / area * (size_t)c;
		float *out = dx + row * (size_t)c;

		for (int k = 0; k < c; k++)
			out[k] = (add ? out[k] : 0) + d[k] * share;
	}
}

double ops_cross_entropy(const float *logits, const int32_t *labels, int n, int classes, float scale, float *grad)
{
	double loss = 0;

	for (int i = 0; i < n; i++) {
		const float *x = logits + (size_t)i * (size_t)classes;
		double max = -INFINITY, sum = 0;

		for (int k = 0; k < classes; k++)
			max = x[k] > max ? x[k] : max;
		for (int k = 0; k < classes; k++)
			sum += exp(x[k] - max);
		loss += max + log(sum) - x[labels[i]];
		for (int k = 0; grad && k < classes; k++)
			grad[(size_t)i * (size_t)classes + (size_t)k] = scale * (float)(exp(x[k] - max) / sum - (k == labels[i]));
	}
	return loss;
}
