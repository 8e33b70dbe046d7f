#include "engine/ops.h"
#include "model/graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

#define ROUNDER 12582912.0f /* see quantizer.c */
#define PERIOD_LEAST 128
#define PERIOD_LONG 1024
#define STEP 32
#define TERMS 64 /* floats summed before a double takes over */

/*
 * If that is not too long, a multiple of as many numbers as two registers hold: compilers take so
 * many at a time.
 */
size_t ops_period(int c)
{
	size_t period = (size_t)c;

	while (period % STEP && period < PERIOD_LONG)
		period += (size_t)c;
	if (period % STEP)
		period = (size_t)c;
	return period * (period < PERIOD_LEAST ? (PERIOD_LEAST + period - 1) / period : 1);
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
	static _Thread_local float sums[2 * OPS_PERIOD_MAX];

	if (period > OPS_PERIOD_MAX)
		die("a layer of %zu channels; at most %d are supported", period, OPS_PERIOD_MAX);
	memset(sums, 0, 2 * period * sizeof *sums);
	return sums;
}

#define FOR_PERIODS(count, period, at, n) \
	for (size_t at = 0, n, period_ = (period); \
	     n = (count)-at < period_ ? (count)-at : period_, at < (count); at += n)

/* bytes; memory is asked for so early, because hardware does not look into the next page */
#define AHEAD 4096
#define LINE 64

static inline void ask_for(struct storage s, size_t at, size_t n)
{
	const char *from = storage_at(s, at).data;

	for (size_t i = 0, bytes = n * storage_size(s.format); i < bytes; i += LINE)
		__builtin_prefetch(from + i + AHEAD);
}

/*
 * for (periods at..at + rows * n, n floats each): sums run over ROWS periods side by side, so that
 * constants and sums of a channel are read once for all of them.  (Where memory is waited for,
 * several streams at a time are slower.)
 */
#define ROWS 4
#define FOR_ROWS(count, period, at, rows, n) \
	for (size_t at = 0, n, rows; at < (count) && (n = (count)-at < (period) ? (count)-at : (period), \
	                                             rows = (count)-at >= ROWS * (period) ? ROWS : 1); \
	     at += rows * n)

#define INLINE static inline __attribute__((always_inline))

/* Calls with R rows and format F known: loops over rows are unrolled, formats decided beforehand. */
#define WITH_ROWS(rows_, call) \
	do { \
		if ((rows_) == ROWS) { \
			const size_t R = ROWS; \
			call; \
		} else { \
			const size_t R = 1; \
			call; \
		} \
	} while (0)
#define WITH_FORMAT(format_, call) \
	do { \
		if ((format_) == FLOAT32) { \
			const enum format F = FLOAT32; \
			call; \
		} else { \
			const enum format F = BFLOAT16; \
			call; \
		} \
	} while (0)
/* the same of two formats, F and G */
#define WITH_FORMATS(f_, g_, call) \
	do { \
		if ((g_) == FLOAT32) { \
			const enum format G = FLOAT32; \
			WITH_FORMAT(f_, call); \
		} else { \
			const enum format G = BFLOAT16; \
			WITH_FORMAT(f_, call); \
		} \
	} while (0)

INLINE void moments(const float *x, void *to, enum format format, size_t n, size_t rows, float *s, float *q)
{
#pragma omp simd
	for (size_t i = 0; i < n; i++) {
		float sum = 0, square = 0;

		for (size_t r = 0; r < rows; r++) {
			float z = x[r * n + i];

			sum += z;
			square += z * z;
			if (format != FLOAT32)
				storage_put(to, format, r * n + i, z);
		}
		s[i] += sum;
		q[i] += square;
	}
}

void ops_moments(const float *z, size_t count, int c, double *sum, double *square, struct storage to)
{
	size_t period = ops_period(c), term = 0;
	float *s = clear_sums(period), *q = s + period;

	FOR_ROWS(count, period, at, rows, n) {
		WITH_FORMAT(to.format,
		            WITH_ROWS(rows, moments(z + at, storage_at(to, at).data, F, n, R, s, q)));
		term += rows;
		if (term >= TERMS || at + rows * n >= count) {
			flush(s, period, c, sum);
			flush(q, period, c, square);
			term = 0;
		}
	}
}

struct squash ops_squash(int activation, struct quantizer q)
{
	struct squash s = { activation == ACT_NONE ? -INFINITY : 0, activation == ACT_RELU6 ? 6 : INFINITY,
		            q };

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

INLINE void quantize(const float *x, size_t n, struct squash s, void *y, enum format format)
{
	float low = s.low, high = s.high, step = s.q.step, inverse = 1 / s.q.step;

	if (s.q.on) {
#pragma omp simd
		for (size_t i = 0; i < n; i++)
			storage_put(y, format, i, squash_one(x[i], low, high, inverse, step));
	} else {
#pragma omp simd
		for (size_t i = 0; i < n; i++)
			storage_put(y, format, i, clamp(x[i], low, high));
	}
}

void ops_quantize(const float *x, size_t count, struct squash s, struct storage y)
{
	WITH_FORMAT(y.format, quantize(x, count, s, y.data, F));
}

INLINE void forward(const void *z, enum format format, size_t n, const float *scale, const float *shift,
                    struct squash s, void *y, enum format y_format)
{
	float low = s.low, high = s.high, step = s.q.step, inverse = 1 / s.q.step;

	if (s.q.on) {
#pragma omp simd
		for (size_t i = 0; i < n; i++)
			storage_put(y, y_format, i,
			            squash_one(storage_get(z, format, i) * scale[i] + shift[i], low, high,
			                       inverse, step));
	} else {
#pragma omp simd
		for (size_t i = 0; i < n; i++)
			storage_put(y, y_format, i,
			            clamp(storage_get(z, format, i) * scale[i] + shift[i], low, high));
	}
}

void ops_forward(struct storage z, size_t count, int c, const float *scale, const float *shift,
                 struct squash s, struct storage y)
{
	FOR_PERIODS(count, ops_period(c), at, n) {
		const void *from = storage_at(z, at).data;
		void *to = storage_at(y, at).data;

		ask_for(z, at, n);
		WITH_FORMATS(z.format, y.format, forward(from, F, n, scale, shift, s, to, G));
	}
}

/* Negative integers have the same eight bits either way. */
static inline uint8_t byte_of(float t, float low, float high, float inverse)
{
	t = t > low ? t : low; /* what is no number, too */
	t = t < high ? t : high;
	return (uint8_t)(int32_t)((t * inverse + ROUNDER) - ROUNDER);
}

INLINE void forward_bytes(const void *z, enum format format, size_t n, const float *scale, const float *shift,
                          struct squash s, uint8_t *y)
{
	float low = s.low, high = s.high, inverse = 1 / s.q.step;

#pragma omp simd
	for (size_t i = 0; i < n; i++)
		y[i] = byte_of(storage_get(z, format, i) * scale[i] + shift[i], low, high, inverse);
}

void ops_forward_bytes(struct storage z, size_t count, int c, const float *scale, const float *shift,
                       struct squash s, void *y)
{
	FOR_PERIODS(count, ops_period(c), at, n) {
		ask_for(z, at, n);
		WITH_FORMAT(z.format,
		            forward_bytes(storage_at(z, at).data, F, n, scale, shift, s, (uint8_t *)y + at));
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

/* What the range of the quantizer is worth: dy where t was clipped by it, and not by the activation. */
struct clip_bounds {
	float above, below;
};

static struct clip_bounds clip_bounds(struct squash s)
{
	return (struct clip_bounds){ s.q.on && s.q.high <= s.high ? s.q.high : INFINITY,
		                     s.q.on && s.q.low < 0 && s.q.low >= s.low ? s.q.low : -INFINITY };
}

/* Sums of rows into gs and ps; gradients of what was cut off above and below, if wanted, added to cut[2]. */
INLINE void backward_sums(const void *x, enum format format, const float *g, void *to, enum format to_format,
                          size_t n, size_t rows, const float *scale, const float *shift, float low,
                          float high, float *gs, float *ps, bool cuts, double cut[2])
{
	float above = 0, below = 0;

#pragma omp simd reduction(+ : above, below)
	for (size_t i = 0; i < n; i++) {
		float sum = 0, product = 0;

		for (size_t r = 0; r < rows; r++) {
			float z = storage_get(x, format, r * n + i), t = z * scale[i] + shift[i],
			      d = g[r * n + i];

			if (to_format != FLOAT32)
				storage_put(to, to_format, r * n + i, d);
			if (cuts) {
				above += t < high ? 0 : d;
				below += t > low ? 0 : d;
			}
			d = t > low && t < high ? d : 0;
			sum += d;
			product += d * z;
		}
		gs[i] += sum;
		ps[i] += product;
	}
	cut[0] += (double)above;
	cut[1] += (double)below;
}

void ops_backward_sums(struct storage z, const float *dy, size_t count, int c, const float *scale,
                       const float *shift, struct squash s, double *sum, double *product, double *clip,
                       struct storage to)
{
	size_t period = ops_period(c), term = 0;
	float *gs = clear_sums(period), *ps = gs + period;
	struct clip_bounds bounds = clip_bounds(s);
	double cut[2] = { 0 };

	FOR_ROWS(count, period, at, rows, n) {
		const void *x = storage_at(z, at).data;
		void *out = storage_at(to, at).data;

		if (s.q.on)
			WITH_FORMATS(z.format, to.format,
			             WITH_ROWS(rows, backward_sums(x, F, dy + at, out, G, n, R, scale, shift,
			                                           s.low, s.high, gs, ps, true, cut)));
		else
			WITH_FORMATS(z.format, to.format,
			             WITH_ROWS(rows, backward_sums(x, F, dy + at, out, G, n, R, scale, shift,
			                                           s.low, s.high, gs, ps, false, cut)));
		term += rows;
		if (term >= TERMS || at + rows * n >= count) {
			flush(gs, period, c, sum);
			flush(ps, period, c, product);
			term = 0;
		}
	}
	/* where a bound is the quantizer's, it is the one that cut */
	*clip += (bounds.above < INFINITY ? cut[0] : 0) - (bounds.below > -INFINITY ? cut[1] : 0);
}

INLINE void backward_apply(const void *x, enum format format, const void *g, enum format g_format, size_t n,
                           const float *scale, const float *shift, struct squash s, const float *a,
                           const float *b, const float *d, void *dz, enum format dz_format)
{
	float low = s.low, high = s.high;

#pragma omp simd
	for (size_t i = 0; i < n; i++) {
		float z = storage_get(x, format, i), t = z * scale[i] + shift[i];

		storage_put(dz, dz_format, i,
		            a[i] * (t > low && t < high ? storage_get(g, g_format, i) : 0) + b[i] * z + d[i]);
	}
}

void ops_backward_apply(struct storage z, struct storage dy, size_t count, int c, const float *scale,
                        const float *shift, struct squash s, const float *a, const float *b, const float *d,
                        struct storage dz)
{
	FOR_PERIODS(count, ops_period(c), at, n) {
		const void *x = storage_at(z, at).data, *g = storage_at(dy, at).data;
		void *to = storage_at(dz, at).data;

		ask_for(z, at, n);
		ask_for(dy, at, n);
		if (dz.format == FLOAT32)
			WITH_FORMATS(z.format, dy.format,
			             backward_apply(x, F, g, G, n, scale, shift, s, a, b, d, to, FLOAT32));
		else
			WITH_FORMATS(z.format, dy.format,
			             backward_apply(x, F, g, G, n, scale, shift, s, a, b, d, to, BFLOAT16));
	}
}

void ops_quantize_backward(const float *x, const float *dy, size_t count, struct squash s, bool add,
                           float *dx, double *clip)
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

/* --- functions of each number ------------------------------------------------------------------ */

#define LOG2_E 0x1.715476p0f
#define LN_2_HIGH 0x1.62ep-1f    /* so short that its multiples up to 2^8 are exact */
#define LN_2_LOW 0x1.0bfbe8p-15f /* the rest */
#define EXP_MOST 87.0f           /* of what results are still plain floats of */

/*
 * exp(x), good to 2e-7, in steps that vectors have: x = n ln 2 + r, a Taylor series for exp(r),
 * and n into the exponent.  Beyond EXP_MOST it stays where it is; what is no number remains none.
 */
INLINE float exponential(float x)
{
	float t = clamp(x, -EXP_MOST, EXP_MOST), n = t * LOG2_E + ROUNDER, r, sum = 1.0f / 5040, power;
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
	return clamp(x / 6 + 0.5f, 0, 1);
}

INLINE float function(float x, enum activation how)
{
	switch (how) {
	case ACT_NONE: break;
	case ACT_RELU: return clamp(x, 0, INFINITY);
	case ACT_RELU6: return clamp(x, 0, 6);
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
	case ACT_RELU: return x > 0 ? 1 : 0;
	case ACT_RELU6: return (x > 0) & (x < 6) ? 1 : 0;
	case ACT_HARDSWISH: return x < -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5f;
	case ACT_HARDSIGMOID: return x > -3 && x < 3 ? 1.0f / 6 : 0;
	case ACT_SIGMOID: s = sigmoid(x); return s * (1 - s);
	case ACT_SWISH: s = sigmoid(x); return s * (1 + x * (1 - s));
	}
	return 1;
}

/* Calls with the function known, so that loops have no choice in them. */
#define WITH_FUNCTION(how_, call) \
	do { \
		switch ((enum activation)(how_)) { \
		case ACT_NONE: { \
			const enum activation A = ACT_NONE; \
			call; \
			break; \
		} \
		case ACT_RELU: { \
			const enum activation A = ACT_RELU; \
			call; \
			break; \
		} \
		case ACT_RELU6: { \
			const enum activation A = ACT_RELU6; \
			call; \
			break; \
		} \
		case ACT_HARDSWISH: { \
			const enum activation A = ACT_HARDSWISH; \
			call; \
			break; \
		} \
		case ACT_HARDSIGMOID: { \
			const enum activation A = ACT_HARDSIGMOID; \
			call; \
			break; \
		} \
		case ACT_SIGMOID: { \
			const enum activation A = ACT_SIGMOID; \
			call; \
			break; \
		} \
		case ACT_SWISH: { \
			const enum activation A = ACT_SWISH; \
			call; \
			break; \
		} \
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
	WITH_FUNCTION(activation, activate(x, count, A, y));
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
		WITH_FUNCTION(activation, activate_backward(x, dy, count, A, true, dx));
	else
		WITH_FUNCTION(activation, activate_backward(x, dy, count, A, false, dx));
}

/* --- two inputs and more ------------------------------------------------------------------------ */

void ops_multiply(const float *a, const float *b, size_t rows, size_t area, int c, bool add, float *y)
{
	size_t n = (size_t)c;

	for (size_t row = 0; row < rows; row++) {
		const float *x = a + row * n, *factor = b + row / area * n;
		float *out = y + row * n;

#pragma omp simd
		for (size_t k = 0; k < n; k++)
			out[k] = (add ? out[k] : 0) + x[k] * factor[k];
	}
}

#define TOGETHER 16 /* channels summed at a time */

void ops_multiply_backward(const float *dy, const float *a, size_t rows, size_t area, int c, bool add,
                           float *db)
{
	for (size_t row = 0; row < rows; row += area)
		for (int k = 0; k < c; k += TOGETHER) {
			int n = c - k < TOGETHER ? c - k : TOGETHER;
			float *out = db + row / area * (size_t)c + k;
			double sum[TOGETHER] = { 0 };

			for (size_t p = row; p < row + area; p++)
				for (int i = 0; i < n; i++)
					sum[i] += (double)dy[p * (size_t)c + (size_t)(k + i)] *
					          (double)a[p * (size_t)c + (size_t)(k + i)];
			for (int i = 0; i < n; i++)
				out[i] = (add ? out[i] : 0) + (float)sum[i];
		}
}

void ops_join(const float *x, size_t rows, int c, float *y, int width)
{
	for (size_t row = 0; row < rows; row++)
		memcpy(y + row * (size_t)width, x + row * (size_t)c, (size_t)c * sizeof *y);
}

void ops_split(const float *dy, int width, size_t rows, int c, bool add, float *dx)
{
	for (size_t row = 0; row < rows; row++) {
		float *out = dx + row * (size_t)c;

		for (int k = 0; k < c; k++)
			out[k] = (add ? out[k] : 0) + dy[row * (size_t)width + (size_t)k];
	}
}

double ops_cross_entropy(const float *logits, const int32_t *labels, int n, int classes, double smoothing,
                         float scale, float *grad)
{
	double loss = 0, each = smoothing / classes;

	for (int i = 0; i < n; i++) {
		const float *x = logits + (size_t)i * (size_t)classes;
		double max = -INFINITY, sum = 0, mean = 0;

		for (int k = 0; k < classes; k++)
			max = x[k] > max ? x[k] : max;
		for (int k = 0; k < classes; k++) {
			sum += exp(x[k] - max);
			mean += (double)x[k] / classes;
		}
		loss += max + log(sum) - (1 - smoothing) * (double)x[labels[i]] - smoothing * mean;
		for (int k = 0; grad && k < classes; k++)
			grad[(size_t)i * (size_t)classes + (size_t)k] =
				scale *
				(float)(exp(x[k] - max) / sum - each - (1 - smoothing) * (k == labels[i]));
	}
	return loss;
}
