#include "report/cost-grid.h"

#include <math.h>
#include <string.h>

const char *const cost_columns[COST_COLUMNS] = { "latency_ms", "energy_mj" };

static int find(const char *const *names, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

int cost_grid_policy(const struct cost_grid *g, const char *name)
{
	return find(g->policy, g->policies, name);
}

int cost_grid_hardware(const struct cost_grid *g, const char *name)
{
	return find(g->hardware, g->hardwares, name);
}

double *cost_grid_at(const struct cost_grid *g, int policy, int hardware)
{
	return g->at[policy * g->hardwares + hardware];
}

static void alloc_costs(struct cost_grid *g)
{
	g->at = xmalloc((size_t)g->policies * (size_t)g->hardwares + 1, sizeof *g->at);
	for (int i = 0; i < g->policies * g->hardwares; i++)
		for (int c = 0; c < COST_COLUMNS; c++)
			g->at[i][c] = NAN;
}

void cost_grid_of(struct cost_grid *g, const struct table *list)
{
	int policy = table_column(list, "policy"), hardware = table_column(list, "hardware");

	*g = (struct cost_grid){ .policy = xmalloc(list->rows + 1, sizeof *g->policy),
		                 .hardware = xmalloc(list->rows + 1, sizeof *g->hardware) };
	for (size_t i = 0; i < list->rows; i++) {
		const char *p = table_text(list, i, policy), *h = table_text(list, i, hardware);

		if (cost_grid_policy(g, p) < 0)
			g->policy[g->policies++] = p;
		if (cost_grid_hardware(g, h) < 0)
			g->hardware[g->hardwares++] = h;
	}
	alloc_costs(g);
}

bool cost_grid_has(const struct cost_grid *g, int hardware, enum cost_column c)
{
	for (int p = 0; p < g->policies; p++)
		if (!isnan(cost_grid_at(g, p, hardware)[c]))
			return true;
	return false;
}

void cost_grid_write(const struct cost_grid *g, const char *path)
{
	struct csv_writer t = csv_create(path, NULL);

	for (int p = -1; p < g->policies; p++) { /* -1: the header */
		csv_text(&t, p < 0 ? "policy" : g->policy[p]);
		for (int c = 0; c < COST_COLUMNS; c++)
			for (int h = 0; h < g->hardwares; h++) {
				if (!cost_grid_has(g, h, (enum cost_column)c))
					continue;
				if (p < 0)
					csv_text(&t, xprintf("%s %s", g->hardware[h], cost_columns[c]));
				else
					csv_real(&t, cost_grid_at(g, p, h)[c], 8);
			}
		if (g->top1 && p < 0)
			csv_text(&t, "top1");
		else if (g->top1)
			csv_fixed(&t, g->top1[p], 4);
		csv_end_row(&t);
	}
	csv_commit(&t);
}

/* "HARDWARE latency_ms" -> HARDWARE and which cost; false of other columns */
static bool split(const char *header, char **hardware, int *cost)
{
	const char *blank = strrchr(header, ' ');

	*cost = blank ? find(cost_columns, COST_COLUMNS, blank + 1) : -1;
	if (*cost < 0)
		return false;
	*hardware = xprintf("%.*s", (int)(blank - header), header);
	return true;
}

void cost_grid_read(struct cost_grid *g, const struct table *t)
{
	int top1 = table_find(t, "top1"), cost;
	char *hardware;

	*g = (struct cost_grid){ .policies = (int)t->rows,
		                 .policy = xmalloc(t->rows + 1, sizeof *g->policy),
		                 .hardware = xmalloc(t->columns + 1, sizeof *g->hardware),
		                 .top1 = top1 < 0 ? NULL : xmalloc(t->rows + 1, sizeof *g->top1) };
	for (size_t c = 0; c < t->columns; c++)
		if (split(t->header[c], &hardware, &cost) && cost_grid_hardware(g, hardware) < 0)
			g->hardware[g->hardwares++] = hardware;
	alloc_costs(g);
	for (size_t i = 0; i < t->rows; i++) {
		g->policy[i] = table_text(t, i, table_column(t, "policy"));
		if (g->top1)
			g->top1[i] = table_number(t, i, "top1");
		for (size_t c = 0; c < t->columns; c++)
			if (split(t->header[c], &hardware, &cost))
				cost_grid_at(g, (int)i, cost_grid_hardware(g, hardware))[cost] =
					table_number(t, i, t->header[c]);
	}
}
