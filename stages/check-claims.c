/*
 * check-claims - what the paper says of its tables and figures, measured on ours.
 *
 * Reads a list kind,name,path:
 *
 *	table,NAME,FILE.csv        a table of `tabulate`; NAME is latency, energy or size,
 *	                           what its budgets are of
 *	baselines,NAME,FILE.csv    the same, with other policies at equal budgets
 *	own,NAME,FILE.csv          a table of `tabulate-costs`, of policies
 *	                           NET/HARDWARE/BUDGET/seed-S/... (Table 1)
 *	bits,NAME,FILE.csv         a roofline of a simulator, for bits and kinds of layers;
 *	                           one row a seed; NAME edge, cloud or size
 *	trace,NAME,FILE.csv        a trace of `ddpg-step` without a budget; one row a seed
 *
 * Writes claim,paper,ours,spread,seeds,verdict, and with --text the same aligned.  Differences of
 * accuracy are means over rows, their spread the standard error: from the deviations over seeds (a
 * uniform policy counts for all accelerators it is compared on), or with one seed from the scatter
 * of rows.  A claim holds where chance would do it in 1 of 40 cases (Student's t), fails as far on
 * the other side, and is undecided between.  What is saved at negligible loss, NEGLIGIBLE points
 * of top-1, is compared with the paper's as it is; its spread is the deviation over networks and
 * accelerators.  Where wins are counted, nine of ten hold.
 */
#include "core/cli.h"
#include "core/statistics.h"
#include "io/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 4
#define NEGLIGIBLE 0.3    /* the standard error of 10,000 images at 91 % */
#define CLEAR_BITS 0.25   /* of a mean of bits, with one seed */
#define CLEAR_PERCENT 2.0 /* of a change of latency, with one seed */
#define WINDOW 15         /* episodes whose mean a curve of Figure 6 shows */
#define MOST_WINS 0.9     /* share of comparisons that must be won for a claim that all are */

static const char *list_path, *out_path, *text_path, *title = "";

static const struct opt options[] = { { 'l', "list", OPT_PATH, &list_path, "list.csv", "what was measured" },
	                              { 'o', "output", OPT_OUT, &out_path, "claims.csv",
	                                "claims and verdicts" },
	                              { 't', "text", OPT_OUT, &text_path, NULL, "the same as aligned text" },
	                              { 0, "title", OPT_TEXT, &title, NULL, "line above the text" },
	                              { 0 } };

struct claim {
	const char *text, *paper;
	double ours, spread; /* NAN: nothing measured; no spread */
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

/* --- statistics ---------------------------------------------------------------------------------- */

/* 97.5 % of Student's distribution; beyond 20 degrees of freedom, as of 20. */
static double student(int freedom)
{
	static const double t[] = { INFINITY, 12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23,
		                    2.20,     2.18,  2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09, 2.09 };

	return freedom < 0 ? INFINITY : t[freedom < (int)LEN(t) ? freedom : (int)LEN(t) - 1];
}

static const char *by_spread(double x, double spread, int freedom)
{
	double limit = spread * student(freedom);

	return isnan(x) || isnan(limit) ? "undecided"
	       : x > limit              ? "holds"
	       : x < -limit             ? "does not hold"
	                                : "undecided";
}

/*
 * Of what is measured once a seed, above zero by the paper where sign is 1; clear: beyond doubt,
 * with one seed.
 */
static const char *by_seeds(const struct sample *s, int sign, double clear)
{
	return by_spread(sign * sample_mean(s), s->n > 1 ? sample_error(s) : clear / 2,
	                 s->n > 1 ? s->n - 1 : 99);
}

static const char *by_wins(int won, int of)
{
	return won >= MOST_WINS * of ? "holds" : "does not hold";
}

/* --- differences of accuracy --------------------------------------------------------------------- */

/* Sums over pairs of a searched row and the uniform row of its network, hardware and budget. */
#define PAIRS_MOST 256
struct differences {
	struct sample ours, paper;
	int seeds;
	struct pair {
		const char *network, *budget;
		double ahead;             /* points of top-1 */
		double searched, uniform; /* variances of their means */
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

	if (d->ours.n == PAIRS_MOST)
		die("%s: more than %d pairs of rows", t->path, PAIRS_MOST);
	d->seeds = (int)number(t, searched, "seeds");
	d->pair[d->ours.n] = (struct pair){ table_text(t, searched, table_column(t, "network")),
		                            table_text(t, searched, table_column(t, "budget")), x,
		                            d->seeds > 1 ? sd * sd / d->seeds : 0,
		                            d->seeds > 1 ? base * base / d->seeds : 0 };
	sample_add(&d->ours, x);
	if (!isnan(paper))
		sample_add(&d->paper, paper);
}

static void gather(struct differences *d, const struct table *t)
{
	for (size_t i = 0; i < t->rows; i++)
		for (size_t k = 0; is(t, i, "policy", "searched") && k < t->rows; k++)
			if (is(t, k, "policy", "uniform") && same(t, i, k, "network") &&
			    same(t, i, k, "hardware") && same(t, i, k, "budget"))
				add_pair(d, t, i, k);
}

/* Accelerators share a network's uniform policy of a budget, and so its luck. */
static bool share_uniform(const struct pair *a, const struct pair *b)
{
	return !strcmp(a->network, b->network) && !strcmp(a->budget, b->budget);
}

static double error_of_seeds(const struct differences *d)
{
	int n = d->ours.n;
	double variance = 0;

	for (int i = 0; i < n; i++) {
		variance += d->pair[i].searched;
		for (int k = 0; k < n; k++) /* the same uniform policy: its errors add */
			if (share_uniform(&d->pair[i], &d->pair[k]))
				variance += d->pair[k].uniform;
	}
	return sqrt(variance) / n;
}

/* One number for all pairs that share a uniform policy: these are drawn apart from each other. */
static struct sample groups_of(const struct differences *d)
{
	struct sample groups = { 0 };

	for (int i = 0; i < d->ours.n; i++) {
		struct sample group = { 0 };
		bool is_first = true;

		for (int k = 0; k < d->ours.n; k++)
			if (share_uniform(&d->pair[i], &d->pair[k])) {
				is_first &= k >= i;
				sample_add(&group, d->pair[k].ahead);
			}
		if (is_first)
			sample_add(&groups, sample_mean(&group));
	}
	return groups;
}

/* The k-th table of a list whose kind and name are these: false where there are no more. */
static bool next_table(struct table *t, const struct table *list, size_t *k, const char *kind,
                       const char *name)
{
	for (; *k < list->rows; ++*k)
		if (is(list, *k, "kind", kind) && (!name || is(list, *k, "name", name))) {
			table_read(t, table_text(list, (*k)++, table_column(list, "path")));
			return true;
		}
	return false;
}

static void claim_flexible(const struct table *list, const char *name, const char *text)
{
	struct differences d = { .seeds = 0 };
	struct sample groups;
	struct table t;
	double mean, error;
	int freedom;

	for (size_t k = 0; next_table(&t, list, &k, "table", name);)
		gather(&d, &t);
	if (!d.ours.n)
		return;
	mean = sample_mean(&d.ours);
	groups = groups_of(&d);
	error = d.seeds > 1 ? error_of_seeds(&d) : sample_error(&groups);
	freedom = d.seeds > 1 ? d.ours.n * d.seeds - 1 : groups.n - 1;
	add((struct claim){ text, d.paper.n ? xprintf("%+.2f points", sample_mean(&d.paper)) : "", mean,
	                    error, d.seeds, by_spread(mean, error, freedom), "points" });
}

/* --- against all other ways ------------------------------------------------------------------------- */

/* Rows of all tables: one policy is in several. */
#define ROWS_MOST 1024
struct row {
	const char *metric, *network, *hardware, *budget, *policy;
	double top1;
};

static struct row row_of(const struct table *t, size_t i, const char *metric)
{
	const char *text[] = { "network", "hardware", "budget", "policy" };

	for (size_t k = 0; k < LEN(text); k++)
		text[k] = table_text(t, i, table_column(t, text[k]));
	return (struct row){ metric, text[0], text[1], text[2], text[3], number(t, i, "top1") };
}

static bool same_place(const struct row *a, const struct row *b)
{
	return !strcmp(a->metric, b->metric) && !strcmp(a->network, b->network) &&
	       !strcmp(a->hardware, b->hardware) && !strcmp(a->budget, b->budget);
}

static int gather_rows(struct row rows[ROWS_MOST], const struct table *list, int *seeds)
{
	int n = 0;

	for (size_t k = 0; k < list->rows; k++) {
		const char *metric = table_text(list, k, table_column(list, "name"));
		struct table t;

		if (!is(list, k, "kind", "table") && !is(list, k, "kind", "baselines"))
			continue;
		table_read(&t, table_text(list, k, table_column(list, "path")));
		for (size_t i = 0; i < t.rows; i++) {
			if (n == ROWS_MOST)
				die("%s: more than %d rows in all tables", t.path, ROWS_MOST);
			*seeds = (int)number(&t, i, "seeds");
			rows[n++] = row_of(&t, i, metric);
		}
	}
	return n;
}

/*
 * Whether the policy of row i is at least as good as all others in its place;
 * -1: seen before, or none is beside it.
 */
static int is_best(const struct row *rows, int n, int i)
{
	int best = -1;

	for (int k = 0; k < n; k++) {
		if (k == i || !same_place(&rows[i], &rows[k]))
			continue;
		if (!strcmp(rows[k].policy, "searched")) {
			if (k < i)
				return -1;
			continue;
		}
		best = best && rows[i].top1 >= rows[k].top1;
	}
	return best;
}

static void claim_best(const struct table *list)
{
	static struct row rows[ROWS_MOST];
	int seeds = 0, n = gather_rows(rows, list, &seeds), won = 0, of = 0;

	for (int i = 0; i < n; i++) {
		int best = strcmp(rows[i].policy, "searched") ? -1 : is_best(rows, n, i);

		of += best >= 0;
		won += best > 0;
	}
	if (of)
		add((struct claim){ "searched bits are at least as good as any others at their budget "
		                    "(Tables 3 to 6, baselines)",
		                    "all", won, NAN, seeds, by_wins(won, of), xprintf("of %d", of) });
}

/* --- how much cheaper at negligible loss ------------------------------------------------------------ */

/*
 * Of a network on a hardware: what 8/8 bits cost, over the least a searched row costs that is
 * nearly as good.
 */
static double saving(const struct table *t, size_t full, const char *cost)
{
	double least = number(t, full, cost);

	for (size_t i = 0; i < t->rows; i++)
		if (is(t, i, "policy", "searched") && same(t, i, full, "network") &&
		    same(t, i, full, "hardware") &&
		    number(t, i, "top1") >= number(t, full, "top1") - NEGLIGIBLE)
			least = fmin(least, number(t, i, cost));
	return number(t, full, cost) / least;
}

static void claim_saving(const struct table *list, const char *name, const char *cost, const char *text,
                         const char *paper, double least)
{
	struct sample ratios = { 0 };
	struct table t;
	int seeds = 0;

	for (size_t k = 0; next_table(&t, list, &k, "table", name);)
		for (size_t i = 0; i < t.rows; i++)
			if (is(&t, i, "policy", "uniform") && is(&t, i, "budget", "w8a8")) {
				seeds = (int)number(&t, i, "seeds");
				sample_add(&ratios, saving(&t, i, cost));
			}
	if (ratios.n)
		add((struct claim){ text, paper, sample_mean(&ratios), sample_deviation(&ratios), seeds,
		                    sample_mean(&ratios) >= least ? "holds" : "does not hold", "x" });
}

/* --- bits ---------------------------------------------------------------------------------------- */

/* Mean bits of depthwise layers less those of pointwise ones; NAN where there are not both. */
static double depthwise_less_pointwise(const struct table *t, const char *column)
{
	struct sample depthwise = { 0 }, pointwise = { 0 };

	for (size_t i = 0; i < t->rows; i++) {
		if (is(t, i, "kind", "depthwise"))
			sample_add(&depthwise, number(t, i, column));
		else if (is(t, i, "kind", "pointwise"))
			sample_add(&pointwise, number(t, i, column));
	}
	return sample_mean(&depthwise) - sample_mean(&pointwise);
}

/* sign: +1 the paper says more, -1 fewer */
static void claim_bits(const struct table *list, const char *name, const char *column, int sign,
                       const char *text, const char *paper)
{
	struct sample seeds = { 0 };
	struct table t;

	for (size_t k = 0; next_table(&t, list, &k, "bits", name);) {
		double bits = depthwise_less_pointwise(&t, column);

		if (!isnan(bits))
			sample_add(&seeds, bits);
	}
	if (seeds.n)
		add((struct claim){ text, paper, sample_mean(&seeds), sample_error(&seeds), seeds.n,
		                    by_seeds(&seeds, sign, CLEAR_BITS), "bits" });
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
static double change_after_accuracy(const struct table *t)
{
	size_t i = WINDOW - 1, end = t->rows - 1;
	double first = window(t, i, "top1"), last = window(t, end, "top1");

	while (i < end && fabs(window(t, i, "top1") - last) > 0.1 * fabs(last - first))
		i++;
	return 100 * (window(t, end, "latency_ms") / window(t, i, "latency_ms") - 1);
}

static void claim_phases(const struct table *list)
{
	struct sample seeds = { 0 };
	struct table t;

	for (size_t k = 0; next_table(&t, list, &k, "trace", NULL);)
		if (t.rows >= 2 * WINDOW)
			sample_add(&seeds, change_after_accuracy(&t));
	if (seeds.n)
		add((struct claim){ "without a budget, latency falls once the accuracy of the paper's agent "
		                    "is stable (Figure 6)",
		                    "falls", sample_mean(&seeds), sample_error(&seeds), seeds.n,
		                    by_seeds(&seeds, -1, CLEAR_PERCENT), "%" });
}

/* --- specialised policies ------------------------------------------------------------------------- */

/* The part between slashes: 1 is the accelerator of NET/HARDWARE/BUDGET/seed-S/..., 3 the seed. */
static const char *part_of(const char *path, int part)
{
	for (; part && *path; part--) {
		path += strcspn(path, "/");
		path += *path == '/';
	}
	return xprintf("%.*s", (int)strcspn(path, "/"), path);
}

/*
 * Whether no policy of the same seed is better on the accelerator of policy k: faster, or,
 * where `and_accurate`, faster and at least as accurate.
 */
static bool wins_at_home(const struct table *t, size_t k, bool and_accurate)
{
	int policy = table_column(t, "policy");
	const char *of = table_text(t, k, policy), *column = xprintf("%s latency_ms", part_of(of, 1));

	if (isnan(number(t, k, column)))
		table_die(t, k, "no %s, of the accelerator that it was searched for", column);
	for (size_t m = 0; m < t->rows; m++) {
		const char *other = table_text(t, m, policy);

		if (m != k && !strcmp(part_of(of, 3), part_of(other, 3)) &&
		    number(t, m, column) < number(t, k, column) &&
		    (!and_accurate || number(t, m, "top1") >= number(t, k, "top1")))
			return false;
	}
	return true;
}

static int seed_of(const struct table *t, size_t row)
{
	const char *part = part_of(table_text(t, row, table_column(t, "policy")), 3);

	if (strncmp(part, "seed-", 5))
		table_die(t, row, "expected a policy NET/HARDWARE/BUDGET/seed-N/...");
	return atoi(part + 5);
}

static void claim_own(const struct table *list, bool and_accurate, const char *text, const char *paper)
{
	int won = 0, of = 0, seeds = 0;
	struct table t;

	for (size_t n = 0; next_table(&t, list, &n, "own", NULL);)
		for (size_t k = 0; k < t.rows; k++) {
			int seed = seed_of(&t, k);

			seeds = seed > seeds ? seed : seeds;
			won += wins_at_home(&t, k, and_accurate);
			of++;
		}
	if (of)
		add((struct claim){ text, paper, won, NAN, seeds, by_wins(won, of), xprintf("of %d", of) });
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

	fprintf(f, "%s\n\n%-92s  %-13s  %-22s  %5s  %s\n", title, "claim", "paper", "ours", "seeds",
	        "verdict");
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

static void claim_all(const struct table *list)
{
	const char *latency = "latency falls at negligible loss against 8 bits (Tables 3 and 4)",
		   *energy = "energy falls at negligible loss against 8 bits (Table 5)",
		   *edge = "depthwise layers get fewer activation bits than pointwise on the edge (Figure 3)",
		   *cloud = "depthwise layers get more weight bits than pointwise in the cloud (Figure 3)",
		   *size = "depthwise layers get more weight bits than pointwise under a size (Figure 5)";

	claim_own(list, false, "a policy searched for an accelerator is the fastest there (Table 1)",
	          "3 of 3");
	claim_own(list, true, "no policy is faster there and at least as accurate (Table 1)", "");
	claim_best(list);
	claim_flexible(list, "latency", "flexible bits beat fixed ones at equal latency (Tables 3 and 4)");
	claim_flexible(list, "energy", "flexible bits beat fixed ones at equal energy (Table 5)");
	claim_flexible(list, "size", "flexible bits beat fixed ones at equal size (Table 6)");
	claim_saving(list, "latency", "latency_ms", latency, "1.4 to 2 x", 1.4);
	claim_saving(list, "energy", "energy_mj", energy, "1.9 x", 1.9);
	claim_bits(list, "edge", "activation_bits", -1, edge, "fewer");
	claim_bits(list, "cloud", "weight_bits", 1, cloud, "more");
	claim_bits(list, "size", "weight_bits", 1, size, "more");
	claim_phases(list);
}

int main(int argc, char **argv)
{
	struct table list;

	cli_begin(argc, argv, "what the paper says of its tables and figures, measured on ours", REVISION,
	          options);
	table_read(&list, list_path);
	claim_all(&list);
	if (!nclaims)
		die("%s: nothing that a claim is about", list_path);
	write_csv();
	if (text_path)
		write_text();
	return cli_end();
}
