/*
 * uniform.h - policies that give every searched layer the same bits, best first.
 *
 * The order needs no score: bits of weights and activations alike before others, then by the noise that they
 * make, 4^-w + 4^-a.  Of pairs that differ, only those count that cannot have a bit more within the budget.
 */
#ifndef UNIFORM_H
#define UNIFORM_H

#include "search/problem.h"

/*
 * The number-th best, from 1, of the uniform policies within the budget; false where there are not as many.
 */
bool uniform_ranked(const struct problem *p, int number, struct policy *policy);

#endif
