/*
 * sensitivity.h - how much accuracy each layer loses to its bits, learnt from the policies tried so far.
 *
 * The noise of a quantizer has power 4^-b, and small noises of different layers add.  So the loss of a policy
 * (reward_points_lost(): percent points of top-1) is
 *
 *	loss = rest + sum over layers of  s_w 4^(4 - w) + s_a 4^(4 - a)         + noise
 *
 * with a sensitivity for the weights and one for the activations of each layer: what 4 bits there cost.
 * Sensitivities are positive and differ by factors: their logarithms have a Gaussian prior, correlated by a
 * scale common to all and by one common to a kind (weights or activations of depthwise or other layers);
 * `rest` has a Gaussian prior around 0.  The posterior is Gaussian around its mode (Laplace).
 *
 * Accuracy bends where it is bad, so a policy counts the less the further it is behind the best one, and one
 * whose accuracy broke down says only "at least this loss".  The noise is estimated with the rest (MacKay,
 * "Bayesian interpolation", 1992).
 *
 * Linear algebra is OpenBLAS's, LAPACK's Cholesky factors among it, on one thread (core/threads.h).
 */
#ifndef SENSITIVITY_H
#define SENSITIVITY_H

#include "core/rng.h"
#include "model/graph.h"
#include "model/policy.h"
#include "search/bit-allocation.h"

/*
 * Standard deviations of the prior are those of logarithms, but for `rest_sd`, which is in units of the loss.
 */
struct sensitivity_conf {
	double scale_sd, kind_sd, layer_sd; /* what all have in common, what a kind has, each layer's own */
	double rest_sd;
	double noise;        /* a guess of the noise of a loss, standard deviation */
	double noise_weight; /* how many policies that guess is worth */
	double knee;         /* a policy this far behind the best counts a quarter */
	double typical;      /* a guess of the loss of uniform 4 bits */
};

struct trial {
	struct policy policy;
	const double
		*noise; /* [2 searched] of weights and activations of each layer, as a share of what 4 bits
	                        have; NULL: 4^(4 - bits) */
	double loss;
	bool is_broken; /* its loss is at least this */
};

struct sensitivity {
	int searched; /* layers */
	int n;        /* parameters: 2 a searched layer, weights first, then `rest` */
	double *mode; /* [n] logarithms of sensitivities, then `rest` itself */
	double *root; /* [n][n], lower triangle: Cholesky factor of the posterior's precision */
	double noise; /* the estimate, standard deviation */
};

/* From `count` trials, which may be none. */
void sensitivity_fit(struct sensitivity *s, const struct sensitivity_conf *conf, const struct graph *g,
                     const struct trial *trials, int count);

/*
 * A draw from the posterior, `width` times as wide as it is; 0 gives the mode: what 4 bits of weights, and of
 * activations, of each searched layer lose, into value[2 searched].
 */
void sensitivity_draw(const struct sensitivity *s, double width, struct rng r, uint64_t draw, double *value);
/* The same at each pair of bits; `loss` [layers] is set for searched layers, without `rest`. */
void sensitivity_losses(const struct graph *g, const double *value, struct layer_loss *loss);

#endif
