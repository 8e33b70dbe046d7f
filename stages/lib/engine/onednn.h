/*
 * onednn.h - oneDNN's versions 2 and 3 made alike, for conv.c, pool.c and conv-int8.c; for nobody else.
 *
 * Version 2 (Debian 12) has memory descriptors by value and an operation descriptor between; version 3
 * (Debian 13) has them behind pointers and makes a primitive's descriptor at once.  So memory descriptors
 * are made as md_own, passed to functions as MD(x), and those that oneDNN owns are md_ref.
 *
 * One engine, the CPU; each thread has a stream and scratch memory of its own.  What is made lives as long
 * as the program, unless told.  All functions die where oneDNN refuses, with its version and what it was
 * asked for.
 *
 * HAQ_CPU (core/cpu.h) limits oneDNN's instructions too: x86-64 to SSE4.1, x86-64-v3 to AVX2, x86-64-v4 to
 * AVX-512 with VNNI, whose sums are exact, but without bfloat16 and AMX.
 */
#ifndef ONEDNN_H
#define ONEDNN_H

#include "core/base.h"
#include "engine/shape.h"

#include <oneapi/dnnl/dnnl.h>

#define ONEDNN_V3 (DNNL_VERSION_MAJOR >= 3)

#if ONEDNN_V3
typedef const_dnnl_memory_desc_t md_ref;
typedef dnnl_memory_desc_t md_own;
#define MD(x) (x)
#else
typedef const dnnl_memory_desc_t *md_ref;
typedef dnnl_memory_desc_t md_own;
#define MD(x) (&(x))
#endif

void onednn_must(dnnl_status_t status, const char *what); /* dies where `what` could not be made */
dnnl_engine_t onednn_engine(void);
bool onednn_has(dnnl_cpu_isa_t isa);           /* whether the CPU has these instructions, and may use them */
dnnl_primitive_attr_t onednn_plain_attr(void); /* attributes that every primitive needs, and no more */
dnnl_primitive_attr_t onednn_new_attr(void);   /* a copy of these to add to; the caller destroys it */
void onednn_clamp(dnnl_primitive_attr_t attr, float low, float high); /* the result; infinite: not there */
md_own onednn_md(int ndims, const dnnl_dims_t dims, dnnl_data_type_t type, dnnl_format_tag_t tag);

/* --- descriptions ----------------------------------------------------------------------------- */

/* The window of a convolution or pooling, per direction; 0 dilates nothing. */
struct onednn_window {
	dnnl_dims_t stride, dilate, pad, pad_end, kernel;
};
struct onednn_window onednn_window(const struct conv_shape *s);

/* Images are NHWC, weights in a layout of oneDNN's choice, `plain` weights OIHW, or GOIHW in groups. */
struct onednn_conv_md {
	md_own src, weights, plain, dst, bias; /* bias: float32 [cout] */
	bool has_bias;
};
struct onednn_conv_md onednn_conv_md(const struct conv_shape *s, dnnl_data_type_t src,
                                     dnnl_data_type_t weights, dnnl_data_type_t dst);
/* hint: the forward primitive's, where kind is backward. */
dnnl_primitive_desc_t onednn_conv_desc(dnnl_prop_kind_t kind, const struct onednn_conv_md *m,
                                       const struct onednn_window *w, dnnl_primitive_attr_t attr,
                                       dnnl_primitive_desc_t hint);

/* A product of matrices, src x weights = dst, as laid out there. */
dnnl_primitive_desc_t onednn_matmul_desc(const struct onednn_conv_md *m);

/* --- primitives, and running them ------------------------------------------------------------- */

dnnl_primitive_t onednn_primitive(dnnl_primitive_desc_t pd);
md_ref onednn_wanted_md(dnnl_primitive_desc_t pd, dnnl_query_t what);

/* An argument of a primitive: DNNL_ARG_*, what it looks like, where it is. */
struct onednn_arg {
	int index;
	md_ref md;
	const void *data;
};
#define ONEDNN_ARGS_MAX 7
void onednn_run(dnnl_primitive_t primitive, const struct onednn_arg *args, int n);

/* --- layouts of weights (onednn-reorder.c) ---------------------------------------------------- */

/* From or to a dense layout, as files have it; NULL where both are the same. */
dnnl_primitive_t onednn_reorder(md_ref from, md_ref to);
/* Changes a layout; reorder as onednn_reorder() made it, NULL copies. */
void onednn_convert(dnnl_primitive_t reorder, md_ref from_md, const void *from, md_ref to_md, void *to);
void *onednn_weights_buffer(md_ref md); /* memory for weights so laid out */
/*
 * Whether weights take a detour into layouts that pad channels: in virtual machines on AMD CPUs that do not
 * tell of caches, oneDNN 3.7 (Debian 13) mixes them up.  Found out once, by a small tensor.
 */
bool onednn_takes_detours(void);
void onednn_take_detours(bool on); /* for tests, before reorders are made */

#endif
