/*
 * features.h - what the DDPG agent sees of each layer: eq. 1 (convolutions) and eq. 2 (linear layers) of HAQ.
 *
 * features.npy, float32 [layers][10], all in [0, 1]:
 *
 *	0 k          index of the layer            5 s_feat    numbers in the input of one channel:
 *	1 c_in       input channels                            height * width; linear: in the input vector
 *	2 c_out      output channels               6 n_params  weights
 *	3 s_kernel   side of the kernel; linear 1  7 i_dw      1 for depthwise
 *	4 s_stride   stride; linear 0              8 i_w/a     0 here: weights or activations,
 *	                                                       known in the search
 *	                                           9 a_{k-1}   0 here: the action before,
 *	                                                       known in the search
 *
 * Each column is brought to [0, 1] over the layers of the network, (x - min) / (max - min).  A column that is
 * the same everywhere tells no layers apart: it becomes 0 where it is 0, else 1.
 */
#ifndef FEATURES_H
#define FEATURES_H

#include "model/graph.h"

#define FEATURES 10
enum { FEATURE_IS_ACTIVATION = 8, FEATURE_LAST_ACTION = 9 };

struct features {
	int layers;
	float (*row)[FEATURES]; /* [layers] */
};

void features_of(struct features *f, const struct graph *g);
void features_write(const struct features *f, const char *path);
/* Dies where the file has another shape or a number outside 0..1. */
void features_read(struct features *f, const struct graph *g, const char *path);

#endif
