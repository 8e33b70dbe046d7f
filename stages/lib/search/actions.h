/*
 * actions.h - numbers in [0, 1] and the bits that they stand for: eq. 3 of HAQ.
 *
 * An episode is a walk over the searched layers, two steps a layer: the bits of its weights, then those of
 * its activations.  So a policy is 2 x (searched layers) actions, in that order.
 */
#ifndef ACTIONS_H
#define ACTIONS_H

#include "search/problem.h"

/*
 * eq. 3, ties to even as in the released code; and its inverse, the middle of the actions that give these
 * bits
 */
int action_bits(double action, struct bit_range range);
float bits_action(int bits, struct bit_range range);

int steps_of(const struct graph *g); /* actions of an episode */

/* The policy of these actions, brought under the budget. */
struct policy policy_of_actions(const struct problem *p, const float *actions);
/* The middle of each of its bits. */
void actions_of_policy(const struct problem *p, const struct policy *policy, float *actions);

#endif
