/*
 * ops.h - what lies between convolutions, each in as few passes over memory as it takes.
 *
 * Tensors are NHWC: rows (images x height x width) of c channels.  Channels may be few, so loops run over
 * periods: ops_period(c) is a multiple of c long enough for the vector unit, and per-channel constants
 * are repeated to that length (ops_repeat).  A tensor of `count` floats is a whole number of rows.
 *
 *	t = z * scale + shift           batch norm folded, or a bias
 *	y = q(clamp(t, low, high))      activation and quantizer of the reader in one
 *
 * All functions compute on the calling thread.  Sums of channels go through floats over at most 64 terms,
 * that of clips over a few periods, then doubles.
 */
#ifndef OPS_H
#define OPS_H

#include "model/quantizer.h"
#include "engine/bf16.h"

#define OPS_PERIOD_MAX 8192 /* of any layer */
size_t ops_period(int c);
void ops_repeat(const float *channel, int c, float *period);

/*
 * sum[c] and square[c] of z over its rows, added to what is there; z itself into `to`,
 * unless that is in floats
 */
void ops_moments(const float *z, size_t count, int c, double *sum, double *square, struct storage to);

/* how t becomes y: the range is that of activation and quantizer together */
struct squash {
	float low, high;
	struct quantizer q;
};
struct squash ops_squash(int activation, struct quantizer q); /* enum activation of graph.h */

void ops_forward(struct storage z, size_t count, int c, const float *scale, const float *shift,
                 struct squash s, struct storage y);
void ops_quantize(const float *x, size_t count, struct squash s, struct storage y);

/* The same with integers for y, y / step: uint8 where the quantizer is unsigned, else int8. */
void ops_forward_bytes(struct storage z, size_t count, int c, const float *scale, const float *shift,
                       struct squash s, void *y);
void ops_to_bytes(const float *x, size_t count, struct quantizer q, void *y);

/*
 * Backward through y = q(clamp(z * scale + shift)), in two passes, because batch norm's gradient
 * needs sums over the whole batch.  With g = dy where low < t < high, else 0:
 *	ops_backward_sums    sum[c] += g, product[c] += g * z, and the gradient of the quantizer's
 *	                     range added to *clip; dy into `to`, unless that is in floats
 *	ops_backward_apply   dz = a * g + b * z + d per channel
 */
void ops_backward_sums(struct storage z, const float *dy, size_t count, int c, const float *scale,
                       const float *shift, struct squash s, double *sum, double *product, double *clip,
                       struct storage to);
void ops_backward_apply(struct storage z, struct storage dy, size_t count, int c, const float *scale,
                        const float *shift, struct squash s, const float *a, const float *b, const float *d,
                        struct storage dz);

/* dx := (or +=) dy where low < x < high; the gradient of the range added to *clip */
void ops_quantize_backward(const float *x, const float *dy, size_t count, struct squash s, bool add,
                           float *dx, double *clip);

void ops_add(const float *a, const float *b, size_t count, struct squash s, float *y);
void ops_accumulate(float *to, const float *from, size_t count);

void ops_average(const float *x, int images, size_t area, int c, float *y); /* y[images][c] */
void ops_average_backward(const float *dy, int images, size_t area, int c, bool add, float *dx);

/*
 * A function of each number (enum activation of graph.h); backward dx := (or +=) dy times its
 * derivative at x.
 */
void ops_activate(const float *x, size_t count, int activation, float *y);
void ops_activate_backward(const float *x, const float *dy, size_t count, int activation, bool add,
                           float *dx);

/*
 * y[r] := (or +=) a[r] * b[r / area], rows of c channels: with an area of 1 numbers one by one,
 * with that of an image a factor for each of its channels.  The gradient of b[r] is the sum of
 * dy * a over its area, in doubles.
 */
void ops_multiply(const float *a, const float *b, size_t rows, size_t area, int c, bool add, float *y);
void ops_multiply_backward(const float *dy, const float *a, size_t rows, size_t area, int c, bool add,
                           float *db);

/* Rows of c channels into (join) or from (split) rows that are `width` channels long. */
void ops_join(const float *x, size_t rows, int c, float *y, int width);
void ops_split(const float *dy, int width, size_t rows, int c, bool add, float *dx);

/*
 * Cross-entropy of softmax(logits) with targets, summed over n rows; grad (may be NULL) gets
 * (p - target) * scale.  A target is (1 - smoothing) * onehot + smoothing / classes (label smoothing:
 * Szegedy et al., "Rethinking the Inception architecture", section 7).
 */
double ops_cross_entropy(const float *logits, const int32_t *labels, int n, int classes, double smoothing,
                         float scale, float *grad);

#endif
