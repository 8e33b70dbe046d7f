#include "engine/trial.h"
#include "core/rng.h"
#include "engine/net-int8.h"
#include "engine/net.h"
#include "engine/sgd.h"

struct trial {
	struct weights weights;
	struct policy policy;
	struct net *net;          /* or */
	struct net_int8 *integer; /* where it computes in integers */
	struct sgd sgd;
	int32_t *labels; /* [batch] */
	int batch;
	bool trains;
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
	float *x = t->integer ? net_int8_input(t->integer) : net_input(t->net);

	for (size_t i = 0, n = (size_t)t->batch * (size_t)(image->h * image->w * image->channels); i < n; i++)
		x[i] = (float)rng_normal((struct rng){ 1, 0, RNG_TEST }, i % 4096);
}

struct trial *trial_new(const struct graph *g, enum trial_use use, int batch, int shards)
{
	struct trial *t = xmalloc(1, sizeof *t);
	bool is_half = use == TRIAL_TRAIN_HALF || use == TRIAL_FINETUNE_HALF,
	     is_quantized = use >= TRIAL_FINETUNE;

	t->batch = batch;
	t->trains = use <= TRIAL_FINETUNE_HALF;
	t->policy = mixed_bits(g);
	t->labels = xmalloc((size_t)batch, sizeof *t->labels);
	weights_random(&t->weights, g, 1, 1);
	give_ranges(&t->weights, g);
	if (use == TRIAL_EVALUATE)
		t->integer = net_int8_new(g, &t->weights, &t->policy, batch,
		                          batch % 16 ? 1 : net_int8_shards(batch));
	else
		t->net = net_new(g, &t->weights, is_quantized ? &t->policy : NULL, batch, shards,
		                 !t->trains ? NET_INFERENCE
		                 : is_half  ? NET_TRAINING_HALF
		                            : NET_TRAINING);
	if (t->trains)
		t->sgd = sgd_new(t->net, 0.9f, 4e-5f, is_quantized);
	else if (t->net)
		net_prepare(t->net);
	random_images(t, g);
	return t;
}

void trial_step(struct trial *t)
{
	if (t->integer) {
		net_int8_forward(t->integer, t->batch);
		return;
	}
	if (t->trains)
		net_prepare(t->net);
	net_forward(t->net, t->batch);
	if (!t->trains)
		return;
	net_backward(t->net, t->labels, 0);
	sgd_step(&t->sgd, 1e-6f);
}
