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

size_t buffers_inference(const struct graph *g, int copies, const size_t *out_bytes, const size_t *read_bytes,
                         const bool *is_early, struct place *out, struct place *read)
{
	struct buffers b = buffers_plan(2 * g->nodes);
	int *of_out = xmalloc((size_t)g->nodes, sizeof *of_out),
	    *of_read = xmalloc((size_t)g->nodes, sizeof *of_read);
	int *left = xmalloc((size_t)g->nodes, sizeof *left);
	size_t sum;

	for (int i = 0; i < g->nodes; i++)
		left[i] = g->node[i].users;
	for (int i = 0; i < g->nodes && is_early; i++)
		if (is_early[i])
			of_out[i] = buffers_take(&b, out_bytes[i]);
	for (int i = 0; i < g->nodes; i++) {
		const struct node *n = &g->node[i];

		of_read[i] = read_bytes[i] ? buffers_take(&b, read_bytes[i]) : -1;
		if (!is_early || !is_early[i])
			of_out[i] = buffers_take(&b, out_bytes[i]);
		for (int k = 0; k < n->inputs; k++)
			if (--left[n->input[k]] == 0)
				buffers_release(&b, of_out[n->input[k]]);
		if (of_read[i] >= 0)
			buffers_release(&b, of_read[i]);
	}
	sum = buffers_allocate(&b, copies);
	for (int i = 0; i < g->nodes; i++) {
		out[i] = place_of(&b, of_out[i]);
		read[i] = place_of(&b, of_read[i]);
	}
	buffers_forget(&b);
	free(of_out);
	free(of_read);
	free(left);
	return sum;
}
