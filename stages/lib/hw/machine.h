/*
 * machine.h - an accelerator as programs and searches know it: what a kind of them says of a layer, and what
 * follows for one whose kernels differ in bits.
 *
 * Kernel-wise policies give every output channel its own weight bits.  Unless the accelerator says
 * otherwise (`mixed`), the channels of a layer that have the same bits run as a layer of their own, one after
 * the other; each of them reads the layer's inputs again.  So `cost` is asked for `channels` of the output
 * channels.  The bytes of such a layer have KERNEL_INDEX_BITS a channel beside its weights, to say its bits:
 * AutoQ (ICLR 2020) counts them so.  A layer whose channels agree costs what a layer-wise policy says.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "hw/costs.h"
#include "model/graph.h"

/*
 * The limits of a layer by themselves: a batch cannot take less than macs / macs_per_cycle, nor than bits /
 * bits_per_cycle.
 */
struct roof {
	double macs; /* a batch */
	double bits; /* a batch must bring so many across the ports to memory at least once */
	double macs_per_cycle, bits_per_cycle, clock_mhz;
};

#define KERNEL_INDEX_BITS 4

struct simulator {
	const char *kind, *about;
	enum costs_count count; /* which layers the sum of a policy has, unless told */

	/*
	 * Reads hwmodels/KIND-NAME.conf (or .csv); dies where it is wrong.  All else below is of the model
	 * read last.
	 */
	void (*read)(const char *model, const struct graph *g);

	/*
	 * Sets cycles, latency (ms) and energy (mJ) of a batch, where there are such figures, for `channels`
	 * of a layer's output channels, spread evenly over its groups, at w and a bits.  Bytes of weights
	 * need no model and are there already.
	 */
	void (*cost)(const struct graph *g, int layer, int channels, int w, int a, struct cost *cost);

	/*
	 * The same of a whole layer whose output channels differ, channels[w] of them of w bits, w from 1 to
	 * BITS_MAX.  NULL, or false: one width after the other.
	 */
	bool (*mixed)(const struct graph *g, int layer, const int *channels, int a, struct cost *cost);

	int (*kernels_together)(void); /* output channels that run at once on the array; NULL: one */

	struct roof (*roof)(const struct layer *l, int w, int a); /* NULL: limits are not known */
	bool has_no_time;                                         /* nothing is computed there */
};

/* --- once s->read() has read the model ----------------------------------------------------- */

/*
 * The cost of a batch in a whole layer, channels[w] of its output channels at w bits, w from 1 to BITS_MAX,
 * inputs at a bits.  Cycles are -1 and metrics NAN where there is no such figure; what a model cannot map, it
 * dies of, as simulate-KIND does.
 */
struct cost simulator_layer_cost(const struct simulator *s, const struct graph *g, int layer,
                                 const int channels[BITS_MAX + 1], int a);

/* How many output channels run at once: bits that differ among them may win nothing. */
int simulator_kernels_together(const struct simulator *s);

/* The cost of some output channels of a layer at these bits, as a layer of their own. */
struct cost simulator_part_cost(const struct simulator *s, const struct graph *g, int layer, int channels,
                                struct bits b);
/* sum += x; cycles are -1, and metrics NAN, where one of them is. */
void cost_add(struct cost *sum, const struct cost *x);

#endif
