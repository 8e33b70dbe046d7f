/*
 * reading.h - where a network quantises what its layers read.
 *
 * A layer quantises its input (HAQ: activation bits are those of the input).  Where the input comes
 * from another layer that nobody else reads, that layer does it with its own output, in the same
 * pass (fused); else the reader does, into memory of its own.  The image has 8 bits already:
 * nothing is done to it at 8.
 */
#ifndef READING_H
#define READING_H

#include "graph.h"
#include "policy.h"
#include "quant.h"
#include "weights.h"

/* What a layer does to its input; off without a policy. */
struct quantiser reading_quantiser(const struct graph *g, const struct weights *w,
                                   const struct policy *p, int layer);

/* The layer whose quantiser is part of a node's output, or -1. */
int fused_reader(const struct graph *g, const struct weights *w, const struct policy *p, int node);
bool quantises_for_itself(const struct graph *g, const struct weights *w, const struct policy *p, int node);

/* Dies where a layer has no clipping range for its policy, or bits that are not defined for its input. */
void check_ranges(const struct graph *g, const struct weights *w, const struct policy *p);

#endif
