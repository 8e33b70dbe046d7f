/* Small networks against PyTorch: tests/golden/make-torch.py says what was computed, and how. */
#include "unit.h"
#include "engine/net.h"
#include "engine/sgd.h"
#include "core/threads.h"

#include <omp.h>

#define BATCH 8
#define STEPS 3
#define SMOOTHING 0.1

/*
 * Tolerance is relative to the largest magnitude of an array: up to ten layers in float32, each good to a
 * few 1e-7, and gradients through as many batch norms.  Arrays that are almost zero (a bias before batch
 * norm has no gradient) are compared with 1e-2.
 */
#define TOLERANCE 2e-5
#define LEAST 1e-2

static const struct files {
	const char *net, *policy, *numbers;
} inverted = {
	"tests/golden/torch-net.csv", "tests/golden/torch-policy.csv", "tests/golden/torch.npz",
}, other_nodes = {
	"tests/golden/torch-ops.csv", "tests/golden/torch-ops-policy.csv", "tests/golden/torch-ops.npz",
};

static const struct files *files = &inverted;
static struct graph g;
static struct policy policy;
static struct npz numbers;
static double worst;

static void compare(const char *name, const float *x, size_t n)
{
	const struct array *a = npz_find(&numbers, name);
	const float *expected;
	double largest = LEAST;

	if (!a || a->dtype != F32 || a->count != n) {
		fail_msg("%s: no array '%s' of %zu floats", files->numbers, name, n);
		return;
	}
	expected = a->data;
	for (size_t i = 0; i < n; i++)
		largest = fmax(largest, fabs((double)expected[i]));
	for (size_t i = 0; i < n; i++) {
		double off = fabs((double)x[i] - (double)expected[i]) / largest;

		if (!(off <= TOLERANCE))
			fail_msg("%s[%zu]: %g, PyTorch has %g", name, i, (double)x[i], (double)expected[i]);
		worst = fmax(worst, off);
	}
}

/* PREFIX.LAYER.KIND of a parameter */
static char *name_of(const char *prefix, const struct weights *w, const struct param *p)
{
	for (int i = 0; i < g.layers; i++) {
		const struct layer_weights *v = &w->layer[i];
		const char *kind = p->value == v->weight             ? "weight"
		                   : p->value == v->bias             ? "bias"
		                   : p->value == v->gamma            ? "gamma"
		                   : p->value == v->beta             ? "beta"
		                   : p->value == &v->activation_clip ? "activation_clip"
		                                                     : NULL;

		if (kind)
			return xprintf("%s.%s.%s", prefix, g.layer[i].name, kind);
	}
	fail_msg("a parameter of no layer");
	abort();
}

static void compare_statistics(const char *run, const struct weights *w)
{
	for (int i = 0; i < g.layers; i++) {
		const struct layer_weights *p = &w->layer[i];
		size_t n = (size_t)g.layer[i].cout;

		if (!p->gamma)
			continue;
		compare(xprintf("%s.step1.%s.mean", run, g.layer[i].name), p->mean, n);
		compare(xprintf("%s.step1.%s.variance", run, g.layer[i].name), p->variance, n);
	}
}

static double train_step(struct net *net, double smoothing)
{
	const struct array *images = npz_find(&numbers, "images");

	memcpy(net_input(net), images->data, images->count * sizeof(float));
	net_prepare(net);
	net_forward(net, BATCH);
	return net_backward(net,
	                    &(struct targets){ .labels = npz_data(&numbers, "labels", I32, 1, SHAPE(BATCH)),
	                                       .smoothing = smoothing });
}

/* Every parameter that PyTorch trained is one of ours: no array PREFIX.* is left over. */
static void check_all_seen(const char *prefix, int n)
{
	for (size_t i = 0; i < numbers.n; i++)
		n -= !strncmp(numbers.arrays[i].name, prefix, strlen(prefix));
	assert_int_equal(n, 0);
}

static void check_run(const char *run, const struct policy *p, int shards)
{
	char *grad = xprintf("%s.grad", run), *after = xprintf("%s.step3", run);
	struct weights w;
	struct net *net;
	struct sgd sgd;
	float loss;

	weights_read(&w, &g, files->numbers);
	net = net_new(&g, &w, p, BATCH, shards, NET_TRAINING);
	sgd = sgd_new(net, 0.9f, 1e-3f, true);
	for (int step = 0; step < STEPS; step++) {
		loss = (float)train_step(net, 0);
		if (step == 0) {
			compare(xprintf("%s.loss", run), &loss, 1);
			compare(xprintf("%s.logits", run), net_logits(net),
			        (size_t)(BATCH * graph_classes(&g)));
			compare_statistics(run, &w);
			for (int i = 0; i < sgd.n; i++)
				compare(name_of(grad, &w, &sgd.params[i]), sgd.params[i].grad,
				        sgd.params[i].n);
		}
		sgd_step(&sgd, 0.05f);
	}
	for (int i = 0; i < sgd.n; i++)
		compare(name_of(after, &w, &sgd.params[i]), sgd.params[i].value, sgd.params[i].n);
	check_all_seen(grad, sgd.n);
	check_all_seen(after, sgd.n);
}

static void test_full_precision(void **state)
{
	(void)state;
	worst = 0;
	for (int shards = 1; shards <= BATCH; shards *= 2)
		check_run("full", NULL, shards);
	print_message("# full precision: largest deviation %.1e\n", worst);
}

static void test_quantized(void **state)
{
	(void)state;
	worst = 0;
	for (int shards = 1; shards <= BATCH; shards *= 2)
		check_run("quantized", &policy, shards);
	print_message("# quantized: largest deviation %.1e\n", worst);
}

static void test_label_smoothing(void **state)
{
	struct weights w;
	struct net *net;
	const struct param *params;
	float loss;
	int n, weights = 0;

	(void)state;
	weights_read(&w, &g, files->numbers);
	net = net_new(&g, &w, NULL, BATCH, 2, NET_TRAINING);
	loss = (float)train_step(net, SMOOTHING);
	compare("smooth.loss", &loss, 1);
	params = net_params(net, &n);
	for (int i = 0; i < n; i++)
		if (params[i].kind == PARAM_WEIGHT && ++weights)
			compare(name_of("smooth.grad", &w, &params[i]), params[i].grad, params[i].n);
	check_all_seen("smooth.grad", weights);
}

static void test_nesterov(void **state)
{
	struct weights w;
	struct net *net;
	struct sgd sgd;

	(void)state;
	weights_read(&w, &g, files->numbers);
	net = net_new(&g, &w, NULL, BATCH, 2, NET_TRAINING);
	sgd = sgd_new(net, 0.9f, 1e-3f, false);
	sgd.is_nesterov = true;
	sgd.decays_batch_norm = false;
	for (int step = 0; step < STEPS; step++) {
		train_step(net, 0);
		sgd_step(&sgd, 0.05f);
	}
	for (int i = 0; i < sgd.n; i++)
		compare(name_of("nesterov.step3", &w, &sgd.params[i]), sgd.params[i].value, sgd.params[i].n);
	check_all_seen("nesterov.step3", sgd.n);
}

static int read_all(void **state)
{
	(void)state;
	graph_read(&g, files->net);
	policy = policy_read(&g, files->policy);
	npz_read(&numbers, files->numbers);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_precision),
		cmocka_unit_test(test_quantized),
		cmocka_unit_test(test_label_smoothing),
		cmocka_unit_test(test_nesterov),
	};
	int failed;

	omp_set_num_threads(1);
	threads_init();
	failed = cmocka_run_group_tests_name("golden", tests, read_all, NULL);
	files = &other_nodes;
	return failed | cmocka_run_group_tests_name("golden, other nodes", tests, read_all, NULL);
}
