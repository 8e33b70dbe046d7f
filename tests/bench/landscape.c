/*
 * landscape - a synthetic search problem (tests/bench/landscape/README.md).
 *
 *	landscape score -n NET.csv -l landscape/NET.csv -p policy.csv -o score.csv [--noise 0.3 -s 1 -k 7]
 *	landscape curve -n NET.csv -l landscape/NET.csv -b w4a4 -r RUN -k 600
 *
 * and with bits of kernels, whose sensitivities are in landscape/NET.kernels.csv:
 *
 *	landscape score ... -L landscape/NET.kernels.csv -K kernels.npy
 *	landscape curve ... -L landscape/NET.kernels.csv
 *	landscape weights -n NET.csv -L landscape/NET.kernels.csv --error 0.7 -s 1 -o weights.npz
 *	landscape optimum -n NET.csv -l landscape/NET.csv -L landscape/NET.kernels.csv \
 *	                  -t costs.csv -m hwmodels/bismo-edge.conf -b w4a4
 *
 * score writes images,top1,top5,loss of a policy; noise is the standard deviation of top-1 in
 * percent points, other for each seed and episode, and a tenth of it is that of the cross-entropy
 * in hundredths.  curve prints, at each number of episodes that people compare at, the noise-free
 * loss of the best policy so far (highest top-1, or least loss, as scored) and the mean over the last ten
 * episodes, both as ratio to uniform bits.
 *
 * weights are random ones, but for gammas that make an agent's estimate of a kernel (search/kernel-bits.h)
 * what it is here, times e to a normal number of the standard deviation `error`.  optimum prints the least
 * loss that a relaxation finds which knows all, of bits of layers and of kernels.
 */
#include "core/cli.h"
#include "core/hash.h"
#include "core/rng.h"
#include "io/csv.h"
#include "search/history.h"
#include "search/kernel-bits.h"
#include "search/kernel-menu.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FULL_PRECISION 70.8 /* top-1 of the network, percent */

static const char *net_path, *landscape_path, *kernel_path, *policy_path, *kernels_path, *out_path, *bits,
	*run_path, *costs_path, *machine_path;
static long seed = 1, episode = 1, together;
static const char *noise_text = "0", *error_by = "0", *target = "top1";

#define KERNEL_LANDSCAPE(needed) \
	{ \
		'L', "kernel-landscape", OPT_PATH, &kernel_path, needed, "sensitivities of its kernels" \
	}

static const struct opt score_options[] = {
	{ 'n', "net", OPT_PATH, &net_path, "net.csv", "the network" },
	{ 'l', "landscape", OPT_PATH, &landscape_path, "landscape.csv", "sensitivities of its layers" },
	{ 'p', "policy", OPT_PATH, &policy_path, "policy.csv", "bits of each layer" },
	KERNEL_LANDSCAPE(NULL),
	{ 'K', "kernels", OPT_PATH, &kernels_path, NULL, "bits of each kernel" },
	{ 'o', "output", OPT_OUT, &out_path, "score.csv", "images,top1,top5,loss" },
	{ 0, "noise", OPT_TEXT, &noise_text, NULL, "standard deviation of top-1, percent points" },
	{ 's', "seed", OPT_INT, &seed, NULL, "of the noise" },
	{ 'k', "episode", OPT_INT, &episode, NULL, "of the noise" },
	{ 0 }
};

static const struct opt curve_options[] = {
	{ 'n', "net", OPT_PATH, &net_path, "net.csv", "the network" },
	{ 'l', "landscape", OPT_PATH, &landscape_path, "landscape.csv", "sensitivities of its layers" },
	KERNEL_LANDSCAPE(NULL),
	{ 'b', "bits", OPT_TEXT, &bits, "w4a4", "the uniform bits to compare with" },
	{ 0, "target", OPT_TEXT, &target, NULL, "what the best is the best by: top1 or loss" },
	{ 'r', "run", OPT_PATH, &run_path, "run", "folder of the episodes" },
	{ 'k', "episodes", OPT_INT, &episode, "600", "how many there are" },
	{ 0 }
};

static const struct opt weights_options[] = { { 'n', "net", OPT_PATH, &net_path, "net.csv", "the network" },
	                                      KERNEL_LANDSCAPE("kernels.csv"),
	                                      { 0, "error", OPT_TEXT, &error_by, NULL,
	                                        "of the logarithm of an estimate" },
	                                      { 's', "seed", OPT_INT, &seed, NULL, "of weights and errors" },
	                                      { 'o', "output", OPT_OUT, &out_path, "weights.npz", "weights" },
	                                      { 0 } };

static const struct opt optimum_options[] = {
	{ 'n', "net", OPT_PATH, &net_path, "net.csv", "the network" },
	{ 'l', "landscape", OPT_PATH, &landscape_path, "landscape.csv", "sensitivities of its layers" },
	KERNEL_LANDSCAPE("kernels.csv"),
	{ 't', "costs", OPT_PATH, &costs_path, "costs.csv", "what each layer costs" },
	{ 'm', "machine", OPT_PATH, &machine_path, "machine.conf", "the accelerator" },
	{ 'b', "bits", OPT_TEXT, &bits, "w4a4", "the uniform bits whose latency is the budget" },
	{ 0, "together", OPT_INT, &together, NULL, "kernels of the same bits; 0: the accelerator's" },
	{ 0 }
};

struct landscape {
	double *w, *a, sum; /* [layers] sensitivities, 0 where not searched; their sum */
	double **kernel;    /* [layers][output channels] 1 in the mean, or NULL */
};

static struct landscape landscape_read(const struct graph *g, const char *path)
{
	struct landscape l = { xmalloc((size_t)g->layers, sizeof *l.w),
		               xmalloc((size_t)g->layers, sizeof *l.a), 0, NULL };
	struct table t;

	table_read(&t, path);
	for (size_t row = 0; row < t.rows; row++) {
		int layer = (int)table_int(&t, row, table_column(&t, "layer"), 0, g->layers - 1);

		if (!g->layer[layer].is_searched)
			table_die(&t, row, "layer %d of %s has fixed bits", layer, g->path);
		l.w[layer] = table_real(&t, row, table_column(&t, "weight_sensitivity"), 0, 1e6);
		l.a[layer] = table_real(&t, row, table_column(&t, "activation_sensitivity"), 0, 1e6);
		l.sum += l.w[layer] + l.a[layer];
	}
	return l;
}

/* Sensitivities of kernels, 1 where the file has none. */
static double **kernels_read(const struct graph *g, const char *path)
{
	double **kernel = xmalloc((size_t)g->layers, sizeof *kernel);
	struct table t;

	for (int i = 0; i < g->layers; i++) {
		kernel[i] = xmalloc((size_t)g->layer[i].cout, sizeof **kernel);
		for (int k = 0; k < g->layer[i].cout; k++)
			kernel[i][k] = 1;
	}
	table_read(&t, path);
	for (size_t row = 0; row < t.rows; row++) {
		int layer = (int)table_int(&t, row, table_column(&t, "layer"), 0, g->layers - 1);
		int k = (int)table_int(&t, row, table_column(&t, "kernel"), 0, g->layer[layer].cout - 1);

		kernel[layer][k] = table_real(&t, row, table_column(&t, "sensitivity"), 0, 1e6);
	}
	return kernel;
}

/* The noise of a layer's weights. */
static double noise_of(const struct landscape *l, const struct graph *g, const struct policy *p, int layer)
{
	double sum = 0;

	if (!l->kernel || !p->kernels)
		return ldexp(1, -2 * p->bits[layer].w);
	for (int k = 0; k < g->layer[layer].cout; k++)
		sum += ldexp(l->kernel[layer][k], -2 * p->kernels[layer][k]);
	return sum / g->layer[layer].cout;
}

static double loss_of(const struct landscape *l, const struct graph *g, const struct policy *p)
{
	double loss = 0;

	for (int i = 0; i < p->layers; i++)
		loss += l->w[i] * noise_of(l, g, p, i) + l->a[i] * ldexp(1, -2 * p->bits[i].a);
	return 256 * loss / l->sum;
}

static double read_number(const char *text, const char *option)
{
	char *end;
	double x = strtod(text, &end);

	if (end == text || *end || !(x >= 0 && x <= 100))
		usage("--%s is a number from 0 to 100, not '%s'", option, text);
	return x;
}

static void score(void)
{
	const struct rng r = { (uint64_t)seed, (uint32_t)episode, RNG_TEST };
	struct graph g;
	struct landscape l;
	struct policy p;
	double loss, top1, noise = read_number(noise_text, "noise");
	struct csv_writer t;

	graph_read(&g, net_path);
	l = landscape_read(&g, landscape_path);
	p = policy_read(&g, policy_path);
	if (kernel_path)
		l.kernel = kernels_read(&g, kernel_path);
	if (kernels_path)
		policy_read_kernels(&p, &g, kernels_path);
	loss = loss_of(&l, &g, &p);
	top1 = fmin(fmax(FULL_PRECISION - 8 * loss + noise * rng_normal(r, 0), 0.1), 100);
	t = csv_create(out_path, "images,top1,top5,loss");
	csv_int(&t, 10000);
	csv_fixed(&t, top1, 6);
	csv_fixed(&t, fmin(1.3 * top1, 100), 6);
	csv_fixed(&t, fmax(1.2 + 0.36 * loss + 0.01 * noise * rng_normal(r, 1), 0), 8);
	csv_end_row(&t);
	csv_commit(&t);
}

static bool is_better(const struct score *x, const struct score *than)
{
	return strcmp(target, "loss") ? x->top1 > than->top1 : x->loss < than->loss;
}

static void curve(void)
{
	static const int at[] = { 20, 60, 100, 200, 300, 400, 600 };
	struct graph g;
	struct landscape l;
	struct policy even;
	struct episode *history;
	int w, a, best = 1;
	double recent = 0, unit;

	if (!policy_parse_uniform(bits, &w, &a))
		usage("--bits are as in w4a4, not '%s'", bits);
	graph_read(&g, net_path);
	l = landscape_read(&g, landscape_path);
	if (kernel_path)
		l.kernel = kernels_read(&g, kernel_path);
	even = policy_uniform(&g, w, a);
	unit = loss_of(&l, &g, &even);
	history = history_read(&g, run_path, (int)episode, HASH_START, kernel_path != NULL);
	for (int i = 1; i <= episode; i++) {
		if (is_better(&history[i].score, &history[best].score))
			best = i;
		recent += loss_of(&l, &g, &history[i].policy) / unit;
		recent -= i > 10 ? loss_of(&l, &g, &history[i - 10].policy) / unit : 0;
		for (size_t j = 0; j < LEN(at); j++)
			if (at[j] == i)
				printf("%d %.3f %.3f\n", i, loss_of(&l, &g, &history[best].policy) / unit,
				       recent / (i < 10 ? i : 10));
	}
}

static void check_norm(const struct graph *g, const struct weights *w, int layer)
{
	if (!w->layer[layer].gamma)
		die("%s: layer '%s' has no batch norm, by which its kernels are told apart here", net_path,
		    g->layer[layer].name);
}

/* Weights whose kernels an agent takes for this sensitive, but for an error. */
static void weights(void)
{
	const struct rng r = { (uint64_t)seed, 0, RNG_TEST };
	double error = read_number(error_by, "error"), **kernel, *s;
	struct weights w;
	struct graph g;
	uint64_t index = 0;

	graph_read(&g, net_path);
	kernel = kernels_read(&g, kernel_path);
	weights_random(&w, &g, 1, (uint64_t)seed);
	for (int i = 0; i < g.layers; i++) {
		if (!g.layer[i].is_searched)
			continue;
		check_norm(&g, &w, i);
		s = xmalloc((size_t)g.layer[i].cout, sizeof *s);
		kernel_sensitivities(&g.layer[i], &w.layer[i], true, s);
		for (int k = 0; k < g.layer[i].cout; k++)
			w.layer[i].gamma[k] *=
				(float)sqrt(kernel[i][k] / s[k] * exp(error * rng_normal(r, index++)));
		free(s);
	}
	weights_write(&w, &g, out_path);
}

/* The groups of a search that knows what each kernel is here. */
static struct kernel_groups true_groups(const struct graph *g, double **kernel, int size)
{
	struct weights w;
	struct kernel_groups k;

	weights_random(&w, g, 1, 1);
	for (int i = 0; i < g->layers; i++) {
		double *s = xmalloc((size_t)g->layer[i].cout, sizeof *s);

		if (!g->layer[i].is_searched)
			continue;
		check_norm(g, &w, i);
		kernel_sensitivities(&g->layer[i], &w.layer[i], true, s);
		for (int c = 0; c < g->layer[i].cout; c++)
			w.layer[i].gamma[c] *= (float)sqrt(kernel[i][c] / s[c]);
		free(s);
	}
	kernel_groups_of(&k, g, &w, (struct kernel_order){ size, 1, false });
	return k;
}
/* The least loss that a relaxation finds, as ratio to uniform bits. */
static double least(const struct landscape *l, const struct problem *p, const struct kernel_groups *k,
                    bool kernels)
{
	struct policy policy = policy_uniform(&p->g, p->range.min, p->range.min);
	struct kernel_menu *menu = xmalloc((size_t)p->g.layers, sizeof *menu);
	struct menu *m = xmalloc((size_t)p->g.layers, sizeof *m);
	int n = 0;

	policy_add_kernels(&policy, &p->g);
	for (int i = 0; i < p->g.layers; i++) {
		if (!p->g.layer[i].is_searched)
			continue;
		kernel_menu_of(&menu[i], p, k, i, kernels);
		m[n] = (struct menu){ .layer = i,
			              .choice = xmalloc((size_t)menu[i].n * BITS_MAX, sizeof *m->choice) };
		for (int c = 0; c < menu[i].n; c++)
			for (int a = p->range.min; a <= p->range.max; a++)
				m[n].choice[m[n].n++] = (struct choice){
					menu[i].cost[c][a - 1].metric[METRIC_LATENCY],
					l->w[i] * menu[i].choice[c].noise / 256 + l->a[i] * ldexp(1, -2 * a),
					{ menu[i].choice[c].widest, (unsigned char)a },
					c,
				};
		menu_sort(&m[n++]);
	}
	menus_choose(m, n, budget_room(p));
	for (int i = 0; i < n; i++) {
		const struct choice *taken = &m[i].choice[m[i].taken];

		policy.bits[m[i].layer].a = taken->bits.a;
		kernel_choice_take(&menu[m[i].layer].choice[taken->which], &k->layer[m[i].layer], &policy,
		                   m[i].layer);
	}
	if (!problem_fits(p, &policy))
		die("the relaxation is over the budget");
	return loss_of(l, &p->g, &policy);
}

static void optimum(void)
{
	struct problem p;
	struct landscape l;
	struct kernel_groups k;
	struct policy even;
	int w, a, size;

	if (!policy_parse_uniform(bits, &w, &a))
		usage("--bits are as in w4a4, not '%s'", bits);
	problem_read(&p,
	             &(struct problem_files){ net_path, costs_path, xprintf("latency-%s", bits),
	                                      COUNT_SEARCHED, "", machine_path },
	             (struct bit_range){ 2, BITS_MAX });
	l = landscape_read(&p.g, landscape_path);
	l.kernel = kernels_read(&p.g, kernel_path);
	size = together ? (int)together : simulator_kernels_together(p.machine);
	k = true_groups(&p.g, l.kernel, size);
	even = policy_uniform(&p.g, w, a);
	printf("%.3f %.3f\n", least(&l, &p, &k, false) / loss_of(&l, &p.g, &even),
	       least(&l, &p, &k, true) / loss_of(&l, &p.g, &even));
}

int main(int argc, char **argv)
{
	static const struct verb verbs[] = {
		{ "score", "what a policy scores", score_options, score },
		{ "curve", "best and recent losses of a run, as ratio to uniform bits", curve_options,
		  curve },
		{ "weights", "weights of such kernels", weights_options, weights },
		{ "optimum", "the least loss of layers and of kernels", optimum_options, optimum },
		{ 0 }
	};

	return cli_verbs(argc, argv, "a synthetic search problem", 1, verbs);
}
