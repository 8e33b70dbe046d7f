#include "training/recipe.h"
#include "core/conf.h"

#include <string.h>

static struct recipe said;
static const char *schedule, *nesterov, *decay_batch_norm, *clips, *clip_gradient, *weight_clips, *flips,
	*border, *storage;

static const struct conf_key keys[] = { { "images", CONF_INT, &said.images, 0, 1e9, NULL },
	                                { "epochs", CONF_INT, &said.epochs, 0, 1e6, NULL },
	                                { "batch", CONF_INT, &said.batch, 1, 4096, NULL },
	                                { "shards", CONF_INT, &said.shards, 1, 256, NULL },
	                                { "init_gain", CONF_REAL, &said.init_gain, 0, 10, NULL },
	                                { "learning_rate", CONF_REAL, &said.schedule.rate, 0, 10, NULL },
	                                { "warmup", CONF_REAL, &said.schedule.warmup, 0, 1, NULL },
	                                { "schedule", CONF_WORD, &schedule, 0, 0, "constant cosine" },
	                                { "momentum", CONF_REAL, &said.momentum, 0, 1, NULL },
	                                { "nesterov", CONF_WORD, &nesterov, 0, 0, "no yes" },
	                                { "weight_decay", CONF_REAL, &said.decay, 0, 1, NULL },
	                                { "decay_batch_norm", CONF_WORD, &decay_batch_norm, 0, 0, "no yes" },
	                                { "label_smoothing", CONF_REAL, &said.smoothing, 0, 1, NULL },
	                                { "distillation", CONF_REAL, &said.distillation, 0, 1, NULL },
	                                { "learn_clips", CONF_WORD, &clips, 0, 0, "no yes" },
	                                { "clip_gradient", CONF_WORD, &clip_gradient, 0, 0, "pact lsq" },
	                                { "learn_weight_clips", CONF_WORD, &weight_clips, 0, 0, "no yes" },
	                                { "freeze_statistics", CONF_REAL, &said.freeze, 0, 1, NULL },
	                                { "statistics_images", CONF_INT, &said.statistics_images, 0, 1e6,
	                                  NULL },
	                                { "flip", CONF_WORD, &flips, 0, 0, "no yes" },
	                                { "crop", CONF_INT, &said.crop, 0, 1024, NULL },
	                                { "border", CONF_WORD, &border, 0, 0, "black reflect" },
	                                { "cutout", CONF_INT, &said.cutout, 0, 1024, NULL },
	                                { "storage", CONF_WORD, &storage, 0, 0, "float32 bfloat16" },
	                                { 0 } };

struct recipe recipe_read(const char *path)
{
	struct recipe r;

	conf_read(path, keys);
	r = said;
	r.path = path;
	if (r.batch % r.shards)
		die("%s: %ld shards do not divide a batch of %ld", path, r.shards, r.batch);
	r.schedule.is_cosine = !strcmp(schedule, "cosine");
	r.is_nesterov = !strcmp(nesterov, "yes");
	r.decays_batch_norm = !strcmp(decay_batch_norm, "yes");
	r.learns_clips = !strcmp(clips, "yes");
	r.clips = (struct net_clips){ !strcmp(clip_gradient, "lsq"), !strcmp(weight_clips, "yes") };
	r.flips = !strcmp(flips, "yes");
	r.reflects = !strcmp(border, "reflect");
	r.use = strcmp(storage, "bfloat16") ? NET_TRAINING : NET_TRAINING_HALF;
	return r;
}

struct sgd recipe_sgd(const struct recipe *r, struct net *net)
{
	struct sgd sgd = sgd_new(net, (float)r->momentum, (float)r->decay, r->learns_clips);

	sgd.is_nesterov = r->is_nesterov;
	sgd.decays_batch_norm = r->decays_batch_norm;
	return sgd;
}
