#include "search/hiro.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

double hiro_zeta(const struct hiro_conf *c, int episode)
{
	double share =
		c->zeta_episodes > 1 ? fmin((double)(episode - 1) / (double)(c->zeta_episodes - 1), 1) : 1;

	return c->zeta_first + share * (c->zeta_last - c->zeta_first);
}

float hiro_goal(const struct hiro_conf *c, const struct hiro_layer *l, float goal, int done, double sum)
{
	double left;

	if (strcmp(c->goal, "remaining"))
		return goal;
	left = ((double)goal * l->kernels - sum) / (l->kernels - done);
	return (float)fmin(fmax(left, 0), 1);
}

double hiro_reward(double zeta, double goal_bits, double mean_bits, double extrinsic)
{
	return -(1 - zeta) * fabs(goal_bits - mean_bits) + zeta * extrinsic;
}

static double sum_of(const float *x, int n)
{
	double sum = 0;

	for (int i = 0; i < n; i++)
		sum += (double)x[i];
	return sum;
}

/* Minus half the squares of what the low level would have done otherwise under this goal. */
static double likelihood(const struct hiro_conf *c, struct td3 *low, const struct hiro_layer *l, float goal)
{
	int judged = l->kernels < HIRO_KERNELS ? l->kernels : HIRO_KERNELS, at = 0;
	float *state = xmalloc((size_t)(judged * l->state_size), sizeof *state), action[HIRO_KERNELS];
	double sum = 0, squares = 0;

	for (int i = 0; i < judged; i++) {
		int k = (int)((int64_t)i * l->kernels / judged);
		float *row = state + i * l->state_size;

		sum += sum_of(l->action + at, k - at);
		at = k;
		memcpy(row, l->state + k * l->state_size, (size_t)l->state_size * sizeof *row);
		row[l->goal_at] = hiro_goal(c, l, goal, k, sum);
	}
	td3_actions(low, state, judged, action);
	for (int i = 0; i < judged; i++) {
		double off = (double)(l->action[(int64_t)i * l->kernels / judged] - action[i]);

		squares += off * off;
	}
	free(state);
	return -squares / 2;
}

float hiro_relabel(const struct hiro_conf *c, struct td3 *low, const struct hiro_layer *l)
{
	float achieved = (float)(sum_of(l->action, l->kernels) / l->kernels), best = l->goal;
	double most = -INFINITY;

	if (strcmp(c->relabelled, "yes"))
		return l->goal;
	for (int i = 0; i < HIRO_CANDIDATES; i++) {
		/* the original, the achieved, and an eighth of the width of one apart */
		double step = i < 6 ? i - 6 : i - 5;
		float goal = i == 0   ? l->goal
		             : i == 1 ? achieved
		                      : (float)fmin(fmax((double)achieved + step / 8, 0), 1);
		double now = likelihood(c, low, l, goal);

		if (now > most) {
			most = now;
			best = goal;
		}
	}
	return best;
}
