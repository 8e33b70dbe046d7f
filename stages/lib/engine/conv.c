#include "engine/onednn.h"

#define REVISION 1 /* raise when the numbers change */

static dnnl_primitive_desc_t pool_desc(dnnl_prop_kind_t kind, enum pooling how, md_own src, md_own dst,
                                       const struct onednn_window *w, dnnl_primitive_desc_t hint)
{
	dnnl_alg_kind_t alg = how == POOL_MAX ? dnnl_pooling_max : dnnl_pooling_avg_exclude_padding;
	dnnl_primitive_desc_t pd;

#if ONEDNN_V3
	if (kind == dnnl_backward)
		onednn_must(dnnl_pooling_backward_primitive_desc_create(
				    &pd, onednn_engine(), alg, src, dst, w->stride, w->kernel, w->dilate,
				    w->pad, w->pad_end, hint, onednn_plain_attr()),
		            "a pooling backwards");
	else
		onednn_must(dnnl_pooling_forward_primitive_desc_create(
				    &pd, onednn_engine(), kind, alg, src, dst, w->stride, w->kernel,
				    w->dilate, w->pad, w->pad_end, onednn_plain_attr()),
		            "a pooling");
#else
	dnnl_pooling_desc_t d;

	if (kind == dnnl_backward)
		onednn_must(dnnl_pooling_backward_desc_init(&d, alg, &src, &dst, w->stride, w->kernel, w->pad,
		                                            w->pad_end),
		            "a pooling backwards");
	else
		onednn_must(dnnl_pooling_forward_desc_init(&d, kind, alg, &src, &dst, w->stride, w->kernel,
		                                           w->pad, w->pad_end),
		            "a pooling");
	onednn_must(dnnl_primitive_desc_create(&pd, &d, onednn_plain_attr(), onednn_engine(), hint),
	            "a pooling");
#endif
	return pd;
}

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

/* Weights in the layout that a pass wants, and how they get there; reorder NULL: they are so in files. */
struct laid_out {
	md_own plain;
	md_ref md;
	dnnl_primitive_t reorder;
	void *data;
};

struct conv {
	struct onednn_conv_md md, back,
		product; /* forward; inputs' gradient and that of weights, if made otherwise */
	struct pass forward, data, weights;
	struct laid_out forward_weights, data_weights;
	md_own diff_plain;
	md_ref diff_md;
	dnnl_primitive_t from_diff; /* NULL: they are the same */
};

bool conv_has_bf16_products(void)
{
	dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();

	return (isa & dnnl_cpu_isa_avx512_core_amx) == dnnl_cpu_isa_avx512_core_amx;
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

static void prepare_gradients(struct conv *c, const struct onednn_window *w, dnnl_primitive_desc_t hint)
{
	dnnl_primitive_desc_t data =
		onednn_conv_desc(dnnl_backward_data, &c->back, w, onednn_plain_attr(), hint);
	dnnl_primitive_desc_t weights =
		onednn_conv_desc(dnnl_backward_weights, &c->product, w, onednn_plain_attr(), hint);

	c->data = (struct pass){ onednn_primitive(data),
		                 { DNNL_ARG_DIFF_DST, MD(c->back.dst), NULL },
		                 { DNNL_ARG_WEIGHTS, onednn_wanted_md(data, dnnl_query_weights_md), NULL },
		                 { DNNL_ARG_DIFF_SRC, MD(c->back.src), NULL } };
	c->data_weights = lay_out(c->forward_weights.plain, c->data.b.md);
	c->diff_md = onednn_wanted_md(weights, dnnl_query_diff_weights_md);
	c->weights = (struct pass){ onednn_primitive(weights),
		                    { DNNL_ARG_SRC, MD(c->product.src), NULL },
		                    { DNNL_ARG_DIFF_DST, MD(c->product.dst), NULL },
		                    { DNNL_ARG_DIFF_WEIGHTS, c->diff_md, NULL } };
	c->diff_plain = c->product.plain;
}

/*
 * The gradients of a 1 x 1 convolution are products of matrices.  In bfloat16 oneDNN 2.6 computes
 * the one of its inputs four to ten times faster as a convolution forward, by the weights
 * transposed, and the other one four times faster as what it is (tests/bench/README.md).
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

struct conv *conv_new(const struct conv_shape *s, bool with_gradients, enum format operands)
{
	dnnl_data_type_t type = operands == FLOAT32 ? dnnl_f32 : dnnl_bf16;
	struct conv *c = xmalloc(1, sizeof *c);
	struct onednn_window w = onednn_window(s);
	dnnl_primitive_desc_t pd;

	c->md = onednn_conv_md(s, type, type, dnnl_f32);
	pd = onednn_conv_desc(with_gradients ? dnnl_forward_training : dnnl_forward_inference, &c->md, &w,
	                      onednn_plain_attr(), NULL);
	c->forward = forward_pass(&c->md, pd);
	c->forward_weights = lay_out(onednn_conv_md(s, dnnl_f32, dnnl_f32, dnnl_f32).plain, c->forward.b.md);
	if (!with_gradients)
		return c;
	if (operands == BFLOAT16 && is_product(s)) {
		prepare_products(c, s);
	} else {
		c->back = onednn_conv_md(s, dnnl_f32, type, type);
		c->product = onednn_conv_md(s, type, dnnl_f32, type);
		prepare_gradients(c, &w, pd);
	}
	c->from_diff = onednn_reorder(c->diff_md, MD(c->diff_plain));
	return c;
}

void conv_set_weights(struct conv *c, const float *oihw)
{
	set(&c->forward_weights, oihw);
	if (c->data.primitive)
		set(&c->data_weights, oihw);
}

void conv_forward(const struct conv *c, const void *src, float *dst)
{
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

void conv_backward_weights(const struct conv *c, const void *src, const void *diff_dst, void *diff_weights)
{
	run(&c->weights, src, diff_dst, diff_weights);
}

void conv_diff_to_oihw(const struct conv *c, const void *diff_weights, float *oihw)
{
	onednn_convert(c->from_diff, c->diff_md, diff_weights, MD(c->diff_plain), oihw);
}

struct pool {
	md_own src, dst;
	dnnl_primitive_t forward, backward;
	md_ref workspace;
};

struct pool *pool_new(const struct conv_shape *s, enum pooling how, bool with_gradients)
{
	struct pool *p = xmalloc(1, sizeof *p);
	dnnl_dims_t src = { s->n, s->cin, s->h, s->w },
		    dst = { s->n, s->cin, conv_out(s, s->h), conv_out(s, s->w) };
	struct onednn_window w = onednn_window(s);
	dnnl_primitive_desc_t pd;

	p->src = onednn_md(4, src, dnnl_f32, dnnl_nhwc);
	p->dst = onednn_md(4, dst, dnnl_f32, dnnl_nhwc);
	pd = pool_desc(with_gradients ? dnnl_forward_training : dnnl_forward_inference, how, p->src, p->dst,
	               &w, NULL);
	p->forward = onednn_primitive(pd);
	if (with_gradients) {
		p->workspace = how == POOL_MAX ? onednn_wanted_md(pd, dnnl_query_workspace_md) : NULL;
		p->backward = onednn_primitive(pool_desc(dnnl_backward, how, p->src, p->dst, &w, pd));
	}
	return p;
}

size_t pool_workspace(const struct pool *p)
{
	return p->workspace ? dnnl_memory_desc_get_size(p->workspace) : 0;
}

void pool_forward(const struct pool *p, const float *src, float *dst, void *where)
{
	const struct onednn_arg args[] = {
		{ DNNL_ARG_SRC, MD(p->src), src },
		{ DNNL_ARG_DST, MD(p->dst), dst },
		{ DNNL_ARG_WORKSPACE, p->workspace, where },
	};

	onednn_run(p->forward, args, p->workspace ? 3 : 2);
}

void pool_backward(const struct pool *p, const float *diff_dst, const void *where, float *diff_src)
{
	const struct onednn_arg args[] = {
		{ DNNL_ARG_DIFF_DST, MD(p->dst), diff_dst },
		{ DNNL_ARG_DIFF_SRC, MD(p->src), diff_src },
		{ DNNL_ARG_WORKSPACE, p->workspace, where },
	};

	onednn_run(p->backward, args, p->workspace ? 3 : 2);
}
