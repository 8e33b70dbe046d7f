/*
 * onednn.h - what conv.c and conv-int8.c share: oneDNN's versions 2 and 3 made alike; for nobody else.
 *
 * Version 2 has memory descriptors by value and an operation descriptor between; version 3 has them
 * behind pointers and makes a primitive's descriptor at once.
 */
#ifndef ONEDNN_H
#define ONEDNN_H

#include "engine/conv.h"

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

void onednn_must(dnnl_status_t status, const char *what); /* dies where oneDNN did not */
dnnl_engine_t onednn_engine(void);
dnnl_primitive_attr_t onednn_plain_attr(void); /* all that every primitive needs, and no more */
dnnl_primitive_attr_t onednn_new_attr(void);   /* the same, to add to */
md_own onednn_md(int ndims, const dnnl_dims_t dims, dnnl_data_type_t type, dnnl_format_tag_t tag);

struct onednn_window {
	dnnl_dims_t stride, dilate, pad, pad_end, kernel;
};
struct onednn_window onednn_window(const struct conv_shape *s);

/* NHWC images and weights in a layout of oneDNN's choice; plain is OIHW, or GOIHW with groups. */
struct onednn_conv_md {
	md_own src, weights, plain, dst, bias;
	bool has_bias;
};
struct onednn_conv_md onednn_conv_md(const struct conv_shape *s, dnnl_data_type_t src,
                                     dnnl_data_type_t weights, dnnl_data_type_t dst);
dnnl_primitive_desc_t onednn_conv_desc(dnnl_prop_kind_t kind, const struct onednn_conv_md *m,
                                       const struct onednn_window *w, dnnl_primitive_attr_t attr,
                                       dnnl_primitive_desc_t hint);

/* src x weights = dst, all of two dimensions and as laid out there */
dnnl_primitive_desc_t onednn_matmul_desc(const struct onednn_conv_md *m);

dnnl_primitive_t onednn_primitive(dnnl_primitive_desc_t pd);
md_ref onednn_wanted_md(dnnl_primitive_desc_t pd, dnnl_query_t what);
dnnl_primitive_t onednn_reorder(md_ref from, md_ref to); /* NULL where they are the same */

struct onednn_arg {
	int index;
	md_ref md;
	const void *data;
};
#define ONEDNN_ARGS_MAX 7
void onednn_run(dnnl_primitive_t primitive, const struct onednn_arg *args, int n);
void onednn_convert(dnnl_primitive_t reorder, md_ref from_md, const void *from, md_ref to_md, void *to);
void *onednn_weights_buffer(md_ref md);

#endif
