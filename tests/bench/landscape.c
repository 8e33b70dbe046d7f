/*
 * landscape - a synthetic search problem (tests/bench/landscape/README.md).
 *
 *	landscape score -n NET.csv -l landscape/NET.csv -p policy.csv -o score.csv [--noise 0.3 -s 1 -k 7]
 *	landscape curve -n NET.csv -l landscape/NET.csv -b w4a4 -r RUN -k 600
 *
 * score writes images,top1,top5,loss of a policy; noise is the standard deviation of top-1 in
 * percent points, other for each seed and episode, and a tenth of it is that of the cross-entropy
 * in hundredths.  curve prints, at each number of episodes that people compare at, the noise-free
 * loss of the best policy so far (highest top-1, or least loss, as scored) and the mean over the last ten
 * episodes, both as ratio to uniform bits.
 */
#include "core/base.h"
#include "core/cli.h"
#include "model/graph.h"
#include "core/hash.h"
#include "search/history.h"
#include "model/policy.h"
#include "core/rng.h"
#include "io/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FULL_PRECISION 70.8 /* top-1 of the network, percent */

static const char *net_path, *landscape_path, *policy_path, *out_path, *bits, *run_path;
static long seed = 1, episode = 1;
static const char *noise_text = "0", *target = "top1";

static const struct opt score_options[] = {
	{ 'n', "net", OPT_PATH, &net_path, "net.csv", "the network" },
	{ 'l', "landscape", OPT_PATH, &landscape_path, "landscape.csv", "sensitivities of its layers" },
	{ 'p', "policy", OPT_PATH, &policy_path, "policy.csv", "bits of each layer" },
	{ 'o', "output", OPT_OUT, &out_path, "score.csv", "images,top1,top5,loss" },
	{ 0, "noise", OPT_TEXT, &noise_text, NULL, "standard deviation of top-1, percent points" },
	{ 's', "seed", OPT_INT, &seed, NULL, "of the noise" },
	{ 'k', "episode", OPT_INT, &episode, NULL, "of the noise" },
	{ 0 }
};

static const struct opt curve_options[] = {
	{ 'n', "net", OPT_PATH, &net_path, "net.csv", "the network" },
	{ 'l', "landscape", OPT_PATH, &landscape_path, "landscape.csv", "sensitivities of its layers" },
	{ 'b', "bits", OPT_TEXT, &bits, "w4a4", "the uniform bits to compare with" },
	{ 0, "target", OPT_TEXT, &target, NULL, "what the best is the best by: top1 or loss" },
	{ 'r', "run", OPT_PATH, &run_path, "run", "folder of the episodes" },
	{ 'k', "episodes", OPT_INT, &episode, "600", "how many there are" },
	{ 0 }
};

struct landscape {
	double *w, *a, sum; /* [layers] sensitivities, 0 where not searched; their sum */
};

static struct landscape landscape_read(const struct graph *g, const char *path)
{
	struct landscape l = { xmalloc((size_t)g->layers, sizeof *l.w),
		               xmalloc((size_t)g->layers, sizeof *l.a), 0 };
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

static double loss_of(const struct landscape *l, const struct policy *p)
{
	double loss = 0;

	for (int i = 0; i < p->layers; i++)
		loss += l->w[i] * ldexp(1, -2 * p->bits[i].w) + l->a[i] * ldexp(1, -2 * p->bits[i].a);
	return 256 * loss / l->sum;
}

static double read_noise(void)
{
	char *end;
	double noise = strtod(noise_text, &end);

	if (end == noise_text || *end || !(noise >= 0 && noise <= 100))
		usage("--noise is a number from 0 to 100, not '%s'", noise_text);
	return noise;
}

static void score(void)
{
	const struct rng r = { (uint64_t)seed, (uint32_t)episode, RNG_TEST };
	struct graph g;
	struct landscape l;
	struct policy p;
	double loss, top1, noise = read_noise();
	struct csv_writer t;

	graph_read(&g, net_path);
	l = landscape_read(&g, landscape_path);
	p = policy_read(&g, policy_path);
	loss = loss_of(&l, &p);
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
	even = policy_uniform(&g, w, a);
	unit = loss_of(&l, &even);
	history = history_read(&g, run_path, (int)episode, HASH_START);
	for (int i = 1; i <= episode; i++) {
		if (is_better(&history[i].score, &history[best].score))
			best = i;
		recent += loss_of(&l, &history[i].policy) / unit;
		recent -= i > 10 ? loss_of(&l, &history[i - 10].policy) / unit : 0;
		for (size_t j = 0; j < LEN(at); j++)
			if (at[j] == i)
				printf("%d %.3f %.3f\n", i, loss_of(&l, &history[best].policy) / unit,
				       recent / (i < 10 ? i : 10));
	}
}

int main(int argc, char **argv)
{
	static const struct verb verbs[] = { { "score", "what a policy scores", score_options, score },
		                             { "curve",
		                               "best and recent losses of a run, as ratio to uniform bits",
		                               curve_options, curve },
		                             { 0 } };

	return cli_verbs(argc, argv, "a synthetic search problem", 1, verbs);
}
