/*
 * fusion.h - where a network quantizes the inputs of its layers: with another layer's output, or on its own.
 *
 * A layer quantizes its input (HAQ: activation bits are those of the input).  Where the input is the output
 * of another layer that has no other reader, that layer quantizes it in the same pass (fused); else the
 * reader does, into memory of its own.  The image has 8 bits already: nothing is done to it at 8.
 */
#ifndef FUSION_H
#define FUSION_H

#include "model/graph.h"
#include "model/policy.h"
#include "model/quantizer.h"
#include "model/weights.h"

/* The quantizer of a layer's input; off without a policy, and for images at 8 bits. */
struct quantizer fusion_input_quantizer(const struct graph *g, const struct weights *w,
                                        const struct policy *p, int layer);

/* The layer whose quantizer is part of a node's output, or -1. */
int fusion_reader(const struct graph *g, const struct weights *w, const struct policy *p, int node);
bool fusion_quantizes_own_input(const struct graph *g, const struct weights *w, const struct policy *p,
                                int node);

/* Dies where a layer has no clipping range for its policy, or bits that are not defined for its input. */
void fusion_check_ranges(const struct graph *g, const struct weights *w, const struct policy *p);

#endif
