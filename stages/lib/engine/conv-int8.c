#include "engine/conv-int8.h"
#include "engine/conv.h"
#include "engine/onednn.h"
#include "engine/ops.h"
#include "engine/pointwise.h"

#include <math.h>
#include <stdlib.h>

#define REVISION 2 /* raise when the numbers change */

#define EXACT_FLOAT (1 << 24) /* float32 holds every integer up to here */
#define SCALE_LEAST 1e-30f    /* a channel of less is switched off */

struct conv_int8 {
	struct conv_shape s;
	struct int8_input src;
	enum number dst;
	size_t src_size, dst_size; /* in numbers */
	float *scale, *shift;      /* [period] */
	float low, high;
	bool multiplies_bytes; /* with the weights it has; else in floats */
	/* Byte products; primitive NULL: not made yet. */
	struct onednn_conv_md md;
	dnnl_primitive_t primitive, reorder;
	md_ref weights_md;
	void *weights;
	md_own scale_md;
	float *bias;                 /* [cout] */
	bool shifts;                 /* signed input becomes unsigned, by adding its largest */
	struct pointwise *pointwise; /* NULL: one of the other ways */
	/* Integers in float32; NULL: not made yet. */
	struct conv *conv;
	bool is_split; /* into halves of 4 bits */
};

bool conv_has_int8_products(void)
{
	return onednn_has(dnnl_cpu_isa_avx512_core_vnni) || onednn_has(dnnl_cpu_isa_avx2_vnni);
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

#if ONEDNN_V3
	onednn_must(dnnl_primitive_attr_set_scales_mask(attr, DNNL_ARG_WEIGHTS, c->s.groups > 1 ? 3 : 1),
	            "scales");
	c->scale_md = onednn_md(1, (dnnl_dims_t){ c->s.cout }, dnnl_f32, dnnl_a);
#else
	onednn_must(dnnl_primitive_attr_set_output_scales(attr, c->s.cout, 1 << 1, c->scale), "scales");
#endif
	onednn_clamp(attr, c->low, c->high);
	return attr;
}

/* Without instructions for it oneDNN halves the weights of signed inputs, so they are made unsigned. */
static void prepare_bytes(struct conv_int8 *c)
{
	struct onednn_window w = onednn_window(&c->s);
	dnnl_primitive_attr_t attr = attr_of(c);
	dnnl_primitive_desc_t pd;

	c->shifts = c->src.type == NUMBER_S8 && !conv_has_int8_products();
	c->bias = xmalloc((size_t)c->s.cout, sizeof *c->bias);
	c->md = onednn_conv_md(&c->s, type_of(c->shifts ? NUMBER_U8 : c->src.type), dnnl_s8, type_of(c->dst));
	c->md.has_bias = true;
	pd = onednn_conv_desc(dnnl_forward_inference, &c->md, &w, attr, NULL);
	dnnl_primitive_attr_destroy(attr);
	c->primitive = onednn_primitive(pd);
	c->weights_md = onednn_wanted_md(pd, dnnl_query_weights_md);
	c->weights = onednn_weights_buffer(c->weights_md);
	c->reorder = onednn_reorder(MD(c->md.plain), c->weights_md);
}

/* The bias takes what a shift of the input adds to a sum, shift * the weights' sum, away again. */
static void set_bytes(struct conv_int8 *c, const int8_t *oihw)
{
	size_t each = products(&c->s);

	if (!c->primitive)
		prepare_bytes(c);
	onednn_convert(c->reorder, MD(c->md.plain), oihw, c->weights_md, c->weights);
	for (size_t k = 0; k < (size_t)c->s.cout; k++) {
		int64_t extra = 0;

		for (size_t i = k * each; c->shifts && i < (k + 1) * each; i++)
			extra += oihw[i] * c->src.largest;
#if ONEDNN_V3
		c->bias[k] = (float)((double)c->shift[k] - (double)c->scale[k] * (double)extra);
#else
		c->bias[k] = (float)((double)c->shift[k] / (double)c->scale[k] - (double)extra);
#endif
	}
}

/* Memory of the calling thread, at least so large. */
static void *scratch(size_t bytes)
{
	static _Thread_local void *memory;
	static _Thread_local size_t room;

	if (bytes > room) {
		free(memory);
		memory = xmalloc(bytes, 1);
		room = bytes;
	}
	return memory;
}

static void forward_bytes(const struct conv_int8 *c, const void *src, void *dst)
{
	struct onednn_arg args[] = {
		{ DNNL_ARG_SRC, MD(c->md.src), src },
		{ DNNL_ARG_WEIGHTS, c->weights_md, c->weights },
		{ DNNL_ARG_BIAS, MD(c->md.bias), c->bias },
		{ DNNL_ARG_DST, MD(c->md.dst), dst },
#if ONEDNN_V3
		{ DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, MD(c->scale_md), c->scale },
#endif
	};

	if (c->shifts) {
		uint8_t *shifted = scratch(c->src_size);

		bytes_shift(src, c->src_size, c->src.largest, shifted);
		args[0].data = shifted;
	}
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

	if (!c->conv)
		c->conv = conv_new(&c->s, CONV_FORWARD, FLOAT32);
	for (size_t i = 0; i < n; i++)
		weights[i] = oihw[i];
	c->is_split = most * c->src.largest > EXACT_FLOAT;
	if (most * 16 > EXACT_FLOAT)
		die("a convolution of %zu products is too long to be exact on this CPU", each);
	conv_set_weights(c->conv, weights);
	free(weights);
}

static void forward_floats(const struct conv_int8 *c, const void *src, void *dst)
{
	float *x = scratch((c->src_size + 2 * c->dst_size) * sizeof *x), *sum = x + c->src_size;
	struct sum_rescale r = { c->scale, c->shift, ops_period(c->s.cout), c->low, c->high };

	if (c->dst == NUMBER_F32)
		sum = dst;
	bytes_to_floats(src, c->src.type, c->src_size, c->is_split ? LOWER : ALL, x);
	conv_forward(c->conv, x, sum);
	if (c->is_split) {
		float *upper = x + c->src_size + c->dst_size;

		bytes_to_floats(src, c->src.type, c->src_size, UPPER, x);
		conv_forward(c->conv, x, upper);
		bytes_join_sums(upper, c->dst_size, sum);
	}
	bytes_of_sums(sum, c->dst_size, r, c->dst, dst);
}

/* --- both ------------------------------------------------------------------------------------ */

bool conv_int8_fits(const struct conv_shape *s)
{
	int64_t n = (int64_t)products(s);

	return n * 255 * 127 <= INT32_MAX &&
	       (conv_has_int8_products() || pointwise_can(s) || n * 16 * 127 <= EXACT_FLOAT);
}

bool conv_int8_is_fast(const struct conv_int8 *c)
{
	return c->multiplies_bytes;
}

/*
 * Whether oneDNN's sums of two products in 16 bits are exact, whichever two.  Depthwise kernels add in 32
 * bits.  A signed input that is shifted is no longer 0 where the convolution pads.
 */
static bool never_saturates(const struct conv_int8 *c, const int8_t *oihw)
{
	size_t n = (size_t)c->s.cout * products(&c->s);
	int largest = c->src.type == NUMBER_S8 ? 2 * c->src.largest : c->src.largest, most = 0;

	if (c->src.type == NUMBER_S8 && (c->s.pad || c->s.pad_end))
		return false;
	if (c->src.type == NUMBER_U8 && c->s.groups == c->s.cin && c->s.cout == c->s.cin)
		return true;
	for (size_t i = 0; i < n; i++)
		most = abs(oihw[i]) > most ? abs(oihw[i]) : most;
	return 2 * most * largest <= INT16_MAX;
}

void conv_int8_set_weights(struct conv_int8 *c, const int8_t *oihw)
{
	c->multiplies_bytes = conv_has_int8_products() || c->pointwise || never_saturates(c, oihw);
	if (c->pointwise)
		pointwise_set_weights(c->pointwise, oihw);
	else if (c->multiplies_bytes)
		set_bytes(c, oihw);
	else
		set_floats(c, oihw);
}

/*
 * Copies scale, shift and weights.  A channel that is switched off keeps a scale of 1 and weights of 0: its
 * sum may be anything, and oneDNN 2 divides by the scale.
 */
static int8_t *copy_channels(struct conv_int8 *c, const int8_t *oihw, struct rescale r)
{
	size_t each = products(&c->s), cout = (size_t)c->s.cout, period = ops_period(c->s.cout);
	int8_t *weights = xmalloc(cout * each, 1);

	c->scale = xmalloc(period, sizeof *c->scale);
	c->shift = xmalloc(period, sizeof *c->shift);
	for (size_t k = 0; k < cout; k++) {
		bool is_off = fabsf(r.scale[k]) < SCALE_LEAST;

		c->scale[k] = is_off ? 1 : r.scale[k];
		c->shift[k] = r.shift[k];
		for (size_t i = k * each; i < (k + 1) * each; i++)
			weights[i] = is_off ? 0 : oihw[i];
	}
	for (size_t k = cout; k < period; k++) {
		c->scale[k] = c->scale[k - cout];
		c->shift[k] = c->shift[k - cout];
	}
	return weights;
}

struct conv_int8 *conv_int8_new(const struct conv_shape *s, struct int8_input src, enum number dst,
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
	if (greatest_sum(weights, cout * each, each) * src.largest > INT32_MAX)
		die("a convolution of %zu products may overflow 32 bits", each);
	if (!conv_has_int8_products() && pointwise_can(s))
		c->pointwise = pointwise_new(
			s, src.type, src.largest, dst,
			(struct sum_rescale){ c->scale, c->shift, ops_period(s->cout), r.low, r.high });
	conv_int8_set_weights(c, weights);
	free(weights);
	return c;
}

void conv_int8_forward(const struct conv_int8 *c, const void *src, void *dst)
{
	if (c->pointwise)
		pointwise_forward(c->pointwise, src, scratch(pointwise_memory(c->pointwise)), dst);
	else if (c->multiplies_bytes)
		forward_bytes(c, src, dst);
	else
		forward_floats(c, src, dst);
}
