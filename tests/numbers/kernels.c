#include "numbers.h"
#include "search/agent.h"
#include "search/autoq.h"
#include "search/kernel-menu.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODEL "hwmodels/bismo-edge.conf"
enum { EPISODES = 5, LAYER = 4 };

static const struct autoq_conf autoq_conf = {
	.levels = 2,
	.llc = "hiro",
	.budget = "walk",
	.high_reward = "every",
	.hiro = { 0.1, 0.8, 10, "remaining", "mean", "yes" },
	.td3 = { .hidden_1 = 16,
	         .hidden_2 = 12,
	         .batch = 8,
	         .actor_rate = 1e-3,
	         .critic_rate = 1e-2,
	         .tau = 0.05,
	         .smoothing = 0.1,
	         .smoothing_clip = 0.25,
	         .actor_every = 2 },
	.low_discount = 1,
	.goal_noise = 0.3,
	.kernel_noise = 0.05,
	.slope_noise = 0.5,
	.noise_decay = 0.9,
	.noise_constant = 1,
	.high_replay = 1000,
	.low_replay = 1000,
	.high_updates = 6,
	.low_updates = 9,
};

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

/* Half of what 8/8 bits cost, and what kernels of different bits cost as well. */
static void some_search(struct search *s)
{
	static const struct reward_conf reward = { 0.1, 20, "loss", NULL, 35, { 1, 1, 0 } };
	struct problem *p = &s->problem;
	struct weights w;

	*s = (struct search){ .full_precision = { 92, 99, 0.2 }, .seed = 4, .hash = 1 };
	some_network(&p->g, &w);
	p->range = (struct bit_range){ 2, 8 };
	p->machine = simulator_of_model(MODEL);
	p->machine->read(MODEL, &p->g);
	costs_alloc(&p->costs, &p->g);
	for (int i = 0; i < p->g.layers; i++)
		FOR_BITS(b, ALL_BITS) {
			int channels[BITS_MAX + 1] = { 0 };

			channels[b.w] = p->g.layer[i].cout;
			*costs_at(&p->costs, i, b) =
				simulator_layer_cost(p->machine, &p->g, i, channels, b.a);
		}
	p->budget = budget_parse("latency-0.50", &p->costs, &p->g, COUNT_SEARCHED, p->range);
	kernel_groups_of(&s->groups, &p->g, &w, (struct kernel_order){ 4, 0.7, false });
	features_of(&s->features, &p->g);
	s->conf = (struct agent_conf){
		.path = "numbers.conf",
		.range = p->range,
		.reward = reward,
		.sensitivity = sensitivity_conf,
		.thompson_width = 1,
		.greedy_every = 2,
		.broken_below = 0.5,
		.layers_every = 4,
		.autoq = autoq_conf,
	};
	reward_init(&s->reward, &reward, p, &s->full_precision);
}

/* The bits of all kernels, as their mean and a mean by place; some of them may tip. */
static void numbers_kernels(const char *module, const char *name, const struct graph *g,
                            const struct policy *p, double share)
{
	double *bits = xmalloc(4096, sizeof *bits);
	size_t n = 0;

	for (int i = 0; i < g->layers; i++)
		for (int k = 0; k < g->layer[i].cout; k++)
			bits[n++] = policy_kernel_bits(p, i, k);
	numbers_double(module, name, bits, n, share);
	free(bits);
}

static struct policy some_kernels(const struct graph *g, uint64_t stream)
{
	struct policy p = policy_uniform(g, 4, 4);
	uint64_t n = 0;

	policy_add_kernels(&p, g);
	for (int i = 0; i < g->layers; i++) {
		if (!g->layer[i].is_searched)
			continue;
		p.bits[i].a = (unsigned char)(2 + some_bits(stream, n++) % 5);
		for (int k = 0; k < g->layer[i].cout; k++)
			p.kernels[i][k] = (unsigned char)(2 + some_bits(stream, n++) % 5);
		policy_set_widest(&p, g, i);
	}
	return p;
}

static void parts(const struct search *s)
{
	const struct kernel_layer *l = &s->groups.layer[LAYER];
	struct policy p = some_kernels(&s->problem.g, 200);
	struct kernel_menu m;
	double *noise;

	numbers_double("kernel-groups", "sensitivities", l->sensitivity, (size_t)l->kernels, 1e-6);
	number("kernel-groups", "noise", kernel_groups_noise(l, p.kernels[LAYER]), 1e-6);
	kernel_menu_of(&m, &s->problem, &s->groups, LAYER, true);
	noise = xmalloc((size_t)m.n, sizeof *noise);
	for (int i = 0; i < m.n; i++)
		noise[i] = m.choice[i].noise;
	numbers_double("kernel-menu", "noise of the choices", noise, (size_t)m.n, 1e-6);
	free(noise);
	kernel_menu_free(&m);
	problem_enforce(&s->problem, &p);
	numbers_kernels("problem", "kernels under a budget", &s->problem.g, &p, 1e-6);
	numbers_policy("problem", "layers under a budget", &p, 0);
}

/* Episodes 1..EPISODES, by the fewer bits the worse. */
static struct episode *some_history(const struct search *s)
{
	struct episode *history = xmalloc(EPISODES + 1, sizeof *history);

	for (int k = 1; k <= EPISODES; k++) {
		struct policy p = some_kernels(&s->problem.g, 200 + (uint64_t)k);
		double loss = 0;

		problem_enforce(&s->problem, &p);
		for (int i = 0; i < p.layers; i++)
			if (s->problem.g.layer[i].is_searched)
				loss += 0.01 * (kernel_groups_noise(&s->groups.layer[i], p.kernels[i]) +
				                ldexp(1, 2 * (4 - p.bits[i].a)));
		history[k] = (struct episode){ p, { 90, 99, 0.2 + loss }, (uint64_t)k };
	}
	return history;
}

typedef struct policy agent_function(const struct search *s, const struct episode *history, int k);

static void agent(const struct search *s, agent_function *choose, const char *module, const char *what,
                  const struct episode *history)
{
	for (int k = 2; k <= EPISODES; k++) {
		struct policy p = choose(s, history, k);

		numbers_kernels(module, xprintf("%sepisode %d", what, k), &s->problem.g, &p, 0.02);
	}
	unlink(xprintf("%s/agent.npz", s->run));
}

/* What the two levels do, and what they are after they learnt. */
static void levels(const struct search *s, const struct episode *history)
{
	struct autoq q;
	float goal[16], row[AUTOQ_LOW];
	struct policy p;

	autoq_init(&q, s, EPISODES);
	p = autoq_act(&q, 1, goal);
	numbers("autoq-act", "goals", goal, (size_t)q.layers, 1e-2);
	numbers_kernels("autoq-act", "kernels", &s->problem.g, &p, 0.02);
	autoq_state_low(&q, 1, 1, 0.4f, 0.3f, 0.2f, row);
	numbers("autoq", "a state of the low level", row, AUTOQ_LOW, 1e-5);
	for (int k = 1; k <= 3; k++) {
		for (int n = 0; n < q.layers; n++)
			goal[n] = autoq_reached(&q, &history[k].policy, n);
		autoq_remember(&q, &history[k].policy, -k, goal);
		autoq_learn(&q);
	}
	numbers("autoq", "goals that were reached", goal, (size_t)q.layers, ROUNDING);
	numbers("autoq-learn", "high level", q.high.critic[0].w1, q.high.critic[0].size, 1e-2);
	numbers("autoq-learn", "low level", q.low.critic[0].w1, q.low.critic[0].size, 1e-2);
	autoq_free(&q);
}

void numbers_of_kernels(void)
{
	char folder[] = "/tmp/haq-numbers-XXXXXX";
	struct episode *history;
	struct search s;

	some_search(&s);
	parts(&s);
	history = some_history(&s);
	if (!mkdtemp(folder))
		die("cannot write %s:", folder);
	s.run = folder;
	agent(&s, agent_kernel_sensitivity, "agent-kernels", "", history);
	agent(&s, agent_kernel_random, "agent-kernels", "random: ", history);
	agent(&s, agent_autoq, "agent-autoq", "", history);
	s.conf.autoq.levels = 1;
	agent(&s, agent_autoq, "agent-autoq", "flat: ", history);
	s.conf.autoq.levels = 2;
	s.conf.autoq.budget = "limit";
	levels(&s, history);
	rmdir(folder);
}
