/*
 * engine - how fast a network trains, runs and is quantized here.  Prints the median over rounds,
 * peak memory in MiB, and the best round.
 *
 *	engine NET.csv finetune|finetune-float32|evaluate|evaluate-w8a8|evaluate-float|evaluate-fake BATCH ROUNDS
 *	                                                           images a second
 *	engine NET.csv codebook|clip 0 ROUNDS                      million weights a second, 4 bits:
 *	                                                           k-means; ranges by eq. 6
 *	engine - sgemm|memory 0 ROUNDS                             GFLOP/s of OpenBLAS, GB/s of a copy
 *	engine NET.csv weights FILE.npz                            writes the weights that all of these use
 *
 * A round of finetune is one step of quantization-aware training: everything the program `finetune` does
 * to a batch but reading the images.  Results and gradients are kept as bfloat16, with finetune-float32
 * as float32.  Bits are mixed, 4 to 8, with evaluate-w8a8 all 8; evaluate-float has none, evaluate-fake computes
 * with these in float32 (evaluate --float).  Weights are random, which takes as long as with others.
 */
#include "engine/inference.h"
#include "model/kmeans.h"
#include "engine/net.h"
#include "model/quantizer.h"
#include "core/rng.h"
#include "engine/sgd.h"
#include "core/threads.h"

#include <cblas.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct policy some_policy(const struct graph *g)
{
	struct policy p = policy_uniform(g, 4, 4);

	for (int i = 0; i < g->layers; i++)
		if (g->layer[i].is_searched)
			p.bits[i] =
				(struct bits){ (unsigned char)(4 + i % 5), (unsigned char)(4 + (i + 2) % 5) };
	return p;
}

static void give_ranges(struct weights *w, const struct graph *g)
{
	for (int i = 0; i < g->layers; i++) {
		w->layer[i].activation_clip = 4;
		w->layer[i].weight_clips = 1;
		w->layer[i].weight_clip = xmalloc(1, sizeof(float));
		*w->layer[i].weight_clip = 0.5f;
	}
	w->has_clips = true;
}

struct job {
	struct net *net;
	struct inference *inference;
	struct sgd sgd;
	int32_t *labels;
	int batch;
	bool trains;
};

static void set_up(struct job *j, struct graph *g, struct weights *w, struct policy *p, const char *what)
{
	int shards = j->batch < 4 ? j->batch : 4;
	float *x;

	while (j->batch % shards)
		shards--;
	*p = strcmp(what, "evaluate-w8a8") ? some_policy(g) : policy_uniform(g, 8, 8);
	weights_random(w, g, 1, 1);
	give_ranges(w, g);
	j->trains = !strncmp(what, "finetune", strlen("finetune"));
	j->labels = xmalloc((size_t)j->batch, sizeof *j->labels);
	if (j->trains) {
		j->net = net_new(g, w, p, j->batch, shards,
		                 strcmp(what, "finetune") ? NET_TRAINING : NET_TRAINING_HALF);
		j->sgd = sgd_new(j->net, 0.9f, 4e-5f, true);
	} else {
		j->inference = inference_new(g, w, strcmp(what, "evaluate-float") ? p : NULL,
		                             strcmp(what, "evaluate-fake") ? INTEGERS : FLOATS, j->batch,
		                             j->batch % 16 ? 1 : inference_shards(j->batch));
	}
	x = j->trains ? net_input(j->net) : inference_input(j->inference);
	/* The graph was read: main() reads it for all but the measurements that need none. */
	// NOLINTNEXTLINE(clang-analyzer-core.NullDereference)
	for (size_t i = 0, n = (size_t)j->batch * (size_t)(g->node[0].h * g->node[0].w * g->node[0].channels);
	     i < n; i++)
		x[i] = (float)rng_normal((struct rng){ 1, 0, RNG_TEST }, i % 4096);
}

static void once(struct job *j)
{
	if (!j->trains) {
		inference_forward(j->inference, j->batch);
		return;
	}
	net_prepare(j->net);
	net_forward(j->net, j->batch);
	net_backward(j->net, j->labels, 0);
	sgd_step(&j->sgd, 1e-6f);
}

/* Million weights a second. */
static double quantize(const struct graph *g, const struct weights *w, bool codebook)
{
	double start = now(), count = 0;

#pragma omp parallel for schedule(dynamic) num_threads(threads()) reduction(+ : count)
	for (int i = 0; i < g->layers; i++) {
		size_t n = (size_t)g->layer[i].weights;
		// NOLINTNEXTLINE(clang-analyzer-core.NullDereference): likewise
		const float *weight = w->layer[i].weight;

		if (codebook) {
			uint8_t *index = xmalloc(n, 1);
			float centroid[KMEANS_MOST];

			kmeans(weight, n, 16, centroid, index);
			free(index);
		} else {
			struct histogram *h = xmalloc(1, sizeof *h);

			histogram_of(h, weight, n);
			quantizer_clip(h, 4, true, CLIP_KL);
			free(h);
		}
		count += (double)n;
	}
	return 1e-6 * count / (now() - start);
}

static double sgemm(void)
{
	enum { N = 1024 };
	static float a[N * N], b[N * N], c[2][N * N];
	double start = now();

#pragma omp parallel for num_threads(threads())
	for (int t = 0; t < threads(); t++)
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, N, N, N, 1, a, N, b, N, 0, c[t % 2],
		            N);
	return 2e-9 * N * N * N * threads() / (now() - start);
}

static double copy(void)
{
	static float *from, *to;
	size_t n = (size_t)1 << 26;
	double start;

	if (!from) {
		from = xmalloc(n, sizeof *from);
		to = xmalloc(n, sizeof *to);
	}
	start = now();
#pragma omp parallel for num_threads(threads()) schedule(static)
	for (size_t i = 0; i < n; i++)
		to[i] = from[i] + 1;
	return 2e-9 * (double)(n * sizeof(float)) / (now() - start);
}

/* A round: GFLOP/s, GB/s, million weights or images a second. */
static double measure(const char *what, struct job *j, const struct graph *g, const struct weights *w)
{
	double start;

	if (!strcmp(what, "sgemm"))
		return sgemm();
	if (!strcmp(what, "memory"))
		return copy();
	if (!strcmp(what, "codebook") || !strcmp(what, "clip"))
		return quantize(g, w, !strcmp(what, "codebook"));
	start = now();
	once(j);
	return j->batch / (now() - start);
}

int main(int argc, char **argv)
{
	struct graph g = { 0 };
	struct weights w = { 0 };
	struct policy p;
	struct job j = { 0 };
	struct rusage usage;
	double *rate;
	int rounds;

	if (argc == 4 && !strcmp(argv[2], "weights")) {
		graph_read(&g, argv[1]);
		weights_random(&w, &g, 1, 1);
		weights_write(&w, &g, argv[3]);
		return 0;
	}
	if (argc != 5 || (!strcmp(argv[1], "-") && strcmp(argv[2], "sgemm") && strcmp(argv[2], "memory")) ||
	    (rounds = atoi(argv[4])) < 1 || (j.batch = atoi(argv[3])) < 0)
		die("engine NET.csv WHAT BATCH ROUNDS");
	threads_init();
	rate = xmalloc((size_t)rounds, sizeof *rate);
	if (strcmp(argv[1], "-"))
		graph_read(&g, argv[1]);
	if (!strcmp(argv[2], "codebook") || !strcmp(argv[2], "clip")) {
		weights_random(&w, &g, 1, 1);
	} else if (strcmp(argv[1], "-")) {
		set_up(&j, &g, &w, &p, argv[2]);
		once(&j);
	}
	for (int i = 0; i < rounds; i++)
		rate[i] = measure(argv[2], &j, &g, &w);
	qsort(rate, (size_t)rounds, sizeof *rate, by_size);
	getrusage(RUSAGE_SELF, &usage);
	printf("%.4g %.4g %.4g\n", rate[rounds / 2], (double)usage.ru_maxrss / 1024, rate[rounds - 1]);
	return 0;
}
