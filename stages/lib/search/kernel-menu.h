/*
 * kernel-menu.h - what a layer may take whose kernels have bits of their own: bits of activations, and mean
 * bits of weights from the least to the most, MENU_STEPS a bit, at each of which the kernels have the bits
 * of least noise (kernel_bits() of the groups of kernel-groups.h).  The same bits for all are among them.
 * What each costs is exact: the accelerator's model says it.
 */
#ifndef KERNEL_MENU_H
#define KERNEL_MENU_H

#include "search/bit-allocation.h"
#include "search/kernel-groups.h"

#define MENU_STEPS 4

/* Bits of a layer's weights, and what noise they have, as a share of what 4 bits have. */
struct kernel_choice {
	unsigned char *group; /* [groups], or NULL: all alike */
	unsigned char widest;
	double noise;
	int channels[BITS_MAX + 1]; /* output channels of each width */
};

struct kernel_menu {
	int n;
	struct kernel_choice *choice;  /* of weights */
	struct cost (*cost)[BITS_MAX]; /* [n][activation bits - 1] */
};

/* The menu of a searched layer; without `kernels` only the same bits for all. */
void kernel_menu_of(struct kernel_menu *m, const struct problem *p, const struct kernel_groups *k, int layer,
                    bool kernels);
void kernel_menu_free(struct kernel_menu *m);

/* Sets bits of the layer in a policy with kernels. */
void kernel_choice_take(const struct kernel_choice *c, const struct kernel_layer *l, struct policy *policy,
                        int layer);

/*
 * Gives kernels, the most sensitive first, all bits that cost nothing: of the budget's metric or, without a
 * budget, of those that have a price.
 */
void kernels_promote(const struct problem *p, const struct kernel_groups *k, const double price[METRICS],
                     struct policy *policy);

#endif
