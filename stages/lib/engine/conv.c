#include "engine/conv.h"
#include "engine/onednn.h"
#include "engine/ops.h"

#include <cblas.h>
#include <string.h>

#define REVISION 2 /* raise when the numbers change */

/* Two operands to a result, by a primitive that knows them by these names. */
struct pass {
	dnnl_primitive_t primitive;
	struct onednn_arg a, b, result;
};

static void run(const struct pass *p, const void *a, const void *b, const void *result)
{
	struct onednn_arg args[] = { p->a, p->b, p->result };

	args[0].data = a;
	args[1].data = b;
	args[2].data = result;
	onednn_run(p->primitive, args, LEN(args));
}

/* Weights in the layout that a pass wants, and how they get there; reorder NULL: files have that layout. */
struct laid_out {
	md_own plain;
	md_ref md;
	dnnl_primitive_t reorder;
	void *data;
};

struct conv {
	md_own plain;                        /* the layout of weights in files */
	struct onednn_conv_md md;            /* forward */
	struct onednn_conv_md back, product; /* the gradients of the input and of the weights */
	struct pass forward, data, weights;
	struct laid_out forward_weights, data_weights;
	/* the gradient of the weights as a product of matrices, by OpenBLAS; 0: by oneDNN */
	int rows, cin, cout;
	md_own diff_plain;
	md_ref diff_md;
	dnnl_primitive_t from_diff; /* diff_md to diff_plain; NULL: they are the same */
	float *bias;                /* [cout] or NULL */
};

bool conv_has_bf16_products(void)
{
	return onednn_has(dnnl_cpu_isa_avx512_core_amx);
}

static struct laid_out lay_out(md_own plain, md_ref wanted)
{
	struct laid_out w = { .plain = plain, .md = wanted };

	w.data = onednn_weights_buffer(wanted);
	w.reorder = onednn_reorder(MD(plain), wanted);
	return w;
}

static void set(struct laid_out *w, const float *oihw)
{
	onednn_convert(w->reorder, MD(w->plain), oihw, w->md, w->data);
}

static struct pass forward_pass(const struct onednn_conv_md *m, dnnl_primitive_desc_t pd)
{
	return (struct pass){ onednn_primitive(pd),
		              { DNNL_ARG_SRC, MD(m->src), NULL },
		              { DNNL_ARG_WEIGHTS, onednn_wanted_md(pd, dnnl_query_weights_md), NULL },
		              { DNNL_ARG_DST, MD(m->dst), NULL } };
}

static void prepare_data(struct conv *c, const struct onednn_window *w, dnnl_primitive_desc_t hint)
{
	dnnl_primitive_desc_t pd =
		onednn_conv_desc(dnnl_backward_data, &c->back, w, onednn_plain_attr(), hint);

	c->data = (struct pass){ onednn_primitive(pd),
		                 { DNNL_ARG_DIFF_DST, MD(c->back.dst), NULL },
		                 { DNNL_ARG_WEIGHTS, onednn_wanted_md(pd, dnnl_query_weights_md), NULL },
		                 { DNNL_ARG_DIFF_SRC, MD(c->back.src), NULL } };
	c->data_weights = lay_out(c->plain, c->data.b.md);
}

static void prepare_weights(struct conv *c, const struct onednn_window *w, dnnl_primitive_desc_t hint)
{
	dnnl_primitive_desc_t pd =
		onednn_conv_desc(dnnl_backward_weights, &c->product, w, onednn_plain_attr(), hint);

	c->diff_md = onednn_wanted_md(pd, dnnl_query_diff_weights_md);
	c->weights = (struct pass){ onednn_primitive(pd),
		                    { DNNL_ARG_SRC, MD(c->product.src), NULL },
		                    { DNNL_ARG_DIFF_DST, MD(c->product.dst), NULL },
		                    { DNNL_ARG_DIFF_WEIGHTS, c->diff_md, NULL } };
	c->diff_plain = c->product.plain;
}

/*
 * Without AVX-512 OpenBLAS computes the weights' gradient of a 1 x 1 convolution twice as fast as oneDNN's
 * kernels for AVX2, and adds it to what is there (tests/bench/README.md).  It is OIHW.
 */
static void prepare_sgemm(struct conv *c, const struct conv_shape *s)
{
	c->rows = s->n * s->h * s->w;
	c->cin = s->cin;
	c->cout = s->cout;
	c->diff_plain = c->product.plain;
	c->diff_md = MD(c->diff_plain);
}

/*
 * Gradients of a 1 x 1 convolution are products of matrices.  In bfloat16 oneDNN 2.6 computes that of the
 * input four to ten times faster as a convolution forward, by the weights transposed, and that of the
 * weights four times faster as a product of matrices (tests/bench/README.md).
 */
static void prepare_products(struct conv *c, const struct conv_shape *s)
{
	int rows = s->n * s->h * s->w;
	struct conv_shape swapped = { 1, s->cout, rows, 1, s->cin, 1, 1, 0, 0, 1, 1 };
	struct onednn_window w = onednn_window(&swapped);
	dnnl_dims_t transposed = { s->cin, s->cout, 1, 1 }, src = { s->cin, rows }, dst = { rows, s->cout },
		    diff = { s->cin, s->cout }, plain = { s->cout, s->cin };
	dnnl_primitive_desc_t pd;

	c->back = onednn_conv_md(&swapped, dnnl_bf16, dnnl_bf16, dnnl_f32);
	pd = onednn_conv_desc(dnnl_forward_training, &c->back, &w, onednn_plain_attr(), NULL);
	c->data = forward_pass(&c->back, pd);
	c->data_weights = lay_out(onednn_md(4, transposed, dnnl_f32, dnnl_iohw), c->data.b.md);

	c->product.src = onednn_md(2, src, dnnl_bf16, dnnl_ba);
	c->product.weights = onednn_md(2, dst, dnnl_bf16, dnnl_ab);
	c->product.dst = onednn_md(2, diff, dnnl_f32, dnnl_ab);
	c->weights = (struct pass){ onednn_primitive(onednn_matmul_desc(&c->product)),
		                    { DNNL_ARG_SRC, MD(c->product.src), NULL },
		                    { DNNL_ARG_WEIGHTS, MD(c->product.weights), NULL },
		                    { DNNL_ARG_DST, MD(c->product.dst), NULL } };
	/* [cin][cout] seen as what it is to become */
	c->product.plain = onednn_md(2, plain, dnnl_f32, dnnl_ba);
	c->diff_md = MD(c->product.plain);
	c->diff_plain = onednn_md(2, plain, dnnl_f32, dnnl_ab);
}

static bool is_product(const struct conv_shape *s)
{
	return s->kernel == 1 && s->stride == 1 && s->groups == 1 && !s->pad && !s->pad_end;
}

struct conv *conv_new(const struct conv_shape *s, enum conv_use use, enum format operands)
{
	dnnl_data_type_t type = operands == FLOAT32 ? dnnl_f32 : dnnl_bf16;
	struct conv *c = xmalloc(1, sizeof *c);
	struct onednn_window w = onednn_window(s);
	dnnl_primitive_desc_t pd;

	c->md = onednn_conv_md(s, type, type, dnnl_f32);
	c->plain = onednn_conv_md(s, dnnl_f32, dnnl_f32, dnnl_f32).plain;
	/* gradients want to be told of it, even where it never runs */
	pd = onednn_conv_desc(use & CONV_BACKWARD ? dnnl_forward_training : dnnl_forward_inference, &c->md,
	                      &w, onednn_plain_attr(), NULL);
	if (use & CONV_FORWARD) {
		c->forward = forward_pass(&c->md, pd);
		c->forward_weights = lay_out(c->plain, c->forward.b.md);
	}
	if (!(use & CONV_BACKWARD))
		return c;
	if (operands == BFLOAT16 && is_product(s)) {
		prepare_products(c, s);
	} else {
		c->back = onednn_conv_md(s, dnnl_f32, type, type);
		c->product = onednn_conv_md(s, type, dnnl_f32, type);
		prepare_data(c, &w, pd);
		if (operands == FLOAT32 && is_product(s) && !onednn_has(dnnl_cpu_isa_avx512_core))
			prepare_sgemm(c, s);
		else
			prepare_weights(c, &w, pd);
	}
	c->from_diff = onednn_reorder(c->diff_md, MD(c->diff_plain));
	return c;
}

struct conv *conv_new_biased(const struct conv_shape *s, const float *bias, float low, float high)
{
	struct conv *c = xmalloc(1, sizeof *c);
	struct onednn_window w = onednn_window(s);
	dnnl_primitive_attr_t attr = onednn_new_attr();
	dnnl_primitive_desc_t pd;

	onednn_clamp(attr, low, high);
	c->md = onednn_conv_md(s, dnnl_f32, dnnl_f32, dnnl_f32);
	c->md.has_bias = true;
	pd = onednn_conv_desc(dnnl_forward_inference, &c->md, &w, attr, NULL);
	dnnl_primitive_attr_destroy(attr);
	c->forward = forward_pass(&c->md, pd);
	c->forward_weights = lay_out(c->md.plain, c->forward.b.md);
	c->bias = xmalloc((size_t)s->cout, sizeof *c->bias);
	memcpy(c->bias, bias, (size_t)s->cout * sizeof *bias);
	return c;
}

void conv_set_weights(struct conv *c, const float *oihw)
{
	if (c->forward.primitive)
		set(&c->forward_weights, oihw);
	if (c->data.primitive)
		set(&c->data_weights, oihw);
}

static void forward_biased(const struct conv *c, const float *src, float *dst)
{
	const struct onednn_arg args[] = { { DNNL_ARG_SRC, c->forward.a.md, src },
		                           { DNNL_ARG_WEIGHTS, c->forward.b.md, c->forward_weights.data },
		                           { DNNL_ARG_BIAS, MD(c->md.bias), c->bias },
		                           { DNNL_ARG_DST, c->forward.result.md, dst } };

	onednn_run(c->forward.primitive, args, LEN(args));
}

void conv_forward(const struct conv *c, const void *src, float *dst)
{
	if (c->bias)
		forward_biased(c, src, dst);
	else
		run(&c->forward, src, c->forward_weights.data, dst);
}

void conv_backward_data(const struct conv *c, const void *diff_dst, float *diff_src)
{
	run(&c->data, diff_dst, c->data_weights.data, diff_src);
}

size_t conv_diff_size(const struct conv *c)
{
	return dnnl_memory_desc_get_size(c->diff_md);
}

void conv_backward_weights(const struct conv *c, const void *src, const void *diff_dst, bool add, void *diff,
                           void *scratch)
{
	if (c->rows) {
		cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, c->cout, c->cin, c->rows, 1, diff_dst,
		            c->cout, src, c->cin, add ? 1 : 0, diff, c->cin);
		return;
	}
	run(&c->weights, src, diff_dst, add ? scratch : diff);
	if (add)
		ops_accumulate(diff, scratch, conv_diff_size(c) / sizeof(float));
}

void conv_diff_to_oihw(const struct conv *c, const void *diff, float *oihw)
{
	onednn_convert(c->from_diff, c->diff_md, diff, MD(c->diff_plain), oihw);
}
