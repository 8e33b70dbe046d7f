#include "engine/onednn.h"

#include <stdlib.h>
#include <string.h>

/*
 * Where hypervisors do not tell the caches of an AMD CPU (CPUID leaf 0x8000001D is zero), oneDNN 3.7 takes the
 * first-level cache for one byte.  Its reorders (prb_block_for_cache in jit_uni_reorder.cpp) then move the
 * dimension that lies densely in memory they read to the front, though that is for large blocks only: where
 * channels are padded to whole blocks, or the weights' sums are stored with them, what belongs to one
 * dimension is looked up at another, and weights are wrong, silently.
 *
 * Nothing is moved where no dimension lies densely, or where the one that does is in front already.  So weights
 * take a detour there, by a layout that has gaps between numbers, and the dimension of the innermost block
 * innermost:  oneDNN converts between it and blocks, loops of ours between it and files' layout.  (oneDNN 3.7
 * converts plain layouts with gaps wrongly, whatever the CPU.)
 */

struct layout {
	const dnnl_dim_t *dims, *strides; /* oneDNN's */
	int ndims, innermost;             /* the dimension of the innermost block; 0 without blocks */
	size_t size;                      /* of a number */
	dnnl_data_type_t type;
};

#if ONEDNN_V3
static const dnnl_dim_t *query_dims(md_ref md, dnnl_query_t what)
{
	const dnnl_dims_t *dims;

	onednn_must(dnnl_memory_desc_query(md, what, &dims), "a description of a layout");
	return *dims;
}

static int query_int(md_ref md, dnnl_query_t what)
{
	int n;

	onednn_must(dnnl_memory_desc_query(md, what, &n), "a description of a layout");
	return n;
}
#endif

static struct layout layout(md_ref md)
{
	struct layout l = { .innermost = 0 };
	const dnnl_dim_t *blocked;
	int blocks;

#if ONEDNN_V3
	onednn_must(dnnl_memory_desc_query(md, dnnl_query_data_type, &l.type), "a description of a layout");
	l.ndims = query_int(md, dnnl_query_ndims_s32);
	l.dims = query_dims(md, dnnl_query_dims);
	l.strides = query_dims(md, dnnl_query_strides);
	blocks = query_int(md, dnnl_query_inner_nblks_s32);
	blocked = query_dims(md, dnnl_query_inner_idxs);
#else
	l.type = md->data_type;
	l.ndims = md->ndims;
	l.dims = md->dims;
	l.strides = md->format_desc.blocking.strides;
	blocks = md->format_desc.blocking.inner_nblks;
	blocked = md->format_desc.blocking.inner_idxs;
#endif
	l.size = dnnl_data_type_size(l.type);
	if (blocks)
		l.innermost = (int)blocked[blocks - 1];
	return l;
}

/* The layout with gaps that goes with one of blocks. */
static md_own with_gaps(md_ref blocked)
{
	struct layout l = layout(blocked);
	dnnl_dims_t strides;
	dnnl_dim_t stride = 2;
	md_own md;

	strides[l.innermost] = stride;
	stride *= l.dims[l.innermost];
	for (int d = l.ndims - 1; d >= 0; d--)
		if (d != l.innermost) {
			strides[d] = stride;
			stride *= l.dims[d];
		}
#if ONEDNN_V3
	onednn_must(dnnl_memory_desc_create_with_strides(&md, l.ndims, l.dims, l.type, strides),
	            "a memory descriptor");
#else
	onednn_must(dnnl_memory_desc_init_by_strides(&md, l.ndims, l.dims, l.type, strides),
	            "a memory descriptor");
#endif
	return md;
}

/* Between layouts without blocks, dimensions from d on. */
static void copy(const struct layout *f, const char *from, const struct layout *t, char *to, int d)
{
	if (d == f->ndims) {
		memcpy(to, from, f->size);
		return;
	}
	for (dnnl_dim_t i = 0; i < f->dims[d]; i++)
		copy(f, from + (size_t)(i * f->strides[d]) * f->size, t,
		     to + (size_t)(i * t->strides[d]) * f->size, d + 1);
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

/* Whether oneDNN reorders a small tensor as it should: five of eight channels, one of eight, nine places. */
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
	return !memcmp(y, expected, sizeof y);
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

/* Layouts that pad, or that hold sums of the weights, are larger than those of files. */
dnnl_primitive_t onednn_reorder(md_ref from, md_ref to)
{
	size_t n = dnnl_memory_desc_get_size(from), m = dnnl_memory_desc_get_size(to);
	md_own gaps;

	if (dnnl_memory_desc_equal(from, to))
		return NULL;
	if (n == m || !onednn_takes_detours())
		return direct(from, to);
	gaps = with_gaps(n < m ? to : from);
	return n < m ? direct(MD(gaps), to) : direct(from, MD(gaps));
}

void onednn_convert(dnnl_primitive_t reorder, md_ref from_md, const void *from, md_ref to_md, void *to)
{
	const_dnnl_primitive_desc_t pd;
	md_ref read, written; /* of the reorder, with gaps where it is part of a detour */
	struct layout f, t;
	void *gaps = NULL;

	if (!reorder) {
		memcpy(to, from, dnnl_memory_desc_get_size(from_md));
		return;
	}
	onednn_must(dnnl_primitive_get_primitive_desc(reorder, &pd), "a change of layout");
	read = dnnl_primitive_desc_query_md(pd, dnnl_query_src_md, 0);
	written = dnnl_primitive_desc_query_md(pd, dnnl_query_dst_md, 0);
	if (!dnnl_memory_desc_equal(read, from_md)) {
		f = layout(from_md);
		t = layout(read);
		gaps = onednn_weights_buffer(read);
		copy(&f, from, &t, gaps, 0);
		run(reorder, read, gaps, to_md, to);
	} else if (!dnnl_memory_desc_equal(written, to_md)) {
		f = layout(written);
		t = layout(to_md);
		gaps = onednn_weights_buffer(written);
		run(reorder, from_md, from, written, gaps);
		copy(&f, gaps, &t, to, 0);
	} else {
		run(reorder, from_md, from, to_md, to);
	}
	free(gaps);
}

void *onednn_weights_buffer(md_ref md)
{
	return xmalloc(dnnl_memory_desc_get_size(md) + 64, 1);
}
