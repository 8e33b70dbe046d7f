#include "engine/onednn.h"
#include "core/cpu.h"

#include <math.h>
#include <stdlib.h>

#define FAR 1e30f /* no result comes here, and it is no infinity */

static const char *version(void)
{
	static char text[32];
	const dnnl_version_t *v = dnnl_version();

	snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
	return text;
}

void onednn_must(dnnl_status_t status, const char *what)
{
	if (status != dnnl_success)
		die("oneDNN %s cannot make %s (status %d)", version(), what, (int)status);
}

/* Scratch memory is ours: oneDNN 2.6 shares its own between threads that run at the same time. */
dnnl_primitive_attr_t onednn_new_attr(void)
{
	dnnl_primitive_attr_t attr;

	onednn_must(dnnl_primitive_attr_create(&attr), "attributes");
	onednn_must(dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user), "attributes");
	return attr;
}

dnnl_primitive_attr_t onednn_plain_attr(void)
{
	static dnnl_primitive_attr_t attr;

	if (!attr)
		attr = onednn_new_attr();
	return attr;
}

void onednn_clamp(dnnl_primitive_attr_t attr, float low, float high)
{
	dnnl_post_ops_t ops;

	if (isinf(low) && isinf(high))
		return;
	low = isinf(low) ? -FAR : low;
	high = isinf(high) ? FAR : high;
	onednn_must(dnnl_post_ops_create(&ops), "attributes");
#if ONEDNN_V3
	onednn_must(dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_clip, low, high), "a clamp");
#else
	onednn_must(dnnl_post_ops_append_eltwise(ops, 1, dnnl_eltwise_clip, low, high), "a clamp");
#endif
	onednn_must(dnnl_primitive_attr_set_post_ops(attr, ops), "attributes");
	dnnl_post_ops_destroy(ops);
}

md_own onednn_md(int ndims, const dnnl_dims_t dims, dnnl_data_type_t type, dnnl_format_tag_t tag)
{
	md_own md;

#if ONEDNN_V3
	onednn_must(dnnl_memory_desc_create_with_tag(&md, ndims, dims, type, tag), "a memory descriptor");
#else
	onednn_must(dnnl_memory_desc_init_by_tag(&md, ndims, dims, type, tag), "a memory descriptor");
#endif
	return md;
}

/* Before anything is made; afterwards oneDNN does not change any more. */
static void limit_instructions(void)
{
	static const dnnl_cpu_isa_t most[] = { [CPU_BASE] = dnnl_cpu_isa_sse41,
		                               [CPU_V3] = dnnl_cpu_isa_avx2,
		                               [CPU_V4] = dnnl_cpu_isa_avx512_core_vnni };
	static bool is_done;

	if (is_done)
		return;
	is_done = true;
	if (cpu_is_limited())
		onednn_must(dnnl_set_max_cpu_isa(most[cpu_level()]), "less use of instructions");
}

bool onednn_has(dnnl_cpu_isa_t isa)
{
	limit_instructions();
	/* an instruction set is a set of bits that contains those below it */
	return (dnnl_get_effective_cpu_isa() & isa) == isa;
}

static const char *instructions(void)
{
	const struct {
		dnnl_cpu_isa_t isa;
		const char *name;
	} known[] = { { dnnl_cpu_isa_avx512_core_amx, "AMX" },
		      { dnnl_cpu_isa_avx512_core_vnni, "AVX-512 VNNI" },
		      { dnnl_cpu_isa_avx512_core, "AVX-512" },
		      { dnnl_cpu_isa_avx2_vnni, "AVX2 VNNI" },
		      { dnnl_cpu_isa_avx2, "AVX2" } };

	for (size_t i = 0; i < LEN(known); i++)
		if (onednn_has(known[i].isa))
			return known[i].name;
	return "less than AVX2";
}

dnnl_engine_t onednn_engine(void)
{
	static dnnl_engine_t engine;

	limit_instructions();
	if (!engine) {
		onednn_must(dnnl_engine_create(&engine, dnnl_cpu, 0), "a CPU engine");
		note("oneDNN %s for %s", version(), instructions());
	}
	return engine;
}

/* A stream may serve one thread at a time. */
static dnnl_stream_t the_stream(void)
{
	static _Thread_local dnnl_stream_t stream;

	if (!stream)
		onednn_must(dnnl_stream_create(&stream, onednn_engine(), dnnl_stream_default_flags),
		            "a stream");
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

void onednn_run(dnnl_primitive_t primitive, const struct onednn_arg *args, int n)
{
	dnnl_exec_arg_t exec[ONEDNN_ARGS_MAX + 1];
	const_dnnl_primitive_desc_t pd;
	struct onednn_arg own;

	onednn_must(dnnl_primitive_get_primitive_desc(primitive, &pd), "a result");
	own = (struct onednn_arg){ DNNL_ARG_SCRATCHPAD,
		                   dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0), NULL };
	own.data = scratch(dnnl_memory_desc_get_size(own.md));
	for (int i = 0; i <= n; i++) {
		const struct onednn_arg *a = i < n ? &args[i] : &own;

		exec[i].arg = a->index;
		onednn_must(dnnl_memory_create(&exec[i].memory, a->md, onednn_engine(), (void *)a->data),
		            "a memory");
	}
	onednn_must(dnnl_primitive_execute(primitive, the_stream(), n + 1, exec), "a result");
	onednn_must(dnnl_stream_wait(the_stream()), "a result");
	for (int i = 0; i <= n; i++)
		dnnl_memory_destroy(exec[i].memory);
}

dnnl_primitive_t onednn_primitive(dnnl_primitive_desc_t pd)
{
	dnnl_primitive_t p;

	onednn_must(dnnl_primitive_create(&p, pd), "a primitive");
	return p;
}

md_ref onednn_wanted_md(dnnl_primitive_desc_t pd, dnnl_query_t what)
{
	return dnnl_primitive_desc_query_md(pd, what, 0);
}

struct onednn_window onednn_window(const struct conv_shape *s)
{
	int gap = s->dilation - 1;

	return (struct onednn_window){ { s->stride, s->stride },
		                       { gap, gap },
		                       { s->pad, s->pad },
		                       { s->pad_end, s->pad_end },
		                       { s->kernel, s->kernel } };
}

struct onednn_conv_md onednn_conv_md(const struct conv_shape *s, dnnl_data_type_t src,
                                     dnnl_data_type_t weights, dnnl_data_type_t dst)
{
	dnnl_dims_t in = { s->n, s->cin, s->h, s->w },
		    out = { s->n, s->cout, conv_out(s, s->h), conv_out(s, s->w) };
	dnnl_dims_t bias = { s->cout };
	dnnl_dims_t dense = { s->cout, s->cin, s->kernel, s->kernel };
	dnnl_dims_t grouped = { s->groups, s->cout / s->groups, s->cin / s->groups, s->kernel, s->kernel };
	bool is_grouped = s->groups > 1;

	return (struct onednn_conv_md){
		.src = onednn_md(4, in, src, dnnl_nhwc),
		.dst = onednn_md(4, out, dst, dnnl_nhwc),
		.bias = onednn_md(1, bias, dnnl_f32, dnnl_a),
		.weights = is_grouped ? onednn_md(5, grouped, weights, dnnl_format_tag_any)
		                      : onednn_md(4, dense, weights, dnnl_format_tag_any),
		.plain = is_grouped ? onednn_md(5, grouped, weights, dnnl_goihw)
		                    : onednn_md(4, dense, weights, dnnl_oihw),
	};
}

dnnl_primitive_desc_t onednn_conv_desc(dnnl_prop_kind_t kind, const struct onednn_conv_md *m,
                                       const struct onednn_window *w, dnnl_primitive_attr_t attr,
                                       dnnl_primitive_desc_t hint)
{
	dnnl_primitive_desc_t pd;

#if ONEDNN_V3
	if (kind == dnnl_backward_data)
		onednn_must(dnnl_convolution_backward_data_primitive_desc_create(
				    &pd, onednn_engine(), dnnl_convolution_direct, m->src, m->weights, m->dst,
				    w->stride, w->dilate, w->pad, w->pad_end, hint, attr),
		            "a convolution backwards");
	else if (kind == dnnl_backward_weights)
		onednn_must(dnnl_convolution_backward_weights_primitive_desc_create(
				    &pd, onednn_engine(), dnnl_convolution_direct, m->src, m->weights, NULL,
				    m->dst, w->stride, w->dilate, w->pad, w->pad_end, hint, attr),
		            "a gradient of weights");
	else
		onednn_must(dnnl_convolution_forward_primitive_desc_create(
				    &pd, onednn_engine(), kind, dnnl_convolution_direct, m->src, m->weights,
				    m->has_bias ? m->bias : NULL, m->dst, w->stride, w->dilate, w->pad,
				    w->pad_end, attr),
		            "a convolution");
#else
	dnnl_convolution_desc_t d;

	if (kind == dnnl_backward_data)
		onednn_must(dnnl_dilated_convolution_backward_data_desc_init(
				    &d, dnnl_convolution_direct, &m->src, &m->weights, &m->dst, w->stride,
				    w->dilate, w->pad, w->pad_end),
		            "a convolution backwards");
	else if (kind == dnnl_backward_weights)
		onednn_must(dnnl_dilated_convolution_backward_weights_desc_init(
				    &d, dnnl_convolution_direct, &m->src, &m->weights, NULL, &m->dst,
				    w->stride, w->dilate, w->pad, w->pad_end),
		            "a gradient of weights");
	else
		onednn_must(dnnl_dilated_convolution_forward_desc_init(
				    &d, kind, dnnl_convolution_direct, &m->src, &m->weights,
				    m->has_bias ? &m->bias : NULL, &m->dst, w->stride, w->dilate, w->pad,
				    w->pad_end),
		            "a convolution");
	onednn_must(dnnl_primitive_desc_create(&pd, &d, attr, onednn_engine(), hint), "a convolution");
#endif
	return pd;
}

dnnl_primitive_desc_t onednn_matmul_desc(const struct onednn_conv_md *m)
{
	dnnl_primitive_desc_t pd;

#if ONEDNN_V3
	onednn_must(dnnl_matmul_primitive_desc_create(&pd, onednn_engine(), m->src, m->weights, NULL, m->dst,
	                                              onednn_plain_attr()),
	            "a product of matrices");
#else
	dnnl_matmul_desc_t d;

	onednn_must(dnnl_matmul_desc_init(&d, &m->src, &m->weights, NULL, &m->dst), "a product of matrices");
	onednn_must(dnnl_primitive_desc_create(&pd, &d, onednn_plain_attr(), onednn_engine(), NULL),
	            "a product of matrices");
#endif
	return pd;
}
