#include "numbers.h"
#include "training/training.h"

#include <stdlib.h>

enum { IMAGES = 48, BATCH = 16, SIDE = 28, CLASSES = 10 };

/* Grey images of noise, and what the tiny network reads of them. */
static struct images some_images(void)
{
	static uint8_t pixels[IMAGES * SIDE * SIDE];
	static int32_t labels[IMAGES];
	static float value[1][256];
	struct images im = { .path = "images",
		             .n = IMAGES,
		             .h = SIDE,
		             .w = SIDE,
		             .c = 1,
		             .classes = CLASSES,
		             .view_h = SIDE,
		             .view_w = SIDE,
		             .pixels = pixels,
		             .labels = labels,
		             .value = value };
	float mean = 0.5f, std = 0.3f;

	for (size_t i = 0; i < sizeof pixels; i++)
		pixels[i] = (uint8_t)some_bits(70, i);
	for (int i = 0; i < IMAGES; i++)
		labels[i] = (int32_t)(some_bits(71, (uint64_t)i) % CLASSES);
	images_normalise(&im, &mean, &std);
	return im;
}

/* An epoch of three batches, the last two with frozen statistics, which are taken anew at the end. */
void numbers_of_training(void)
{
	struct graph g;
	struct weights w, teacher;
	struct images im = some_images();
	struct policy p;
	struct checkpoint none = { 0 };
	struct training t = {
		.graph = &g, .weights = &w, .policy = &p, .images = &im, .teacher = &teacher, .seed = 3
	};

	some_network(&g, &w);
	some_network(&g, &teacher);
	p = some_policy(&g);
	t.recipe = (struct recipe){ .path = "recipe",
		                    .epochs = 1,
		                    .batch = BATCH,
		                    .shards = 2,
		                    .smoothing = 0.4,
		                    .distillation = 0.3,
		                    .schedule = { 0.1, 0, true },
		                    .momentum = 0.9,
		                    .decay = 0.1,
		                    .decays_batch_norm = true,
		                    .learns_clips = true,
		                    .clips = { true, true },
		                    .freeze = 0.5,
		                    .statistics_images = IMAGES / 3,
		                    .flips = true,
		                    .crop = 6,
		                    .cutout = 14,
		                    .use = NET_TRAINING };
	training_begin(&t, &none);
	training_run(&t, &none, "numbers");
	number("training", "loss", t.loss, TIPPING);
	training_finish(&t, "numbers");
	for (int i = 0; i < g.layers; i++) {
		numbers("training", xprintf("weights %d", i), w.layer[i].weight, (size_t)g.layer[i].weights,
		        TIPPING);
		numbers("training", xprintf("ranges %d", i), w.layer[i].weight_clip,
		        (size_t)w.layer[i].weight_clips, TIPPING);
		number("training", xprintf("range of input %d", i), (double)w.layer[i].activation_clip,
		       TIPPING);
		if (!w.layer[i].gamma)
			continue;
		numbers("training", xprintf("means %d", i), w.layer[i].mean, (size_t)g.layer[i].cout,
		        TIPPING);
		numbers("training", xprintf("variances %d", i), w.layer[i].variance, (size_t)g.layer[i].cout,
		        TIPPING);
	}
}
