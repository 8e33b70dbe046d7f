/*
 * buffers.h - memory for values that do not live at the same time: planned first, allocated after.
 *
 * A plan takes a buffer for each value when it begins to live and releases it when nobody reads it any more;
 * the next value takes one that is free, of the best size.  Sizes are in bytes, buffers are aligned as
 * xmalloc's and hold a multiple of 64 bytes.  Dies where memory is short.
 */
#ifndef BUFFERS_H
#define BUFFERS_H

#include "model/graph.h"

struct buffers {
	struct buffer {
		size_t bytes;
		bool is_used; /* now, as planning goes on */
		void *data;
	} * all;
	int n;
};

struct buffers buffers_plan(int most);             /* room for so many at once */
int buffers_take(struct buffers *b, size_t bytes); /* the index of one that is free from now on */
void buffers_release(struct buffers *b, int index);
/* Memory for all of them, `copies` one behind the other; returns its bytes. */
size_t buffers_allocate(struct buffers *b, int copies);
void buffers_forget(struct buffers *b); /* frees the plan, not the memory */

struct place {
	void *data;
	size_t stride; /* bytes from one copy to the next */
};

/* Memory of a node in a network that only runs forward: how much it needs, and where it is. */
struct node_memory {
	size_t out_bytes;   /* output, which lives until its last reader has run */
	size_t input_bytes; /* a copy of its input that it makes for itself; 0: none */
	bool is_early;      /* its output is written before its turn, and so lives from the beginning */
	struct place out, input;
};

/* Plans and allocates `copies` (one for each thread) of all nodes' memory [nodes]; returns its bytes. */
size_t buffers_inference(const struct graph *g, int copies, struct node_memory *m);

#endif
