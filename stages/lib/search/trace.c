#include "search/trace.h"
#include "io/csv.h"

#include <math.h>
#include <stdlib.h>

static double reward_of_episode(const struct search *s, const struct episode *e)
{
	return reward_of(&s->reward, &s->problem, &e->policy, &e->score);
}

static bool is_among(const struct graph *g, const struct episode *history, const int *taken, int n,
                     const struct policy *p)
{
	for (int i = 0; i < n; i++)
		if (policy_equal(g, &history[taken[i]].policy, p))
			return true;
	return false;
}

int trace_best(const struct search *s, const struct episode *history, int count, int rank, double *reward)
{
	int *taken = xmalloc((size_t)rank, sizeof *taken), best = 0;

	for (int n = 0; n < rank && (best || !n); n++) {
		best = 0;
		*reward = -INFINITY;
		for (int i = 1; i <= count; i++) {
			double r = reward_of_episode(s, &history[i]);

			if (r > *reward && !is_among(&s->problem.g, history, taken, n, &history[i].policy))
				*reward = r, best = i;
		}
		taken[n] = best;
	}
	free(taken);
	return best;
}

static void write_costs(struct csv_writer *t, const struct search *s, const struct policy *p)
{
	for (int m = 0; m < METRICS; m++)
		csv_real(t, problem_cost_if_known(&s->problem, p, (enum metric)m), 12);
}

void trace_write(const struct search *s, const struct episode *history, int count, const char *path)
{
	struct csv_writer t =
		csv_create(path, "episode,reward,best_reward,top1,latency_ms,energy_mj,weight_bytes");
	double best = -INFINITY;

	for (int i = 1; i <= count; i++) {
		double reward = reward_of_episode(s, &history[i]);

		best = fmax(best, reward);
		csv_int(&t, i);
		csv_real(&t, reward, 6);
		csv_real(&t, best, 6);
		csv_real(&t, history[i].score.top1, 6);
		write_costs(&t, s, &history[i].policy);
		csv_end_row(&t);
	}
	csv_commit(&t);
}

void reward_write(const struct search *s, const struct policy *p, const struct score *score, const char *path)
{
	struct csv_writer t = csv_create(path, "layer,latency_ms,energy_mj,weight_bytes,reward");

	csv_text(&t, "total");
	write_costs(&t, s, p);
	csv_real(&t, reward_of(&s->reward, &s->problem, p, score), 6);
	csv_end_row(&t);
	csv_commit(&t);
}
