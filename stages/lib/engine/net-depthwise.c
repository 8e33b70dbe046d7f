#include "engine/net-inner.h"

#include <string.h>

#define SIDE DEPTHWISE_SIDE

/* The input row that row k of the weights meets at output row o, or -1. */
static int row_under(const struct depthwise *d, int o, int k)
{
	int r = o * d->stride + k - d->pad;

	return r >= 0 && r < d->h_in ? r : -1;
}

/* The output row where row k of the weights meets input row r, or -1. */
static int row_above(const struct depthwise *d, int r, int k)
{
	int o = r + d->pad - k;

	return o >= 0 && o % d->stride == 0 && o / d->stride < d->h_out ? o / d->stride : -1;
}

/* --- a large image, row by row ---------------------------------------------------------------- */

/* The rows of an image that are in the cache: row r at r % SIDE, or where it lies anyway. */
struct rows {
	const float *row[SIDE];
	int made; /* rows made so far */
};

static const float *row_of(const struct rows *x, int r)
{
	return r >= 0 ? x->row[r % SIDE] : NULL;
}

/* Input rows up to the last under output row o; those under it, in order. */
static void read_rows(const struct net *net, int i, size_t image, int o, struct rows *x,
                      const float *under[SIDE])
{
	const struct depthwise *d = &net->unit[i].depthwise;
	size_t row = (size_t)d->w_in * (size_t)d->c;
	int top = o * d->stride - d->pad;
	float *memory = net_workspace(net)->x;

	for (; x->made < d->h_in && x->made < top + SIDE; x->made++)
		x->row[x->made % SIDE] = net_read(net, i, image + (size_t)x->made * row, row,
		                                  memory + (size_t)(x->made % SIDE) * row);
	for (int k = 0; k < SIDE; k++)
		under[k] = row_of(x, row_under(d, o, k));
}

static void forward_rows(struct net *net, int i, int s, int image)
{
	struct unit *u = &net->unit[i];
	const struct depthwise *d = &u->depthwise;
	size_t from = (size_t)image * u->reads, to = (size_t)image * u->count,
	       row = (size_t)d->w_out * (size_t)d->c;
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

	for (int k = 0; k < SIDE; k++)
		above[k] = row_of(dz, row_above(d, r, k));
	depthwise_backward_data(d, above, u->taps, dx);
	net_deliver(net, i, s, at, row, dx);
}

/* Each input row gets its gradient once the last output row that it reaches is there. */
static void backward_rows(struct net *net, int i, int s, int image)
{
	struct unit *u = &net->unit[i];
	const struct depthwise *d = &u->depthwise;
	size_t from = (size_t)image * u->reads, to = (size_t)image * u->count,
	       row = (size_t)d->w_out * (size_t)d->c;
	float *diff = (float *)(void *)(u->diff + (size_t)s * u->diff_size);
	struct rows x = { { NULL }, 0 }, dz = { { NULL }, 0 };
	int delivered = net_passes_on(net, i) ? 0 : d->h_in;

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

/* --- small images, several at a time ---------------------------------------------------------- */

/* Rows of an image that the weights' three rows meet at output row o. */
static void rows_under(const struct depthwise *d, const float *x, int o, const float *under[SIDE])
{
	for (int k = 0; k < SIDE; k++) {
		int r = row_under(d, o, k);

		under[k] = r >= 0 ? x + r * d->w_in * d->c : NULL;
	}
}

/* Rows of its gradient that input row r meets by them. */
static void rows_above(const struct depthwise *d, const float *dz, int r, const float *above[SIDE])
{
	for (int k = 0; k < SIDE; k++) {
		int o = row_above(d, r, k);

		above[k] = o >= 0 ? dz + o * d->w_out * d->c : NULL;
	}
}

static void forward_images(struct net *net, int i, int s, int t)
{
	struct unit *u = &net->unit[i];
	const struct depthwise *d = &u->depthwise;
	size_t to = (size_t)t * u->count, in = input_of(net, i, 0)->size;
	const float *x = net_read(net, i, (size_t)t * u->reads, u->reads, net_workspace(net)->x),
		    *under[SIDE];
	float *z = net_place(u->z, to, net_workspace(net)->z);

	for (size_t k = 0; k * u->size < u->count; k++)
		for (int o = 0; o < d->h_out; o++) {
			rows_under(d, x + k * in, o, under);
			depthwise_forward(d, under, u->taps, z + k * u->size + o * d->w_out * d->c);
		}
	net_result(net, i, s, to, u->count, z);
}

static void backward_images(struct net *net, int i, int s, int t)
{
	struct unit *u = &net->unit[i];
	const struct depthwise *d = &u->depthwise;
	size_t from = (size_t)t * u->reads, in = input_of(net, i, 0)->size;
	const float *x = net_read(net, i, from, u->reads, net_workspace(net)->x), *near[SIDE];
	float *dz = net_workspace(net)->dz, *diff = (float *)(void *)(u->diff + (size_t)s * u->diff_size),
	      *dx;

	net_apply(net, i, (size_t)t * u->count, u->count, dz);
	for (size_t k = 0; k * u->size < u->count; k++)
		for (int o = 0; o < d->h_out; o++) {
			rows_under(d, x + k * in, o, near);
			depthwise_backward_weights(d, near, dz + k * u->size + o * d->w_out * d->c, diff);
		}
	if (!net_passes_on(net, i))
		return;
	dx = net_read_place(net, i, from);
	for (size_t k = 0; k * u->size < u->count; k++)
		for (int r = 0; r < d->h_in; r++) {
			rows_above(d, dz + k * u->size, r, near);
			depthwise_backward_data(d, near, u->taps, dx + k * in + r * d->w_in * d->c);
		}
	net_deliver(net, i, s, from, u->reads, dx);
}

void net_depthwise_forward(struct net *net, int i, int s, int t)
{
	if (net->unit[i].by_rows)
		forward_rows(net, i, s, t);
	else
		forward_images(net, i, s, t);
}

void net_depthwise_backward(struct net *net, int i, int s, int t)
{
	struct unit *u = &net->unit[i];

	if (t == s * u->tiles)
		memset(u->diff + (size_t)s * u->diff_size, 0, u->diff_size);
	if (u->by_rows)
		backward_rows(net, i, s, t);
	else
		backward_images(net, i, s, t);
}
