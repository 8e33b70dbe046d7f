#include "search/trace.h"

#include <math.h>

static double reward_of_episode(const struct search *s, const struct episode *e)
{
	return reward_of(&s->reward, &s->problem, &e->policy, e->score.top1);
}

int trace_best(const struct search *s, const struct episode *history, int count, double *reward)
{
	int best = 1;

	*reward = -INFINITY;
	for (int i = 1; i <= count; i++) {
		double r = reward_of_episode(s, &history[i]);

		if (r > *reward)
			*reward = r, best = i;
	}
	return best;
}

static void write_costs(FILE *f, const struct search *s, const struct policy *p)
{
	for (int m = 0; m < METRICS; m++) {
		double cost = problem_cost_if_known(&s->problem, p, (enum metric)m);

		fprintf(f, isnan(cost) ? "," : ",%.12g", cost);
	}
}

void trace_write(const struct search *s, const struct episode *history, int count, const char *path)
{
	double best = -INFINITY;
	FILE *f = out_open(path);

	fputs("episode,reward,best_reward,top1,latency_ms,energy_mj,weight_bytes\n", f);
	for (int i = 1; i <= count; i++) {
		double reward = reward_of_episode(s, &history[i]);

		best = fmax(best, reward);
		fprintf(f, "%d,%.6g,%.6g,%.6g", i, reward, best, history[i].score.top1);
		write_costs(f, s, &history[i].policy);
		fputc('\n', f);
	}
	out_commit(f);
}

void reward_write(const struct search *s, const struct policy *p, const struct score *score, const char *path)
{
	FILE *f = out_open(path);

	fputs("layer,latency_ms,energy_mj,weight_bytes,reward\ntotal", f);
	write_costs(f, s, p);
	fprintf(f, ",%.6g\n", reward_of(&s->reward, &s->problem, p, score->top1));
	out_commit(f);
}
