/*
 * measure-speed - how long a network takes on this machine, on one thread.
 *
 *	measure-speed -n NET.csv --batch 32 --finetune bfloat16 -o speed.csv
 *
 * Trains and runs the network with random weights on random images (lib/engine/trial.h), which takes as long
 * as with others, and writes what,seconds,seconds_per_image: what a program needs once, and for each image.
 *
 *	start      any program: to be loaded
 *	quantize   to choose clipping ranges
 *	finetune   training, quantized, results of layers stored as --finetune says
 *	train      training in full precision, stored as --train says
 *	evaluate   in integers
 *
 * Batches are smaller than --batch where the network is so large that a step would take seconds.  A fifth of
 * a second for a small network, some seconds for one of 224 x 224 pixels.
 */
#include "core/cli.h"
#include "core/threads.h"
#include "engine/trial.h"
#include "io/csv.h"
#include "model/histograms.h"
#include "model/quantizer.h"
#include "model/weights.h"

#include <omp.h>
#include <string.h>
#include <time.h>

#define REVISION 1

#define LEAST_SECONDS 0.05 /* of what is measured, after a first step */
#define LEAST_STEPS 2
#define STEP_MACS 2.5e9 /* a step has no more, but for that of a single image */
#define EVALUATED 64    /* images at a time, as `evaluate` takes them */

static const char *graph_path, *finetune_storage = "bfloat16", *train_storage = "float32", *out_path;
static long batch = 32;

static const struct opt options[] = {
	{ 'n', "network", OPT_PATH, &graph_path, "NET.csv", "the network" },
	{ 'b', "batch", OPT_INT, &batch, NULL, "images of a step of training, at most" },
	{ 'f', "finetune", OPT_TEXT, &finetune_storage, NULL, "storage of finetuning: float32 or bfloat16" },
	{ 't', "train", OPT_TEXT, &train_storage, NULL, "storage of training in full precision: likewise" },
	{ 'o', "output", OPT_OUT, &out_path, "speed.csv", "seconds" },
	{ 0 }
};

struct speed {
	double once, per_image; /* seconds */
};

/* Time of the processor: what others do beside this process does not count. */
static double seconds_spent(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int batch_for(const struct graph *g, long most)
{
	double images = STEP_MACS / (double)graph_macs(g);

	return images < 1 ? 1 : images < (double)most ? (int)images : (int)most;
}

/* The first step also sets up what later ones use. */
static struct speed measure(const struct graph *g, enum trial_use use, int images)
{
	double began = seconds_spent(), ready, each;
	struct trial *t = trial_new(g, use, images, 1);
	int steps = 0;

	trial_step(t);
	ready = seconds_spent();
	while (steps < LEAST_STEPS || seconds_spent() - ready < LEAST_SECONDS) {
		trial_step(t);
		steps++;
	}
	each = (seconds_spent() - ready) / steps;
	note("%d steps of %d images, %.3g s each", steps, images, each);
	return (struct speed){ ready - began > each ? ready - began - each : 0, each / images };
}

/* A range of the weights and of the inputs of each layer. */
static double quantize(const struct graph *g)
{
	struct histogram *h = xmalloc(1, sizeof *h);
	struct weights w;
	double began;

	weights_random(&w, g, 1, 1);
	began = seconds_spent();
	for (int i = 0; i < g->layers; i++) {
		histogram_of(h, w.layer[i].weight, (size_t)g->layer[i].weights);
		quantizer_clip(h, 4, true, CLIP_MSE);
		quantizer_clip(h, 4, false, CLIP_MSE);
	}
	return seconds_spent() - began;
}

static bool is_half(const char *option, const char *storage)
{
	if (strcmp(storage, "float32") && strcmp(storage, "bfloat16"))
		usage("--%s %s: expected float32 or bfloat16", option, storage);
	return !strcmp(storage, "bfloat16");
}

static void row(struct csv_writer *t, const char *what, struct speed s)
{
	csv_text(t, what);
	csv_real(t, s.once, 4);
	csv_real(t, s.per_image, 4);
	csv_end_row(t);
}

int main(int argc, char **argv)
{
	double start = seconds_spent(); /* loading of libraries */
	bool finetunes_half, trains_half;
	struct csv_writer t;
	struct graph g;
	int images;

	omp_set_num_threads(1); /* before threads_init asks how many there may be */
	threads_init();
	cli_begin(argc, argv, "how long a network takes on this machine", REVISION, options);
	if (batch < 1 || batch > 4096)
		usage("--batch must lie in 1..4096");
	finetunes_half = is_half("finetune", finetune_storage);
	trains_half = is_half("train", train_storage);
	graph_read(&g, graph_path);
	images = batch_for(&g, batch);
	t = csv_create(out_path, "what,seconds,seconds_per_image");
	row(&t, "start", (struct speed){ start, 0 });
	row(&t, "quantize", (struct speed){ start + quantize(&g), 0 });
	row(&t, "finetune", measure(&g, finetunes_half ? TRIAL_FINETUNE_HALF : TRIAL_FINETUNE, images));
	row(&t, "train", measure(&g, trains_half ? TRIAL_TRAIN_HALF : TRIAL_TRAIN, images));
	row(&t, "evaluate", measure(&g, TRIAL_EVALUATE, batch_for(&g, EVALUATED)));
	csv_commit(&t);
	return cli_end();
}
