/*
 * weights.h - the numbers of a network: NET.npz, one array per parameter, named NODE.KIND.  Float32 unless
 * said; read and written here alone.
 *
 *	NODE.weight            [cout][cin/groups][k][k], linear [cout][cin]
 *	NODE.bias              [cout]                          where the node has a bias
 *	NODE.gamma .beta .mean .variance   [cout]              where it has a batch norm (running mean
 *	                                                       and variance)
 *	NODE.activation_clip   [1]                             once `quantize` chose ranges (eq. 6)
 *	NODE.weight_clip       [1], of all kernels, of equal bits or not; or [cout]
 *	NODE.cluster           uint8, shape of the weight      once `quantize --codebook` gave the layer a
 *	                                                       codebook: which value each weight is
 *	IMAGE.mean .std        [channels], of pixel / 255      of the input node, where the network takes
 *	                                                       other numbers than images.h says
 *
 * Weights are kept in full precision throughout a search: the quantizer acts where they are used,
 * so that finetuning can move them (straight-through), and a policy of other bits can start from
 * the same file.  With a codebook they are its values: weights of the same cluster are equal,
 * and stay so.
 */
#ifndef WEIGHTS_H
#define WEIGHTS_H

#include "model/graph.h"
#include "io/npz.h"
#include "model/policy.h"

#define BATCH_NORM_EPSILON 1e-5f /* PyTorch's */

struct layer_weights {
	float *weight, *bias, *gamma, *beta, *mean, *variance; /* NULL where the layer has none */
	float *weight_clip;                                    /* [weight_clips] */
	int weight_clips;      /* one for all output channels or one each; 0: not chosen yet */
	float activation_clip; /* 0: not chosen yet */
	uint8_t *cluster;      /* which value of the codebook a weight is, or NULL */
};

struct weights {
	const char *path; /* for messages; NULL of random ones */
	int layers;
	bool has_clips;
	struct layer_weights *layer;
	float *image_mean, *image_std; /* [channels of the image], or NULL */
};

/* gain * sqrt(2 / fan-in) * a normal number: with gain 1 He's initialisation; batch norms at identity */
void weights_random(struct weights *w, const struct graph *g, double gain, uint64_t seed);
/* Dies where it does not fit the graph. */
void weights_read(struct weights *w, const struct graph *g, const char *path);
void weights_write(const struct weights *w, const struct graph *g, const char *path);
/* Adds them to a file that holds more. */
void weights_add(const struct weights *w, const struct graph *g, struct npz_writer *z);

/*
 * The weights of a layer at the bits of a policy: out[weights] as numbers, or as integers with a step for
 * each output channel, step[cout].
 */
void weights_quantize(const struct layer_weights *w, const struct layer *l, const struct policy *p, int layer,
                      float *out);
void weights_to_integers(const struct layer_weights *w, const struct layer *l, const struct policy *p,
                         int layer, int8_t *out, float *step);

/* After training moved weights one by one: each value of a codebook becomes the mean of its weights. */
void weights_apply_codebook(struct weights *w, const struct graph *g);
bool weights_have_codebook(const struct weights *w); /* whether any layer has one */

/*
 * Batch norm and bias as one affine function of a convolution's result, by running statistics or those of a
 * batch (mean is that of result and bias): scale[k] * z + shift[k].
 */
void weights_fold(const struct layer_weights *w, int channels, const float *mean, const float *variance,
                  float *scale, float *shift);

#endif
