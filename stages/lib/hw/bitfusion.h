/*
 * bitfusion.h - cycles and energy of a layer on BitFusion, the bit-composable systolic array of
 * HAQ's Tables 4 and 5.
 *
 * An array of `rows` x `columns` fusion units multiplies numbers of multiplier_bits; a unit splits
 * into several multipliers for fewer bits, down to multiplier_bits_min, which widens the input
 * side: rows * fused lanes take input channels, columns give output channels.  Weights, inputs and
 * sums have a buffer of their own; half of each holds the tile in use, the other half the one in
 * flight.  One port to DRAM serves all.
 *
 * A layer is cut into tiles of images, output rows and columns, input channels and output channels;
 * every size that is a power of two (output channels: times `columns`) and every order of the five
 * loops is tried, and the one with the fewest cycles is taken, among equals the one with the least
 * energy.  Fetching and computing overlap.
 *
 * Groups (depthwise layers too), key `depthwise`:
 *   dense     as a dense convolution of all channels, most weights being zero: what the paper's
 *             figures need
 *   grouped   as many groups as fill the columns run together, their weights on a block diagonal
 *             (the zeros beside them are fetched too), block after block
 *
 * The formulas are those of the public simulator (github.com/hsharma35/bitfusion), which the
 * numbers of tests/golden/bitfusion-mobilenet-v1.csv were made with.  hwmodels/README.md says what
 * of the paper's figures they give.
 */
#ifndef BITFUSION_H
#define BITFUSION_H

#include "model/graph.h"

struct bitfusion {
	long rows, columns, multiplier_bits, multiplier_bits_min, sum_bits, port_bits, batch;
	long weight_buffer_bytes, input_buffer_bytes, output_buffer_bytes;
	double clock_mhz;
	double core_pj;                         /* a cycle that computes */
	double weight_read_pj, weight_write_pj; /* a bit, as all below */
	double input_read_pj, input_write_pj;
	double output_read_pj, output_write_pj;
	double dram_pj;
	const char *depthwise; /* dense or grouped */
	const char *im2col;    /* first: the first layer becomes a matrix product; none: no layer does */
	const char *path;      /* the file, for messages */
};

void bitfusion_read(struct bitfusion *hw, const char *path); /* dies */

struct bitfusion_cost { /* the whole batch */
	int64_t cycles;
	double pj;
};

/*
 * The cost of a layer at w-bit weights and a-bit inputs, or of only `channels` of its output channels
 * (of every group alike).  Dies where no tile fits the buffers.
 */
struct bitfusion_cost bitfusion_cost(const struct bitfusion *hw, const struct layer *l, bool is_first,
                                     int channels, int w, int a);

int64_t bitfusion_macs_per_cycle(const struct bitfusion *hw, int w, int a);

#endif
