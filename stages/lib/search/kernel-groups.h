/*
 * kernel-groups.h - the kernels of each layer in the order of what they have to lose, in groups that get the
 * same bits.
 *
 * An array that computes `together` kernels at once runs them at the widest of them, so one with fewer bits
 * than its neighbours wins no time.  Kernels are sorted by sensitivity (kernel-bits.h), the most sensitive
 * first, and every `together` of them are a group; the last may be smaller.
 *
 * A sensitivity is an estimate by weights alone, so its logarithm is taken only for a share, `trust`, of how
 * far it is from the mean of its layer's: 1 believes it, 0 takes all kernels for alike, in the order of their
 * channels.  Dead kernels are as
 * far below the least of the others as 4^-3.
 */
#ifndef KERNEL_GROUPS_H
#define KERNEL_GROUPS_H

#include "model/policy.h"
#include "model/weights.h"

struct kernel_layer {
	int kernels, groups, together;
	int *order;          /* [kernels] output channels, the most sensitive first */
	double *sensitivity; /* [kernels] in that order, 1 in the mean */
	double *group;       /* [groups] sums of those */
};

/* Layers that are not searched have no groups. */
struct kernel_groups {
	int layers;
	struct kernel_layer *layer;
};

struct kernel_order {
	int together;
	double trust;
	bool shares_range; /* the kernels of a layer: one clipping range for all, not one each */
};

void kernel_groups_of(struct kernel_groups *k, const struct graph *g, const struct weights *w,
                      struct kernel_order order);

static inline int kernel_group_size(const struct kernel_layer *l, int group)
{
	return group < l->groups - 1 ? l->together : l->kernels - (l->groups - 1) * l->together;
}

/* kernels[] of the layer from bits[groups]. */
void kernel_groups_set(const struct kernel_layer *l, const unsigned char *bits, unsigned char *kernels);
/* bits[groups], those of the first kernel of each. */
void kernel_groups_get(const struct kernel_layer *l, const unsigned char *kernels, unsigned char *bits);

/* The noise of a layer whose kernels have these bits, as a share of what it has at 4 bits. */
double kernel_groups_noise(const struct kernel_layer *l, const unsigned char *kernels);

#endif
