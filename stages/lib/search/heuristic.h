/*
 * heuristic.h - the bits that a designer's rule of thumb gives, to compare a search with.
 *
 * Han et al., as HAQ describes it: more bits for the first layers, which extract features, fewer towards the
 * end.  Here bits fall along a straight line over the layers, by HEURISTIC_SLOPE from the first to the last,
 * and the line is as high as the budget allows.
 */
#ifndef HEURISTIC_H
#define HEURISTIC_H

#include "search/problem.h"

#define HEURISTIC_SLOPE 2.0 /* bits */

/* Dies where the network has one layer.  The problem has a budget with a limit. */
struct policy heuristic_policy(const struct problem *p);

#endif
