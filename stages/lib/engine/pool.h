/*
 * pool.h - the largest or mean number of each window of an image, by oneDNN.
 *
 * Images are NHWC float32.  The mean is of those numbers of a window that are in the image; padding does
 * not count.  Everything computes on the calling thread; different threads may use one struct pool at a
 * time.  Dies where oneDNN cannot do it, naming what.
 */
#ifndef POOL_H
#define POOL_H

#include "core/base.h"
#include "engine/shape.h"

struct pool;
enum pooling { POOL_MAX, POOL_AVERAGE };

/* s: its cout and groups do not matter. */
struct pool *pool_new(const struct conv_shape *s, enum pooling how, bool with_gradients);

/*
 * src [n][h][w][c] to dst.  `where` is pool_workspace() bytes, written forward and read backward; NULL where
 * these are 0.
 */
size_t pool_workspace(const struct pool *p);
void pool_forward(const struct pool *p, const float *src, float *dst, void *where);
void pool_backward(const struct pool *p, const float *diff_dst, const void *where, float *diff_src);

#endif
