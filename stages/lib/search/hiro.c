#include "search/hiro.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

static double within(double x, double low, double high)
{
	return fmin(fmax(x, low), high);
}

double hiro_zeta(const struct hiro_conf *c, int episode)
{
	double share = 1;

	if (c->zeta_episodes > 1)
		share = within((double)(episode - 1) / (double)(c->zeta_episodes - 1), 0, 1);
	return c->zeta_first + share * (c->zeta_last - c->zeta_first);
}

float hiro_goal(const struct hiro_conf *c, const struct hiro_layer *l, float goal, int done, double sum)
{
	if (done < 0 || done >= l->kernels)
		BUG("kernel %d of a layer of %d", done, l->kernels);
	if (!strcmp(c->goal, "fixed"))
		return goal;
	return (float)within(((double)goal * l->kernels - sum) / (l->kernels - done), 0, 1);
}

double hiro_reward(const struct hiro_conf *c, double zeta, double goal_bits, double mean_bits,
                   double extrinsic, int kernels)
{
	double mean = zeta * extrinsic - (1 - zeta) * fabs(goal_bits - mean_bits);

	return strcmp(c->intrinsic, "literal") ? mean : kernels * mean;
}

/* --- relabelling ----------------------------------------------------------------------------- */

/* The kernels by which goals of a layer are judged. */
struct judged {
	int n, kernel[HIRO_KERNELS];
	double sum[HIRO_KERNELS]; /* of the actions before each */
	float *state;             /* [n][state_size] */
};

static void judged_alloc(struct judged *j, const struct hiro_layer *l)
{
	size_t width = (size_t)l->state_size;
	double sum = 0;
	int at = 0;

	j->n = l->kernels < HIRO_KERNELS ? l->kernels : HIRO_KERNELS;
	j->state = xmalloc((size_t)j->n * width, sizeof *j->state);
	for (int i = 0; i < j->n; i++) {
		j->kernel[i] = (int)((int64_t)i * l->kernels / j->n);
		for (; at < j->kernel[i]; at++)
			sum += (double)l->action[at];
		j->sum[i] = sum;
		memcpy(j->state + (size_t)i * width, l->state + (size_t)at * width, width * sizeof *j->state);
	}
}

/* The squares of what the low level would do otherwise under this goal. */
static double squares(const struct hiro_conf *c, struct td3 *low, const struct hiro_layer *l,
                      struct judged *j, float goal)
{
	float action[HIRO_KERNELS];
	double sum = 0;

	for (int i = 0; i < j->n; i++) {
		float *state = j->state + i * l->state_size;

		if (l->chosen_at)
			state[l->chosen_at] = goal;
		state[l->goal_at] = hiro_goal(c, l, goal, j->kernel[i], j->sum[i]);
	}
	td3_actions(low, j->state, j->n, action);
	for (int i = 0; i < j->n; i++) {
		double off = (double)l->action[j->kernel[i]] - (double)action[i];

		sum += off * off;
	}
	return sum;
}

/* The original, the achieved, and those around it from the lowest on. */
static void candidates(const struct hiro_layer *l, float goal[2 + HIRO_AROUND])
{
	double achieved = 0;

	for (int i = 0; i < l->kernels; i++)
		achieved += (double)l->action[i] / l->kernels;
	goal[0] = l->goal;
	goal[1] = (float)achieved;
	for (int i = 0; i < HIRO_AROUND; i++) {
		int step = i - HIRO_AROUND / 2;

		step += step >= 0; /* 0 is the achieved */
		goal[2 + i] = (float)within(achieved + step * HIRO_APART, 0, 1);
	}
}

float hiro_relabel(const struct hiro_conf *c, struct td3 *low, const struct hiro_layer *l)
{
	float goal[2 + HIRO_AROUND], best = l->goal;
	double least = INFINITY;
	struct judged j;

	if (!strcmp(c->relabelled, "no"))
		return l->goal;
	judged_alloc(&j, l);
	candidates(l, goal);
	for (int i = 0; i < 2 + HIRO_AROUND; i++) {
		double now = squares(c, low, l, &j, goal[i]);

		if (now < least) {
			least = now;
			best = goal[i];
		}
	}
	free(j.state);
	return best;
}
