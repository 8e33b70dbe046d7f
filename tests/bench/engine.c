/*
 * engine - how fast a network trains, runs and is quantized here.  Prints the median over rounds,
 * peak memory in MiB, and the best round.
 *
 *	engine NET.csv finetune|finetune-float32 BATCH ROUNDS      images a second
 *	engine NET.csv evaluate|evaluate-w8a8|evaluate-float|evaluate-fake BATCH ROUNDS
 *	engine NET.csv codebook|clip 0 ROUNDS                      million weights a second, 4 bits:
 *	                                                           k-means; ranges by eq. 6
 *	engine - sgemm|memory 0 ROUNDS                             GFLOP/s of OpenBLAS, GB/s of a copy
 *	engine NET.csv weights FILE.npz                            writes the weights that all of these use
 *
 * A round of finetune is one step of quantization-aware training: everything the program `finetune` does
 * to a batch but reading the images.  Results and gradients are kept as bfloat16, with finetune-float32
 * as float32.  Bits are mixed, 4 to 8, with evaluate-w8a8 all 8; evaluate-float has none, evaluate-fake
 * computes with these in float32 (evaluate --float).  Weights are random, which takes as long as with others.
 */
#include "core/threads.h"
#include "engine/trial.h"
#include "model/kmeans.h"
#include "model/quantizer.h"
#include "model/weights.h"

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

/* A network that trains or runs, by its word on the command line. */
static struct trial *trial_of(const struct graph *g, const char *what, int batch)
{
	int shards = batch < 4 ? batch : 4;

	const struct {
		const char *word;
		enum trial_use use;
	} words[] = { { "finetune", TRIAL_FINETUNE_HALF },
		      { "finetune-float32", TRIAL_FINETUNE },
		      { "evaluate", TRIAL_EVALUATE },
		      { "evaluate-w8a8", TRIAL_EVALUATE_W8A8 },
		      { "evaluate-float", TRIAL_EVALUATE_FLOAT },
		      { "evaluate-fake", TRIAL_EVALUATE_FAKE } };

	while (batch % shards)
		shards--;
	for (size_t i = 0; i < LEN(words); i++)
		if (!strcmp(what, words[i].word))
			return trial_new(g, words[i].use, batch, shards);
	die("engine: %s is nothing that is measured", what);
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
static double measure(const char *what, struct trial *t, int batch, const struct graph *g,
                      const struct weights *w)
{
	double start;

	if (!strcmp(what, "sgemm"))
		return sgemm();
	if (!strcmp(what, "memory"))
		return copy();
	if (!strcmp(what, "codebook") || !strcmp(what, "clip"))
		return quantize(g, w, !strcmp(what, "codebook"));
	start = now();
	trial_step(t);
	return batch / (now() - start);
}

int main(int argc, char **argv)
{
	struct graph g = { 0 };
	struct weights w = { 0 };
	struct trial *t = NULL;
	struct rusage usage;
	double *rate;
	int rounds, batch;

	if (argc == 4 && !strcmp(argv[2], "weights")) {
		graph_read(&g, argv[1]);
		weights_random(&w, &g, 1, 1);
		weights_write(&w, &g, argv[3]);
		return 0;
	}
	if (argc != 5 || (!strcmp(argv[1], "-") && strcmp(argv[2], "sgemm") && strcmp(argv[2], "memory")) ||
	    (rounds = atoi(argv[4])) < 1 || (batch = atoi(argv[3])) < 0)
		die("engine NET.csv WHAT BATCH ROUNDS");
	threads_init();
	rate = xmalloc((size_t)rounds, sizeof *rate);
	if (strcmp(argv[1], "-"))
		graph_read(&g, argv[1]);
	if (!strcmp(argv[2], "codebook") || !strcmp(argv[2], "clip")) {
		weights_random(&w, &g, 1, 1);
	} else if (strcmp(argv[1], "-")) {
		t = trial_of(&g, argv[2], batch);
		trial_step(t);
	}
	for (int i = 0; i < rounds; i++)
		rate[i] = measure(argv[2], t, batch, &g, &w);
	qsort(rate, (size_t)rounds, sizeof *rate, by_size);
	getrusage(RUSAGE_SELF, &usage);
	printf("%.4g %.4g %.4g\n", rate[rounds / 2], (double)usage.ru_maxrss / 1024, rate[rounds - 1]);
	return 0;
}
