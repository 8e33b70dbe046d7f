#include "dnn-inner.h"

static dnnl_primitive_desc_t pool_desc(dnnl_prop_kind_t kind, enum dnn_pooling how, md_own src, md_own dst,
                                       const struct dnn_window *w, dnnl_primitive_desc_t hint)
{
	dnnl_alg_kind_t alg = how == POOL_MAX ? dnnl_pooling_max : dnnl_pooling_avg_exclude_padding;
	dnnl_primitive_desc_t pd;

#if DNN_V3
	if (kind == dnnl_backward)
		dnn_must(dnnl_pooling_backward_primitive_desc_create(
		         &pd, dnn_engine(), alg, src, dst, w->stride, w->kernel, w->dilate, w->pad,
		         w->pad_end, hint, dnn_plain_attr()), "a pooling backwards");
	else
		dnn_must(dnnl_pooling_forward_primitive_desc_create(
		         &pd, dnn_engine(), kind, alg, src, dst, w->stride, w->kernel, w->dilate,
		         w->pad, w->pad_end, dnn_plain_attr()), "a pooling");
#else
	dnnl_pooling_desc_t d;

	if (kind == dnnl_backward)
		dnn_must(dnnl_pooling_backward_desc_init(&d, alg, &src, &dst, w->stride, w->kernel,
		                                         w->pad, w->pad_end), "a pooling backwards");
	else
		dnn_must(dnnl_pooling_forward_desc_init(&d, kind, alg, &src, &dst, w->stride,
		                                        w->kernel, w->pad, w->pad_end), "a pooling");
	dnn_must(dnnl_primitive_desc_create(&pd, &d, dnn_plain_attr(), dnn_engine(), hint), "a pooling");
#endif
	return pd;
}

struct dnn_conv {
	struct dnn_conv_md md;
	dnnl_primitive_t forward, backward_data, backward_weights;
	md_ref forward_md, data_md, diff_md;                    /* weights as the passes want them */
	dnnl_primitive_t to_forward, to_data, from_diff;        /* from and to md.plain; NULL: the same */
	float *forward_weights, *data_weights;
};

static void prepare_gradients(struct dnn_conv *c, const struct dnn_window *w, dnnl_primitive_desc_t hint)
{
	dnnl_primitive_desc_t data = dnn_conv_desc(dnnl_backward_data, &c->md, w, dnn_plain_attr(), hint);
	dnnl_primitive_desc_t weights = dnn_conv_desc(dnnl_backward_weights, &c->md, w,
	                                              dnn_plain_attr(), hint);

	c->backward_data = dnn_primitive(data);
	c->backward_weights = dnn_primitive(weights);
	c->data_md = dnn_wanted_md(data, dnnl_query_weights_md);
	c->diff_md = dnn_wanted_md(weights, dnnl_query_diff_weights_md);
	c->to_data = dnn_reorder(MD(c->md.plain), c->data_md);
	c->from_diff = dnn_reorder(c->diff_md, MD(c->md.plain));
	c->data_weights = dnn_weights_buffer(c->data_md);
}

struct dnn_conv *dnn_conv_new(const struct dnn_shape *s, bool with_gradients)
{
	struct dnn_conv *c = xmalloc(1, sizeof *c);
	struct dnn_window w = dnn_window(s);
	dnnl_primitive_desc_t pd;

	c->md = dnn_conv_md(s, dnnl_f32, dnnl_f32, dnnl_f32);
	pd = dnn_conv_desc(with_gradients ? dnnl_forward_training : dnnl_forward_inference, &c->md, &w,
	                   dnn_plain_attr(), NULL);
	c->forward = dnn_primitive(pd);
	c->forward_md = dnn_wanted_md(pd, dnnl_query_weights_md);
	c->to_forward = dnn_reorder(MD(c->md.plain), c->forward_md);
	c->forward_weights = dnn_weights_buffer(c->forward_md);
	if (with_gradients)
		prepare_gradients(c, &w, pd);
	return c;
}

void dnn_conv_set_weights(struct dnn_conv *c, const float *oihw)
{
	dnn_convert(c->to_forward, MD(c->md.plain), oihw, c->forward_md, c->forward_weights);
	if (c->backward_data)
		dnn_convert(c->to_data, MD(c->md.plain), oihw, c->data_md, c->data_weights);
}

void dnn_conv_forward(const struct dnn_conv *c, const float *src, float *dst)
{
	const struct dnn_arg args[] = {
		{ DNNL_ARG_SRC, MD(c->md.src), src },
		{ DNNL_ARG_WEIGHTS, c->forward_md, c->forward_weights },
		{ DNNL_ARG_DST, MD(c->md.dst), dst },
	};

	dnn_run(c->forward, args, 3);
}

void dnn_conv_backward_data(const struct dnn_conv *c, const float *diff_dst, float *diff_src)
{
	const struct dnn_arg args[] = {
		{ DNNL_ARG_DIFF_DST, MD(c->md.dst), diff_dst },
		{ DNNL_ARG_WEIGHTS, c->data_md, c->data_weights },
		{ DNNL_ARG_DIFF_SRC, MD(c->md.src), diff_src },
	};

	dnn_run(c->backward_data, args, 3);
}

size_t dnn_conv_diff_size(const struct dnn_conv *c)
{
	return dnnl_memory_desc_get_size(c->diff_md);
}

void dnn_conv_backward_weights(const struct dnn_conv *c, const float *src, const float *diff_dst,
                               void *diff_weights)
{
	const struct dnn_arg args[] = {
		{ DNNL_ARG_SRC, MD(c->md.src), src }, { DNNL_ARG_DIFF_DST, MD(c->md.dst), diff_dst },
		{ DNNL_ARG_DIFF_WEIGHTS, c->diff_md, diff_weights },
	};

	dnn_run(c->backward_weights, args, 3);
}

void dnn_conv_diff_to_oihw(const struct dnn_conv *c, const void *diff_weights, float *oihw)
{
	dnn_convert(c->from_diff, c->diff_md, diff_weights, MD(c->md.plain), oihw);
}

struct dnn_pool {
	md_own src, dst;
	dnnl_primitive_t forward, backward;
	md_ref workspace;
};

struct dnn_pool *dnn_pool_new(const struct dnn_shape *s, enum dnn_pooling how, bool with_gradients)
{
	struct dnn_pool *p = xmalloc(1, sizeof *p);
	dnnl_dims_t src = { s->n, s->cin, s->h, s->w },
	            dst = { s->n, s->cin, dnn_out(s, s->h), dnn_out(s, s->w) };
	struct dnn_window w = dnn_window(s);
	dnnl_primitive_desc_t pd;

	p->src = dnn_md(4, src, dnnl_f32, dnnl_nhwc);
	p->dst = dnn_md(4, dst, dnnl_f32, dnnl_nhwc);
	pd = pool_desc(with_gradients ? dnnl_forward_training : dnnl_forward_inference, how, p->src,
	               p->dst, &w, NULL);
	p->forward = dnn_primitive(pd);
	if (with_gradients) {
		p->workspace = how == POOL_MAX ? dnn_wanted_md(pd, dnnl_query_workspace_md) : NULL;
		p->backward = dnn_primitive(pool_desc(dnnl_backward, how, p->src, p->dst, &w, pd));
	}
	return p;
}

size_t dnn_pool_workspace(const struct dnn_pool *p)
{
	return p->workspace ? dnnl_memory_desc_get_size(p->workspace) : 0;
}

void dnn_pool_forward(const struct dnn_pool *p, const float *src, float *dst, void *where)
{
	const struct dnn_arg args[] = {
		{ DNNL_ARG_SRC, MD(p->src), src }, { DNNL_ARG_DST, MD(p->dst), dst },
		{ DNNL_ARG_WORKSPACE, p->workspace, where },
	};

	dnn_run(p->forward, args, p->workspace ? 3 : 2);
}

void dnn_pool_backward(const struct dnn_pool *p, const float *diff_dst, const void *where, float *diff_src)
{
	const struct dnn_arg args[] = {
		{ DNNL_ARG_DIFF_DST, MD(p->dst), diff_dst }, { DNNL_ARG_DIFF_SRC, MD(p->src), diff_src },
		{ DNNL_ARG_WORKSPACE, p->workspace, where },
	};

	dnn_run(p->backward, args, p->workspace ? 3 : 2);
}
