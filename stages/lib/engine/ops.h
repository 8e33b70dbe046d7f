/*
 * ops.h - arithmetic between convolutions: batch norm, activation, quantizer, sums, means, products, loss.
 *
 * Each function makes one pass over memory, because memory is what it waits for.  A layer of a network
 * (net.h) is a convolution, z, and then
 *
 *	t = scale[k] * z + shift[k]     batch norm folded, or a bias, of channel k
 *	y = q(clamp(t, low, high))      activation, and the quantizer of the layer that reads y
 *
 * Tensors are NHWC: rows (images x height x width) of c channels, `count` numbers in all, a whole number of
 * rows.  Channels may be few, so loops run over periods: ops_period(c) is a multiple of c that is long
 * enough for the CPU's vectors, and constants of channels are repeated to that length ([period] below).
 *
 * Forward and backward functions follow HAQ's eq. 4 and 5 (quantizer.h) with straight-through gradients.
 * The gradient of a clipping range c is that of PACT, dy where t was clipped to c, or of LSQ (Esser et al.,
 * arXiv:1902.08153, eq. 3, for a step of c / levels), which adds dy (q(t) - t) / c where it was rounded.
 *
 * Everything computes on the calling thread, in float32.  Sums over the rows of a channel add up to 64
 * terms in float32, then in double.  Output may be the input, where both
 * have the same format; otherwise memory must not overlap.  A tensor of more than OPS_PERIOD_MAX
 * channels dies in ops_moments and ops_backward_sums; nothing else can fail.
 *
 * A gradient marked [:= or +=] is written, or with `add` added to what is there.
 */
#ifndef OPS_H
#define OPS_H

#include "core/cpu.h"
#include "engine/bf16.h"
#include "model/quantizer.h"

#define OPS_PERIOD_MAX 8192

/* Numbers, as rows of channels: count = rows * channels. */
struct tensor {
	struct storage data;
	size_t count;
	int channels;
};

static inline struct tensor tensor_of(struct storage data, size_t count, int channels)
{
	return (struct tensor){ data, count, channels };
}

/* t = scale * z + shift. */
struct affine {
	const float *scale, *shift; /* [period] */
};

/* The step from t to y.  Its range is that of activation and quantizer together; ReLU's is 0 to infinity. */
struct activation_quantizer {
	float low, high;
	struct quantizer q; /* off: y is t clamped */
	bool learns_step;   /* backward: the gradient of its range is LSQ's, not PACT's */
};

/* Only clamps: ACT_NONE, ACT_RELU and ACT_RELU6 of graph.h. */
struct activation_quantizer activation_quantizer_of(int activation, struct quantizer q);

size_t ops_period(int channels);
void ops_repeat(const float *channel, int channels, float *period); /* [channels] to [period] */

/* --- forward: z to y -------------------------------------------------------------------------- */

/*
 * The sums of batch norm: sum[k] += z, square[k] += z * z over all rows, [channels].  z is float32, just
 * computed; where `kept` is bfloat16, it gets z rounded, and where it is float32, z is kept already.
 */
void ops_moments(struct tensor z, double *sum, double *square, struct storage kept);

void ops_forward(struct tensor z, struct affine f, struct activation_quantizer q, struct storage y);
/* y without the affine function: y = q(clamp(x)). */
void ops_quantize(const float *x, size_t count, struct activation_quantizer q, struct storage y);

/* The integers y / step, bytes: unsigned where the quantizer is, else signed.  It must be on. */
void ops_forward_bytes(struct tensor z, struct affine f, struct activation_quantizer q, void *y);
void ops_to_bytes(const float *x, size_t count, struct quantizer q, void *y);

/* --- backward: dy to dz ----------------------------------------------------------------------- */

/*
 * Two passes, because the gradient of batch norm needs sums over the whole batch.  With g = dy where
 * low < t < high, else 0:
 *
 *	ops_backward_sums       gradient[k] += g, product[k] += g * z; *clip += the gradient of the
 *	                        quantizer's range
 *	ops_backward_apply      dz = a[k] * g + b[k] * z + d[k]
 */
struct backward_sums {
	double *gradient, *product; /* [channels] */
	double *clip;
};

/* dy is float32; where `kept` is bfloat16, it gets dy rounded, as in ops_moments. */
void ops_backward_sums(struct tensor z, const float *dy, struct affine f, struct activation_quantizer q,
                       struct backward_sums sums, struct storage kept);

struct backward_affine {
	const float *a, *b, *d; /* [period] */
};

void ops_backward_apply(struct tensor z, struct storage dy, struct affine f, struct activation_quantizer q,
                        struct backward_affine gradient, struct storage dz);

/* Backward through ops_quantize: dx [:= or +=] dy where low < x < high; *clip as above. */
void ops_quantize_backward(const float *x, const float *dy, size_t count, struct activation_quantizer q,
                           bool add, float *dx, double *clip);

/* --- nodes that are no layer, all float32 ----------------------------------------------------- */

/* y = clamp(a + b): the range of q, whatever its quantizer. */
void ops_add(const float *a, const float *b, size_t count, struct activation_quantizer q, float *y);
void ops_accumulate(float *to, const float *from, size_t count); /* to += from */

/* y[images][c] = the mean of x [images][area][c] over the area. */
void ops_average(const float *x, int images, size_t area, int c, float *y);
void ops_average_backward(const float *dy, int images, size_t area, int c, bool add,
                          float *dx); /* [:= or +=] */

/*
 * y = a function of x, any of graph.h's enum activation; good to 4e-7 of 1 + |x|.  Backward,
 * dx [:= or +=] dy times its derivative at x.  NaN stays NaN.
 */
void ops_activate(const float *x, size_t count, int activation, float *y);
void ops_activate_backward(const float *x, const float *dy, size_t count, int activation, bool add,
                           float *dx);

/*
 * y[r] [:= or +=] a[r] * b[r / area], rows of c channels.  With an area of 1 tensors are multiplied
 * number by number, with that of an image b has a factor for each of its channels.
 * Backward, db[r] [:= or +=] the sum of dy * a over its area, added in double.
 */
void ops_multiply(const float *a, const float *b, size_t rows, size_t area, int c, bool add, float *y);
void ops_multiply_backward(const float *dy, const float *a, size_t rows, size_t area, int c, bool add,
                           float *db);

/* Concatenation: rows of c channels into rows that are `width` channels long, and back [:= or +=]. */
void ops_join(const float *x, size_t rows, int c, float *y, int width);
void ops_split(const float *dy, int width, size_t rows, int c, bool add, float *dx);

/*
 * What a network should answer: of labels (1 - smoothing) * onehot + smoothing / classes (label smoothing:
 * Szegedy et al., "Rethinking the Inception architecture", section 7), and a share of what a teacher does,
 * softmax of its logits (distillation: Hinton et al., arXiv:1503.02531, at a temperature of 1).
 */
struct targets {
	const int32_t *labels; /* [n] */
	double smoothing;
	const float *teacher; /* [n][classes], or NULL */
	double share;         /* of the teacher, 0 to 1 */
};

/*
 * The cross-entropy of softmax(logits [n][classes]) with targets of n rows, in nats, summed over the rows.
 * grad [n][classes], unless NULL, gets (p - target) * scale.  Of a teacher, that is the gradient of the
 * Kullback-Leibler divergence from its answers.
 */
double ops_cross_entropy(const float *logits, const struct targets *targets, int n, int classes, float scale,
                         float *grad);

/* --- each at several levels of the CPU (cpu.h) --------------------------------------------------- */

CPU_LEVELS(activation_quantizer_of);
#define activation_quantizer_of CPU_LEVEL(activation_quantizer_of)
CPU_LEVELS(ops_period);
#define ops_period CPU_LEVEL(ops_period)
CPU_LEVELS(ops_repeat);
#define ops_repeat CPU_LEVEL(ops_repeat)
CPU_LEVELS(ops_moments);
#define ops_moments CPU_LEVEL(ops_moments)
CPU_LEVELS(ops_forward);
#define ops_forward CPU_LEVEL(ops_forward)
CPU_LEVELS(ops_quantize);
#define ops_quantize CPU_LEVEL(ops_quantize)
CPU_LEVELS(ops_forward_bytes);
#define ops_forward_bytes CPU_LEVEL(ops_forward_bytes)
CPU_LEVELS(ops_to_bytes);
#define ops_to_bytes CPU_LEVEL(ops_to_bytes)
CPU_LEVELS(ops_backward_sums);
#define ops_backward_sums CPU_LEVEL(ops_backward_sums)
CPU_LEVELS(ops_backward_apply);
#define ops_backward_apply CPU_LEVEL(ops_backward_apply)
CPU_LEVELS(ops_quantize_backward);
#define ops_quantize_backward CPU_LEVEL(ops_quantize_backward)
CPU_LEVELS(ops_add);
#define ops_add CPU_LEVEL(ops_add)
CPU_LEVELS(ops_accumulate);
#define ops_accumulate CPU_LEVEL(ops_accumulate)
CPU_LEVELS(ops_average);
#define ops_average CPU_LEVEL(ops_average)
CPU_LEVELS(ops_average_backward);
#define ops_average_backward CPU_LEVEL(ops_average_backward)
CPU_LEVELS(ops_activate);
#define ops_activate CPU_LEVEL(ops_activate)
CPU_LEVELS(ops_activate_backward);
#define ops_activate_backward CPU_LEVEL(ops_activate_backward)
CPU_LEVELS(ops_multiply);
#define ops_multiply CPU_LEVEL(ops_multiply)
CPU_LEVELS(ops_multiply_backward);
#define ops_multiply_backward CPU_LEVEL(ops_multiply_backward)
CPU_LEVELS(ops_join);
#define ops_join CPU_LEVEL(ops_join)
CPU_LEVELS(ops_split);
#define ops_split CPU_LEVEL(ops_split)
CPU_LEVELS(ops_cross_entropy);
#define ops_cross_entropy CPU_LEVEL(ops_cross_entropy)

#endif
