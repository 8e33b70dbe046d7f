#include "unit.h"
#include "core/cpu.h"
#include "core/rng.h"
#include "core/threads.h"
#include "engine/bytes.h"
#include "engine/depthwise.h"
#include "engine/net.h"
#include "engine/ops.h"
#include "engine/sgd.h"
#include "model/graph.h"

#include <omp.h>

/*
 * The loops of ops.h, bytes.h and depthwise.h at every level of the CPU that this machine has: all numbers
 * that they make are the same to the last bit.  The tolerance is none at x86-64 either, which has no FMA:
 * nothing multiplies and adds in one rounding anywhere (-ffp-contract=off in stages.mk), and sums have one
 * order at all levels.  Whether the numbers are right is for the tests of each module.
 */

/* --- numbers of one level beside those of the first ---------------------------------------------- */

#define MOST (1 << 23)
#define GUARD 64 /* numbers behind the end of an output, which must stay */

static struct {
	unsigned char made[2][MOST];
	size_t size[2];
	int side; /* 0: the first level, 1: another */
} record;

/* Room for so many more bytes. */
static void *more(size_t bytes)
{
	unsigned char *at = record.made[record.side] + record.size[record.side];

	bytes = (bytes + 7) / 8 * 8; /* aligned; what lies between stays 0 */
	if (bytes > MOST - record.size[record.side])
		fail_msg("more than %d bytes of results", MOST);
	record.size[record.side] += bytes;
	return memset(at, 0, bytes);
}

static void record_bytes(const void *x, size_t bytes)
{
	memcpy(more(bytes), x, bytes);
}

/* A NaN is a NaN: its sign and its payload are those of whichever operand came first. */
static void record_floats(const float *x, size_t n)
{
	float *to = more(n * sizeof *x);

	for (size_t i = 0; i < n; i++)
		to[i] = isnan(x[i]) ? NAN : x[i];
}

static void record_doubles(const double *x, size_t n)
{
	double *to = more(n * sizeof *x);

	for (size_t i = 0; i < n; i++)
		to[i] = isnan(x[i]) ? (double)NAN : x[i];
}

static void record_storage(struct storage s, size_t n)
{
	float *x = xmalloc(n, sizeof *x);

	for (size_t i = 0; i < n; i++)
		x[i] = storage_get(s.data, s.format, i);
	record_floats(x, n);
	free(x);
}

static void compare(const char *what, enum cpu_level l)
{
	assert_int_equal(record.size[0], record.size[1]);
	for (size_t i = 0; i < record.size[0]; i++)
		if (record.made[0][i] != record.made[1][i])
			fail_msg("%s: byte %zu of %zu differs between %s and %s", what, i, record.size[0],
			         cpu_level_name(CPU_BASE), cpu_level_name(l));
}

/* Runs what records numbers, at each level. */
static void at_levels(const char *what, void (*run)(const void *), const void *with)
{
	for (enum cpu_level l = CPU_BASE; l <= cpu_level_here(); l++) {
		cpu_limit(l);
		record.side = l != CPU_BASE;
		record.size[record.side] = 0;
		run(with);
		assert_true(record.size[record.side] > 0);
		if (record.side)
			compare(what, l);
	}
	cpu_limit(cpu_level_here());
}

/* --- inputs ------------------------------------------------------------------------------------- */

static uint64_t drawn;

static float normal(void)
{
	return (float)rng_normal((struct rng){ 17, 0, RNG_TEST }, drawn++);
}

/* Also what comes rarely, where `odd`: no numbers, infinities, zeros of both signs, the least ones. */
static float *floats(size_t n, bool odd)
{
	static const float rare[] = { NAN, INFINITY, -INFINITY, 0, -0.0f, 1e-42f, 3e38f, -3e38f };
	float *x = xmalloc(n + GUARD, sizeof *x);

	for (size_t i = 0; i < n + GUARD; i++)
		x[i] = odd && i % 5 == 2 ? rare[i / 5 % LEN(rare)] : normal();
	return x;
}

static float *copy(const float *x, size_t n)
{
	float *y = xmalloc(n + GUARD, sizeof *y);

	memcpy(y, x, n * sizeof *y);
	return y;
}

static struct storage stored(const float *x, size_t n, enum format f)
{
	struct storage s = { xmalloc(n + GUARD, storage_size(f)), f };

	for (size_t i = 0; i < n + GUARD; i++)
		storage_put(s.data, f, i, x[i]);
	return s;
}

struct example {
	int c;
	size_t count;
	enum format in, out;
	struct activation_quantizer q;
	float *z, *dy, *scale, *shift, *other;
	struct storage kept_z, kept_dy;
	bool odd;
};

static float *channels_of(int c)
{
	float *one = floats((size_t)c, false), *period = xmalloc(ops_period(c), sizeof *period);

	ops_repeat(one, c, period);
	free(one);
	return period;
}

static struct example make_example(int c, size_t rows, struct activation_quantizer q, int formats, bool odd)
{
	struct example e = { .c = c,
		             .count = rows * (size_t)c,
		             .in = formats & 1 ? BFLOAT16 : FLOAT32,
		             .out = formats & 2 ? BFLOAT16 : FLOAT32,
		             .q = q,
		             .odd = odd };

	e.z = floats(e.count, odd);
	e.dy = floats(e.count, odd);
	e.scale = channels_of(c);
	e.shift = channels_of(c);
	e.other = channels_of(c);
	e.kept_z = stored(e.z, e.count, e.in);
	e.kept_dy = stored(e.dy, e.count, e.in);
	return e;
}

static void free_example(struct example *e)
{
	free(e->z);
	free(e->dy);
	free(e->scale);
	free(e->shift);
	free(e->other);
	free(e->kept_z.data);
	free(e->kept_dy.data);
}

static const int channels[] = { 1, 3, 8, 17, 24, 130 };
static const size_t rows[] = { 1, 5, 37, 0 }; /* 0: more periods than one float sums */

/* What records the numbers that loops make of an example. */
struct loops {
	const char *what;
	void (*run)(const void *);
};

static void run_example(const struct loops *l, size_t n, int c, size_t rows_wanted,
                        struct activation_quantizer q, int formats)
{
	for (int odd = 0; odd < 2; odd++) {
		struct example e = make_example(
			c, rows_wanted ? rows_wanted : 66 * ops_period(c) / (size_t)c + 1, q, formats, odd);

		for (size_t i = 0; i < n; i++)
			at_levels(l[i].what, l[i].run, &e);
		free_example(&e);
	}
}

/* All channels, rows, quantizers and so many formats, activations in turn. */
static void for_examples(const struct loops *l, size_t n, int formats)
{
	const struct quantizer quantizers[] = { { 0 },
		                                quantizer_for_activations(4, 1.3f, false),
		                                quantizer_for_activations(3, 0.9f, true),
		                                quantizer_for_activations(8, 7, false) };
	int turn = 0;

	for (size_t c = 0; c < LEN(channels); c++)
		for (size_t r = 0; r < LEN(rows); r++)
			for (size_t q = 0; q < LEN(quantizers); q++)
				for (int f = 0; f < formats; f++) {
					int act = ACT_NONE + turn++ % 3;

					run_example(l, n, channels[c], rows[r],
					            activation_quantizer_of(act, quantizers[q]), f);
				}
}

/* --- ops.h, between convolutions ---------------------------------------------------------------- */

static struct tensor tensor_z(const struct example *e)
{
	return tensor_of(e->kept_z, e->count, e->c);
}

static struct storage empty(const struct example *e)
{
	return (struct storage){ xmalloc(e->count + GUARD, storage_size(e->out)), e->out };
}

static void run_forward(const void *with)
{
	const struct example *e = with;
	struct storage y = empty(e);
	double *sums = xmalloc(2 * (size_t)e->c, sizeof *sums);

	ops_moments(tensor_of(storage_f32(e->z), e->count, e->c), sums, sums + e->c, y);
	record_doubles(sums, 2 * (size_t)e->c);
	record_storage(y, e->count + GUARD);
	ops_forward(tensor_z(e), (struct affine){ e->scale, e->shift }, e->q, y);
	record_storage(y, e->count + GUARD);
	ops_quantize(e->z, e->count, e->q, y);
	record_storage(y, e->count + GUARD);
	free(y.data);
	free(sums);
}

static void run_bytes(const void *with)
{
	const struct example *e = with;
	uint8_t *y = xmalloc(e->count + GUARD, 1);

	if (e->q.q.on) {
		ops_forward_bytes(tensor_z(e), (struct affine){ e->scale, e->shift }, e->q, y);
		record_bytes(y, e->count + GUARD);
		ops_to_bytes(e->z, e->count, e->q.q, y);
	}
	record_bytes(y, e->count + GUARD);
	free(y);
}

static void run_backward(const void *with)
{
	const struct example *e = with;
	struct storage kept = empty(e);
	size_t c = (size_t)e->c;
	double *sums = xmalloc(2 * c, sizeof *sums), clip = 3;
	struct affine f = { e->scale, e->shift };
	struct activation_quantizer q = e->q;

	ops_backward_sums(tensor_z(e), e->dy, f, e->q, (struct backward_sums){ sums, sums + c, &clip }, kept);
	record_doubles(sums, 2 * c);
	record_doubles(&clip, 1);
	record_storage(kept, e->count + GUARD);
	ops_backward_apply(tensor_z(e), e->kept_dy, f, e->q,
	                   (struct backward_affine){ e->other, e->scale, e->shift }, kept);
	record_storage(kept, e->count + GUARD);
	q.learns_step = true;
	ops_backward_sums(tensor_z(e), e->dy, f, q, (struct backward_sums){ sums, sums + c, &clip }, kept);
	record_doubles(&clip, 1);
	for (int add = 0; add < 4; add++) {
		float *dx = copy(e->dy, e->count);

		ops_quantize_backward(e->z, e->dy, e->count, add < 2 ? e->q : q, add % 2, dx, &clip);
		record_floats(dx, e->count + GUARD);
		record_doubles(&clip, 1);
		free(dx);
	}
	free(kept.data);
	free(sums);
}

static void test_layers(void **state)
{
	static const struct loops all[] = { { "forward", run_forward },
		                            { "forward to bytes", run_bytes },
		                            { "backward", run_backward } };

	(void)state;
	for_examples(all, LEN(all), 4);
}

/* --- ops.h, nodes that are no layer -------------------------------------------------------------- */

static void run_sums(const void *with)
{
	const struct example *e = with;
	float *y = copy(e->z, e->count), *period = xmalloc(ops_period(e->c), sizeof *period);

	ops_add(e->z, e->dy, e->count, e->q, y);
	record_floats(y, e->count + GUARD);
	ops_accumulate(y, e->dy, e->count);
	record_floats(y, e->count + GUARD);
	ops_join(e->z, e->count / (size_t)e->c, e->c, y, e->c);
	record_floats(y, e->count + GUARD);
	ops_repeat(e->scale, e->c, period);
	record_floats(period, ops_period(e->c));
	free(period);
	free(y);
}

/* Images of `area` pixels, as many as there are. */
static void run_areas(const void *with)
{
	const struct example *e = with;
	size_t all = e->count / (size_t)e->c, area = all % 5 ? 1 : 5, images = all / area;
	float *few = floats(images * (size_t)e->c, false);

	drawn -= images * (size_t)e->c + GUARD; /* the same again at the next level */
	ops_average(e->z, (int)images, area, e->c, few);
	record_floats(few, images * (size_t)e->c + GUARD);
	for (int add = 0; add < 2; add++) {
		float *y = copy(e->dy, e->count);

		ops_average_backward(few, (int)images, area, e->c, add, y);
		record_floats(y, e->count + GUARD);
		ops_multiply(e->z, few, all, area, e->c, add, y);
		record_floats(y, e->count + GUARD);
		ops_multiply_backward(e->dy, e->z, all, area, e->c, add, few);
		record_floats(few, images * (size_t)e->c + GUARD);
		ops_split(e->z, e->c, all - 1, e->c - (e->c > 1), add, y);
		record_floats(y, e->count + GUARD);
		free(y);
	}
	free(few);
}

static void run_functions(const void *with)
{
	const struct example *e = with;

	for (enum activation how = ACT_NONE; how <= ACT_SWISH; how++) {
		float *y = copy(e->z, e->count);

		ops_activate(e->z, e->count, (int)how, y);
		record_floats(y, e->count + GUARD);
		for (int add = 0; add < 2; add++) {
			ops_activate_backward(e->z, e->dy, e->count, (int)how, add, y);
			record_floats(y, e->count + GUARD);
		}
		free(y);
	}
}

static void run_loss(const void *with)
{
	const struct example *e = with;
	int n = (int)(e->count / (size_t)e->c);
	int32_t *labels = xmalloc((size_t)n, sizeof *labels);
	float *grad = xmalloc(e->count + GUARD, sizeof *grad);
	double loss;

	for (int i = 0; i < n; i++)
		labels[i] = i % e->c;
	loss = ops_cross_entropy(e->z, &(struct targets){ .labels = labels, .smoothing = 0.1 }, n, e->c, 0.7f,
	                         grad);
	record_doubles(&loss, 1);
	record_floats(grad, e->count + GUARD);
	free(labels);
	free(grad);
}

static void test_others(void **state)
{
	static const struct loops all[] = { { "additions and copies", run_sums },
		                            { "means, products and parts", run_areas },
		                            { "activations", run_functions },
		                            { "loss", run_loss } };

	(void)state;
	for_examples(all, LEN(all), 1); /* all in float32 */
}

/* --- bytes.h ------------------------------------------------------------------------------------- */

#define BYTES 1000

static void run_to_floats(const void *with)
{
	const int8_t *x = with;
	float *y = xmalloc(BYTES + GUARD, sizeof *y), *sum = xmalloc(BYTES + GUARD, sizeof *sum);
	uint8_t *shifted = xmalloc(BYTES + GUARD, 1);
	int16_t *wide = xmalloc(BYTES + GUARD, sizeof *wide);

	for (size_t n = 0; n <= BYTES; n += n < 70 ? 1 : 93) {
		for (int half = ALL; half <= LOWER; half++)
			for (int type = NUMBER_U8; type <= NUMBER_S8; type++) {
				bytes_to_floats(x, (enum number)type, n, (enum half)half, y);
				record_floats(y, BYTES + GUARD);
				bytes_widen(x, (enum number)type, n, wide);
				record_bytes(wide, (BYTES + GUARD) * sizeof *wide);
			}
		for (size_t i = 0; i < n; i++)
			sum[i] = (float)((int)i * 1031 - 400000);
		bytes_join_sums(y, n, sum);
		record_floats(sum, BYTES + GUARD);
		bytes_shift(x, n, 128, shifted);
		record_bytes(shifted, BYTES + GUARD);
	}
	free(y);
	free(sum);
	free(shifted);
	free(wide);
}

/* Sums of byte products, with results inside and outside of what a byte holds. */
static void run_of_sums(const void *with)
{
	const struct example *e = with;
	float *sum = xmalloc(e->count + GUARD, sizeof *sum), *y = xmalloc(e->count + GUARD, sizeof *y);
	struct sum_rescale r = { e->scale, e->shift, ops_period(e->c), e->q.low, e->q.high };

	for (size_t i = 0; i < e->count; i++)
		sum[i] = e->odd ? e->z[i] : rintf(60 * e->z[i]);
	for (int type = NUMBER_F32; type <= NUMBER_S8; type++) {
		bytes_of_sums(sum, e->count, r, (enum number)type, y);
		if (type == NUMBER_F32)
			record_floats(y, e->count + GUARD);
		else
			record_bytes(y, e->count + GUARD);
	}
	bytes_of_sums(sum, e->count, r, NUMBER_F32, sum); /* in place */
	record_floats(sum, e->count);
	free(sum);
	free(y);
}

static void test_bytes(void **state)
{
	static const struct loops all[] = { { "sums to results", run_of_sums } };
	int8_t *x = xmalloc(BYTES, 1);

	(void)state;
	for (size_t i = 0; i < BYTES; i++)
		x[i] = (int8_t)(i * 37 % 256 - 128);
	at_levels("bytes to floats", run_to_floats, x);
	for_examples(all, LEN(all), 1); /* all in float32 */
	free(x);
}

/* --- depthwise.h --------------------------------------------------------------------------------- */

struct image {
	struct depthwise d;
	float *x, *dz, *oihw;
};

static void run_depthwise(const void *with)
{
	const struct image *i = with;
	const struct depthwise *d = &i->d;
	size_t in = (size_t)(d->w_in * d->c), out = (size_t)(d->w_out * d->c),
	       all = (size_t)(DEPTHWISE_TAPS * d->c);
	float *taps = xmalloc(all, sizeof *taps), *diff = xmalloc(all, sizeof *diff),
	      *back = xmalloc(all, sizeof *back), *z = xmalloc(out, sizeof *z), *dx = xmalloc(in, sizeof *dx);

	depthwise_from_oihw(i->oihw, d->c, taps);
	for (int absent = -1; absent < 3; absent++) { /* a row that is outside of the image, or none */
		const float *x[3], *dz[3];

		for (int k = 0; k < 3; k++) {
			x[k] = k == absent ? NULL : i->x + (size_t)k * in;
			dz[k] = k == absent ? NULL : i->dz + (size_t)k * out;
		}
		depthwise_forward(d, x, taps, z);
		record_floats(z, out);
		depthwise_backward_weights(d, x, i->dz, diff);
		record_floats(diff, all);
		depthwise_backward_data(d, dz, taps, dx);
		record_floats(dx, in);
	}
	depthwise_to_oihw(diff, d->c, back);
	record_floats(back, all);
	free(taps);
	free(diff);
	free(back);
	free(z);
	free(dx);
}

static void check_depthwise(struct conv_shape s, bool odd)
{
	struct image i = { .d = depthwise_of(&s) };

	assert_true(depthwise_can(&s));
	i.x = floats((size_t)(3 * i.d.w_in * i.d.c), odd);
	i.dz = floats((size_t)(3 * i.d.w_out * i.d.c), odd);
	i.oihw = floats((size_t)(DEPTHWISE_TAPS * i.d.c), false);
	at_levels("depthwise", run_depthwise, &i);
	free(i.x);
	free(i.dz);
	free(i.oihw);
}

static void test_depthwise(void **state)
{
	(void)state;
	for (int side = 1; side < 10; side++)
		for (int stride = 1; stride <= 2; stride++)
			for (int pad = 0; pad <= 2; pad++)
				for (int c = 16; c <= 80; c += 32)
					if (side + 2 * pad >= 3)
						check_depthwise((struct conv_shape){ 1, c, side, side, c, 3,
						                                     stride, pad, pad, 1, c },
						                c == 48);
}

/* --- a step of training, and inference ----------------------------------------------------------- */

#define BATCH 4

static const char network[] = "name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits\n"
			      "image,input,,3,12,,,,,,,\n"
			      "c1,conv,image,16,3,1,1,1,no,yes,relu,8\n"
			      "c2,conv,c1,16,3,2,1,16,no,yes,relu6,search\n"
			      "c3,conv,c2,24,1,1,0,1,no,yes,none,search\n"
			      "c4,conv,c3,24,3,1,1,1,no,yes,relu,search\n"
			      "a1,add,c3 c4,,,,,,,,none,\n"
			      "g,activate,a1,,,,,,,,hardswish,\n"
			      "mean,average,g,,,,,,,,,\n"
			      "fc,linear,mean,5,,,,,yes,,,8\n";

struct subject {
	enum net_use use;
	bool quantized;
};

static void make_weights(struct weights *w, const struct graph *g)
{
	weights_random(w, g, 1, 3);
	for (int l = 0; l < g->layers; l++) {
		struct layer_weights *p = &w->layer[l];

		p->weight_clips = 1;
		p->weight_clip = xmalloc(1, sizeof *p->weight_clip);
		*p->weight_clip = 0.3f;
		p->activation_clip = 2;
	}
}

static void step(struct net *net)
{
	static const int32_t labels[BATCH] = { 0, 3, 1, 4 };
	struct sgd sgd = sgd_new(net, 0.9f, 1e-4f, true);
	double loss = net_backward(net, &(struct targets){ .labels = labels, .smoothing = 0.1 });

	record_doubles(&loss, 1);
	sgd_step(&sgd, 0.1f);
	for (int i = 0; i < sgd.n; i++) {
		record_floats(sgd.params[i].grad, sgd.params[i].n);
		record_floats(sgd.params[i].value, sgd.params[i].n);
	}
}

/* cpu_limit() does not limit oneDNN, so that dense convolutions are the same and the rest is compared. */
static void run_net(const void *with)
{
	const struct subject *s = with;
	char *path = scratch(network);
	struct graph g;
	struct weights w;
	struct policy policy;
	struct net *net;

	graph_read(&g, path);
	unlink(path);
	free(path);
	make_weights(&w, &g);
	policy = policy_uniform(&g, 4, 4);
	net = net_new(&g, &w, s->quantized ? &policy : NULL, BATCH, 2, s->use);
	for (size_t i = 0; i < BATCH * 12 * 12 * 3; i++)
		net_input(net)[i] = (float)rng_normal((struct rng){ 23, 0, RNG_TEST }, i);
	net_prepare(net);
	net_forward(net, BATCH);
	record_floats(net_logits(net), BATCH * 5);
	if (s->use >= NET_TRAINING)
		step(net);
}

static void test_net(void **state)
{
	(void)state;
	for (enum net_use use = NET_INFERENCE; use <= NET_TRAINING_HALF; use++)
		for (int quantized = 0; quantized < 2; quantized++)
			at_levels("network", run_net, &(struct subject){ use, quantized });
}

/* --- cpu.h --------------------------------------------------------------------------------------- */

static void choose(const void *word)
{
	setenv("HAQ_CPU", word, 1);
	cpu_choose();
}

static void test_choice(void **state)
{
	(void)state;
	assert_false(cpu_is_limited());
	for (enum cpu_level l = CPU_BASE; l <= cpu_level_here(); l++) {
		choose(cpu_level_name(l));
		assert_int_equal(cpu_level(), l);
		assert_true(cpu_is_limited());
	}
	choose("");
	assert_int_equal(cpu_level(), cpu_level_here());
	assert_false(cpu_is_limited());
	unsetenv("HAQ_CPU");
	assert_contains(last_words(choose, "x86-64-v2"), "HAQ_CPU=x86-64-v2: expected ");
}

/* The levels above that of this CPU are refused: there are some where it is below the last. */
static void test_too_much(void **state)
{
	(void)state;
#ifdef __x86_64__
	for (enum cpu_level l = cpu_level_here() + 1; l <= CPU_V4; l++)
		assert_contains(last_words(choose, cpu_level_name(l)), "this CPU is at most");
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layers),   cmocka_unit_test(test_others),
		cmocka_unit_test(test_bytes),    cmocka_unit_test(test_depthwise),
		cmocka_unit_test(test_net),      cmocka_unit_test(test_choice),
		cmocka_unit_test(test_too_much),
	};

	unsetenv("HAQ_CPU"); /* all levels are wanted, whatever the environment allows */
	omp_set_num_threads(1);
	threads_init();
	return cmocka_run_group_tests_name("levels", tests, NULL, NULL);
}
