/*
 * dnn-inner.h - what dnn.c and dnn-integer.c share: oneDNN's versions 2 and 3 made alike; for nobody else.
 *
 * Version 2 has memory descriptors by value and an operation descriptor between; version 3 has them
 * behind pointers and makes a primitive's descriptor at once.
 */
#ifndef DNN_INNER_H
#define DNN_INNER_H

#include "dnn.h"

#include <oneapi/dnnl/dnnl.h>

#define DNN_V3 (DNNL_VERSION_MAJOR >= 3)

#if DNN_V3
typedef const_dnnl_memory_desc_t md_ref;
typedef dnnl_memory_desc_t md_own;
#define MD(x) (x)
#else
typedef const dnnl_memory_desc_t *md_ref;
typedef dnnl_memory_desc_t md_own;
#define MD(x) (&(x))
#endif

void dnn_must(dnnl_status_t status, const char *what);  /* dies where oneDNN did not */
dnnl_engine_t dnn_engine(void);
dnnl_primitive_attr_t dnn_plain_attr(void);             /* all that every primitive needs, and no more */
dnnl_primitive_attr_t dnn_new_attr(void);               /* the same, to add to */
md_own dnn_md(int ndims, const dnnl_dims_t dims, dnnl_data_type_t type, dnnl_format_tag_t tag);

struct dnn_window { dnnl_dims_t stride, dilate, pad, pad_end, kernel; };
struct dnn_window dnn_window(const struct dnn_shape *s);

/* NHWC images and weights in a layout of oneDNN's choice; plain is OIHW, or GOIHW with groups. */
struct dnn_conv_md { md_own src, weights, plain, dst, bias; bool has_bias; };
struct dnn_conv_md dnn_conv_md(const struct dnn_shape *s, dnnl_data_type_t src, dnnl_data_type_t weights,
                               dnnl_data_type_t dst);
dnnl_primitive_desc_t dnn_conv_desc(dnnl_prop_kind_t kind, const struct dnn_conv_md *m,
                                    const struct dnn_window *w, dnnl_primitive_attr_t attr,
                                    dnnl_primitive_desc_t hint);

/* src x weights = dst, all of two dimensions and as laid out there */
dnnl_primitive_desc_t dnn_matmul_desc(const struct dnn_conv_md *m);

dnnl_primitive_t dnn_primitive(dnnl_primitive_desc_t pd);
md_ref dnn_wanted_md(dnnl_primitive_desc_t pd, dnnl_query_t what);
dnnl_primitive_t dnn_reorder(md_ref from, md_ref to);   /* NULL where they are the same */

struct dnn_arg { int index; md_ref md; const void *data; };
#define DNN_ARGS_MAX 7
void dnn_run(dnnl_primitive_t primitive, const struct dnn_arg *args, int n);
void dnn_convert(dnnl_primitive_t reorder, md_ref from_md, const void *from, md_ref to_md, void *to);
void *dnn_weights_buffer(md_ref md);

#endif
