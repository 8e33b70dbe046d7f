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
 * Writes claim,paper,ours,spread,seeds,verdict (report/claims.h), and with --text the same aligned.
 * Differences of accuracy are means over rows, their spread the standard error: from the differences of
 * equal seeds (of a table without them, from the deviations over seeds, as if both were independent), or
 * with one seed from the scatter of rows (report/differences.h).  A claim holds where chance would do it
 * in 1 of 40 cases (Student's t), fails as far on the other side, and is undecided between.  What is
 * saved at negligible loss, NEGLIGIBLE points of top-1, is compared with the paper's as it is; its spread
 * is the deviation over networks and accelerators.  Where wins are counted, nine of ten hold.
 */
#include "core/cli.h"
#include "report/claims.h"
#include "report/measures.h"
#include "report/ranking.h"
#include "report/student.h"

#include <math.h>
#include <string.h>

#define REVISION 5
#define NEGLIGIBLE 0.3    /* the standard error of 10,000 images at 91 % */
#define CLEAR_BITS 0.25   /* a difference of mean bits that decides with one seed */
#define CLEAR_PERCENT 2.0 /* a change of latency that does */
#define WINDOW 15         /* episodes whose mean a curve of Figure 6 shows */

static const char *list_path, *out_path, *text_path, *title = "";

static const struct opt options[] = { { 'l', "list", OPT_PATH, &list_path, "list.csv", "what was measured" },
	                              { 'o', "output", OPT_OUT, &out_path, "claims.csv",
	                                "claims and verdicts" },
	                              { 't', "text", OPT_OUT, &text_path, NULL, "the same as aligned text" },
	                              { 0, "title", OPT_TEXT, &title, NULL, "line above the text" },
	                              { 0 } };

static struct claims claims;

/* The next table of a list whose kind and name (NULL: any) are these, from row *k on; false: none. */
static bool next_path(const struct table *list, size_t *k, const char *kind, const char *name,
                      const char **path)
{
	for (; *k < list->rows; ++*k)
		if (table_is(list, *k, "kind", kind) && (!name || table_is(list, *k, "name", name))) {
			*path = table_text(list, (*k)++, table_column(list, "path"));
			return true;
		}
	return false;
}

static bool is_policy(const struct result *r, const char *policy)
{
	return !strcmp(r->policy, policy);
}

/* --- flexible bits against fixed ones --------------------------------------------------------- */

static void claim_flexible(const struct table *list, const char *name, const char *text)
{
	struct differences d = { 0 };
	struct sample paper = { 0 }, groups;
	const char *path;
	double mean, error;
	int seeds = 0, freedom;

	for (size_t k = 0; next_path(list, &k, "table", name, &path);) {
		struct results r;
		int of_table;

		results_read(&r, path);
		of_table = measure_differences(&d, &paper, &r, "searched");
		seeds = of_table ? of_table : seeds;
	}
	if (!d.n)
		return;
	mean = differences_mean(&d);
	groups = differences_by_baseline(&d);
	error = seeds > 1 ? differences_error(&d) : sample_error(&groups);
	freedom = seeds > 1 ? (int)d.n * seeds - 1 : groups.n - 1;
	if (differences_are_paired(&d))
		error = differences_paired_error(&d, &freedom);
	claims_add(&claims,
	           (struct claim){ text, paper.n ? xprintf("%+.2f points", sample_mean(&paper)) : "", mean,
	                           error, seeds, "points", student_sign(mean, error, freedom) });
}

/* --- against all other ways ------------------------------------------------------------------- */

static void claim_best(const struct table *list)
{
	struct ranking ranking = { 0 };
	int seeds = 0, won, of;

	for (size_t k = 0; k < list->rows; k++) {
		const char *metric = table_text(list, k, table_column(list, "name"));
		struct results r;

		if (!table_is(list, k, "kind", "table") && !table_is(list, k, "kind", "baselines"))
			continue;
		results_read(&r, table_text(list, k, table_column(list, "path")));
		ranking_add(&ranking, &r, metric);
		seeds = r.rows ? r.row[r.rows - 1].seeds : seeds;
	}
	ranking_wins(&ranking, "searched", &won, &of);
	claims_wins(&claims,
	            "searched bits are at least as good as any others at their budget "
	            "(Tables 3 to 6, baselines)",
	            "all", won, of, seeds);
}

/* --- how much cheaper at negligible loss ------------------------------------------------------ */

static void claim_saving(const struct table *list, const char *name, const char *cost, const char *text,
                         const char *paper, double least)
{
	struct sample ratios = { 0 };
	const char *path;
	int seeds = 0;

	for (size_t k = 0; next_path(list, &k, "table", name, &path);) {
		struct results r;

		results_read(&r, path);
		for (size_t i = 0; i < r.rows; i++)
			if (is_policy(&r.row[i], "uniform") && !strcmp(r.row[i].budget, "w8a8")) {
				seeds = r.row[i].seeds;
				sample_add(&ratios, measure_saving(&r, i, cost, NEGLIGIBLE));
			}
	}
	if (ratios.n)
		claims_add(&claims,
		           (struct claim){ text, paper, sample_mean(&ratios), sample_deviation(&ratios),
		                           seeds, "x", sample_mean(&ratios) >= least ? 1 : -1 });
}

/* --- bits of layers, and phases of a search --------------------------------------------------- */

/* sign: +1 the paper says more, -1 fewer */
static void claim_bits(const struct table *list, const char *name, const char *column, int sign,
                       const char *text, const char *paper)
{
	struct sample seeds = { 0 };
	const char *path;

	for (size_t k = 0; next_path(list, &k, "bits", name, &path);) {
		struct table t;
		double bits;

		table_read(&t, path);
		bits = measure_depthwise_less_pointwise(&t, column);
		if (!isnan(bits))
			sample_add(&seeds, bits);
	}
	claims_seeds(&claims, (struct claim){ .text = text, .paper = paper, .unit = "bits" }, &seeds, sign,
	             CLEAR_BITS);
}

static void claim_phases(const struct table *list)
{
	struct sample seeds = { 0 };
	const char *path;

	for (size_t k = 0; next_path(list, &k, "trace", NULL, &path);) {
		struct table t;

		table_read(&t, path);
		if (t.rows >= 2 * WINDOW)
			sample_add(&seeds, measure_latency_after_accuracy(&t, WINDOW));
	}
	claims_seeds(&claims,
	             (struct claim){ .text = "without a budget, latency falls once the accuracy of the "
	                                     "paper's agent is stable (Figure 6)",
	                             .paper = "falls",
	                             .unit = "%" },
	             &seeds, -1, CLEAR_PERCENT);
}

/* --- specialized policies --------------------------------------------------------------------- */

static void claim_own(const struct table *list, bool and_accurate, const char *text, const char *paper)
{
	int won = 0, of = 0, seeds = 0;
	const char *path;

	for (size_t n = 0; next_path(list, &n, "own", NULL, &path);) {
		struct cost_grid g;
		struct table t;

		table_read(&t, path);
		cost_grid_read(&g, &t);
		for (int k = 0; k < g.policies; k++, of++) {
			int seed = measure_seed(&g, &t, k);

			seeds = seed > seeds ? seed : seeds;
			won += measure_wins_at_home(&g, &t, k, and_accurate);
		}
	}
	claims_wins(&claims, text, paper, won, of, seeds);
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
	if (!claims.n)
		die("%s: nothing that a claim is about", list_path);
	claims_write(&claims, out_path);
	if (text_path)
		claims_write_text(&claims, title, text_path);
	return cli_end();
}
