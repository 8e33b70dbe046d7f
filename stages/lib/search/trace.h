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

/* The episode of the highest reward among 1..count, the first of equals; its reward into *reward. */
int trace_best(const struct search *s, const struct episode *history, int count, double *reward);
void trace_write(const struct search *s, const struct episode *history, int count, const char *path);
void reward_write(const struct search *s, const struct policy *p, const struct score *score,
                  const char *path);

#endif
