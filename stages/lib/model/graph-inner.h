/*
 * graph-inner.h - what graph.c, which reads and writes networks, asks of graph-shapes.c; for nobody else.
 */
#ifndef GRAPH_INNER_H
#define GRAPH_INNER_H

#include "io/csv.h"
#include "model/graph.h"

#define SIDE_MAX 65536 /* the most rows and columns of an image or window, and the most channels */

/* Sets h, w, channels and is_signed of a node by its inputs; t, row and pad are for messages.  Dies. */
void graph_shape(const struct graph *g, struct node *n, const struct table *t, size_t row, const char *pad);
/* Sets layer[] of a graph whose nodes are complete.  Dies. */
void graph_describe_layers(struct graph *g);

#endif
