#include "engine/net-int8.h"
#include "engine/buffers.h"
#include "engine/conv-int8.h"
#include "engine/ops.h"
#include "model/fusion.h"
#include "core/threads.h"

#include <omp.h>
#include <stdlib.h>

#define REVISION 1 /* raise when the numbers change */

struct part {
	size_t size;      /* of the output, in numbers per image */
	int each, kept;   /* images it takes at a time, and those its output has room for */
	enum number type; /* of the output */
	/* a copy for each thread; read: bytes of its own, or floats before they become bytes */
	struct place out, read;
	/* activation and, where the output is bytes, the quantizer of the reader */
	struct squash squash;
	/* layers */
	bool quantizes;     /* reads float32, into bytes of its own */
	struct quantizer q; /* of what it reads; off: the layer computes in float32 */
	enum number reads;
	struct conv_int8 *integer;
	struct conv *conv;    /* in float32, with what it needs after it: */
	float *scale, *shift; /* [period] */
	struct pool *pool;
};

struct net_int8 {
	const struct graph *g;
	int batch, each; /* images; of a shard */
	struct part *part;
	struct run {
		int first, last, each;
	} * run; /* nodes that take equally many images at a time */
	int runs;
	float *input, *logits; /* of the whole batch */
	size_t bytes;
};

static enum number bytes_of(struct quantizer q)
{
	return !q.on ? NUMBER_F32 : q.low < 0 ? NUMBER_S8 : NUMBER_U8;
}

static struct conv_shape shape_of(const struct net_int8 *net, int i)
{
	const struct node *n = &net->g->node[i], *in = &net->g->node[n->input[0]];

	return (struct conv_shape){ net->part[i].each, in->channels, in->h,     in->w,
		                    n->channels,       n->size,      n->stride, n->pad,
		                    n->pad_end,        n->dilation,  n->groups };
}

/* In float32: what the layer reads is not quantized, its weights are. */
static void build_float_layer(struct part *u, const struct conv_shape *s, const struct layer *l,
                              const struct layer_weights *w, const struct policy *p, int layer,
                              const float *scale, const float *shift)
{
	float *weights = xmalloc((size_t)l->weights, sizeof *weights);
	struct conv_shape image = *s;

	weights_quantize(w, l, p, layer, weights);
	image.n = 1;
	u->conv = conv_new(&image, false, FLOAT32);
	conv_set_weights(u->conv, weights);
	u->scale = xmalloc(ops_period(l->cout), sizeof *u->scale);
	u->shift = xmalloc(ops_period(l->cout), sizeof *u->shift);
	ops_repeat(scale, l->cout, u->scale);
	ops_repeat(shift, l->cout, u->shift);
	free(weights);
}

/* In units of the steps of input, weights and, where the output is bytes, of the reader. */
static void build_integer_layer(struct part *u, const struct conv_shape *s, const struct layer *l,
                                const struct layer_weights *w, const struct policy *p, int layer,
                                float *scale, float *shift)
{
	int8_t *integers = xmalloc((size_t)l->weights, 1);
	float *step = xmalloc((size_t)l->cout, sizeof *step),
	      unit = u->squash.q.on ? 1 / u->squash.q.step : 1;

	weights_to_integers(w, l, p, layer, integers, step);
	for (int k = 0; k < l->cout; k++) {
		scale[k] *= u->q.step * step[k] * unit;
		shift[k] *= unit;
	}
	u->integer = conv_int8_new(s, u->reads, u->type, integers, scale, shift, u->squash.low * unit,
	                           u->squash.high * unit);
	free(integers);
	free(step);
}

static void build_layer(struct net_int8 *net, int i, const struct weights *weights, const struct policy *p)
{
	const struct graph *g = net->g;
	const struct layer *l = &g->layer[g->node[i].layer];
	const struct layer_weights *w = &weights->layer[g->node[i].layer];
	struct part *u = &net->part[i];
	int reader = fusion_reader(g, weights, p, i), layer = g->node[i].layer;
	float *scale = xmalloc((size_t)l->cout, sizeof *scale),
	      *shift = xmalloc((size_t)l->cout, sizeof *shift);
	struct conv_shape s = shape_of(net, i);

	u->q = fusion_input_quantizer(g, weights, p, layer);
	u->reads = bytes_of(u->q);
	u->quantizes = fusion_quantizes_own_input(g, weights, p, i);
	u->squash = ops_squash((int)g->node[i].activation,
	                       reader >= 0 ? fusion_input_quantizer(g, weights, p, reader)
	                                   : (struct quantizer){ 0 });
	u->type = bytes_of(u->squash.q);
	weights_fold(w, l->cout, w->mean, w->variance, scale, shift);
	if (u->q.on)
		build_integer_layer(u, &s, l, w, p, layer, scale, shift);
	else
		build_float_layer(u, &s, l, w, p, layer, scale, shift);
	free(scale);
	free(shift);
}

static void build_other(struct net_int8 *net, int i)
{
	const struct node *n = &net->g->node[i];
	struct part *u = &net->part[i];
	struct conv_shape s;

	u->type = NUMBER_F32;
	u->squash = ops_squash(n->op == OP_ACTIVATE ? ACT_NONE : (int)n->activation, (struct quantizer){ 0 });
	if (n->op != OP_MAX && !(n->op == OP_AVERAGE && n->size))
		return;
	s = shape_of(net, i);
	u->pool = pool_new(&s, n->op == OP_MAX ? POOL_MAX : POOL_AVERAGE, false);
}

/* Each thread takes a shard through the whole network, in memory of its own. */
static void plan(struct net_int8 *net)
{
	const struct graph *g = net->g;
	size_t *bytes = xmalloc(2 * (size_t)g->nodes, sizeof *bytes), batch = (size_t)net->batch;
	struct place *place = xmalloc(2 * (size_t)g->nodes, sizeof *place);
	bool *is_early = xmalloc((size_t)g->nodes, sizeof *is_early);

	for (int i = 0; i < g->nodes; i++) {
		const struct part *u = &net->part[i],
				  *in = g->node[i].inputs ? &net->part[g->node[i].input[0]] : NULL;
		bool is_whole = i == 0 || i == g->nodes - 1;

		bytes[i] = is_whole ? 0 : (size_t)u->kept * u->size * number_size(u->type);
		is_early[i] = u->kept > u->each;
		bytes[g->nodes + i] = u->quantizes                       ? (size_t)u->each * in->size
		                      : u->conv && u->type != NUMBER_F32 ? u->size * sizeof(float)
		                                                         : 0;
	}
	net->bytes =
		buffers_inference(g, threads(), bytes, bytes + g->nodes, is_early, place, place + g->nodes);
	for (int i = 0; i < g->nodes; i++) {
		net->part[i].out = place[i];
		net->part[i].read = place[g->nodes + i];
	}
	net->input = xmalloc(batch * net->part[0].size, sizeof *net->input);
	net->logits = xmalloc(batch * net->part[g->nodes - 1].size, sizeof *net->logits);
	net->bytes += batch * (net->part[0].size + net->part[g->nodes - 1].size) * sizeof(float);
	free(bytes);
	free(place);
	free(is_early);
}

#define SHARD_MOST 16

int net_int8_shards(int batch)
{
	int each = SHARD_MOST;

	while (each > 1 && batch / each < 2 * threads())
		each /= 2;
	return batch / each;
}

/* of what a layer reads and writes, mostly bytes: measured best around here */
#define PART_BYTES (1 << 20)

/* How many images each node takes at a time: as many as fit, and never fewer than a node before it. */
static void cut_into_runs(struct net_int8 *net)
{
	const struct graph *g = net->g;
	int most = net->each;

	net->run = xmalloc((size_t)g->nodes, sizeof *net->run);
	for (int i = g->nodes - 1; i > 0; i--) {
		size_t bytes = net->part[i].size + net->part[g->node[i].input[0]].size;

		while (most % 2 == 0 && (size_t)most * bytes > PART_BYTES)
			most /= 2;
		net->part[i].each = net->part[i].kept = most;
	}
	for (int i = 1; i < g->nodes; i++) {
		if (i == 1 || net->part[i].each != net->part[i - 1].each)
			net->run[net->runs++] = (struct run){ i, i, net->part[i].each };
		net->run[net->runs - 1].last = i;
		for (int k = 0; k < g->node[i].inputs; k++) {
			struct part *in = &net->part[g->node[i].input[k]];

			in->kept = in->kept > net->part[i].each ? in->kept : net->part[i].each;
		}
	}
}

struct net_int8 *net_int8_new(const struct graph *g, const struct weights *w, const struct policy *p,
                              int batch, int shards)
{
	struct net_int8 *net = xmalloc(1, sizeof *net);

	if (batch % shards)
		BUG("a batch of %d in %d shards", batch, shards);
	fusion_check_ranges(g, w, p);
	*net = (struct net_int8){ .g = g,
		                  .batch = batch,
		                  .each = batch / shards,
		                  .part = xmalloc((size_t)g->nodes, sizeof *net->part) };
	for (int i = 0; i < g->nodes; i++)
		net->part[i].size = (size_t)g->node[i].h * (size_t)g->node[i].w * (size_t)g->node[i].channels;
	cut_into_runs(net);
	for (int i = 0; i < g->nodes; i++) {
		if (g->node[i].layer >= 0)
			build_layer(net, i, w, p);
		else
			build_other(net, i);
	}
	plan(net);
	return net;
}

float *net_int8_input(struct net_int8 *net)
{
	return net->input;
}

const float *net_int8_logits(const struct net_int8 *net)
{
	return net->logits;
}

size_t net_int8_bytes(const struct net_int8 *net)
{
	return net->bytes;
}

/* --- running --------------------------------------------------------------------------------- */

/* Where the output of a node lies from this image of the batch on. */
static void *out_of(const struct net_int8 *net, int node, int image)
{
	const struct part *u = &net->part[node];

	if (node == 0)
		return net->input + (size_t)image * u->size;
	if (node == net->g->nodes - 1)
		return net->logits + (size_t)image * u->size;
	return (char *)u->out.data + (size_t)omp_get_thread_num() * u->out.stride +
	       (size_t)(image % u->kept) * u->size * number_size(u->type);
}

/* In float32; floats are large: an image at a time. */
static void forward_floats(const struct part *u, size_t in, int c, const float *x, float *own, void *y)
{
	for (size_t k = 0; k < (size_t)u->each; k++) {
		float *sums = u->type == NUMBER_F32 ? (float *)y + k * u->size : own;

		conv_forward(u->conv, x + k * in, sums);
		if (u->type == NUMBER_F32)
			ops_forward(storage_f32(sums), u->size, c, u->scale, u->shift, u->squash,
			            storage_f32(sums));
		else
			ops_forward_bytes(storage_f32(sums), u->size, c, u->scale, u->shift, u->squash,
			                  (uint8_t *)y + k * u->size);
	}
}

static void forward_layer(const struct net_int8 *net, int i, int image)
{
	int from = net->g->node[i].input[0], c = net->g->node[i].channels;
	const struct part *u = &net->part[i], *in = &net->part[from];
	void *x = out_of(net, from, image), *y = out_of(net, i, image);
	void *own = (char *)u->read.data + (size_t)omp_get_thread_num() * u->read.stride;

	if (u->quantizes) {
		ops_to_bytes(x, (size_t)u->each * in->size, u->q, own);
		x = own;
	}
	if (u->integer)
		conv_int8_forward(u->integer, x, y);
	else
		forward_floats(u, in->size, c, x, own, y);
}

static void concatenate(const struct net_int8 *net, int i, int image, float *y)
{
	const struct node *n = &net->g->node[i];
	size_t rows = (size_t)net->part[i].each * (size_t)n->h * (size_t)n->w;

	for (int k = 0; k < n->inputs; k++) {
		int channels = net->g->node[n->input[k]].channels;

		ops_join(out_of(net, n->input[k], image), rows, channels, y, n->channels);
		y += channels;
	}
}

static void forward_other(const struct net_int8 *net, int i, int image)
{
	const struct node *n = &net->g->node[i];
	const struct part *u = &net->part[i];
	const float *x = out_of(net, n->input[0], image),
		    *other = n->inputs > 1 ? out_of(net, n->input[1], image) : NULL;
	size_t count = (size_t)u->each * u->size, c = (size_t)n->channels;
	float *y = out_of(net, i, image);

	if (n->op == OP_ADD)
		ops_add(x, other, count, u->squash, y);
	else if (n->op == OP_MULTIPLY)
		ops_multiply(x, other, count / c, u->size / net->part[n->input[1]].size, n->channels, false,
		             y);
	else if (n->op == OP_CONCAT)
		concatenate(net, i, image, y);
	else if (n->op == OP_ACTIVATE)
		ops_activate(x, count, (int)n->activation, y);
	else if (u->pool)
		pool_forward(u->pool, x, y, NULL);
	else
		ops_average(x, u->each, net->part[n->input[0]].size / u->size, n->channels, y);
}

/*
 * Run r of nodes for its number of images from this one on; those before it fill what it reads,
 * round by round.
 */
static void forward_run(const struct net_int8 *net, int r, int image)
{
	const struct run *run = &net->run[r];

	for (int k = 0; r > 0 && k < run->each; k += run[-1].each)
		forward_run(net, r - 1, image + k);
	for (int i = run->first; i <= run->last; i++) {
		if (net->g->node[i].layer >= 0)
			forward_layer(net, i, image);
		else
			forward_other(net, i, image);
	}
}

void net_int8_forward(struct net_int8 *net, int images)
{
	int active = (images + net->each - 1) / net->each;

	if (images > net->batch)
		BUG("%d images in a batch of %d", images, net->batch);
#pragma omp parallel for schedule(static) num_threads(threads())
	for (int s = 0; s < active; s++)
		for (int k = 0; k < net->each; k += net->run[net->runs - 1].each)
			forward_run(net, net->runs - 1, s * net->each + k);
}
