#include "engine/buffers.h"

#include <stdlib.h>

struct buffers buffers_plan(int most)
{
	return (struct buffers){ xmalloc((size_t)most, sizeof(struct buffer)), 0 };
}

int buffers_take(struct buffers *b, size_t bytes)
{
	int best = -1;

	for (int i = 0; i < b->n; i++) {
		const struct buffer *x = &b->all[i], *y = best >= 0 ? &b->all[best] : NULL;

		if (x->is_used)
			continue;
		/* the smallest that is large enough, else the largest */
		if (!y ||
		    (y->bytes >= bytes ? x->bytes >= bytes && x->bytes < y->bytes : x->bytes > y->bytes))
			best = i;
	}
	if (best < 0)
		best = b->n++;
	if (b->all[best].bytes < bytes)
		b->all[best].bytes = bytes;
	b->all[best].is_used = true;
	return best;
}

void buffers_release(struct buffers *b, int index)
{
	b->all[index].is_used = false;
}

size_t buffers_allocate(struct buffers *b, int copies)
{
	size_t sum = 0;

	for (int i = 0; i < b->n; i++) {
		b->all[i].bytes = (b->all[i].bytes + 63) / 64 * 64;
		b->all[i].data = xmalloc((size_t)copies, b->all[i].bytes);
		sum += (size_t)copies * b->all[i].bytes;
	}
	return sum;
}

void buffers_forget(struct buffers *b)
{
	free(b->all);
	*b = (struct buffers){ NULL, 0 };
}

static struct place place_of(const struct buffers *b, int index)
{
	return index < 0 ? (struct place){ NULL, 0 }
	                 : (struct place){ b->all[index].data, b->all[index].bytes };
}

size_t buffers_inference(const struct graph *g, int copies, struct node_memory *m)
{
	size_t nodes = (size_t)g->nodes, sum;
	struct buffers b = buffers_plan(2 * g->nodes);
	int *out = xmalloc(nodes, sizeof *out), *input = xmalloc(nodes, sizeof *input);
	int *left = xmalloc(nodes, sizeof *left); /* readers that have not run */

	for (int i = 0; i < g->nodes; i++) {
		left[i] = g->node[i].users;
		if (m[i].is_early)
			out[i] = buffers_take(&b, m[i].out_bytes);
	}
	for (int i = 0; i < g->nodes; i++) {
		const struct node *n = &g->node[i];

		input[i] = m[i].input_bytes ? buffers_take(&b, m[i].input_bytes) : -1;
		if (!m[i].is_early)
			out[i] = buffers_take(&b, m[i].out_bytes);
		for (int k = 0; k < n->inputs; k++)
			if (--left[n->input[k]] == 0)
				buffers_release(&b, out[n->input[k]]);
		if (input[i] >= 0)
			buffers_release(&b, input[i]);
	}
	sum = buffers_allocate(&b, copies);
	for (int i = 0; i < g->nodes; i++) {
		m[i].out = place_of(&b, out[i]);
		m[i].input = place_of(&b, input[i]);
	}
	buffers_forget(&b);
	free(out);
	free(input);
	free(left);
	return sum;
}
