/*
 * check-claims - what the paper says of its tables and figures, measured on ours.
 *
 * Reads a list kind,name,path:
 *
 *	table,NAME,FILE.csv        a table of `tabulate`; NAME is latency, energy or size, what its budgets are of
 *	own,NAME,FILE.csv          a table of `tabulate-costs`, square: policy k was searched for hardware k (Table 1)
 *	bits,NAME,FILE.csv         a roofline of a simulator, for bits and kinds of layers; one row a seed; NAME edge,
 *	                           cloud or size
 *	trace,NAME,FILE.csv        a trace of `ddpg-step` without a budget; one row a seed
 *
 * Writes claim,paper,ours,spread,seeds,verdict, and with --text the same aligned.  Differences of accuracy are means
 * over rows, their spread the standard error: from the deviations over seeds (a uniform policy counts for all
 * accelerators it is compared on), or with one seed from the scatter of rows.  A claim holds where chance would do it
 * in 1 of 40 cases (Student's t), fails as far on the other side, and is undecided between.  What is saved at
 * negligible loss, NEGLIGIBLE points of top-1, is compared with the paper's as it is; its spread is the deviation
 * over networks and accelerators.
 */
#include "lib/cli.h"
#include "lib/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 2
#define NEGLIGIBLE 0.3          /* the standard error of 10,000 images at 91 % */
#define CLEAR_BITS 0.25         /* of a mean of bits, with one seed */
#define CLEAR_PERCENT 2.0       /* of a change of latency, with one seed */
#define WINDOW 15               /* episodes whose mean a curve of Figure 6 shows */

static const char *list_path, *out_path, *text_path, *title = "";

static const struct opt options[] = {
	{ 'l', "list",   OPT_PATH, &list_path, "list.csv",   "what was measured" },
	{ 'o', "output", OPT_OUT,  &out_path,  "claims.csv", "claims and verdicts" },
	{ 't', "text",   OPT_OUT,  &text_path, NULL,         "the same as aligned text" },
	{ 0,   "title",  OPT_TEXT, &title,     NULL,         "line above the text" },
	{ 0 }
};

struct claim {
	const char *text, *paper;
	double ours, spread;    /* NAN: nothing measured; no spread */
	int seeds;
	const char *verdict, *unit;
};

static struct claim claims[32];
static int nclaims;

static void add(struct claim c)
{
	if (nclaims < (int)LEN(claims))
		claims[nclaims++] = c;
}

/* 97.5 % of Student's distribution; from 11 degrees of freedom on what normal noise has, nearly. */
static double student(int freedom)
{
	static const double t[] = { INFINITY, 12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23 };

	return freedom < 0 ? INFINITY : freedom < (int)LEN(t) ? t[freedom] : 2.1;
}

static const char *by_spread(double x, double spread, int freedom)
{
	double limit = spread * student(freedom);

	return isnan(x) || isnan(limit) ? "undecided" : x > limit ? "holds" : x < -limit ? "does not hold" : "undecided";
}

/* --- differences of accuracy --------------------------------------------------------------------- */

/* Sums over pairs of a searched row and the uniform row of its network, hardware and budget. */
#define PAIRS_MOST 256
struct differences {
	int n, seeds, papers;
	double sum, square, paper;
	struct pair {
		const char *network, *budget;
		double searched, uniform;       /* variances of their means */
	} pair[PAIRS_MOST];
};

static bool same(const struct table *t, size_t a, size_t b, const char *column)
{
	int c = table_column(t, column);

	return !strcmp(table_text(t, a, c), table_text(t, b, c));
}

static double number(const struct table *t, size_t row, const char *column)
{
	int c = table_column(t, column);

	return *table_text(t, row, c) ? table_real(t, row, c, -1e15, 1e15) : NAN;
}

static bool is(const struct table *t, size_t row, const char *column, const char *word)
{
	return !strcmp(table_text(t, row, table_column(t, column)), word);
}

static void add_pair(struct differences *d, const struct table *t, size_t searched, size_t uniform)
{
	double x = number(t, searched, "top1") - number(t, uniform, "top1");
	double sd = number(t, searched, "top1_sd"), base = number(t, uniform, "top1_sd");
	double paper = number(t, searched, "paper_top1") - number(t, uniform, "paper_top1");

	if (d->n == PAIRS_MOST)
		die("%s: more than %d pairs of rows", t->path, PAIRS_MOST);
	d->seeds = (int)number(t, searched, "seeds");
	d->pair[d->n++] =
		(struct pair){ table_text(t, searched, table_column(t, "network")),
		               table_text(t, searched, table_column(t, "budget")),
		               d->seeds > 1 ? sd * sd / d->seeds : 0, d->seeds > 1 ? base * base / d->seeds : 0 };
	d->sum += x;
	d->square += x * x;
	if (!isnan(paper)) {
		d->papers++;
		d->paper += paper;
	}
}

static void gather(struct differences *d, const struct table *t)
{
	for (size_t i = 0; i < t->rows; i++)
		for (size_t k = 0; is(t, i, "policy", "searched") && k < t->rows; k++)
			if (is(t, k, "policy", "uniform") && same(t, i, k, "network") && same(t, i, k, "hardware") &&
			    same(t, i, k, "budget"))
				add_pair(d, t, i, k);
}

static double error_of(const struct differences *d)
{
	double scatter = (d->square - d->sum * d->sum / d->n) / (d->n - 1), variance = 0;

	for (int i = 0; i < d->n; i++) {
		variance += d->pair[i].searched;
		for (int k = 0; k < d->n; k++)          /* the same uniform policy: its errors add */
			if (!strcmp(d->pair[i].network, d->pair[k].network) && !strcmp(d->pair[i].budget, d->pair[k].budget))
				variance += d->pair[k].uniform;
	}
	if (d->seeds > 1)
		return sqrt(variance) / d->n;
	return d->n > 1 ? sqrt((scatter > 0 ? scatter : 0) / d->n) : NAN;
}

static void claim_flexible(const struct table *list, const char *name, const char *text)
{
	struct differences d = { 0 };

	for (size_t i = 0; i < list->rows; i++) {
		struct table t;

		if (!is(list, i, "kind", "table") || !is(list, i, "name", name))
			continue;
		table_read(&t, table_text(list, i, table_column(list, "path")));
		gather(&d, &t);
	}
	if (d.n)
		add((struct claim){ text, d.papers ? xprintf("%+.2f points", d.paper / d.papers) : "", d.sum / d.n,
		                    error_of(&d), d.seeds,
		                    by_spread(d.sum / d.n, error_of(&d), d.n * (d.seeds > 1 ? d.seeds : 1) - 1),
		                    "points" });
}

/* --- how much cheaper at negligible loss ------------------------------------------------------------ */

/* Of a network on a hardware: what 8/8 bits cost, over the least a searched row costs that is nearly as good. */
static double saving(const struct table *t, size_t full, const char *cost)
{
	double least = number(t, full, cost);

	for (size_t i = 0; i < t->rows; i++)
		if (is(t, i, "policy", "searched") && same(t, i, full, "network") && same(t, i, full, "hardware") &&
		    number(t, i, "top1") >= number(t, full, "top1") - NEGLIGIBLE)
			least = fmin(least, number(t, i, cost));
	return number(t, full, cost) / least;
}

static void claim_saving(const struct table *list, const char *name, const char *cost, const char *text,
                         const char *paper, double least)
{
	double sum = 0, square = 0, mean, spread;
	int n = 0, seeds = 0;

	for (size_t i = 0; i < list->rows; i++) {
		struct table t;

		if (!is(list, i, "kind", "table") || !is(list, i, "name", name))
			continue;
		table_read(&t, table_text(list, i, table_column(list, "path")));
		for (size_t k = 0; k < t.rows; k++)
			if (is(&t, k, "policy", "uniform") && is(&t, k, "budget", "w8a8")) {
				double x = saving(&t, k, cost);

				n++;
				seeds = (int)number(&t, k, "seeds");
				sum += x;
				square += x * x;
			}
	}
	if (!n)
		return;
	mean = sum / n;
	spread = n > 1 ? sqrt(fmax(0, square - sum * mean) / (n - 1)) : NAN;
	add((struct claim){ text, paper, mean, spread, seeds, mean >= least ? "holds" : "does not hold", "x" });
}

/* --- bits ---------------------------------------------------------------------------------------- */

/* Mean bits of depthwise layers less those of pointwise ones. */
static double depthwise_less_pointwise(const char *path, const char *column)
{
	double sum[2] = { 0 }, count[2] = { 0 };
	struct table t;

	table_read(&t, path);
	for (size_t i = 0; i < t.rows; i++) {
		int which = is(&t, i, "kind", "depthwise") ? 0 : is(&t, i, "kind", "pointwise") ? 1 : -1;

		if (which < 0)
			continue;
		sum[which] += number(&t, i, column);
		count[which]++;
	}
	return sum[0] / count[0] - sum[1] / count[1];
}

/* sign: +1 the paper says more, -1 fewer */
static void claim_bits(const struct table *list, const char *name, const char *column, int sign, const char *text,
                       const char *paper)
{
	double sum = 0, square = 0, mean, error;
	int n = 0;

	for (size_t i = 0; i < list->rows; i++) {
		double x;

		if (!is(list, i, "kind", "bits") || !is(list, i, "name", name))
			continue;
		x = depthwise_less_pointwise(table_text(list, i, table_column(list, "path")), column);
		n++;
		sum += x;
		square += x * x;
	}
	if (!n)
		return;
	mean = sum / n;
	error = n > 1 ? sqrt(fmax(0, square - sum * mean) / (n - 1) / n) : NAN;
	add((struct claim){ text, paper, mean, error, n,
	                    by_spread(sign * mean, n > 1 ? error : CLEAR_BITS / 2, n > 1 ? n - 1 : 99), "bits" });
}

/* --- phases ---------------------------------------------------------------------------------------- */

/* Mean of a column over WINDOW rows, the last of them `end`. */
static double window(const struct table *t, size_t end, const char *column)
{
	double sum = 0;

	for (size_t i = end + 1 - WINDOW; i <= end; i++)
		sum += number(t, i, column);
	return sum / WINDOW;
}

/* By how many percent latency changes from where accuracy has made nine tenths of its way to the end. */
static double change_after_accuracy(const char *path)
{
	double first, last;
	struct table t;
	size_t i = WINDOW - 1, end;

	table_read(&t, path);
	if (t.rows < 2 * WINDOW)
		return NAN;
	end = t.rows - 1;
	first = window(&t, i, "top1");
	last = window(&t, end, "top1");
	while (i < end && fabs(window(&t, i, "top1") - last) > 0.1 * fabs(last - first))
		i++;
	return 100 * (window(&t, end, "latency_ms") / window(&t, i, "latency_ms") - 1);
}

static void claim_phases(const struct table *list)
{
	double sum = 0, square = 0, mean, error;
	int n = 0;

	for (size_t i = 0; i < list->rows; i++) {
		double x;

		if (!is(list, i, "kind", "trace"))
			continue;
		x = change_after_accuracy(table_text(list, i, table_column(list, "path")));
		n++;
		sum += x;
		square += x * x;
	}
	if (!n || isnan(sum))
		return;
	mean = sum / n;
	error = n > 1 ? sqrt(fmax(0, square - sum * mean) / (n - 1) / n) : NAN;
	add((struct claim){
		"without a budget, latency falls once the accuracy of the paper's agent is stable (Figure 6)", "falls",
		mean, error, n, by_spread(-mean, n > 1 ? error : CLEAR_PERCENT / 2, n > 1 ? n - 1 : 99), "%" });
}

/* --- specialised policies ------------------------------------------------------------------------- */

static void claim_own(const struct table *list)
{
	for (size_t i = 0; i < list->rows; i++) {
		struct table t;
		int won = 0;

		if (!is(list, i, "kind", "own"))
			continue;
		table_read(&t, table_text(list, i, table_column(list, "path")));
		for (size_t k = 0; k < t.rows; k++) {
			const char *policy = table_text(&t, k, table_column(&t, "policy")), *slash = strchr(policy, '/');
			const char *hardware = slash ? xprintf("%.*s", (int)strcspn(slash + 1, "/"), slash + 1) : "";
			const char *column = xprintf("%s latency_ms", hardware);
			bool best = true;

			for (size_t m = 0; m < t.rows; m++)
				best &= number(&t, k, column) <= number(&t, m, column);
			won += best;
		}
		add((struct claim){ "a policy searched for an accelerator is the fastest there (Table 1)", "3 of 3", won, NAN, 1,
		                    won == (int)t.rows ? "holds" : "does not hold", xprintf("of %zu", t.rows) });
	}
}

/* --- output -------------------------------------------------------------------------------------- */

static void write_csv(void)
{
	FILE *f = out_open(out_path);

	fputs("claim,paper,ours,spread,seeds,verdict\n", f);
	for (int i = 0; i < nclaims; i++) {
		const struct claim *c = &claims[i];

		fprintf(f, "\"%s\",%s,%.4g,", c->text, c->paper, c->ours);
		fprintf(f, isnan(c->spread) ? "," : "%.3g,", c->spread);
		fprintf(f, "%d,%s\n", c->seeds, c->verdict);
	}
	out_commit(f);
}

static void write_text(void)
{
	FILE *f = out_open(text_path);

	fprintf(f, "%s\n\n%-92s  %-13s  %-22s  %5s  %s\n", title, "claim", "paper", "ours", "seeds", "verdict");
	for (int i = 0; i < nclaims; i++) {
		const struct claim *c = &claims[i];
		char ours[40], spread[20] = "";

		if (!isnan(c->spread))
			snprintf(spread, sizeof spread, " +- %.2g", c->spread);
		snprintf(ours, sizeof ours, "%.3g%s %s", c->ours, spread, c->unit);
		fprintf(f, "%-92s  %-13s  %-22s  %5d  %s\n", c->text, c->paper, ours, c->seeds, c->verdict);
	}
	out_commit(f);
}

int main(int argc, char **argv)
{
	struct table list;

	cli_begin(argc, argv, "what the paper says of its tables and figures, measured on ours", REVISION, options);
	table_read(&list, list_path);
	claim_own(&list);
	claim_flexible(&list, "latency", "flexible bits beat fixed ones at equal latency (Tables 3 and 4)");
	claim_flexible(&list, "energy", "flexible bits beat fixed ones at equal energy (Table 5)");
	claim_flexible(&list, "size", "flexible bits beat fixed ones at equal size (Table 6)");
	claim_saving(&list, "latency", "latency_ms", "latency falls at negligible loss against 8 bits (Tables 3 and 4)",
	             "1.4 to 2 x", 1.4);
	claim_saving(&list, "energy", "energy_mj", "energy falls at negligible loss against 8 bits (Table 5)", "1.9 x", 1.9);
	claim_bits(&list, "edge", "activation_bits", -1,
	           "depthwise layers get fewer activation bits than pointwise on the edge (Figure 3)", "fewer");
	claim_bits(&list, "cloud", "weight_bits", 1,
	           "depthwise layers get more weight bits than pointwise in the cloud (Figure 3)", "more");
	claim_bits(&list, "size", "weight_bits", 1,
	           "depthwise layers get more weight bits than pointwise under a size (Figure 5)", "more");
	claim_phases(&list);
	if (!nclaims)
		die("%s: nothing that a claim is about", list_path);
	write_csv();
	if (text_path)
		write_text();
	return cli_end();
}
