/*
 * trace.h - what a search found: its best episode, and what each episode scored, cost and was worth.
 *
 *	episode,reward,best_reward,top1,latency_ms,energy_mj,weight_bytes      trace_write(): a row an episode
 *	layer,latency_ms,energy_mj,weight_bytes,reward                         reward_write(): a row `total`
 *
 * Costs are those that the budget counts (COUNT_SEARCHED or COUNT_ALL); a cell is empty where the accelerator
 * has no such figure.
 */
#ifndef TRACE_H
#define TRACE_H

#include "search/search.h"

/*
 * The episode of the rank-th highest reward among 1..count, rank from 1; the first of equals, and of those
 * with the same bits only the best.  Its reward into *reward.  0 where there are not as many policies.
 */
int trace_best(const struct search *s, const struct episode *history, int count, int rank, double *reward);
void trace_write(const struct search *s, const struct episode *history, int count, const char *path);
void reward_write(const struct search *s, const struct policy *p, const struct score *score,
                  const char *path);

#endif
