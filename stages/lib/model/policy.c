#include "model/policy.h"
#include "io/npz.h"
#include "io/csv.h"

#include <stdlib.h>
#include <string.h>

struct policy policy_uniform(const struct graph *g, int w, int a)
{
	struct policy p = { .layers = g->layers, .bits = xmalloc((size_t)g->layers, sizeof *p.bits) };

	for (int i = 0; i < g->layers; i++) {
		const struct layer *l = &g->layer[i];

		p.bits[i].w = (unsigned char)(l->is_searched ? w : l->fixed_bits);
		p.bits[i].a = (unsigned char)(l->is_searched ? a : l->fixed_bits);
	}
	return p;
}

struct policy policy_read(const struct graph *g, const char *path)
{
	struct policy p = { .layers = g->layers, .bits = xmalloc((size_t)g->layers, sizeof *p.bits) };
	struct table t;
	int layer, w, a;

	table_read(&t, path);
	layer = table_column(&t, "layer");
	w = table_column(&t, "weight_bits");
	a = table_column(&t, "activation_bits");
	if (t.rows != (size_t)g->layers)
		die("%s: %zu layers, where %s has %d", path, t.rows, g->path, g->layers);
	for (size_t i = 0; i < t.rows; i++) {
		if (strcmp(table_text(&t, i, layer), g->layer[i].name))
			table_die(&t, i, "layer '%.60s', where %s has '%s'", table_text(&t, i, layer),
			          g->path, g->layer[i].name);
		p.bits[i].w = (unsigned char)table_int(&t, i, w, 1, BITS_MAX);
		p.bits[i].a = (unsigned char)table_int(&t, i, a, 1, BITS_MAX);
	}
	table_free(&t);
	return p;
}

static size_t output_channels(const struct graph *g)
{
	size_t n = 0;

	for (int i = 0; i < g->layers; i++)
		n += (size_t)g->layer[i].cout;
	return n;
}

void policy_read_kernels(struct policy *p, const struct graph *g, const char *path)
{
	struct array a;
	const unsigned char *next;
	size_t channels = output_channels(g);

	npy_read(&a, path);
	if (a.dtype != U8 || a.ndim != 1 || a.count != channels)
		die("%s: expected uint8 [%zu], the output channels of all layers of %s", path, channels,
		    g->path);
	policy_add_kernels(p, g);
	next = a.data;
	for (int i = 0; i < g->layers; next += g->layer[i++].cout) {
		int widest = 0;

		memcpy(p->kernels[i], next, (size_t)g->layer[i].cout);
		for (int c = 0; c < g->layer[i].cout; c++) {
			if (next[c] < 1 || next[c] > BITS_MAX)
				die("%s: element %td, channel %d of layer '%s', is %d bits; expected 1..%d",
				    path, next + c - (const unsigned char *)a.data, c, g->layer[i].name,
				    next[c], BITS_MAX);
			widest = next[c] > widest ? next[c] : widest;
		}
		if (widest != p->bits[i].w)
			die("%s: the widest channel of layer '%s' has %d bits, where the policy says %d",
			    path, g->layer[i].name, widest, p->bits[i].w);
	}
}

int policy_kernel_bits(const struct policy *p, int layer, int channel)
{
	return p->kernels ? p->kernels[layer][channel] : p->bits[layer].w;
}

void policy_write(const struct graph *g, const struct policy *p, const char *path)
{
	struct csv_writer t = csv_create(path, "layer,weight_bits,activation_bits");

	for (int i = 0; i < p->layers; i++) {
		csv_text(&t, g->layer[i].name);
		csv_int(&t, p->bits[i].w);
		csv_int(&t, p->bits[i].a);
		csv_end_row(&t);
	}
	csv_commit(&t);
}

void policy_write_kernels(const struct graph *g, const struct policy *p, const char *path)
{
	size_t channels = output_channels(g), n = 0;
	unsigned char *bits = xmalloc(channels, 1);

	for (int i = 0; i < p->layers; i++)
		for (int k = 0; k < g->layer[i].cout; k++)
			bits[n++] = (unsigned char)policy_kernel_bits(p, i, k);
	npy_write(path, U8, 1, SHAPE(channels), bits);
	free(bits);
}

bool policy_equal(const struct graph *g, const struct policy *p, const struct policy *q)
{
	if (memcmp(p->bits, q->bits, (size_t)p->layers * sizeof *p->bits) != 0)
		return false;
	for (int i = 0; i < p->layers && (p->kernels || q->kernels); i++)
		for (int k = 0; k < g->layer[i].cout; k++)
			if (policy_kernel_bits(p, i, k) != policy_kernel_bits(q, i, k))
				return false;
	return true;
}

void policy_add_kernels(struct policy *p, const struct graph *g)
{
	unsigned char *next = xmalloc(output_channels(g), 1);

	p->kernels = xmalloc((size_t)g->layers, sizeof *p->kernels);
	for (int i = 0; i < g->layers; next += g->layer[i++].cout) {
		p->kernels[i] = next;
		memset(next, p->bits[i].w, (size_t)g->layer[i].cout);
	}
}

void policy_set_widest(struct policy *p, const struct graph *g, int layer)
{
	p->bits[layer].w = 0;
	for (int k = 0; k < g->layer[layer].cout; k++)
		if (p->kernels[layer][k] > p->bits[layer].w)
			p->bits[layer].w = p->kernels[layer][k];
}

void policy_count_widths(const struct policy *p, const struct graph *g, int layer, int *channels)
{
	memset(channels, 0, (BITS_MAX + 1) * sizeof *channels);
	for (int k = 0; k < g->layer[layer].cout; k++)
		channels[policy_kernel_bits(p, layer, k)]++;
}

void policy_free(struct policy *p)
{
	free(p->bits);
	if (p->kernels)
		free(p->kernels[0]);
	free(p->kernels);
	p->bits = NULL;
	p->kernels = NULL;
}

bool policy_parse_uniform(const char *text, int *w, int *a)
{
	if (strlen(text) != 4 || text[0] != 'w' || text[2] != 'a')
		return false;
	*w = text[1] - '0';
	*a = text[3] - '0';
	return *w >= 1 && *w <= BITS_MAX && *a >= 1 && *a <= BITS_MAX;
}
