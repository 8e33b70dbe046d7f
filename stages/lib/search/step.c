#include "search/step.h"
#include "search/agent.h"
#include "search/trace.h"

#include <string.h>

struct step step = { .count = "searched", .ranges = "kernel", .rank = 1 };

void step_check_number(const char *option, long x)
{
	if (x < 1 || x > 9999)
		usage("--%s is 1 to 9999, not %ld", option, x);
}

bool step_shares_range(void)
{
	if (strcmp(step.ranges, "layer") && strcmp(step.ranges, "kernel"))
		usage("--ranges is layer or kernel, not '%s'", step.ranges);
	return !strcmp(step.ranges, "layer");
}

static void read_search(struct search *s)
{
	step.files.shares_range = step_shares_range();
	step.files.problem.count = costs_count_named(step.count);
	step.files.problem.conf = step.files.conf;
	search_read(s, &step.files, (uint64_t)step.seed);
	if (agent_is_kernel_wise(s->conf.kind) && !step.kernel_wise)
		die("%s: agent %s chooses bits of kernels, as autoq-step does", step.files.conf,
		    s->conf.name);
	if (!agent_is_kernel_wise(s->conf.kind) && step.kernel_wise)
		die("%s: agent %s chooses bits of layers, as ddpg-step does", step.files.conf, s->conf.name);
}

static void write_policy(const struct graph *g, const struct policy *p)
{
	if (step.kernels)
		policy_write_kernels(g, p, step.kernels);
	policy_write(g, p, step.out);
}

void step_act(void)
{
	struct search s;
	struct policy p;

	step_check_number("episode", step.episode);
	read_search(&s);
	p = agent_policy(&s, (int)step.episode);
	write_policy(&s.problem.g, &p);
}

void step_best(void)
{
	struct search s;
	const struct episode *history;
	double reward;
	int found;

	step_check_number("episodes", step.episode);
	step_check_number("rank", step.rank);
	read_search(&s);
	history = search_history(&s, (int)step.episode);
	found = trace_best(&s, history, (int)step.episode, (int)step.rank, &reward);
	if (!found)
		die("%s: fewer than %ld different policies in %ld episodes", step.files.run, step.rank,
		    step.episode);
	note("episode %d, reward %.4f, top-1 %.3f %%", found, reward, history[found].score.top1);
	write_policy(&s.problem.g, &history[found].policy);
}

void step_trace(void)
{
	struct search s;

	step_check_number("episodes", step.episode);
	read_search(&s);
	trace_write(&s, search_history(&s, (int)step.episode), (int)step.episode, step.out);
}

void step_reward(void)
{
	struct search s;
	struct policy p;
	struct score score;

	read_search(&s);
	p = policy_read(&s.problem.g, step.policy);
	if (step.kernels)
		policy_read_kernels(&p, &s.problem.g, step.kernels);
	score = score_read(step.score);
	reward_write(&s, &p, &score, step.out);
}

void step_uniform(void)
{
	struct graph g;
	struct policy p;
	int w, a;

	if (!policy_parse_uniform(step.files.problem.budget, &w, &a))
		usage("--bits are as in w4a4, 1 to 8, not '%s'", step.files.problem.budget);
	graph_read(&g, step.files.problem.net);
	p = policy_uniform(&g, w, a);
	write_policy(&g, &p);
}
