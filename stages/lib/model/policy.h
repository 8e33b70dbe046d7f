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

struct bits { /* of weights and activations, each 1..BITS_MAX */
	unsigned char w, a;
};

struct bit_range { /* bits that a search may choose: min..max for weights and for activations */
	int min, max;
};

#define ALL_BITS ((struct bit_range){ 1, BITS_MAX })

/*
 * Every pair of bits in a range, those of activations fastest: the order of rows in costs.csv.
 *
 *	FOR_BITS(b, ALL_BITS)
 *		table[b.w - 1][b.a - 1] = ...;
 */
#define FOR_BITS(b, range) \
	for (struct bits b = bits_first(range); b.w <= (range).max; b = bits_next(b, (range)))

static inline struct bits bits_first(struct bit_range r)
{
	return (struct bits){ (unsigned char)r.min, (unsigned char)r.min };
}

static inline struct bits bits_next(struct bits b, struct bit_range r)
{
	if (b.a < r.max)
		return (struct bits){ b.w, (unsigned char)(b.a + 1) };
	return (struct bits){ (unsigned char)(b.w + 1), (unsigned char)r.min };
}

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
/* Whether two policies of one network have the same bits, those of kernels among them. */
bool policy_equal(const struct graph *g, const struct policy *p, const struct policy *q);
void policy_free(struct policy *p);

/* Kernels of their own, of the bits that their layers have. */
void policy_add_kernels(struct policy *p, const struct graph *g);
/* bits[layer].w from the kernels of the layer. */
void policy_set_widest(struct policy *p, const struct graph *g, int layer);
/* How many of the layer's output channels have w bits, channels[w], w from 1 to BITS_MAX. */
void policy_count_widths(const struct policy *p, const struct graph *g, int layer, int *channels);

/* "w4a6" -> 4, 6; false where the text is not of that form or a number is not in 1..8 */
bool policy_parse_uniform(const char *text, int *w, int *a);

#endif
