#include "model/fusion.h"

#define REVISION 1 /* raise when the numbers change */

struct quantizer fusion_input_quantizer(const struct graph *g, const struct weights *w,
                                        const struct policy *p, int layer)
{
	const struct layer *l = &g->layer[layer];
	int bits = p ? p->bits[layer].a : 0;

	if (!p || (g->node[l->node].input[0] == 0 && bits == BITS_MAX))
		return (struct quantizer){ 0 };
	return quantizer_for_activations(bits, w->layer[layer].activation_clip, l->input_is_signed);
}

/* A layer that quantizes, and whose input is the output of a layer for it alone. */
static bool is_fused(const struct graph *g, const struct weights *w, const struct policy *p, int node)
{
	const struct node *n = &g->node[node], *from;

	if (n->layer < 0 || !fusion_input_quantizer(g, w, p, n->layer).on)
		return false;
	from = &g->node[n->input[0]];
	return from->layer >= 0 && from->users == 1;
}

int fusion_reader(const struct graph *g, const struct weights *w, const struct policy *p, int node)
{
	for (int i = node + 1; i < g->nodes; i++)
		if (g->node[i].inputs && g->node[i].input[0] == node && is_fused(g, w, p, i))
			return g->node[i].layer;
	return -1;
}

bool fusion_quantizes_own_input(const struct graph *g, const struct weights *w, const struct policy *p,
                                int node)
{
	int layer = g->node[node].layer;

	return layer >= 0 && fusion_input_quantizer(g, w, p, layer).on && !is_fused(g, w, p, node);
}

/* Where a layer's ranges should be: the weights' file, or where there are none, the network's. */
static const char *origin(const struct graph *g, const struct weights *w)
{
	return w->path ? w->path : g->path;
}

void fusion_check_ranges(const struct graph *g, const struct weights *w, const struct policy *p)
{
	for (int i = 0; p && i < g->layers; i++) {
		const struct layer *l = &g->layer[i];

		if (!(w->layer[i].activation_clip > 0) || !w->layer[i].weight_clips)
			die("%s: layer '%s' has no clipping range: run quantize on the weights first",
			    origin(g, w), l->name);
		if (!quantizer_has_bits(p->bits[i].a, l->input_is_signed))
			die("%s: layer '%s': %d-bit activations are not defined where they may be negative",
			    origin(g, w), l->name, p->bits[i].a);
	}
}
