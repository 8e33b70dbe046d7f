#include "engine/conv-int8.h"
#include "engine/conv.h"
#include "engine/onednn.h"

#include <math.h>
#include <stdlib.h>

#define REVISION 1 /* raise when the numbers change */

#define EXACT_FLOAT (1 << 24) /* float32 holds every integer up to here */
#define SCALE_LEAST 1e-30f    /* a channel of less is switched off */
#define ROUNDER 12582912.0f   /* rounds to an integer, as in quantizer.c */

struct conv_int8 {
	struct conv_shape s;
	enum number src, dst;
	size_t src_size, dst_size; /* in numbers */
	float *scale, *shift, low, high;
	/* where the CPU multiplies bytes */
	struct onednn_conv_md md;
	dnnl_primitive_t primitive, reorder;
	md_ref weights_md;
	void *weights;
	md_own scale_md;
	/* where it does not; conv NULL: it does */
	struct conv *conv;
	bool is_split; /* into halves of 4 bits */
};

bool conv_has_int8_products(void)
{
	dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();

	/* an instruction set is a set of bits that contains those below it */
	return (isa & dnnl_cpu_isa_avx512_core_vnni) == dnnl_cpu_isa_avx512_core_vnni ||
	       (isa & dnnl_cpu_isa_avx2_vnni) == dnnl_cpu_isa_avx2_vnni;
}

/* Products in a sum. */
static size_t products(const struct conv_shape *s)
{
	return (size_t)(s->cin / s->groups) * (size_t)s->kernel * (size_t)s->kernel;
}

static dnnl_data_type_t type_of(enum number n)
{
	return n == NUMBER_F32 ? dnnl_f32 : n == NUMBER_U8 ? dnnl_u8 : dnnl_s8;
}

/* --- byte products --------------------------------------------------------------------------- */

/*
 * Scale and clamp after the sum.  Version 2 multiplies after adding the bias and knows the scales
 * beforehand, version 3 before, and gets them as an argument.
 */
static dnnl_primitive_attr_t attr_of(struct conv_int8 *c)
{
	dnnl_primitive_attr_t attr = onednn_new_attr();
	dnnl_post_ops_t ops;

#if ONEDNN_V3
	onednn_must(dnnl_primitive_attr_set_scales_mask(attr, DNNL_ARG_WEIGHTS, c->s.groups > 1 ? 3 : 1),
	            "scales");
	c->scale_md = onednn_md(1, (dnnl_dims_t){ c->s.cout }, dnnl_f32, dnnl_a);
#else
	for (int k = 0; k < c->s.cout; k++)
		c->shift[k] /= c->scale[k];
	onednn_must(dnnl_primitive_attr_set_output_scales(attr, c->s.cout, 1 << 1, c->scale), "scales");
#endif
	if (isinf(c->low) && isinf(c->high))
		return attr;
	onednn_must(dnnl_post_ops_create(&ops), "attributes");
#if ONEDNN_V3
	onednn_must(dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_clip, fmaxf(c->low, -1e30f),
	                                         fminf(c->high, 1e30f)),
	            "a clamp");
#else
	onednn_must(dnnl_post_ops_append_eltwise(ops, 1, dnnl_eltwise_clip, fmaxf(c->low, -1e30f),
	                                         fminf(c->high, 1e30f)),
	            "a clamp");
#endif
	onednn_must(dnnl_primitive_attr_set_post_ops(attr, ops), "attributes");
	dnnl_post_ops_destroy(ops);
	return attr;
}

static void prepare_bytes(struct conv_int8 *c)
{
	struct onednn_window w = onednn_window(&c->s);
	dnnl_primitive_attr_t attr = attr_of(c);
	dnnl_primitive_desc_t pd;

	c->md = onednn_conv_md(&c->s, type_of(c->src), dnnl_s8, type_of(c->dst));
	c->md.has_bias = true;
	pd = onednn_conv_desc(dnnl_forward_inference, &c->md, &w, attr, NULL);
	dnnl_primitive_attr_destroy(attr);
	c->primitive = onednn_primitive(pd);
	c->weights_md = onednn_wanted_md(pd, dnnl_query_weights_md);
	c->weights = onednn_weights_buffer(c->weights_md);
	c->reorder = onednn_reorder(MD(c->md.plain), c->weights_md);
}

static void forward_bytes(const struct conv_int8 *c, const void *src, void *dst)
{
	const struct onednn_arg args[] = {
		{ DNNL_ARG_SRC, MD(c->md.src), src },
		{ DNNL_ARG_WEIGHTS, c->weights_md, c->weights },
		{ DNNL_ARG_BIAS, MD(c->md.bias), c->shift },
		{ DNNL_ARG_DST, MD(c->md.dst), dst },
#if ONEDNN_V3
		{ DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, MD(c->scale_md), c->scale },
#endif
	};

	onednn_run(c->primitive, args, LEN(args));
}

/* --- integers in float32 ---------------------------------------------------------------------- */

/* The greatest sum of magnitudes of the weights of an output channel, `each` of them. */
static int64_t greatest_sum(const int8_t *weights, size_t n, size_t each)
{
	int64_t most = 0;

	for (size_t k = 0; k < n; k += each) {
		int64_t sum = 0;

		for (size_t i = k; i < k + each; i++)
			sum += abs(weights[i]);
		most = sum > most ? sum : most;
	}
	return most;
}

static void set_floats(struct conv_int8 *c, const int8_t *oihw)
{
	size_t each = products(&c->s), n = (size_t)c->s.cout * each;
	int64_t most = greatest_sum(oihw, n, each);
	float *weights = xmalloc(n, sizeof *weights);

	for (size_t i = 0; i < n; i++)
		weights[i] = oihw[i];
	c->is_split = most * 255 > EXACT_FLOAT;
	if (most * 16 > EXACT_FLOAT)
		die("a convolution of %zu products is too long to be exact on this CPU", each);
	conv_set_weights(c->conv, weights);
	free(weights);
}

/* The upper four bits, in sixteens, the lower four, or all. */
enum half { ALL, UPPER, LOWER };

static void widen(const struct conv_int8 *c, const void *src, enum half half, float *x)
{
	const uint8_t *u = src;
	const int8_t *s = src;

	for (size_t i = 0; i < c->src_size; i++) {
		int v = c->src == NUMBER_U8 ? u[i] : s[i], upper = v >= 0 ? v / 16 : -((15 - v) / 16);

		x[i] = (float)(half == ALL ? v : half == UPPER ? upper : v - 16 * upper);
	}
}

static void finish(const struct conv_int8 *c, const float *upper, const float *sum, void *dst)
{
	int k = 0;

	for (size_t i = 0; i < c->dst_size; i++, k = k + 1 == c->s.cout ? 0 : k + 1) {
		/* both sums are exact; the whole may need more than 24 bits, as an int32 made a float does */
		float total = upper ? (float)((int32_t)upper[i] * 16 + (int32_t)sum[i]) : sum[i];
		float y = fminf(fmaxf(c->scale[k] * total + c->shift[k], c->low), c->high);

		if (c->dst == NUMBER_F32)
			((float *)dst)[i] = y;
		else if (c->dst == NUMBER_U8)
			((uint8_t *)dst)[i] = (uint8_t)((fminf(fmaxf(y, 0), 255) + ROUNDER) - ROUNDER);
		else
			((int8_t *)dst)[i] = (int8_t)((fminf(fmaxf(y, -128), 127) + ROUNDER) - ROUNDER);
	}
}

static void forward_floats(const struct conv_int8 *c, const void *src, void *dst)
{
	float *x = xmalloc(c->src_size, sizeof *x), *sum = xmalloc(c->dst_size, sizeof *sum), *upper = NULL;

	if (c->is_split) {
		upper = xmalloc(c->dst_size, sizeof *upper);
		widen(c, src, UPPER, x);
		conv_forward(c->conv, x, upper);
	}
	widen(c, src, c->is_split ? LOWER : ALL, x);
	conv_forward(c->conv, x, sum);
	finish(c, upper, sum, dst);
	free(x);
	free(sum);
	free(upper);
}

/* --- both ------------------------------------------------------------------------------------ */

bool conv_int8_fits(const struct conv_shape *s)
{
	return (int64_t)products(s) * 255 * 127 <= INT32_MAX;
}

void conv_int8_set_weights(struct conv_int8 *c, const int8_t *oihw)
{
	if (c->primitive)
		onednn_convert(c->reorder, MD(c->md.plain), oihw, c->weights_md, c->weights);
	else
		set_floats(c, oihw);
}

/*
 * Copies scale, shift and weights.  A channel that is switched off keeps a scale of 1 and weights of 0: its
 * sum may be anything, and oneDNN 2 divides by the scale.
 */
static int8_t *copy_channels(struct conv_int8 *c, const int8_t *oihw, struct rescale r)
{
	size_t each = products(&c->s), cout = (size_t)c->s.cout;
	int8_t *weights = xmalloc(cout * each, 1);

	c->scale = xmalloc(cout, sizeof *c->scale);
	c->shift = xmalloc(cout, sizeof *c->shift);
	for (size_t k = 0; k < cout; k++) {
		bool is_off = fabsf(r.scale[k]) < SCALE_LEAST;

		c->scale[k] = is_off ? 1 : r.scale[k];
		c->shift[k] = r.shift[k];
		for (size_t i = k * each; i < (k + 1) * each; i++)
			weights[i] = is_off ? 0 : oihw[i];
	}
	return weights;
}

struct conv_int8 *conv_int8_new(const struct conv_shape *s, enum number src, enum number dst,
                                const int8_t *oihw, struct rescale r)
{
	struct conv_int8 *c = xmalloc(1, sizeof *c);
	size_t each = products(s), cout = (size_t)s->cout;
	int8_t *weights;

	*c = (struct conv_int8){
		.s = *s,
		.src = src,
		.dst = dst,
		.low = r.low,
		.high = r.high,
		.src_size = (size_t)s->n * (size_t)s->h * (size_t)s->w * (size_t)s->cin,
		.dst_size = (size_t)s->n * (size_t)conv_out(s, s->h) * (size_t)conv_out(s, s->w) * cout,
	};
	weights = copy_channels(c, oihw, r);
	if (greatest_sum(weights, cout * each, each) * 255 > INT32_MAX)
		die("a convolution of %zu products may overflow 32 bits", each);
	if (conv_has_int8_products())
		prepare_bytes(c);
	else
		c->conv = conv_new(&c->s, false, FLOAT32);
	conv_int8_set_weights(c, weights);
	free(weights);
	return c;
}

void conv_int8_forward(const struct conv_int8 *c, const void *src, void *dst)
{
	if (c->primitive)
		forward_bytes(c, src, dst);
	else
		forward_floats(c, src, dst);
}
