/*
 * bismo.h - how long a layer takes on BISMO, the bit-serial matrix multiplier of HAQ's Table 2.
 *
 * An array of pe_rows x pe_columns processing elements (PE) multiplies one bit of a word of weights with one
 * bit of a word of activations each cycle (a word is word_bits numbers, one bit of each).  Weights and
 * activations come through a port of their own, port_bits a cycle, into buffers of buffer_words a PE row or
 * column.  Fetching and computing overlap; time is what the slower of the three takes, start included.
 *
 * A layer becomes products of a matrix of weights (rows) and one of activations (columns):
 *   convolution   one product an image and group: cout/groups rows, one column per output position
 *   depthwise     one product a channel: the images of the batch on the rows
 *   linear        one product: cout rows, one column per image
 *
 * Kernels of a layer may differ in bits, `schedule`:
 *   grouped       kernels of the same bits run as a layer of their own, and each width reads the inputs again
 *   sorted        kernels come widest first; the pe_rows of them that run together run at the widest of them,
 *                 and inputs are read once a tile of them.  Where all agree this is the model above.
 *                 Nobody's design: what the array could do if its control read the bits of each group
 * A depthwise layer, each channel a product of its own, costs the same by both.
 *
 * The model gives all 3392 numbers of the table that HAQ published; hwmodels/README.md says what of it is
 * known and what inferred.  Its cost does not grow with the layer: a whole table takes milliseconds.
 */
#ifndef BISMO_H
#define BISMO_H

#include "hw/costs.h"
#include "model/graph.h"

struct bismo {
	long pe_rows, pe_columns; /* processing elements */
	long word_bits;           /* numbers of a word, one bit of each */
	long port_bits;           /* a cycle, for each operand */
	long buffer_words;        /* each row or column of processing elements */
	long batch;               /* images at a time */
	double clock_mhz;
	const char *schedule; /* of kernels of different bits: grouped or sorted */
	const char *path;     /* the file, for messages */
};

void bismo_read(struct bismo *hw, const char *path); /* dies */

/* Cycles of a product of rows x depth weights of w bits and depth x columns activations of a bits. */
int64_t bismo_product(const struct bismo *hw, int64_t rows, int64_t columns, int64_t depth, int w, int a);

/* The same of rows whose bits are bits[rows], widest first. */
int64_t bismo_sorted_product(const struct bismo *hw, const unsigned char *bits, int64_t rows, int64_t columns,
                             int64_t depth, int a);

/*
 * Cycles of `channels` of the output channels of a layer, of every group alike, for the whole batch; dies
 * above CYCLES_MAX.
 */
int64_t bismo_cycles(const struct bismo *hw, const struct layer *l, int channels, int w, int a);
/*
 * Cycles of all output channels of a layer by the sorted schedule, channels[w] of them of w bits, w from 1 to
 * BITS_MAX; widths are spread evenly over the groups of a convolution.
 */
int64_t bismo_sorted_cycles(const struct bismo *hw, const struct layer *l, const int *channels, int a);
double bismo_ms(const struct bismo *hw, int64_t cycles);

#endif
