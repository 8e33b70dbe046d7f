#include "engine/pool.h"
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
