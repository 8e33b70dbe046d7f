#include "engine/depthwise.h"

#include <string.h>

#define REVISION 1 /* raise when the numbers change */

#define CHANNELS 16 /* they are a multiple of it */
#define SIDE DEPTHWISE_SIDE

/* Channels at a time, those of a register: nine of these hold the weights. */
#if defined __AVX512F__
#define WIDTH 16
#elif defined __AVX__
#define WIDTH 8
#else
#define WIDTH 4
#endif

/* Unaligned. */
typedef float vec __attribute__((vector_size(WIDTH * sizeof(float)), aligned(sizeof(float)), may_alias));

static inline vec load(const float *x)
{
	return *(const vec *)(const void *)x;
}

static inline void save(float *to, vec x)
{
	*(vec *)(void *)to = x;
}

bool depthwise_can(const struct conv_shape *s)
{
	return s->kernel == SIDE && s->groups == s->cin && s->cin == s->cout && s->cin % CHANNELS == 0 &&
	       s->pad < SIDE && s->pad_end < SIDE && s->stride < SIDE && s->dilation == 1;
}

struct depthwise depthwise_of(const struct conv_shape *s)
{
	return (struct depthwise){
		s->cin, s->h, s->w, conv_out(s, s->h), conv_out(s, s->w), s->stride, s->pad
	};
}

void depthwise_from_oihw(const float *oihw, int c, float *taps)
{
	for (int k = 0; k < c; k++)
		for (int t = 0; t < DEPTHWISE_TAPS; t++)
			taps[t * c + k] = oihw[k * DEPTHWISE_TAPS + t];
}

void depthwise_to_oihw(const float *taps, int c, float *oihw)
{
	for (int k = 0; k < c; k++)
		for (int t = 0; t < DEPTHWISE_TAPS; t++)
			oihw[k * DEPTHWISE_TAPS + t] = taps[t * c + k];
}

/* Pixels and their weights, whose products make one pixel of the other side. */
struct pairs {
	int n;
	const float *pixel[DEPTHWISE_TAPS], *weights[DEPTHWISE_TAPS];
};

/*
 * Sums of n pairs for several pixels: the j-th from pairs that lie j * step further, j * hop floats after the
 * first.  Weights stay in registers.
 */
static inline void sum_n(const struct pairs *p, int n, int pixels, int step, int hop, int c, float *to)
{
	for (int k = 0; k < c; k += WIDTH) {
		vec weights[DEPTHWISE_TAPS];

		for (int t = 0; t < n; t++)
			weights[t] = load(p->weights[t] + k);
		for (int j = 0; j < pixels; j++) {
			vec sum = { 0 };

			for (int t = 0; t < n; t++)
				sum += load(p->pixel[t] + j * step + k) * weights[t];
			save(to + j * hop + k, sum);
		}
	}
}

/* As many pairs as rows times columns may make, each number of them unrolled. */
static void sum_pairs(const struct pairs *p, int pixels, int step, int hop, int c, float *to)
{
	switch (p->n) {
	case 9: sum_n(p, 9, pixels, step, hop, c, to); break;
	case 6: sum_n(p, 6, pixels, step, hop, c, to); break;
	case 4: sum_n(p, 4, pixels, step, hop, c, to); break;
	case 3: sum_n(p, 3, pixels, step, hop, c, to); break;
	case 2: sum_n(p, 2, pixels, step, hop, c, to); break;
	case 1: sum_n(p, 1, pixels, step, hop, c, to); break;
	case 0: sum_n(p, 0, pixels, step, hop, c, to); break;
	default: BUG("%d pairs", p->n);
	}
}

static struct pairs forward_pairs(const struct depthwise *d, const float *const x[3], const float *taps,
                                  int o)
{
	struct pairs p = { 0 };

	for (int t = 0; t < DEPTHWISE_TAPS; t++) {
		int i = o * d->stride + t % SIDE - d->pad;

		if (!x[t / SIDE] || i < 0 || i >= d->w_in)
			continue;
		p.pixel[p.n] = x[t / SIDE] + i * d->c;
		p.weights[p.n++] = taps + t * d->c;
	}
	return p;
}

static struct pairs backward_pairs(const struct depthwise *d, const float *const dz[3], const float *taps,
                                   int i)
{
	struct pairs p = { 0 };

	for (int t = 0; t < DEPTHWISE_TAPS; t++) {
		int o = i + d->pad - t % SIDE;

		if (!dz[t / SIDE] || o < 0 || o % d->stride || o / d->stride >= d->w_out)
			continue;
		p.pixel[p.n] = dz[t / SIDE] + o / d->stride * d->c;
		p.weights[p.n++] = taps + t * d->c;
	}
	return p;
}

/* Outputs from..to see a whole row of weights, those before and after them reach over the border. */
static void inner_outputs(const struct depthwise *d, int *from, int *to)
{
	/* the last input where a whole row of weights may begin, with padding */
	int last = d->w_in + d->pad - SIDE;

	*to = last < 0 ? 0 : last / d->stride + 1;
	*to = *to < d->w_out ? *to : d->w_out;
	*from = (d->pad + d->stride - 1) / d->stride;
	*from = *from < *to ? *from : *to;
}

void depthwise_forward(const struct depthwise *d, const float *const x[3], const float *taps, float *z)
{
	int from, to;

	inner_outputs(d, &from, &to);
	for (int o = 0; o < d->w_out; o++) {
		struct pairs p = forward_pairs(d, x, taps, o);
		int pixels = o == from && from < to ? to - from : 1;

		sum_pairs(&p, pixels, d->stride * d->c, d->c, d->c, z + o * d->c);
		o += pixels - 1;
	}
}

/*
 * Inputs from..to are reached by a whole row of weights; among them those `stride` apart by the
 * same weights.
 */
void depthwise_backward_data(const struct depthwise *d, const float *const dz[3], const float *taps,
                             float *dx)
{
	int from = SIDE - 1 - d->pad, to = (d->w_out - 1) * d->stride - d->pad + 1;

	from = from < 0 ? 0 : from;
	to = to > d->w_in ? d->w_in : to;
	for (int i = 0; i < d->w_in; i++) {
		bool is_inner = i >= from && i < to;
		struct pairs p;

		if (is_inner && i >= from + d->stride) /* came with the first of its kind */
			continue;
		p = backward_pairs(d, dz, taps, i);
		sum_pairs(&p, is_inner ? (to - i + d->stride - 1) / d->stride : 1, d->c, d->stride * d->c,
		          d->c, dx + i * d->c);
	}
}

/* The gradient from outputs that see a whole row of weights, WIDTH channels: sums stay in registers. */
static void inner_weights(const struct depthwise *d, const float *x, const float *dz, int from, int to,
                          float *diff)
{
	vec sum[2][SIDE] = { { { 0 } } };
	int step = d->stride * d->c, o = from;

	x += (from * d->stride - d->pad) * d->c;
	dz += from * d->c;
	/* two sums a weight: additions wait for one another */
	for (; o + 2 <= to; o += 2, x += 2 * step, dz += 2 * d->c)
		for (int k = 0; k < SIDE; k++) {
			sum[0][k] += load(dz) * load(x + k * d->c);
			sum[1][k] += load(dz + d->c) * load(x + step + k * d->c);
		}
	for (int k = 0; o < to && k < SIDE; k++)
		sum[0][k] += load(dz) * load(x + k * d->c);
	for (int k = 0; k < SIDE; k++)
		save(diff + k * d->c, load(diff + k * d->c) + sum[0][k] + sum[1][k]);
}

static void border_weights(const struct depthwise *d, const float *x, const float *dz, int o, float *diff)
{
	for (int k = 0; k < SIDE; k++) {
		int i = o * d->stride + k - d->pad;

		if (i < 0 || i >= d->w_in)
			continue;
#pragma omp simd
		for (int c = 0; c < d->c; c++)
			diff[k * d->c + c] += dz[o * d->c + c] * x[i * d->c + c];
	}
}

void depthwise_backward_weights(const struct depthwise *d, const float *const x[3], const float *dz,
                                float *diff)
{
	int from, to;

	inner_outputs(d, &from, &to);
	for (int r = 0; r < SIDE; r++) {
		float *row = diff + r * SIDE * d->c;

		if (!x[r])
			continue;
		for (int k = 0; from < to && k < d->c; k += WIDTH)
			inner_weights(d, x[r] + k, dz + k, from, to, row + k);
		for (int o = 0; o < d->w_out; o++)
			if (o < from || o >= to)
				border_weights(d, x[r], dz, o, row);
	}
}
