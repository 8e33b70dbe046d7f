#include "net-inner.h"

#include <string.h>

#define SIDE DEPTHWISE_SIDE

/* The rows of an image that are in the cache: row r at r % SIDE, or where it lies anyway. */
struct rows {
	const float *row[SIDE];
	int made;               /* rows made so far */
};

static const float *row_of(const struct rows *x, int r, int h)
{
	return r >= 0 && r < h ? x->row[r % SIDE] : NULL;
}

/* Input rows up to the last under output row o; those under it, in order. */
static void read_rows(const struct net *net, int i, size_t image, int o, struct rows *x, const float *under[SIDE])
{
	const struct depthwise *d = &net->unit[i].depthwise;
	size_t row = (size_t)d->w_in * (size_t)d->c;
	int top = o * d->stride - d->pad;
	float *memory = net_workspace(net)->x;

	for (; x->made < d->h_in && x->made < top + SIDE; x->made++)
		x->row[x->made % SIDE] = net_read(net, i, image + (size_t)x->made * row, row, memory + (size_t)(x->made % SIDE) * row);
	for (int k = 0; k < SIDE; k++)
		under[k] = row_of(x, top + k, d->h_in);
}

void net_depthwise_forward(struct net *net, int i, int s, int image)
{
	struct unit *u = &net->unit[i];
	const struct depthwise *d = &u->depthwise;
	size_t from = (size_t)image * u->reads, to = (size_t)image * u->count, row = (size_t)d->w_out * (size_t)d->c;
	struct rows x = { { NULL }, 0 };

	for (int o = 0; o < d->h_out; o++, to += row) {
		const float *under[SIDE];
		float *z = net_place(u->z, to, net_workspace(net)->z);

		read_rows(net, i, from, o, &x, under);
		depthwise_forward(d, under, u->taps, z);
		net_result(net, i, s, to, row, z);
	}
}

/* The gradient of input row r, from the output rows that it reaches. */
static void backward_row(struct net *net, int i, int s, size_t image, int r, const struct rows *dz)
{
	const struct unit *u = &net->unit[i];
	const struct depthwise *d = &u->depthwise;
	size_t row = (size_t)d->w_in * (size_t)d->c, at = image + (size_t)r * row;
	const float *above[SIDE];
	float *dx = net_read_place(net, i, at);

	for (int k = 0; k < SIDE; k++) {
		int o = r + d->pad - k;

		above[k] = o % d->stride ? NULL : row_of(dz, o / d->stride, o < 0 ? 0 : d->h_out);
	}
	depthwise_backward_data(d, above, u->taps, dx);
	net_deliver(net, i, s, at, row, dx);
}

/* Each input row gets its gradient once the last output row that it reaches is there. */
void net_depthwise_backward(struct net *net, int i, int s, int image)
{
	struct unit *u = &net->unit[i];
	const struct depthwise *d = &u->depthwise;
	size_t from = (size_t)image * u->reads, to = (size_t)image * u->count, row = (size_t)d->w_out * (size_t)d->c;
	float *diff = (float *)(void *)(u->diff + (size_t)s * u->diff_size);
	struct rows x = { { NULL }, 0 }, dz = { { NULL }, 0 };
	int delivered = net->g->node[i].input[0] ? 0 : d->h_in;

	if (image == s * u->tiles)
		memset(diff, 0, u->diff_size);
	for (int o = 0; o < d->h_out; o++) {
		float *memory = net_workspace(net)->dz + (size_t)(o % SIDE) * row;
		const float *under[SIDE];

		read_rows(net, i, from, o, &x, under);
		net_apply(net, i, to + (size_t)o * row, row, memory);
		dz.row[o % SIDE] = memory;
		depthwise_backward_weights(d, under, memory, diff);
		while (delivered < d->h_in && (o + 1 == d->h_out || delivered + d->pad < (o + 1) * d->stride))
			backward_row(net, i, s, from, delivered++, &dz);
	}
}
