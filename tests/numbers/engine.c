#include "numbers.h"
#include "engine/bytes.h"
#include "engine/conv-int8.h"
#include "engine/conv.h"
#include "engine/depthwise.h"
#include "engine/inference.h"
#include "engine/net.h"
#include "engine/ops.h"
#include "engine/pool.h"
#include "engine/sgd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- convolutions ---------------------------------------------------------------------------- */

static const struct conv_shape shape = { 2, 8, 9, 9, 12, 3, 2, 1, 1, 1, 1 };

static size_t size_in(const struct conv_shape *s)
{
	return (size_t)(s->n * s->h * s->w * s->cin);
}

static size_t size_out(const struct conv_shape *s)
{
	return (size_t)(s->n * conv_out(s, s->h) * conv_out(s, s->w) * s->cout);
}

static size_t size_weights(const struct conv_shape *s)
{
	return (size_t)(s->cout * s->cin / s->groups * s->kernel * s->kernel);
}

static void convolution(void)
{
	struct conv *c = conv_new(&shape, CONV_BOTH, FLOAT32);
	float *x = some_numbers(size_in(&shape), 30), *w = some_numbers(size_weights(&shape), 31),
	      *dy = some_numbers(size_out(&shape), 32), *y = some_numbers(size_out(&shape), 0),
	      *dx = some_numbers(size_in(&shape), 0), *dw = some_numbers(size_weights(&shape), 0);
	void *diff = xmalloc(conv_diff_size(c), 1);

	conv_set_weights(c, w);
	conv_forward(c, x, y);
	conv_backward_data(c, dy, dx);
	conv_backward_weights(c, x, dy, false, diff, NULL);
	conv_diff_to_oihw(c, diff, dw);
	numbers("conv", "forward", y, size_out(&shape), ROUNDING);
	numbers("conv", "gradient of the input", dx, size_in(&shape), ROUNDING);
	numbers("conv", "gradient of the weights", dw, size_weights(&shape), ROUNDING);
}

static void pooling(void)
{
	struct conv_shape s = { 2, 8, 9, 9, 8, 3, 2, 1, 1, 1, 1 };
	static const char *const names[] = { "largest", "mean" };

	for (int how = POOL_MAX; how <= POOL_AVERAGE; how++) {
		struct pool *p = pool_new(&s, (enum pooling)how, true);
		float *x = some_numbers(size_in(&s), 33), *dy = some_numbers(size_out(&s), 34),
		      *y = some_numbers(size_out(&s), 0), *dx = some_numbers(size_in(&s), 0);
		void *where = xmalloc(pool_workspace(p), 1);

		pool_forward(p, x, y, where);
		pool_backward(p, dy, where, dx);
		numbers("pool", names[how], y, size_out(&s), ROUNDING);
		numbers("pool", xprintf("%s: gradient", names[how]), dx, size_in(&s), ROUNDING);
	}
}

static void convolution_int8(void)
{
	size_t in = size_in(&shape), weights = size_weights(&shape);
	uint8_t *x = xmalloc(in, 1);
	int8_t *w = xmalloc(weights, 1), *bytes = xmalloc(size_out(&shape), 1);
	float *scale = some_numbers(12, 35), *shift = some_numbers(12, 36),
	      *y = some_numbers(size_out(&shape), 0);
	struct rescale r = { scale, shift, -1000, 1000 };

	for (size_t i = 0; i < in; i++)
		x[i] = (uint8_t)(some_bits(37, i) >> 9);
	for (size_t i = 0; i < weights; i++)
		w[i] = (int8_t)(some_bits(38, i) % 255 - 127);
	conv_int8_forward(conv_int8_new(&shape, (struct int8_input){ NUMBER_U8, 255 }, NUMBER_F32, w, r), x,
	                  y);
	numbers("conv-int8", "to floats", y, size_out(&shape), ROUNDING);
	for (int k = 0; k < 12; k++)
		scale[k] *= 0.001f;
	r.low = -127;
	r.high = 127;
	conv_int8_forward(conv_int8_new(&shape, (struct int8_input){ NUMBER_U8, 255 }, NUMBER_S8, w, r), x,
	                  bytes);
	for (size_t i = 0; i < size_out(&shape); i++)
		y[i] = bytes[i];
	numbers("conv-int8", "to bytes", y, size_out(&shape), TIPPING);
}

/* Between a convolution and the next: every function, signed and unsigned, whole and in halves. */
static void bytes(void)
{
	enum { N = 12 * 40, C = 12 };
	uint8_t *x = xmalloc(N, 1), *y = xmalloc(N, 1);
	float *sum = some_numbers(N, 43), *f = some_numbers(N, 0), *upper = xmalloc(N, sizeof *upper);
	float *scale = xmalloc(ops_period(C), sizeof *scale), *shift = xmalloc(ops_period(C), sizeof *shift);
	struct sum_rescale r = { scale, shift, ops_period(C), -100, 90 };

	for (size_t i = 0; i < N; i++)
		x[i] = (uint8_t)(some_bits(44, i) >> 9 & 127);
	bytes_shift((const int8_t *)x, N, 100, y);
	numbers_bytes("bytes", "shifted", y, N);
	bytes_to_floats(x, NUMBER_S8, N, UPPER, upper);
	bytes_to_floats(x, NUMBER_U8, N, LOWER, f);
	bytes_join_sums(upper, N, f);
	numbers("bytes", "halves joined", f, N, ROUNDING);
	ops_repeat(some_numbers(C, 45), C, scale);
	ops_repeat(some_numbers(C, 46), C, shift);
	for (size_t i = 0; i < N; i++)
		sum[i] *= 50;
	bytes_of_sums(sum, N, r, NUMBER_F32, f);
	numbers("bytes", "of sums to floats", f, N, ROUNDING);
	bytes_of_sums(sum, N, r, NUMBER_S8, x);
	for (size_t i = 0; i < N; i++)
		f[i] = (int8_t)x[i];
	numbers("bytes", "of sums to bytes", f, N, TIPPING);
}

static void depthwise(void)
{
	enum { C = 16, W = 7 };
	struct depthwise d = { C, W, W, W, W, 1, 1 };
	float *x = some_numbers(3 * W * C, 40), *oihw = some_numbers(9 * C, 41),
	      *dz = some_numbers(W * C, 42), taps[9 * C], z[W * C], dx[W * C], diff[9 * C] = { 0 };
	const float *rows[3] = { x, x + W * C, NULL }, *gradients[3] = { dz, NULL, x + 2 * W * C };

	depthwise_from_oihw(oihw, C, taps);
	depthwise_forward(&d, rows, taps, z);
	depthwise_backward_weights(&d, rows, dz, diff);
	depthwise_backward_data(&d, gradients, taps, dx);
	numbers("depthwise", "forward", z, LEN(z), ROUNDING);
	numbers("depthwise", "gradient of the taps", diff, LEN(diff), ROUNDING);
	numbers("depthwise", "gradient of the input", dx, LEN(dx), ROUNDING);
}

/* --- between convolutions -------------------------------------------------------------------- */

enum { CHANNELS = 6, ROWS = 64, COUNT = CHANNELS * ROWS };

static float *periods(uint64_t stream)
{
	float *channel = some_numbers(CHANNELS, stream), *period = xmalloc(OPS_PERIOD_MAX, sizeof *period);

	ops_repeat(channel, CHANNELS, period);
	return period;
}

static void batch_norm(void)
{
	float *z = some_numbers(COUNT, 50), *dy = some_numbers(COUNT, 51), y[COUNT], dz[COUNT];
	struct affine f = { periods(52), periods(53) };
	struct tensor t = tensor_of(storage_f32(z), COUNT, CHANNELS);
	struct activation_quantizer q =
		activation_quantizer_of(ACT_RELU6, quantizer_for_activations(4, 1.5f, false));
	double sum[CHANNELS] = { 0 }, square[CHANNELS] = { 0 }, gradient[CHANNELS] = { 0 },
	       product[CHANNELS] = { 0 }, clip = 0;
	unsigned char bytes[COUNT];

	ops_moments(t, sum, square, storage_f32(z));
	numbers_double("ops", "sums", sum, CHANNELS, ROUNDING);
	numbers_double("ops", "squares", square, CHANNELS, ROUNDING);
	ops_forward(t, f, q, storage_f32(y));
	numbers("ops", "forward", y, COUNT, TIPPING);
	ops_forward_bytes(t, f, q, bytes);
	for (int i = 0; i < COUNT; i++)
		y[i] = bytes[i];
	numbers("ops", "forward to bytes", y, COUNT, TIPPING);
	ops_backward_sums(t, dy, f, q, (struct backward_sums){ gradient, product, &clip }, storage_f32(dy));
	numbers_double("ops", "sums of gradients", gradient, CHANNELS, TIPPING);
	numbers_double("ops", "products of gradients", product, CHANNELS, TIPPING);
	number("ops", "gradient of a range", clip, TIPPING);
	ops_backward_apply(t, storage_f32(dy), f, q,
	                   (struct backward_affine){ periods(54), periods(55), periods(56) },
	                   storage_f32(dz));
	numbers("ops", "backward", dz, COUNT, TIPPING);
}

static void other_nodes(void)
{
	float *x = some_numbers(COUNT, 57), *dy = some_numbers(COUNT, 58), y[COUNT];
	int32_t labels[ROWS];

	for (int how = ACT_HARDSWISH; how <= ACT_SWISH; how++) {
		ops_activate(x, COUNT, how, y);
		numbers("ops", xprintf("function %d", how), y, COUNT, ROUNDING);
		ops_activate_backward(x, dy, COUNT, how, false, y);
		numbers("ops", xprintf("function %d: gradient", how), y, COUNT, ROUNDING);
	}
	ops_average(x, 4, ROWS / 4, CHANNELS, y);
	numbers("ops", "average", y, 4 * CHANNELS, ROUNDING);
	ops_multiply(x, dy, ROWS, ROWS / 4, CHANNELS, false, y);
	numbers("ops", "multiply", y, COUNT, ROUNDING);
	for (int i = 0; i < ROWS; i++)
		labels[i] = i % CHANNELS;
	number("ops", "cross-entropy",
	       ops_cross_entropy(x, &(struct targets){ .labels = labels, .smoothing = 0.1 }, ROWS, CHANNELS,
	                         0.5f, y),
	       ROUNDING);
	numbers("ops", "cross-entropy: gradient", y, COUNT, ROUNDING);
}

/* --- networks -------------------------------------------------------------------------------- */

enum { BATCH = 8, SHARDS = 2, PIXELS = 28 * 28, CLASSES = 10 };

static float *some_images(void)
{
	return some_numbers(BATCH * PIXELS, 60);
}

/* Two steps: the loss before each, the gradients of the first, the weights after both. */
static void training(const char *name, bool is_quantized, enum net_use use, double share)
{
	struct graph g;
	struct weights w;
	struct policy p;
	struct net *net;
	struct sgd sgd;
	struct param *params;
	int32_t labels[BATCH];
	int n;

	some_network(&g, &w);
	p = some_policy(&g);
	net = net_new(&g, &w, is_quantized ? &p : NULL, BATCH, SHARDS, use);
	sgd = sgd_new(net, 0.9f, 1e-3f, true);
	params = net_params(net, &n);
	for (int i = 0; i < BATCH; i++)
		labels[i] = i % CLASSES;
	for (int step = 0; step < 2; step++) {
		memcpy(net_input(net), some_images(), BATCH * PIXELS * sizeof(float));
		net_prepare(net);
		net_forward(net, BATCH);
		number("net", xprintf("%s: loss %d", name, step),
		       net_backward(net, &(struct targets){ .labels = labels, .smoothing = 0.1 }), share);
		for (int i = 0; !step && i < n; i++)
			if (params[i].kind == PARAM_WEIGHT)
				numbers("net", xprintf("%s: gradient %d", name, i), params[i].grad,
				        params[i].n, share);
		sgd_step(&sgd, 0.05f);
	}
	for (int i = 0; i < n; i++)
		numbers("sgd", xprintf("%s: parameter %d", name, i), params[i].value, params[i].n, share);
}

static void integers(void)
{
	struct graph g;
	struct weights w;
	struct policy p;
	struct inference *net;

	some_network(&g, &w);
	p = some_policy(&g);
	net = inference_new(&g, &w, &p, INTEGERS, BATCH, SHARDS);
	memcpy(inference_input(net), some_images(), BATCH * PIXELS * sizeof(float));
	inference_forward(net, BATCH);
	numbers("inference", "logits", inference_logits(net), BATCH * CLASSES, TIPPING);
}

static void rates(void)
{
	struct schedule s = { 0.5, 0.25, true };
	double rate[16];

	for (int i = 0; i < 16; i++)
		rate[i] = schedule_rate(&s, i, 16);
	numbers_double("sgd", "rates", rate, 16, ROUNDING);
}

void numbers_of_engine(void)
{
	convolution();
	pooling();
	convolution_int8();
	bytes();
	depthwise();
	batch_norm();
	other_nodes();
	training("float32", false, NET_TRAINING, 1e-3);
	training("quantized", true, NET_TRAINING, 2e-2);
	integers();
	rates();
}
