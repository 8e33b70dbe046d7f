/*
 * policy.h - the bits of every layer: `layer,weight_bits,activation_bits`, one row per layer, in order.
 * Read and written here alone.
 *
 * activation_bits are those of a layer's input (as in HAQ, where each layer quantizes what it reads).
 *
 * A kernel-wise policy has a companion .npy, uint8 [output channels of all layers, layer after
 * layer]: the weight bits of each output channel.  The table's weight_bits are then those of the
 * layer's widest channel; a layer whose channels agree is layer-wise.
 */
#ifndef POLICY_H
#define POLICY_H

#include "model/graph.h"

struct bits {
	unsigned char w, a;
};

struct policy {
	int layers;
	struct bits *bits;
	unsigned char **kernels; /* [layers][output channels], or NULL: all as bits[].w */
};

struct policy policy_uniform(const struct graph *g, int w, int a); /* fixed layers keep their bits */
/* Dies where it does not fit the network. */
struct policy policy_read(const struct graph *g, const char *path);
/* A kernel-wise policy's companion, once its table is read; dies. */
void policy_read_kernels(struct policy *p, const struct graph *g, const char *path);
int policy_kernel_bits(const struct policy *p, int layer, int channel);
void policy_write(const struct graph *g, const struct policy *p, const char *path);
void policy_write_kernels(const struct graph *g, const struct policy *p, const char *path);
bool policy_equal(const struct policy *p,
                  const struct policy *q); /* policies of one network; kernels are not looked at */
void policy_free(struct policy *p);

/* "w4a6" -> 4, 6; false where the text is not of that form or a number is not in 1..8 */
bool policy_parse_uniform(const char *text, int *w, int *a);

#endif
