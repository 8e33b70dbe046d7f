#include "engine/ops-inner.h"

#include <math.h>

/*
 * Bounds beyond which the quantizer clips t, and not the activation: there its range gets dy, from above with
 * a plus, from below with a minus.
 */
struct clip_bounds {
	float above, below;
};

static struct clip_bounds clip_bounds(struct activation_quantizer q)
{
	return (struct clip_bounds){ q.q.on && q.q.high <= q.high ? q.q.high : INFINITY,
		                     q.q.on && q.q.low < 0 && q.q.low >= q.low ? q.q.low : -INFINITY };
}

/* dy where t is within the bounds, else 0; dy clipped: see above. */
static inline float inside(float t, float d, float low, float high)
{
	return only_if(d, mask_of(t > low) & mask_of(t < high));
}

static inline float clipped(float t, float d, struct clip_bounds b)
{
	return only_if(d, mask_of(t >= b.above)) - only_if(d, mask_of(t <= b.below));
}

/* What rounding t adds to the gradient of the range, by LSQ: dy (q(t) - t) / c; 1 / c is the last. */
struct rounding {
	float per_step, step, per_range;
};

static struct rounding rounding_of(struct activation_quantizer q)
{
	return (struct rounding){ 1 / q.q.step, q.q.step, 1 / q.q.high };
}

static inline float rounded(float t, float d, struct rounding r)
{
	float q = (t * r.per_step + ROUNDER - ROUNDER) * r.step;

	return d * (q - t) * r.per_range;
}

/* The work of ops_backward_sums. */
struct gradient_pass {
	struct storage z, kept;
	const float *dy;
	struct affine f;
	float low, high;
	struct clip_bounds bounds;
	struct rounding rounding;
	struct channel_sums sums;
};

INLINE void add_gradient(const struct gradient_pass *g, enum format z_format, enum format kept_format,
                         struct piece p, size_t rows, bool cuts, bool learns_step)
{
	const void *x = storage_at(g->z, p.at).data;
	const float *dy = g->dy + p.at, *scale = g->f.scale, *shift = g->f.shift;
	void *to = storage_at(g->kept, p.at).data;
	float *gs = g->sums.a, *ps = g->sums.b, *cs = g->sums.c, low = g->low, high = g->high;
	struct clip_bounds bounds = g->bounds;
	struct rounding rounding = g->rounding;

#pragma omp simd
	for (size_t i = 0; i < p.n; i++) {
		float sum = 0, product = 0, clip = 0;

		for (size_t r = 0; r < rows; r++) {
			float z = storage_get(x, z_format, r * p.n + i), t = z * scale[i] + shift[i],
			      d = dy[r * p.n + i];

			if (kept_format != FLOAT32)
				storage_put(to, kept_format, r * p.n + i, d);
			if (cuts)
				clip += clipped(t, d, bounds);
			d = inside(t, d, low, high);
			if (cuts && learns_step)
				clip += rounded(t, d, rounding);
			sum += d;
			product += d * z;
		}
		gs[i] += sum;
		ps[i] += product;
		if (cuts)
			cs[i] += clip;
	}
}

void ops_backward_sums(struct tensor z, const float *dy, struct affine f, struct activation_quantizer q,
                       struct backward_sums sums, struct storage kept)
{
	struct gradient_pass g = { .z = z.data,
		                   .kept = kept,
		                   .dy = dy,
		                   .f = f,
		                   .low = q.low,
		                   .high = q.high,
		                   .bounds = clip_bounds(q),
		                   .rounding = rounding_of(q) };
	struct piece p;

	g.sums = ops_begin_sums(z.channels, sums.gradient, sums.product, q.q.on ? sums.clip : NULL);
	for (size_t at = 0; at < z.count; at += p.n * p.rows) {
		p = piece_of(z.count, at, g.sums.period);
		WITH_FORMAT(F, z.data.format,
		            WITH_FORMAT(G, kept.format,
		                        WITH_ROWS(R, p.rows,
		                                  WITH_BOOL(B, q.q.on,
		                                            WITH_BOOL(L, q.learns_step,
		                                                      add_gradient(&g, F, G, p, R, B, L))))));
		ops_count_terms(&g.sums, p, at + p.n * p.rows >= z.count);
	}
}

/* A period, or what is left of one, of z, dy and dz: storage that begins there. */
struct apply_pass {
	struct storage z, dy, dz;
	size_t n;
};

INLINE void apply(struct apply_pass p, enum format z_format, enum format dy_format, enum format dz_format,
                  struct affine f, struct activation_quantizer q, struct backward_affine g)
{
#pragma omp simd
	for (size_t i = 0; i < p.n; i++) {
		float z = storage_get(p.z.data, z_format, i), t = z * f.scale[i] + f.shift[i];
		float d = inside(t, storage_get(p.dy.data, dy_format, i), q.low, q.high);

		storage_put(p.dz.data, dz_format, i, g.a[i] * d + g.b[i] * z + g.d[i]);
	}
}

void ops_backward_apply(struct tensor z, struct storage dy, struct affine f, struct activation_quantizer q,
                        struct backward_affine gradient, struct storage dz)
{
	size_t period = ops_period(z.channels), n;

	for (size_t at = 0; at < z.count; at += n) {
		struct apply_pass p = { storage_at(z.data, at), storage_at(dy, at), storage_at(dz, at),
			                n = piece_of(z.count, at, period).n };

		prefetch(z.data, at, n);
		prefetch(dy, at, n);
		WITH_FORMAT(F, z.data.format,
		            WITH_FORMAT(G, dy.format,
		                        WITH_FORMAT(H, dz.format, apply(p, F, G, H, f, q, gradient))));
	}
}

#define LANES 64 /* sums side by side, whatever the width of registers */
#define TERMS 64 /* floats summed before a double takes over */

INLINE void quantize_backward(const float *x, const float *dy, size_t n, struct activation_quantizer q,
                              bool add, bool learns_step, float *dx, float *clip)
{
	struct clip_bounds bounds = clip_bounds(q);
	struct rounding rounding = rounding_of(q);

#pragma omp simd
	for (size_t i = 0; i < n; i++) {
		float t = x[i], d = dy[i], before = add ? dx[i] : 0;

		clip[i] += clipped(t, d, bounds);
		d = inside(t, d, q.low, q.high);
		if (learns_step)
			clip[i] += rounded(t, d, rounding);
		dx[i] = before + d;
	}
}

void ops_quantize_backward(const float *x, const float *dy, size_t count, struct activation_quantizer q,
                           bool add, float *dx, double *clip)
{
	for (size_t at = 0; at < count; at += LANES * TERMS) {
		float lanes[LANES] = { 0 };

		for (size_t i = at; i < count && i < at + LANES * TERMS; i += LANES) {
			size_t n = count - i < LANES ? count - i : LANES;

			WITH_BOOL(A, add,
			          WITH_BOOL(L, q.learns_step && q.q.on,
			                    quantize_backward(x + i, dy + i, n, q, A, L, dx + i, lanes)));
		}
		for (int i = 0; i < LANES; i++)
			*clip += (double)lanes[i];
	}
}
