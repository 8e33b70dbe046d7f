#include "search/agent.h"
#include "search/uniform.h"

typedef struct policy agent_function(const struct search *s, const struct episode *history, int k);

static agent_function *const agents[AGENTS] = {
	[AGENT_SENSITIVITY] = agent_sensitivity,
	[AGENT_DDPG] = agent_ddpg,
	[AGENT_RANDOM] = agent_random,
	[AGENT_MIXED] = agent_mixed,
	[AGENT_KERNEL_SENSITIVITY] = agent_kernel_sensitivity,
	[AGENT_KERNEL_RANDOM] = agent_kernel_random,
	[AGENT_AUTOQ] = agent_autoq,
};

struct policy agent_policy(const struct search *s, int k)
{
	const struct episode *history = search_history(s, k - 1);
	struct policy p;

	if (k <= s->conf.uniform_first && uniform_ranked(&s->problem, k, &p)) {
		if (agent_is_kernel_wise(s->conf.kind))
			policy_add_kernels(&p, &s->problem.g);
		return p;
	}
	return agents[s->conf.kind](s, history, k);
}
