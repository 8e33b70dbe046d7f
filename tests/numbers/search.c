#include "numbers.h"
#include "search/actions.h"
#include "search/agent.h"
#include "search/bit-allocation.h"
#include "search/drawn.h"
#include "search/heuristic.h"
#include "search/hiro.h"
#include "search/kernel-bits.h"
#include "search/search.h"
#include "search/uniform.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define NETWORK "data/networks/mobilenet-v1-fashion.csv"
enum { EPISODES = 6 };

static const struct sensitivity_conf sensitivity_conf = {
	.scale_sd = 1.5,
	.kind_sd = 0.5,
	.layer_sd = 0.8,
	.rest_sd = 5,
	.noise = 0.3,
	.noise_weight = 4,
	.knee = 8,
	.typical = 8,
};

static const struct ddpg_conf ddpg_conf = {
	.hidden_1 = 16,
	.hidden_2 = 12,
	.batch = 8,
	.replay = 10,
	.updates = 1,
	.warmup = 2,
	.actor_rate = 1e-3,
	.critic_rate = 1e-2,
	.tau = 0.05,
	.discount = 1,
	.baseline_decay = 0.5,
	.noise = 0.5,
	.noise_decay = 0.9,
};

/* Costs that grow with both bits, other for each layer, and a budget of half of what 8/8 bits cost. */
static struct problem some_problem(void)
{
	struct problem p = { .range = { 2, 8 } };

	graph_read(&p.g, NETWORK);
	costs_alloc(&p.costs, &p.g);
	for (int i = 0; i < p.g.layers; i++)
		FOR_BITS(b, ALL_BITS)
			*costs_at(&p.costs, i, b) =
				(struct cost){ b.w * b.a, { (1 + i % 7) * b.w * b.a, b.w + b.a, b.w } };
	p.budget = budget_parse("latency-0.50", &p.costs, &p.g, COUNT_ALL, p.range);
	return p;
}

/* Episodes 1..EPISODES, by the fewer bits the worse. */
static struct episode *some_history(const struct problem *p)
{
	struct episode *history = xmalloc(EPISODES + 1, sizeof *history);

	for (int k = 1; k <= EPISODES; k++) {
		struct policy policy = policy_uniform(&p->g, 4, 4);
		double top1 = 92;

		for (int i = 0; i < p->g.layers; i++) {
			if (!p->g.layer[i].is_searched)
				continue;
			policy.bits[i].w = (unsigned char)(2 + some_bits(70, (uint64_t)(100 * k + i)) % 4);
			policy.bits[i].a = (unsigned char)(2 + some_bits(71, (uint64_t)(100 * k + i)) % 4);
			top1 -= ldexp(1 + i % 3, -2 * policy.bits[i].w) +
			        ldexp(1 + i % 5, -2 * policy.bits[i].a);
		}
		history[k] = (struct episode){ policy, { top1, 99, (100 - top1) / 30 }, (uint64_t)k };
	}
	return history;
}

/* --- what agents are made of ----------------------------------------------------------------- */

static void model(const struct problem *p, const struct episode *history)
{
	struct trial trials[EPISODES];
	struct sensitivity s;
	struct layer_loss *loss = xmalloc((size_t)p->g.layers, sizeof *loss);
	struct policy allocated;
	double price[METRICS] = { 0.01, 0.1, 0 }, *value = xmalloc((size_t)p->g.layers, 2 * sizeof *value);

	for (int k = 0; k < EPISODES; k++)
		trials[k] =
			(struct trial){ history[k + 1].policy, NULL, 92 - history[k + 1].score.top1, k == 3 };
	sensitivity_fit(&s, &sensitivity_conf, &p->g, trials, EPISODES);
	numbers_double("sensitivity", "mode", s.mode, (size_t)s.n, 1e-3);
	number("sensitivity", "noise", s.noise, 1e-3);
	sensitivity_draw(&s, 1, (struct rng){ 3, 4, RNG_MODEL }, 0, value);
	sensitivity_losses(&p->g, value, loss);
	numbers_double("sensitivity", "draw", loss[2].at[0], 64, 1e-3);
	/* allocation, of losses that no module above had a part in */
	for (int i = 0; i < p->g.layers; i++)
		FOR_BITS(b, ALL_BITS)
			loss[i].at[b.w - 1][b.a - 1] =
				ldexp(1 + i % 4, -2 * b.w) + ldexp(1 + i % 3, -2 * b.a) * 0.9;
	allocated = allocate_bits(loss, p);
	numbers_policy("bit-allocation", "under a budget", &allocated, 0);
	allocated = allocate_bits_penalized(loss, price, p);
	numbers_policy("bit-allocation", "at a price", &allocated, 0);
}

static void perceptron(void)
{
	struct mlp m, grad;
	struct mlp_pass pass;
	struct adam adam;
	static const int hidden[2] = { 16, 12 };
	float *state = some_numbers(8 * 4, 72), action[4];

	mlp_alloc(&m, 8, hidden, true);
	mlp_alloc(&grad, 8, hidden, true);
	mlp_init(&m, (struct rng){ 1, 0, RNG_AGENT_INIT }, 0);
	mlp_pass_alloc(&pass, &m, 4);
	adam_alloc(&adam, &m);
	for (int step = 0; step < 2; step++) {
		for (int i = 0; i < 4; i++)
			mlp_input(&m, pass.x + i * m.inputs, state + 8 * i, 0.25f * (float)i);
		mlp_forward(&m, &pass, 4);
		for (int i = 0; i < 4; i++)
			pass.dy[i] = 1 + (float)i;
		mlp_backward(&m, &pass, 4, &grad, action);
		adam_step(&adam, &m, &grad, 0.01);
	}
	numbers("mlp", "output", pass.y, 4, 1e-3);
	numbers("mlp", "gradient of the action", action, 4, 1e-3);
	numbers("mlp", "parameters after two steps", m.w1, m.size, 1e-3);
}

static void actor(const struct features *f)
{
	static float row[12][FEATURES];
	struct ddpg d;
	float actions[12];

	for (int i = 0; i < 12; i++) {
		for (int k = 0; k < FEATURES; k++)
			row[i][k] = f->row[i / 2 + 1][k];
		row[i][FEATURE_IS_ACTIVATION] = (float)(i % 2);
	}
	ddpg_init(&d, &ddpg_conf, (const float(*)[FEATURES])row, 12, 5);
	for (int k = 1; k <= 5; k++) {
		ddpg_actions(&d, k, actions);
		ddpg_learn(&d, k, actions, (float)(k % 3));
	}
	ddpg_actions(&d, 6, actions);
	numbers("ddpg", "actions after five episodes", actions, 12, 1e-2);
	numbers("ddpg", "critic", d.critic.w1, d.critic.size, 1e-2);
}

enum { LEVEL_STATES = 5, LEVEL_ROWS = 8, LEVEL_KERNELS = 40 };

static const struct td3_conf td3_conf = {
	.hidden_1 = 16,
	.hidden_2 = 12,
	.batch = LEVEL_ROWS,
	.actor_rate = 1e-3,
	.critic_rate = 1e-2,
	.tau = 0.05,
	.discount = 0.9,
	.smoothing = 0.5,
	.smoothing_clip = 0.2,
	.actor_every = 2,
};

/* Twelve updates, of batches that end now and then. */
static void one_level(void)
{
	const struct rng r = { 6, 0, RNG_REPLAY };
	struct td3 t;
	float *state = some_numbers((LEVEL_ROWS + 1) * LEVEL_STATES, 74), action[2 * LEVEL_ROWS];
	bool ends[LEVEL_ROWS];

	td3_init(&t, &td3_conf, LEVEL_STATES, r, 0);
	for (int i = 0; i < LEVEL_ROWS; i++) {
		action[i] = 0.125f * (float)i;
		ends[i] = i % 4 == 3;
	}
	for (int k = 0; k < 12; k++)
		td3_learn(&t,
		          &(struct td3_batch){ LEVEL_ROWS, state, state + LEVEL_STATES, action, state + k,
		                               ends },
		          r, (uint64_t)k << 32);
	numbers("td3", "what critics are to say", t.target, LEVEL_ROWS, 1e-3);
	td3_actions(&t, state, LEVEL_ROWS + 1, action);
	numbers("td3", "actions after twelve updates", action, LEVEL_ROWS + 1, 1e-3);
	numbers("td3", "first critic", t.critic[0].w1, t.critic[0].size, 1e-3);
	numbers("td3", "target of the second critic", t.critic_target[1].w1, t.critic[1].size, 1e-3);
}

/* Goals of a layer that was done at random. */
static void two_levels(void)
{
	struct hiro_conf c = { 0.1, 0.8, 30, "remaining", "literal", "yes" };
	float *x = some_numbers(LEVEL_KERNELS * LEVEL_STATES, 75), action[LEVEL_KERNELS], goal[8];
	struct hiro_layer l = { LEVEL_KERNELS, 0.6f, x, action, LEVEL_STATES, .goal_at = 4, .chosen_at = 2 };
	struct td3 low;

	td3_init(&low, &td3_conf, LEVEL_STATES, (struct rng){ 8, 0, RNG_AGENT_INIT }, 0);
	for (size_t i = 0; i < low.actor.size; i++)
		low.actor.w1[i] *= 3; /* so that it matters which goal it is */
	for (int i = 0; i < LEVEL_KERNELS; i++)
		action[i] = 0.5f + 0.4f * sinf((float)i);
	for (int i = 0; i < 8; i++)
		goal[i] = hiro_goal(&c, &l, 0.1f * (float)(i + 1), 3 * i, i);
	numbers("hiro", "remaining goals", goal, 8, ROUNDING);
	number("hiro", "zeta of episode 12", hiro_zeta(&c, 12), ROUNDING);
	number("hiro", "literal reward", hiro_reward(&c, 0.3, 5.5, 4.25, 1.5, 24), ROUNDING);
	for (int i = 0; i < 8; i++) {
		c.goal = i % 2 ? "fixed" : "remaining";
		action[0] = 0.1f * (float)i;
		*low.actor.b3 = (float)i - 4;
		goal[i] = hiro_relabel(&c, &low, &l);
	}
	numbers("hiro", "relabelled goals", goal, 8, 1e-3);
}

static void rules(const struct problem *p)
{
	struct policy policy = heuristic_policy(p);
	float *actions = some_numbers((size_t)steps_of(&p->g), 73);

	numbers_policy("heuristic", "under a budget", &policy, 0);
	for (int k = 1; k <= 3 && uniform_ranked(p, k, &policy); k++)
		numbers_policy("uniform", xprintf("rank %d", k), &policy, 0);
	for (uint32_t k = 1; k <= 2; k++) {
		policy = drawn_policy(p, "latency-0.50", 7, k);
		numbers_policy("drawn", xprintf("draw %u", (unsigned)k), &policy, 0);
	}
	for (int i = 0; i < steps_of(&p->g); i++)
		actions[i] = fminf(fmaxf(0.5f + 0.3f * actions[i], 0), 1);
	policy = policy_of_actions(p, actions);
	numbers_policy("actions", "bits", &policy, 0);
	actions_of_policy(p, &policy, actions);
	numbers("actions", "of bits", actions, (size_t)steps_of(&p->g), ROUNDING);
}

/* --- agents ---------------------------------------------------------------------------------- */

typedef struct policy agent_function(const struct search *s, const struct episode *history, int k);

static void agent(const struct search *s, agent_function *choose, const char *module, const char *what,
                  const struct episode *history)
{
	for (int k = 3; k <= EPISODES; k++) {
		struct policy p = choose(s, history, k);

		numbers_policy(module, xprintf("%sepisode %d", what, k), &p, 2);
	}
	unlink(xprintf("%s/agent.npz", s->run));
}

static void agents(const struct problem *p, const struct features *f, const struct episode *history)
{
	static const struct reward_conf by_top1 = { 0.1, 20, "top1", NULL, 35, { 1, 1, 0 } },
					by_loss = { 0.1, 20, "loss", NULL, 35, { 1, 1, 0 } };
	char folder[] = "/tmp/haq-numbers-XXXXXX";
	struct search s = {
		.problem = *p, .full_precision = { 92, 99, 0.2 }, .features = *f, .seed = 4, .hash = 1
	};

	if (!mkdtemp(folder))
		die("cannot write %s:", folder);
	s.run = folder;
	s.conf = (struct agent_conf){
		.path = "numbers.conf",
		.range = p->range,
		.reward = by_top1,
		.sensitivity = sensitivity_conf,
		.thompson_width = 1,
		.greedy_every = 2,
		.broken_below = 0.5,
		.ddpg = ddpg_conf,
		.replay_action = "raw",
	};
	reward_init(&s.reward, &by_loss, p, &s.full_precision);
	for (int k = 1; k <= EPISODES; k++)
		number("reward", xprintf("by loss: episode %d", k),
		       reward_of(&s.reward, p, &history[k].policy, &history[k].score), ROUNDING);
	agent(&s, agent_sensitivity, "agent-sensitivity", "by loss: ", history);
	reward_init(&s.reward, &by_top1, p, &s.full_precision);
	for (int k = 1; k <= EPISODES; k++)
		number("reward", xprintf("episode %d", k),
		       reward_of(&s.reward, p, &history[k].policy, &history[k].score), ROUNDING);
	agent(&s, agent_sensitivity, "agent-sensitivity", "", history);
	agent(&s, agent_ddpg, "agent-ddpg", "", history);
	agent(&s, agent_random, "agent-random", "", history);
	rmdir(folder);
}

/* A layer of 24 kernels, whose weights and batch norm are drawn at random. */
static void kernels(void)
{
	enum { KERNELS = 24, EACH = 9 };
	struct layer l = { .name = "l", .cout = KERNELS, .weights = KERNELS * EACH };
	float weight[KERNELS * EACH], gamma[KERNELS], variance[KERNELS];
	struct layer_weights w = { .weight = weight, .gamma = gamma, .variance = variance };
	double s[KERNELS], each[KERNELS];
	unsigned char bits[KERNELS];

	for (uint64_t i = 0; i < KERNELS * EACH; i++)
		weight[i] = (float)(some_bits(90, i) % 2001) / 1000 - 1;
	for (uint64_t k = 0; k < KERNELS; k++) {
		gamma[k] = (float)(1 + some_bits(91, k) % 100) / 50;
		variance[k] = (float)(1 + some_bits(92, k) % 100) / 20;
	}
	for (int own = 0; own < 2; own++) {
		kernel_sensitivities(&l, &w, own, s);
		numbers_double("kernel-bits", own ? "ranges of kernels" : "range of the layer", s, KERNELS,
		               1e-6);
		kernel_bits(s, KERNELS, 4 * KERNELS + 5, (struct bit_range){ 2, 8 }, bits);
		for (int k = 0; k < KERNELS; k++)
			each[k] = bits[k];
		numbers_double("kernel-bits", own ? "bits of kernels" : "bits by the layer's range", each,
		               KERNELS, 1e-12);
	}
}

void numbers_of_search(void)
{
	struct problem p = some_problem();
	struct episode *history = some_history(&p);
	struct features f;

	features_of(&f, &p.g);
	numbers("features", "all", f.row[0], (size_t)f.layers * FEATURES, ROUNDING);
	model(&p, history);
	perceptron();
	actor(&f);
	one_level();
	two_levels();
	rules(&p);
	kernels();
	agents(&p, &f, history);
}
