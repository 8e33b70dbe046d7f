/*
 * sensitivity.h - how much accuracy each layer loses to its bits, learnt from the policies tried so far.
 *
 * The noise of a quantizer has power 4^-b, and small noises of different layers add.
 * So the loss of a policy is
 *
 *	loss = rest + sum over layers of  s_w 4^(4 - w) + s_a 4^(4 - a)         + noise
 *
 * with a sensitivity for the weights and one for the activations of each layer: what 4 bits there
 * cost.  Sensitivities are positive and differ by factors: their logarithms have a Gaussian prior,
 * correlated by a scale common to all and by one common to a kind (weights or activations of
 * depthwise or other layers); `rest` has a Gaussian prior around 0.  The posterior is Gaussian
 * around its mode (Laplace).
 *
 * Accuracy bends where it is bad, so a policy counts the less the further it is behind the best
 * one, and one whose accuracy broke down says only "at least this loss".  The noise is estimated
 * with the rest.
 */
#ifndef SENSITIVITY_H
#define SENSITIVITY_H

#include "model/graph.h"
#include "model/policy.h"
#include "core/rng.h"

struct sensitivity_conf {
	double scale_sd, kind_sd, own_sd; /* of the logarithms: what all have in common, a kind, each */
	double rest_sd;                   /* in units of the loss */
	double noise;                     /* guess of the noise of a loss, sd */
	double noise_weight;              /* how many policies that guess is worth */
	double knee;                      /* a policy this far behind the best counts a quarter */
	double typical;                   /* guess of the loss of uniform 4 bits */
};

struct trial {
	struct policy policy;
	double loss;
	bool is_broken; /* its loss is at least this */
};

struct sensitivity {
	int searched, n; /* searched layers; parameters: 2 a layer, then `rest` */
	double *mode;    /* [n] */
	/* [n][n] lower triangle, Cholesky factor of the posterior precision */
	double *root;
	double noise; /* the estimate, sd */
};

void sensitivity_fit(struct sensitivity *s, const struct sensitivity_conf *conf, const struct graph *g,
                     const struct trial *trials, int count);

/* A draw from the posterior, `width` times as wide as it is; 0 gives the mode.  loss[layer][w - 1][a - 1]. */
void sensitivity_draw(const struct sensitivity *s, double width, struct rng r, uint64_t draw,
                      const struct graph *g, double (*loss)[BITS_MAX][BITS_MAX]);

#endif
