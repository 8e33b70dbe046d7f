/*
 * buffers.h - memory for values that do not live at the same time: planned first, allocated after.
 */
#ifndef BUFFERS_H
#define BUFFERS_H

#include "model/graph.h"

struct buffers {
	struct buffer {
		size_t bytes;
		bool is_used;
		void *data;
	} * all;
	int n;
};

struct buffers buffers_plan(int most);             /* room for so many at once */
int buffers_take(struct buffers *b, size_t bytes); /* the index of one that is free from now on */
void buffers_release(struct buffers *b, int index);
/* all of them, copies one behind the other; how many bytes */
size_t buffers_allocate(struct buffers *b, int copies);
void buffers_forget(struct buffers *b); /* the plan; not the memory */

struct place {
	void *data;
	size_t stride;
}; /* stride: bytes from one copy to the next */

/*
 * Memory of a network that only runs forward: out[node] holds out_bytes[node] until the last reader
 * has run; read[node], where read_bytes[node] is not 0, holds what a node makes of its input for
 * itself.  is_early (or NULL): nodes whose output is written before their turn, and so lives from
 * the beginning.  How many bytes.
 */
size_t buffers_inference(const struct graph *g, int copies, const size_t *out_bytes, const size_t *read_bytes,
                         const bool *is_early, struct place *out, struct place *read);

#endif
