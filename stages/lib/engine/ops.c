#include "engine/ops-inner.h"
#include "model/graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 2 /* raise when the numbers change */

#define PERIOD_LEAST 128
#define PERIOD_LONG 1024
#define STEP 32 /* numbers that two registers hold: compilers take so many at a time */

/* A multiple of STEP, unless that is too long. */
size_t ops_period(int channels)
{
	size_t c = (size_t)channels, period = c;

	while (period % STEP && period < PERIOD_LONG)
		period += c;
	if (period % STEP)
		period = c;
	return period * (period < PERIOD_LEAST ? (PERIOD_LEAST + period - 1) / period : 1);
}

void ops_repeat(const float *channel, int channels, float *period)
{
	for (size_t i = 0, n = ops_period(channels); i < n; i += (size_t)channels)
		memcpy(period + i, channel, (size_t)channels * sizeof *channel);
}

/* --- sums of channels ------------------------------------------------------------------------- */

#define TERMS 64 /* floats summed before a double takes over */

struct channel_sums ops_begin_sums(int channels, double *to_a, double *to_b, double *to_c)
{
	static _Thread_local float sums[3 * OPS_PERIOD_MAX];
	size_t period = ops_period(channels);

	if (period > OPS_PERIOD_MAX)
		die("a layer of %zu channels; at most %d are supported", period, OPS_PERIOD_MAX);
	memset(sums, 0, 3 * period * sizeof *sums);
	return (struct channel_sums){ .a = sums,
		                      .b = sums + period,
		                      .c = sums + 2 * period,
		                      .period = period,
		                      .channels = channels,
		                      .to_a = to_a,
		                      .to_b = to_b,
		                      .to_c = to_c };
}

static void flush(float *sums, size_t period, int channels, double *to)
{
	for (size_t i = 0; i < period; i += (size_t)channels)
#pragma omp simd
		for (int k = 0; k < channels; k++)
			to[k] += (double)sums[i + (size_t)k];
	memset(sums, 0, period * sizeof *sums);
}

static void flush_all(float *sums, size_t period, double *to)
{
	for (size_t i = 0; i < period; i++)
		*to += (double)sums[i];
	memset(sums, 0, period * sizeof *sums);
}

void ops_count_terms(struct channel_sums *s, struct piece p, bool is_last)
{
	s->terms += p.rows;
	if (s->terms < TERMS && !is_last)
		return;
	flush(s->a, s->period, s->channels, s->to_a);
	flush(s->b, s->period, s->channels, s->to_b);
	if (s->to_c)
		flush_all(s->c, s->period, s->to_c);
	s->terms = 0;
}

INLINE void add_moments(const float *z, struct storage kept, enum format format, struct piece p, size_t rows,
                        const struct channel_sums *sums)
{
	const float *x = z + p.at;
	void *to = storage_at(kept, p.at).data;
	float *s = sums->a, *q = sums->b;

#pragma omp simd
	for (size_t i = 0; i < p.n; i++) {
		float sum = 0, square = 0;

		for (size_t r = 0; r < rows; r++) {
			float v = x[r * p.n + i];

			sum += v;
			square += v * v;
			if (format != FLOAT32)
				storage_put(to, format, r * p.n + i, v);
		}
		s[i] += sum;
		q[i] += square;
	}
}

void ops_moments(struct tensor z, double *sum, double *square, struct storage kept)
{
	struct channel_sums sums = ops_begin_sums(z.channels, sum, square, NULL);
	struct piece p;

	for (size_t at = 0; at < z.count; at += p.n * p.rows) {
		p = piece_of(z.count, at, sums.period);
		WITH_FORMAT(F, kept.format,
		            WITH_ROWS(R, p.rows, add_moments(z.data.data, kept, F, p, R, &sums)));
		ops_count_terms(&sums, p, at + p.n * p.rows >= z.count);
	}
}

/* --- forward ---------------------------------------------------------------------------------- */

struct activation_quantizer activation_quantizer_of(int activation, struct quantizer q)
{
	struct activation_quantizer a = { activation == ACT_NONE ? -INFINITY : 0,
		                          activation == ACT_RELU6 ? 6 : INFINITY, q, false };

	if (q.on) {
		a.low = q.low > a.low ? q.low : a.low;
		a.high = q.high < a.high ? q.high : a.high;
	}
	return a;
}

/* y of t; `inverse` is 1 / step, which loops compute once. */
static inline float value_of(float t, struct activation_quantizer q, float inverse)
{
	return ((clamp(t, q.low, q.high) * inverse + ROUNDER) - ROUNDER) * q.q.step;
}

INLINE void quantize(const float *x, size_t n, struct activation_quantizer q, void *y, enum format format)
{
	float inverse = 1 / q.q.step;

	if (q.q.on) {
#pragma omp simd
		for (size_t i = 0; i < n; i++)
			storage_put(y, format, i, value_of(x[i], q, inverse));
	} else {
#pragma omp simd
		for (size_t i = 0; i < n; i++)
			storage_put(y, format, i, clamp(x[i], q.low, q.high));
	}
}

void ops_quantize(const float *x, size_t count, struct activation_quantizer q, struct storage y)
{
	WITH_FORMAT(F, y.format, quantize(x, count, q, y.data, F));
}

/* A period, or what is left of one. */
INLINE void forward(struct storage z, enum format z_format, size_t n, struct affine f,
                    struct activation_quantizer q, struct storage y, enum format y_format)
{
	float inverse = 1 / q.q.step;

	if (q.q.on) {
#pragma omp simd
		for (size_t i = 0; i < n; i++)
			storage_put(y.data, y_format, i,
			            value_of(storage_get(z.data, z_format, i) * f.scale[i] + f.shift[i], q,
			                     inverse));
	} else {
#pragma omp simd
		for (size_t i = 0; i < n; i++)
			storage_put(y.data, y_format, i,
			            clamp(storage_get(z.data, z_format, i) * f.scale[i] + f.shift[i], q.low,
			                  q.high));
	}
}

void ops_forward(struct tensor z, struct affine f, struct activation_quantizer q, struct storage y)
{
	size_t period = ops_period(z.channels);
	struct piece p;

	for (size_t at = 0; at < z.count; at += p.n) {
		struct storage from = storage_at(z.data, at), to = storage_at(y, at);

		p = piece_of(z.count, at, period);
		prefetch(z.data, at, p.n);
		WITH_FORMAT(F, z.data.format, WITH_FORMAT(G, y.format, forward(from, F, p.n, f, q, to, G)));
	}
}

/* The integer t / step, clamped; negative ones have the same eight bits as int8. */
static inline uint8_t byte_of(float t, float low, float high, float inverse)
{
	t = t > low ? t : low; /* so is NaN */
	t = t < high ? t : high;
	return (uint8_t)(int32_t)((t * inverse + ROUNDER) - ROUNDER);
}

INLINE void forward_bytes(struct storage z, enum format format, size_t n, struct affine f,
                          struct activation_quantizer q, uint8_t *y)
{
	float inverse = 1 / q.q.step;

#pragma omp simd
	for (size_t i = 0; i < n; i++)
		y[i] = byte_of(storage_get(z.data, format, i) * f.scale[i] + f.shift[i], q.low, q.high,
		               inverse);
}

void ops_forward_bytes(struct tensor z, struct affine f, struct activation_quantizer q, void *y)
{
	size_t period = ops_period(z.channels);
	struct piece p;

	for (size_t at = 0; at < z.count; at += p.n) {
		p = piece_of(z.count, at, period);
		prefetch(z.data, at, p.n);
		WITH_FORMAT(F, z.data.format,
		            forward_bytes(storage_at(z.data, at), F, p.n, f, q, (uint8_t *)y + at));
	}
}

void ops_to_bytes(const float *x, size_t count, struct quantizer q, void *y)
{
	float low = q.low, high = q.high, inverse = 1 / q.step;
	uint8_t *out = y;

#pragma omp simd
	for (size_t i = 0; i < count; i++)
		out[i] = byte_of(x[i], low, high, inverse);
}
