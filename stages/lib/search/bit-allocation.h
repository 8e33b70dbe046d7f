/*
 * bit-allocation.h - the bits that lose least under a budget, where losses and costs add up over layers.
 *
 * Lagrangian relaxation: each layer takes the bits with the least loss + lambda * cost, and bisection finds
 * the smallest lambda that fits.  What is left of the budget then goes to single layers, and to pairs of
 * layers of which one gains more than the other gives, until neither helps.
 *
 * Source: Shoham and Gersho, "Efficient bit allocation for an arbitrary set of quantizers", 1988.
 */
#ifndef BIT_ALLOCATION_H
#define BIT_ALLOCATION_H

#include "search/problem.h"

/* One of the things that a layer may take. */
struct choice {
	double cost, loss;
	struct bits bits;
	int which; /* the caller's */
};

struct menu {
	int layer, n, taken; /* taken: index of a choice */
	struct choice *choice;
};

/* Keeps those that are worth having, the cheapest first: dearer ones lose less. */
void menu_sort(struct menu *m);
/* One choice of each of n sorted menus, of the least loss that the sum of costs `room` allows. */
void menus_choose(struct menu *m, int n, double room);
/* What a budget leaves to searched layers; menus_choose() adds in another order than costs_of(). */
double budget_room(const struct problem *p);

/* What a layer loses at each pair of bits, in any unit. */
struct layer_loss {
	double at[BITS_MAX][BITS_MAX]; /* [w - 1][a - 1] */
};

/*
 * Of [layers] losses only those of searched layers are read.  The problem's budget has a limit, and since
 * budget_parse() it is known that it can be met.
 */
struct policy allocate_bits(const struct layer_loss *loss, const struct problem *p);

/*
 * Without a budget: each layer takes the bits of the least loss + sum over metrics of price * cost, a price
 * being losses a millisecond, millijoule or byte; one of 0 asks for no figure.
 */
struct policy allocate_bits_penalized(const struct layer_loss *loss, const double price[METRICS],
                                      const struct problem *p);

#endif
