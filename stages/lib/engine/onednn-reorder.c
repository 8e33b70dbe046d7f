#include "engine/onednn.h"

#include <stdlib.h>
#include <string.h>

/*
 * Where a hypervisor does not tell the caches of an AMD CPU (CPUID leaf 0x8000001D is zero), oneDNN 3.7 takes
 * the first-level cache for one byte.  Its reorders then move what lies densely in the input to the front,
 * which is meant for large blocks (prb_block_for_cache in jit_uni_reorder.cpp).  Where the output pads
 * channels to whole blocks, or keeps sums of weights, zeros and sums go to wrong places by that, over
 * weights: every third convolution computed something else, silently.
 *
 * Where nothing lies densely in the input, reorders keep their order.  So weights take a detour there, by a
 * copy with gaps between numbers.  Back from blocks nothing is padded, and nothing was wrong.
 */

#define APART 2 /* numbers of a copy with gaps, in numbers */

/* The layout of files, with gaps. */
static md_own with_gaps(md_ref md)
{
	const dnnl_dims_t *dims, *strides;
	dnnl_dims_t apart = { 0 };
	dnnl_data_type_t type;
	md_own gaps;
	int n;

#if ONEDNN_V3
	onednn_must(dnnl_memory_desc_query(md, dnnl_query_ndims_s32, &n), "a description of weights");
	onednn_must(dnnl_memory_desc_query(md, dnnl_query_dims, &dims), "a description of weights");
	onednn_must(dnnl_memory_desc_query(md, dnnl_query_strides, &strides), "a description of weights");
	onednn_must(dnnl_memory_desc_query(md, dnnl_query_data_type, &type), "a description of weights");
#else
	n = md->ndims;
	dims = &md->dims;
	strides = &md->format_desc.blocking.strides;
	type = md->data_type;
#endif
	for (int d = 0; d < n; d++)
		apart[d] = APART * (*strides)[d];
#if ONEDNN_V3
	onednn_must(dnnl_memory_desc_create_with_strides(&gaps, n, *dims, type, apart),
	            "a memory descriptor");
#else
	onednn_must(dnnl_memory_desc_init_by_strides(&gaps, n, *dims, type, apart), "a memory descriptor");
#endif
	return gaps;
}

/* A copy of numbers with gaps between them, which the caller frees. */
static void *spread(md_ref md, const void *numbers, md_ref gaps_md)
{
	size_t bytes = dnnl_memory_desc_get_size(md), size;
	const char *from = numbers;
	char *to = onednn_weights_buffer(gaps_md);
	dnnl_data_type_t type;

#if ONEDNN_V3
	onednn_must(dnnl_memory_desc_query(md, dnnl_query_data_type, &type), "a description of weights");
#else
	type = md->data_type;
#endif
	size = dnnl_data_type_size(type);
	for (size_t i = 0; i < bytes; i += size)
		memcpy(to + APART * i, from + i, size);
	return to;
}

static dnnl_primitive_t direct(md_ref from, md_ref to)
{
	dnnl_primitive_desc_t pd;

	onednn_must(dnnl_reorder_primitive_desc_create(&pd, from, onednn_engine(), to, onednn_engine(),
	                                               onednn_plain_attr()),
	            "a change of layout");
	return onednn_primitive(pd);
}

static void run(dnnl_primitive_t reorder, md_ref from_md, const void *from, md_ref to_md, void *to)
{
	const struct onednn_arg args[] = { { DNNL_ARG_FROM, from_md, from }, { DNNL_ARG_TO, to_md, to } };

	onednn_run(reorder, args, LEN(args));
}

/* Whether oneDNN lays a small tensor out as it should: five of eight channels, one of eight, nine places. */
static bool is_right(void)
{
	enum { CHANNELS = 5, PLACES = 9, BLOCK = 64 };
	dnnl_dims_t dims = { CHANNELS, 1, 3, 3 };
	md_own from = onednn_md(4, dims, dnnl_f32, dnnl_oihw),
	       to = onednn_md(4, dims, dnnl_f32, dnnl_ABcd8b8a);
	float x[CHANNELS * PLACES], y[PLACES * BLOCK], expected[PLACES * BLOCK] = { 0 };

	for (int i = 0; i < CHANNELS * PLACES; i++) {
		x[i] = (float)(1 + i);
		expected[i % PLACES * BLOCK + i / PLACES] = x[i];
	}
	memset(y, 1, sizeof y); /* padding is oneDNN's to write */
	run(direct(MD(from), MD(to)), MD(from), x, MD(to), y);
	for (size_t i = 0; i < LEN(y); i++)
		if (y[i] != expected[i])
			return false;
	return true;
}

static _Atomic int detours = -1; /* before anyone asked */

bool onednn_takes_detours(void)
{
	if (detours < 0)
		detours = ONEDNN_V3 && !is_right();
	return detours;
}

void onednn_take_detours(bool on)
{
	detours = on;
}

/* A layout that pads, or keeps sums, is larger. */
dnnl_primitive_t onednn_reorder(md_ref from, md_ref to)
{
	md_own gaps;

	if (dnnl_memory_desc_equal(from, to))
		return NULL;
	if (dnnl_memory_desc_get_size(from) >= dnnl_memory_desc_get_size(to) || !onednn_takes_detours())
		return direct(from, to);
	gaps = with_gaps(from);
	return direct(MD(gaps), to);
}

void onednn_convert(dnnl_primitive_t reorder, md_ref from_md, const void *from, md_ref to_md, void *to)
{
	const_dnnl_primitive_desc_t pd;
	md_ref read; /* by the reorder; with gaps where it is part of a detour */
	void *gaps;

	if (!reorder) {
		memcpy(to, from, dnnl_memory_desc_get_size(from_md));
		return;
	}
	onednn_must(dnnl_primitive_get_primitive_desc(reorder, &pd), "a change of layout");
	read = dnnl_primitive_desc_query_md(pd, dnnl_query_src_md, 0);
	if (dnnl_memory_desc_equal(read, from_md)) {
		run(reorder, from_md, from, to_md, to);
		return;
	}
	gaps = spread(from_md, from, read);
	run(reorder, read, gaps, to_md, to);
	free(gaps);
}

void *onednn_weights_buffer(md_ref md)
{
	return xmalloc(dnnl_memory_desc_get_size(md) + 64, 1);
}
