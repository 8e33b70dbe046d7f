#include "engine/trial.h"
#include "core/rng.h"
#include "engine/inference.h"
#include "engine/net.h"
#include "engine/sgd.h"

struct trial {
	struct weights weights;
	struct policy policy;
	struct net *net;             /* where it trains, or */
	struct inference *inference; /* where it does not */
	struct sgd sgd;
	int32_t *labels; /* [batch] */
	int batch;
};

static struct policy mixed_bits(const struct graph *g)
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

static void random_images(const struct trial *t, const struct graph *g)
{
	const struct node *image = &g->node[0];
	float *x = t->net ? net_input(t->net) : inference_input(t->inference);

	for (size_t i = 0, n = (size_t)t->batch * (size_t)(image->h * image->w * image->channels); i < n; i++)
		x[i] = (float)rng_normal((struct rng){ 1, 0, RNG_TEST }, i % 4096);
}

static void begin_training(struct trial *t, const struct graph *g, enum trial_use use, int shards)
{
	bool is_half = use == TRIAL_TRAIN_HALF || use == TRIAL_FINETUNE_HALF,
	     is_quantized = use == TRIAL_FINETUNE || use == TRIAL_FINETUNE_HALF;

	t->labels = xmalloc((size_t)t->batch, sizeof *t->labels);
	t->net = net_new(g, &t->weights, is_quantized ? &t->policy : NULL, t->batch, shards,
	                 is_half ? NET_TRAINING_HALF : NET_TRAINING);
	t->sgd = sgd_new(t->net, 0.9f, 4e-5f, is_quantized);
}

struct trial *trial_new(const struct graph *g, enum trial_use use, int batch, int shards)
{
	struct trial *t = xmalloc(1, sizeof *t);

	t->batch = batch;
	t->policy = use == TRIAL_EVALUATE_W8A8 ? policy_uniform(g, 8, 8) : mixed_bits(g);
	weights_random(&t->weights, g, 1, 1);
	give_ranges(&t->weights, g);
	if (use <= TRIAL_FINETUNE_HALF)
		begin_training(t, g, use, shards);
	else
		t->inference = inference_new(g, &t->weights, use == TRIAL_EVALUATE_FLOAT ? NULL : &t->policy,
		                             use == TRIAL_EVALUATE_FAKE ? FLOATS : INTEGERS, batch,
		                             batch % 16 ? 1 : inference_shards(batch));
	random_images(t, g);
	return t;
}

void trial_step(struct trial *t)
{
	if (t->inference) {
		inference_forward(t->inference, t->batch);
		return;
	}
	net_prepare(t->net);
	net_forward(t->net, t->batch);
	net_backward(t->net, &(struct targets){ .labels = t->labels });
	sgd_step(&t->sgd, 1e-6f);
}
