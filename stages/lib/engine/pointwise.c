#include "engine/pointwise-inner.h"

#include <string.h>

#define SHORT 1.5 /* runs of fewer steps do not pay; measured */

#ifdef __AVX2__
bool pointwise_can(const struct conv_shape *s)
{
	return s->kernel == 1 && s->stride == 1 && s->groups == 1 && !s->pad && !s->pad_end;
}

static float *in_tiles(const struct pointwise *p, const float *channel)
{
	float *x = xmalloc((size_t)p->tiles * TILE, sizeof *x);

	for (int i = 0; i < p->tiles * TILE; i++) {
		int k = i / TILE * TILE + channel_of(i % TILE);

		x[i] = k < p->cout ? channel[k] : 0;
	}
	return x;
}

struct pointwise *pointwise_new(const struct conv_shape *s, enum number src, int largest, enum number dst,
                                struct sum_rescale r)
{
	struct pointwise *p = xmalloc(1, sizeof *p);
	float least = dst == NUMBER_U8 ? 0 : -128, most = dst == NUMBER_U8 ? 255 : 127;
	size_t tiles = (size_t)(s->cout + TILE - 1) / TILE;

	*p = (struct pointwise){ .cin = s->cin,
		                 .cout = s->cout,
		                 .tiles = (int)tiles,
		                 .pixels = (size_t)s->n * (size_t)s->h * (size_t)s->w,
		                 .src = src,
		                 .dst = dst,
		                 .largest = largest,
		                 .by = src == NUMBER_S8 ? largest : 0,
		                 .low = r.low,
		                 .high = r.high };
	if (dst != NUMBER_F32) {
		p->low = r.low > least ? r.low : least;
		p->high = r.high < most ? r.high : most;
	}
	p->weights = xmalloc(tiles * (size_t)(s->cin + 1) / 2, STEP);
	p->run = xmalloc(tiles * (size_t)(s->cin + 3) / 4, sizeof *p->run);
	p->start = xmalloc(tiles * TILE, sizeof *p->start);
	p->scale = in_tiles(p, r.scale);
	p->shift = in_tiles(p, r.shift);
	return p;
}

/* A step of n input channels of a tile: [channel of the tile][n]. */
INLINE void gather(const struct pointwise *p, const int8_t *oi, int tile, int step, int n, int8_t *to)
{
	int channels = p->cout - tile * TILE, inputs = p->cin - step * n;

	oi += (size_t)tile * TILE * (size_t)p->cin + step * n;
	if (channels >= TILE && inputs >= n) {
		for (int i = 0; i < TILE; i++)
			memcpy(to + i * n, oi + (size_t)channel_of(i) * (size_t)p->cin, (size_t)n);
		return;
	}
	inputs = inputs < n ? inputs : n;
	memset(to, 0, (size_t)(TILE * n));
	for (int i = 0; i < TILE; i++)
		if (channel_of(i) < channels)
			memcpy(to + i * n, oi + (size_t)channel_of(i) * (size_t)p->cin, (size_t)inputs);
}

/* What sums of 16 bits may be at most and at least, whatever the input: those of some channels. */
struct bounds {
	__m256i most, least;
};

INLINE struct bounds bounds_of_step(const int8_t *weights, __m256i largest)
{
	__m256i w = _mm256_load_si256((const void *)weights), zero = _mm256_setzero_si256();

	return (struct bounds){ _mm256_maddubs_epi16(largest, _mm256_max_epi8(w, zero)),
		                _mm256_maddubs_epi16(largest, _mm256_min_epi8(w, zero)) };
}

INLINE struct bounds add_bounds(struct bounds a, struct bounds b)
{
	return (struct bounds){ _mm256_adds_epi16(a.most, b.most), _mm256_adds_epi16(a.least, b.least) };
}

/* Sums of bounds saturate, so one that reaches the end of its range may be larger. */
INLINE bool may_overflow(struct bounds b)
{
	return _mm256_movemask_epi8(
		_mm256_or_si256(_mm256_cmpeq_epi16(b.most, _mm256_set1_epi16(INT16_MAX)),
	                        _mm256_cmpeq_epi16(b.least, _mm256_set1_epi16(INT16_MIN))));
}

#define PARTS (STEP / 32)

/* Cuts a tile's steps into the longest runs that cannot overflow; their number, or 0: a single step may. */
static int pack_narrow(struct pointwise *p, const int8_t *oi, int tile)
{
	__m256i largest = _mm256_set1_epi8((char)(p->largest + p->by));
	unsigned *run = p->run + (size_t)tile * (size_t)p->steps;
	struct bounds sum[PARTS] = { 0 };
	int runs = 0;

	for (int k = 0, n = 0; k < p->steps; k++) {
		int8_t *to = p->weights + ((size_t)tile * (size_t)p->steps + (size_t)k) * STEP;
		struct bounds step[PARTS], both[PARTS];
		bool cannot = false, ends = k == 0;

		gather(p, oi, tile, k, 4, to);
		for (int i = 0; i < PARTS; i++) {
			step[i] = bounds_of_step(to + i * 32, largest);
			both[i] = add_bounds(sum[i], step[i]);
			cannot |= may_overflow(step[i]);
			ends |= may_overflow(both[i]);
		}
		if (cannot)
			return 0;
		memcpy(sum, ends ? step : both, sizeof sum);
		n = ends ? 1 : n + 1;
		runs += ends;
		run[runs - 1] = (unsigned)n;
	}
	return runs;
}

static void pack_wide(struct pointwise *p, const int8_t *oi, int tile)
{
	for (int k = 0; k < p->steps; k++) {
		int8_t bytes[STEP / 2],
			*to = p->weights + ((size_t)tile * (size_t)p->steps + (size_t)k) * STEP;

		gather(p, oi, tile, k, 2, bytes);
		bytes_widen(bytes, NUMBER_S8, STEP / 2, (int16_t *)(void *)to);
	}
}

static void prepare_starts(struct pointwise *p, const int8_t *oi)
{
	for (int i = 0; i < p->tiles * TILE; i++) {
		int k = i / TILE * TILE + channel_of(i % TILE);
		const int8_t *w = oi + (size_t)k * (size_t)p->cin;
		int32_t sum = 0;

		for (int j = 0; k < p->cout && j < p->cin; j++)
			sum += w[j];
		p->start[i] = -sum * p->by;
	}
}

void pointwise_set_weights(struct pointwise *p, const int8_t *oi)
{
	int runs = 0, more = 1;

	p->by = p->src == NUMBER_S8 ? p->largest : 0;
	p->steps = (p->cin + 3) / 4;
	p->row = (size_t)p->steps * 4;
	for (int t = 0; t < p->tiles && more; t++)
		runs += more = pack_narrow(p, oi, t);
	p->is_wide = !more || p->steps * p->tiles < SHORT * runs;
	if (p->is_wide) {
		p->by = 0;
		p->steps = (p->cin + 1) / 2;
		p->row = (size_t)p->steps * 4;
		for (int t = 0; t < p->tiles; t++)
			pack_wide(p, oi, t);
	}
	prepare_starts(p, oi);
}

double pointwise_run(const struct pointwise *p)
{
	int runs = 0;

	for (int t = 0; t < p->tiles && !p->is_wide; t++)
		for (int k = 0, r = t * p->steps; k < p->steps; k += (int)p->run[r++])
			runs++;
	return p->is_wide ? 0 : (double)p->steps * p->tiles / runs;
}

#else /* other levels, and other CPUs: nobody calls but to ask */
bool pointwise_can(const struct conv_shape *s)
{
	(void)s;
	return false;
}

struct pointwise *pointwise_new(const struct conv_shape *s, enum number src, int largest, enum number dst,
                                struct sum_rescale r)
{
	BUG("%d channels of %d, at most %d, to %d at %g", s->cin, (int)src, largest, (int)dst, (double)r.low);
}

void pointwise_set_weights(struct pointwise *p, const int8_t *oi)
{
	BUG("weights %p of %p", (const void *)oi, (const void *)p);
}

size_t pointwise_memory(const struct pointwise *p)
{
	BUG("memory of %p", (const void *)p);
}

void pointwise_forward(const struct pointwise *p, const void *src, void *memory, void *dst)
{
	BUG("%p of %p and %p to %p", (const void *)p, src, memory, dst);
}

double pointwise_run(const struct pointwise *p)
{
	BUG("runs of %p", (const void *)p);
}
#endif
