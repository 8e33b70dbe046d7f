/*
 * cost-grid.h - what policies cost on several accelerators.  Written by tabulate-costs, read by check-claims.
 *
 *	policy,bismo-edge latency_ms,bitfusion latency_ms,bitfusion energy_mj,top1
 *	net/bismo-edge/latency-w4a4/seed-1/best,4.25,1.5,0.75,90.1000
 *
 * A column for each accelerator and cost that any policy has there, empty where one has not; `top1`, in
 * percent, where the table has accuracies.
 */
#ifndef COST_GRID_H
#define COST_GRID_H

#include "io/csv.h"

enum cost_column { COST_LATENCY, COST_ENERGY, COST_COLUMNS };
extern const char *const cost_columns[COST_COLUMNS]; /* latency_ms, energy_mj */

struct cost_grid {
	int policies, hardwares;
	const char **policy, **hardware;
	double (*at)[COST_COLUMNS]; /* [policies][hardwares]; NaN: not known */
	double *top1;               /* [policies], or NULL */
};

/* Takes the names from a list's columns `policy` and `hardware`, in order of appearance; costs are NaN. */
void cost_grid_of(struct cost_grid *g, const struct table *list);
double *cost_grid_at(const struct cost_grid *g, int policy, int hardware); /* [COST_COLUMNS] */
int cost_grid_policy(const struct cost_grid *g, const char *name);         /* or -1 */
int cost_grid_hardware(const struct cost_grid *g, const char *name);
bool cost_grid_has(const struct cost_grid *g, int hardware, enum cost_column c); /* any policy has it */

void cost_grid_write(const struct cost_grid *g, const char *path); /* dies */
/* From a table that was read already, and stays: its lines are for messages.  Dies. */
void cost_grid_read(struct cost_grid *g, const struct table *t);

#endif
