#include "dnn.h"

#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>

#define IS_V3 (DNNL_VERSION_MAJOR >= 3)

/*
 * Version 2 has memory descriptors by value and an operation descriptor between; version 3 has them
 * behind pointers and makes a primitive's descriptor at once.  What follows until the line of === is
 * all that differs.
 */
#if IS_V3
typedef const_dnnl_memory_desc_t md_ref;
typedef dnnl_memory_desc_t md_own;
#define MD(x) (x)
#else
typedef const dnnl_memory_desc_t *md_ref;
typedef dnnl_memory_desc_t md_own;
#define MD(x) (&(x))
#endif

static void must(dnnl_status_t status, const char *what)
{
	if (status != dnnl_success)
		die("oneDNN %s cannot make %s (status %d)", dnn_version(), what, (int)status);
}

/* Scratch memory is ours: oneDNN 2.6 shares its own between threads that run at the same time. */
static dnnl_primitive_attr_t the_attr(void)
{
	static dnnl_primitive_attr_t attr;

	if (!attr) {
		must(dnnl_primitive_attr_create(&attr), "attributes");
		must(dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user), "attributes");
	}
	return attr;
}

static md_own make_md(int ndims, const dnnl_dims_t dims, dnnl_format_tag_t tag)
{
	md_own md;

#if IS_V3
	must(dnnl_memory_desc_create_with_tag(&md, ndims, dims, dnnl_f32, tag), "a memory descriptor");
#else
	must(dnnl_memory_desc_init_by_tag(&md, ndims, dims, dnnl_f32, tag), "a memory descriptor");
#endif
	return md;
}

struct conv_md { md_own src, weights, dst; };
struct window { dnnl_dims_t stride, dilate, pad, kernel; };

static dnnl_primitive_desc_t conv_desc(dnnl_prop_kind_t kind, const struct conv_md *m, const struct window *w,
                                       dnnl_engine_t engine, dnnl_primitive_desc_t hint)
{
	dnnl_primitive_desc_t pd;

#if IS_V3
	if (kind == dnnl_backward_data)
		must(dnnl_convolution_backward_data_primitive_desc_create(&pd, engine, dnnl_convolution_direct, m->src,
		     m->weights, m->dst, w->stride, w->dilate, w->pad, w->pad, hint, the_attr()), "a convolution backwards");
	else if (kind == dnnl_backward_weights)
		must(dnnl_convolution_backward_weights_primitive_desc_create(&pd, engine, dnnl_convolution_direct, m->src,
		     m->weights, NULL, m->dst, w->stride, w->dilate, w->pad, w->pad, hint, the_attr()), "a gradient of weights");
	else
		must(dnnl_convolution_forward_primitive_desc_create(&pd, engine, kind, dnnl_convolution_direct, m->src,
		     m->weights, NULL, m->dst, w->stride, w->dilate, w->pad, w->pad, the_attr()), "a convolution");
#else
	dnnl_convolution_desc_t d;

	if (kind == dnnl_backward_data)
		must(dnnl_convolution_backward_data_desc_init(&d, dnnl_convolution_direct, &m->src, &m->weights, &m->dst,
		     w->stride, w->pad, w->pad), "a convolution backwards");
	else if (kind == dnnl_backward_weights)
		must(dnnl_convolution_backward_weights_desc_init(&d, dnnl_convolution_direct, &m->src, &m->weights, NULL,
		     &m->dst, w->stride, w->pad, w->pad), "a gradient of weights");
	else
		must(dnnl_convolution_forward_desc_init(&d, kind, dnnl_convolution_direct, &m->src, &m->weights, NULL,
		     &m->dst, w->stride, w->pad, w->pad), "a convolution");
	must(dnnl_primitive_desc_create(&pd, &d, the_attr(), engine, hint), "a convolution");
#endif
	return pd;
}

static dnnl_primitive_desc_t pool_desc(dnnl_prop_kind_t kind, md_own src, md_own dst, const struct window *w,
                                       dnnl_engine_t engine, dnnl_primitive_desc_t hint)
{
	dnnl_primitive_desc_t pd;

#if IS_V3
	if (kind == dnnl_backward)
		must(dnnl_pooling_backward_primitive_desc_create(&pd, engine, dnnl_pooling_max, src, dst, w->stride, w->kernel,
		     w->dilate, w->pad, w->pad, hint, the_attr()), "a pooling backwards");
	else
		must(dnnl_pooling_forward_primitive_desc_create(&pd, engine, kind, dnnl_pooling_max, src, dst, w->stride,
		     w->kernel, w->dilate, w->pad, w->pad, the_attr()), "a pooling");
#else
	dnnl_pooling_desc_t d;

	if (kind == dnnl_backward)
		must(dnnl_pooling_backward_desc_init(&d, dnnl_pooling_max, &src, &dst, w->stride, w->kernel, w->pad, w->pad),
		     "a pooling backwards");
	else
		must(dnnl_pooling_forward_desc_init(&d, kind, dnnl_pooling_max, &src, &dst, w->stride, w->kernel, w->pad, w->pad),
		     "a pooling");
	must(dnnl_primitive_desc_create(&pd, &d, the_attr(), engine, hint), "a pooling");
#endif
	return pd;
}

/* === from here on both versions are the same ================================================= */

const char *dnn_version(void)
{
	static char text[32];
	const dnnl_version_t *v = dnnl_version();

	snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
	return text;
}

static dnnl_engine_t the_engine(void)
{
	static dnnl_engine_t engine;

	if (!engine)
		must(dnnl_engine_create(&engine, dnnl_cpu, 0), "a CPU engine");
	return engine;
}

/* A stream may serve one thread at a time. */
static dnnl_stream_t the_stream(void)
{
	static _Thread_local dnnl_stream_t stream;

	if (!stream)
		must(dnnl_stream_create(&stream, the_engine(), dnnl_stream_default_flags), "a stream");
	return stream;
}

/* Scratch memory of the calling thread, at least so large. */
static void *scratch(size_t size)
{
	static _Thread_local void *memory;
	static _Thread_local size_t room;

	if (size > room) {
		free(memory);
		memory = xmalloc(size, 1);
		room = size;
	}
	return memory;
}

struct arg { int index; md_ref md; const void *data; };

static void run(dnnl_primitive_t primitive, const struct arg *args, int n)
{
	dnnl_exec_arg_t exec[5];
	const_dnnl_primitive_desc_t pd;
	struct arg own;

	must(dnnl_primitive_get_primitive_desc(primitive, &pd), "a result");
	own = (struct arg){ DNNL_ARG_SCRATCHPAD, dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0), NULL };
	own.data = scratch(dnnl_memory_desc_get_size(own.md));
	for (int i = 0; i <= n; i++) {
		const struct arg *a = i < n ? &args[i] : &own;

		exec[i].arg = a->index;
		must(dnnl_memory_create(&exec[i].memory, a->md, the_engine(), (void *)a->data), "a memory");
	}
	must(dnnl_primitive_execute(primitive, the_stream(), n + 1, exec), "a result");
	must(dnnl_stream_wait(the_stream()), "a result");
	for (int i = 0; i <= n; i++)
		dnnl_memory_destroy(exec[i].memory);
}

static dnnl_primitive_t primitive_of(dnnl_primitive_desc_t pd)
{
	dnnl_primitive_t p;

	must(dnnl_primitive_create(&p, pd), "a primitive");
	return p;
}

static md_ref wanted_md(dnnl_primitive_desc_t pd, dnnl_query_t what)
{
	return dnnl_primitive_desc_query_md(pd, what, 0);
}

/* A conversion of layouts, or NULL where they are the same. */
static dnnl_primitive_t reorder(md_ref from, md_ref to)
{
	dnnl_primitive_desc_t pd;

	if (dnnl_memory_desc_equal(from, to))
		return NULL;
	must(dnnl_reorder_primitive_desc_create(&pd, from, the_engine(), to, the_engine(), NULL), "a change of layout");
	return primitive_of(pd);
}

struct dnn_conv {
	struct dnn_shape s;
	md_own src, dst, oihw;
	dnnl_primitive_t forward, backward_data, backward_weights;
	md_ref forward_md, data_md, diff_md;                    /* weights as the passes want them */
	dnnl_primitive_t to_forward, to_data, from_diff;        /* from and to oihw; NULL: the same */
	float *forward_weights, *data_weights;
};

static struct window conv_window(const struct dnn_shape *s)
{
	return (struct window){ { s->stride, s->stride }, { 0, 0 }, { s->pad, s->pad }, { s->kernel, s->kernel } };
}

static float *weights_buffer(md_ref md)
{
	return xmalloc(dnnl_memory_desc_get_size(md) + 64, 1);
}

static void prepare_gradients(struct dnn_conv *c, const struct conv_md *any, const struct window *w, dnnl_primitive_desc_t hint)
{
	dnnl_primitive_desc_t data = conv_desc(dnnl_backward_data, any, w, the_engine(), hint);
	dnnl_primitive_desc_t weights = conv_desc(dnnl_backward_weights, any, w, the_engine(), hint);

	c->backward_data = primitive_of(data);
	c->backward_weights = primitive_of(weights);
	c->data_md = wanted_md(data, dnnl_query_weights_md);
	c->diff_md = wanted_md(weights, dnnl_query_diff_weights_md);
	c->to_data = reorder(MD(c->oihw), c->data_md);
	c->from_diff = reorder(c->diff_md, MD(c->oihw));
	c->data_weights = weights_buffer(c->data_md);
}

struct dnn_conv *dnn_conv_new(const struct dnn_shape *s, bool with_gradients)
{
	struct dnn_conv *c = xmalloc(1, sizeof *c);
	int hout = (s->h + 2 * s->pad - s->kernel) / s->stride + 1, wout = (s->w + 2 * s->pad - s->kernel) / s->stride + 1;
	dnnl_dims_t src = { s->n, s->cin, s->h, s->w }, dst = { s->n, s->cout, hout, wout };
	dnnl_dims_t dense = { s->cout, s->cin, s->kernel, s->kernel };
	dnnl_dims_t grouped = { s->groups, s->cout / s->groups, s->cin / s->groups, s->kernel, s->kernel };
	bool is_grouped = s->groups > 1;
	struct window w = conv_window(s);
	struct conv_md any;
	dnnl_primitive_desc_t pd;

	c->s = *s;
	c->src = make_md(4, src, dnnl_nhwc);
	c->dst = make_md(4, dst, dnnl_nhwc);
	c->oihw = is_grouped ? make_md(5, grouped, dnnl_goihw) : make_md(4, dense, dnnl_oihw);
	any = (struct conv_md){ c->src, is_grouped ? make_md(5, grouped, dnnl_format_tag_any)
	                                           : make_md(4, dense, dnnl_format_tag_any), c->dst };
	pd = conv_desc(with_gradients ? dnnl_forward_training : dnnl_forward_inference, &any, &w, the_engine(), NULL);
	c->forward = primitive_of(pd);
	c->forward_md = wanted_md(pd, dnnl_query_weights_md);
	c->to_forward = reorder(MD(c->oihw), c->forward_md);
	c->forward_weights = weights_buffer(c->forward_md);
	if (with_gradients)
		prepare_gradients(c, &any, &w, pd);
	return c;
}

static void convert(dnnl_primitive_t p, md_ref from_md, const void *from, md_ref to_md, void *to)
{
	const struct arg args[] = { { DNNL_ARG_FROM, from_md, from }, { DNNL_ARG_TO, to_md, to } };
	const char *bytes = from;
	size_t n = dnnl_memory_desc_get_size(from_md);

	if (p)
		run(p, args, 2);
	else
		for (size_t i = 0; i < n; i++)
			((char *)to)[i] = bytes[i];
}

void dnn_conv_set_weights(struct dnn_conv *c, const float *oihw)
{
	convert(c->to_forward, MD(c->oihw), oihw, c->forward_md, c->forward_weights);
	if (c->backward_data)
		convert(c->to_data, MD(c->oihw), oihw, c->data_md, c->data_weights);
}

void dnn_conv_forward(const struct dnn_conv *c, const float *src, float *dst)
{
	const struct arg args[] = {
		{ DNNL_ARG_SRC, MD(c->src), src }, { DNNL_ARG_WEIGHTS, c->forward_md, c->forward_weights }, { DNNL_ARG_DST, MD(c->dst), dst },
	};

	run(c->forward, args, 3);
}

void dnn_conv_backward_data(const struct dnn_conv *c, const float *diff_dst, float *diff_src)
{
	const struct arg args[] = {
		{ DNNL_ARG_DIFF_DST, MD(c->dst), diff_dst }, { DNNL_ARG_WEIGHTS, c->data_md, c->data_weights },
		{ DNNL_ARG_DIFF_SRC, MD(c->src), diff_src },
	};

	run(c->backward_data, args, 3);
}

size_t dnn_conv_diff_size(const struct dnn_conv *c)
{
	return dnnl_memory_desc_get_size(c->diff_md);
}

void dnn_conv_backward_weights(const struct dnn_conv *c, const float *src, const float *diff_dst, void *diff_weights)
{
	const struct arg args[] = {
		{ DNNL_ARG_SRC, MD(c->src), src }, { DNNL_ARG_DIFF_DST, MD(c->dst), diff_dst },
		{ DNNL_ARG_DIFF_WEIGHTS, c->diff_md, diff_weights },
	};

	run(c->backward_weights, args, 3);
}

void dnn_conv_diff_to_oihw(const struct dnn_conv *c, const void *diff_weights, float *oihw)
{
	convert(c->from_diff, c->diff_md, diff_weights, MD(c->oihw), oihw);
}

struct dnn_pool {
	md_own src, dst;
	dnnl_primitive_t forward, backward;
	md_ref workspace;
};

struct dnn_pool *dnn_pool_new(const struct dnn_shape *s, bool with_gradients)
{
	struct dnn_pool *p = xmalloc(1, sizeof *p);
	int hout = (s->h + 2 * s->pad - s->kernel) / s->stride + 1, wout = (s->w + 2 * s->pad - s->kernel) / s->stride + 1;
	dnnl_dims_t src = { s->n, s->cin, s->h, s->w }, dst = { s->n, s->cin, hout, wout };
	struct window w = conv_window(s);
	dnnl_primitive_desc_t pd;

	p->src = make_md(4, src, dnnl_nhwc);
	p->dst = make_md(4, dst, dnnl_nhwc);
	pd = pool_desc(with_gradients ? dnnl_forward_training : dnnl_forward_inference, p->src, p->dst, &w, the_engine(), NULL);
	p->forward = primitive_of(pd);
	if (with_gradients) {
		p->workspace = wanted_md(pd, dnnl_query_workspace_md);
		p->backward = primitive_of(pool_desc(dnnl_backward, p->src, p->dst, &w, the_engine(), pd));
	}
	return p;
}

size_t dnn_pool_workspace(const struct dnn_pool *p)
{
	return p->workspace ? dnnl_memory_desc_get_size(p->workspace) : 0;
}

void dnn_pool_forward(const struct dnn_pool *p, const float *src, float *dst, void *where)
{
	const struct arg args[] = {
		{ DNNL_ARG_SRC, MD(p->src), src }, { DNNL_ARG_DST, MD(p->dst), dst }, { DNNL_ARG_WORKSPACE, p->workspace, where },
	};

	run(p->forward, args, p->workspace ? 3 : 2);
}

void dnn_pool_backward(const struct dnn_pool *p, const float *diff_dst, const void *where, float *diff_src)
{
	const struct arg args[] = {
		{ DNNL_ARG_DIFF_DST, MD(p->dst), diff_dst }, { DNNL_ARG_WORKSPACE, p->workspace, where },
		{ DNNL_ARG_DIFF_SRC, MD(p->src), diff_src },
	};

	run(p->backward, args, 3);
}
