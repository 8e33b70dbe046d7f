#include "report/claims.h"
#include "io/csv.h"
#include "report/student.h"
#include "report/text-table.h"

#include <math.h>

#define REVISION 1    /* raise when the numbers change */
#define MOST_WINS 0.9 /* share of comparisons that must be won for a claim that all are */

void claims_add(struct claims *all, struct claim c)
{
	if (all->n == (int)LEN(all->at))
		BUG("more than %zu claims", LEN(all->at));
	all->at[all->n++] = c;
}

void claims_wins(struct claims *all, const char *text, const char *paper, int won, int of, int seeds)
{
	if (of)
		claims_add(all, (struct claim){ text, paper, won, NAN, seeds, xprintf("of %d", of),
		                                won >= MOST_WINS * of ? 1 : -1 });
}

void claims_seeds(struct claims *all, struct claim c, const struct sample *seeds, int sign, double clear)
{
	if (!seeds->n)
		return;
	c.ours = sample_mean(seeds);
	c.spread = sample_error(seeds);
	c.seeds = seeds->n;
	c.verdict = seeds->n > 1 ? student_sign(sign * c.ours, c.spread, seeds->n - 1)
	                         : student_sign(sign * c.ours, clear / 2, 99);
	claims_add(all, c);
}

static const char *verdict(const struct claim *c)
{
	return c->verdict > 0 ? "holds" : c->verdict < 0 ? "does not hold" : "undecided";
}

void claims_write(const struct claims *all, const char *path)
{
	struct csv_writer t = csv_create(path, "claim,paper,ours,spread,seeds,verdict");

	for (const struct claim *c = all->at; c < all->at + all->n; c++) {
		csv_quoted(&t, c->text);
		csv_text(&t, c->paper);
		csv_real(&t, c->ours, 4);
		csv_real(&t, c->spread, 3);
		csv_int(&t, c->seeds);
		csv_text(&t, verdict(c));
		csv_end_row(&t);
	}
	csv_commit(&t);
}

void claims_write_text(const struct claims *all, const char *title, const char *path)
{
	static const struct text_column columns[] = { { "claim", LEFT, 92, 0 },
		                                      { "paper", LEFT, 13, 2 },
		                                      { "ours", LEFT, 22, 2 },
		                                      { "seeds", RIGHT, 5, 2 },
		                                      { "verdict", LEFT, 0, 2 } };
	struct text_table *t = text_table_new(columns, LEN(columns));
	FILE *f = out_open(path);

	for (const struct claim *c = all->at; c < all->at + all->n; c++) {
		text_cell(t, "%s", c->text);
		text_cell(t, "%s", c->paper);
		if (isnan(c->spread))
			text_cell(t, "%.3g %s", c->ours, c->unit);
		else
			text_cell(t, "%.3g +- %.2g %s", c->ours, c->spread, c->unit);
		text_cell(t, "%d", c->seeds);
		text_cell(t, "%s", verdict(c));
		text_end_row(t);
	}
	fprintf(f, "%s\n\n", title);
	text_table_print(t, f);
	text_table_free(t);
	out_commit(f);
}
