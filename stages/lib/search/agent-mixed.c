#include "search/agent.h"

#include <math.h>

#define REVISION 1 /* raise when the numbers change */

/*
 * Episodes spread evenly: `model_share` of them by the sensitivity agent, the others by DDPG, which learns
 * from all.
 */
struct policy agent_mixed(const struct search *s, const struct episode *history, int k)
{
	double share = s->conf.model_share;
	bool by_model = floor(k * share) > floor((k - 1) * share);

	return by_model ? agent_sensitivity(s, history, k) : agent_ddpg(s, history, k);
}
