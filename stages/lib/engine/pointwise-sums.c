#include "engine/pointwise-inner.h"

#include <string.h>

#ifdef __AVX2__

#define BLOCK (8 << 10) /* bytes of input and output that all tiles pass, one after the other */

/* --- registers: a tile is two of them ----------------------------------------------------------- */

#ifdef __AVX512BW__
#define OP(name) _mm512_##name
#define IN_REGISTER "v"
#define NARROW 6 /* pixels at a time */
#define WIDE 12
typedef __m512i vec;
typedef __m512 floats;
#else
#define OP(name) _mm256_##name
#define IN_REGISTER "x"
#define NARROW 3 /* pixels at a time, with sums of 16 and of 32 bits */
#define WIDE 6
typedef __m256i vec;
typedef __m256 floats;
#endif
#define VECS (TILE * sizeof(int32_t) / sizeof(vec))

INLINE vec repeat(const uint8_t *four)
{
	int32_t x;

	memcpy(&x, four, sizeof x);
	return OP(set1_epi32)(x);
}

/* As an intrinsic it is added elsewhere, and copied back, by GCC 12: 13 % of the time. */
INLINE void add_16(vec *sum, vec x)
{
	__asm__("vpaddw %1, %0, %0" : "+" IN_REGISTER(*sum) : IN_REGISTER(x));
}

/* Scale, shift and bounds of a tile. */
struct outcome {
	floats scale[VECS], shift[VECS], low, high;
};

INLINE struct outcome outcome_of(const struct pointwise *p, int tile)
{
	struct outcome o = { .low = OP(set1_ps)(p->low), .high = OP(set1_ps)(p->high) };

	for (size_t i = 0; i < VECS; i++) {
		o.scale[i] = ((const floats *)(const void *)(p->scale + tile * TILE))[i];
		o.shift[i] = ((const floats *)(const void *)(p->shift + tile * TILE))[i];
	}
	return o;
}

/* As bytes_of_sums() does: NaN becomes low. */
INLINE floats result_of(const struct outcome *o, const vec *sum, size_t i)
{
	floats y = OP(add_ps)(OP(mul_ps)(OP(cvtepi32_ps)(sum[i]), o->scale[i]), o->shift[i]);

	return OP(min_ps)(OP(max_ps)(y, o->low), o->high);
}

/* Results of a pixel.  Bounds are within those of bytes; halves round to even. */
#ifdef __AVX512BW__
INLINE void put(const struct outcome *o, const vec *sum, enum number type, void *to)
{
	for (int i = 0; i < 2; i++) {
		floats y = result_of(o, sum, (size_t)i);

		if (type == NUMBER_F32)
			_mm512_storeu_ps((float *)to + i * TILE / 2, y);
		else
			_mm_storeu_si128((__m128i *)to + i, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(y)));
	}
}
#else
INLINE void put(const struct outcome *o, const vec *sum, enum number type, void *to)
{
	floats a = result_of(o, sum, 0), b = result_of(o, sum, 1);

	if (type == NUMBER_F32) {
		_mm256_storeu_ps(to, _mm256_permute2f128_ps(a, b, 0x20));
		_mm256_storeu_ps((float *)to + TILE / 2, _mm256_permute2f128_ps(a, b, 0x31));
	} else {
		vec y = _mm256_packs_epi32(_mm256_cvtps_epi32(a), _mm256_cvtps_epi32(b));
		__m128i lower = _mm256_castsi256_si128(y), upper = _mm256_extracti128_si256(y, 1);

		_mm_storeu_si128(to, type == NUMBER_U8 ? _mm_packus_epi16(lower, upper)
		                                       : _mm_packs_epi16(lower, upper));
	}
}
#endif

/* --- sums --------------------------------------------------------------------------------------- */

/* Some pixels, whose inputs lie a row apart, and the weights of a tile. */
struct operands {
	const uint8_t *x;
	size_t row;
	const vec *w, *end;
	const unsigned *run;
};

INLINE struct operands operands_of(const struct pointwise *p, int tile, const uint8_t *x)
{
	size_t at = (size_t)tile * (size_t)p->steps;
	const vec *w = (const vec *)(const void *)(p->weights + at * STEP);

	return (struct operands){ x, p->row, w, w + (size_t)p->steps * VECS, p->run + at };
}

/* A run is summed in 16 bits, then added in pairs. */
INLINE void sum_narrow(struct operands o, int pixels, vec sum[][VECS])
{
	do {
		const vec *stop = o.w + *o.run++ * VECS;
		vec part[NARROW][VECS];

#pragma GCC unroll 12
		for (int j = 0; j < pixels; j++)
			for (size_t i = 0; i < VECS; i++)
				part[j][i] = (vec){ 0 };
		do {
#pragma GCC unroll 12
			for (int j = 0; j < pixels; j++) {
				vec x = repeat(o.x + (size_t)j * o.row);

				for (size_t i = 0; i < VECS; i++) {
					add_16(&part[j][i], OP(maddubs_epi16)(x, o.w[i]));
				}
			}
			o.x += 4;
			o.w += VECS;
		} while (o.w < stop);
#pragma GCC unroll 12
		for (int j = 0; j < pixels; j++)
			for (size_t i = 0; i < VECS; i++)
				sum[j][i] = OP(add_epi32)(sum[j][i],
				                          OP(madd_epi16)(part[j][i], OP(set1_epi16)(1)));
	} while (o.w < o.end);
}

INLINE void sum_wide(struct operands o, int pixels, vec sum[][VECS])
{
	for (; o.w < o.end; o.x += 4, o.w += VECS) {
#pragma GCC unroll 12
		for (int j = 0; j < pixels; j++) {
			vec x = repeat(o.x + (size_t)j * o.row);

			for (size_t i = 0; i < VECS; i++)
				sum[j][i] = OP(add_epi32)(sum[j][i], OP(madd_epi16)(x, o.w[i]));
		}
	}
}

/* What is known when a kernel is compiled. */
struct kind {
	bool is_wide, is_float;
	int pixels;
};

/* Results of a tile for k.pixels pixels. */
INLINE void compute(const struct pointwise *p, int tile, struct kind k, const uint8_t *x, char *to)
{
	struct operands o = operands_of(p, tile, x);
	struct outcome r = outcome_of(p, tile);
	const vec *start = (const vec *)(const void *)(p->start + tile * TILE);
	size_t size = k.is_float ? sizeof(float) : 1, left = (size_t)(p->cout - tile * TILE);
	enum number type = k.is_float ? NUMBER_F32 : p->dst;
	vec sum[WIDE][VECS];

#pragma GCC unroll 12
	for (int j = 0; j < k.pixels; j++)
		for (size_t i = 0; i < VECS; i++)
			sum[j][i] = start[i];
	if (k.is_wide)
		sum_wide(o, k.pixels, sum);
	else
		sum_narrow(o, k.pixels, sum);
#pragma GCC unroll 12
	for (int j = 0; j < k.pixels; j++, to += (size_t)p->cout * size) {
		float some[TILE];

		if (left >= TILE) {
			put(&r, sum[j], type, to);
		} else {
			put(&r, sum[j], type, some);
			memcpy(to, some, left * size);
		}
	}
}

/* Some pixels, all tiles, so that the weights of each are read from afar but once. */
INLINE void compute_tiles(const struct pointwise *p, struct kind k, const uint8_t *x, size_t count, char *dst)
{
	size_t size = k.is_float ? sizeof(float) : 1, hop = (size_t)p->cout * size;
	struct kind one = { k.is_wide, k.is_float, 1 };

	for (int t = 0; t < p->tiles; t++) {
		char *to = dst + (size_t)t * TILE * size;
		size_t i = 0, n = (size_t)k.pixels;

		for (; i + n <= count; i += n)
			compute(p, t, k, x + i * p->row, to + i * hop);
		for (; i < count; i++)
			compute(p, t, one, x + i * p->row, to + i * hop);
	}
}

static void compute_block(const struct pointwise *p, const uint8_t *x, size_t count, char *dst)
{
	bool is_float = p->dst == NUMBER_F32;

	if (p->is_wide && is_float)
		compute_tiles(p, (struct kind){ true, true, WIDE }, x, count, dst);
	else if (p->is_wide)
		compute_tiles(p, (struct kind){ true, false, WIDE }, x, count, dst);
	else if (is_float)
		compute_tiles(p, (struct kind){ false, true, NARROW }, x, count, dst);
	else
		compute_tiles(p, (struct kind){ false, false, NARROW }, x, count, dst);
}

/* --- pixels ------------------------------------------------------------------------------------- */

static size_t block_pixels(const struct pointwise *p)
{
	size_t each = p->row + (size_t)p->cout * number_size(p->dst);
	size_t least = 2 * WIDE, n = BLOCK / each / least * least;

	return n ? n : least;
}

size_t pointwise_memory(const struct pointwise *p)
{
	size_t n = block_pixels(p);

	return (n < p->pixels ? n : p->pixels) * p->row;
}

/* Whether the kernel reads the input as it is. */
static bool is_plain(const struct pointwise *p)
{
	return !p->is_wide && !p->by && p->row == (size_t)p->cin;
}

/* Pixels as the kernel reads them.  What is behind a pixel's channels meets weights of 0. */
static void prepare(const struct pointwise *p, const uint8_t *x, size_t count, uint8_t *to)
{
	size_t cin = (size_t)p->cin;

	if (!p->is_wide && p->row == cin) {
		bytes_shift((const int8_t *)x, count * cin, p->by, to);
		return;
	}
	for (size_t i = 0; i < count; i++, x += cin, to += p->row) {
		if (p->is_wide)
			bytes_widen(x, p->src, cin, (int16_t *)(void *)to);
		else
			bytes_shift((const int8_t *)x, cin, p->by, to);
	}
}

void pointwise_forward(const struct pointwise *p, const void *src, void *memory, void *dst)
{
	size_t hop = (size_t)p->cout * number_size(p->dst), most = block_pixels(p), n;

	for (size_t at = 0; at < p->pixels; at += n) {
		const uint8_t *x = (const uint8_t *)src + at * (size_t)p->cin;

		n = p->pixels - at < most ? p->pixels - at : most;
		if (!is_plain(p)) {
			prepare(p, x, n, memory);
			x = memory;
		}
		compute_block(p, x, n, (char *)dst + at * hop);
	}
}
#endif
