/*
 * bit-allocation.h - the bits that lose least under a budget, where losses and costs add up over layers.
 *
 * Lagrangian relaxation: each layer takes the bits with the least loss + lambda * cost, and
 * bisection finds the smallest lambda that fits.  What is left of the budget then goes to single
 * layers, and to pairs of layers of which one gains more than the other gives, until neither helps.
 */
#ifndef BIT_ALLOCATION_H
#define BIT_ALLOCATION_H

#include "hw/costs.h"

/*
 * loss[layer][w - 1][a - 1]; only searched layers are read.  The budget is one of budget_parse(),
 * so it can be met.
 */
struct policy allocate_bits(const double (*loss)[BITS_MAX][BITS_MAX], const struct budget *b,
                            const struct costs *c, const struct graph *g, int min_bits, int max_bits);

/*
 * Without a budget: each layer takes the bits of the least loss + sum over metrics of price * cost;
 * a price of 0 asks for no figure.
 */
struct policy allocate_bits_penalized(const double (*loss)[BITS_MAX][BITS_MAX], const double price[METRICS],
                                      const struct costs *c, const struct graph *g, int min_bits,
                                      int max_bits);

#endif
