/*
 * check-autoq - what AutoQ's paper says of bits of every kernel, measured on our tables and searches.
 *
 * Reads a list kind,name,path:
 *
 *	table,latency,FILE.csv     a table of `tabulate` with policies searched+kernel-ranges and
 *	                           kernels+kernel-ranges at equal latency, and searched+layer-ranges
 *	table,spatial,FILE.csv     the same at equal cost on an accelerator that fuses multipliers
 *	table,free,FILE.csv        the same without a budget
 *	trace,AGENT,FILE.csv       a trace of `ddpg-step` or `autoq-step`; one row a seed, seeds in order
 *
 * Writes claim,paper,ours,spread,seeds,verdict (report/claims.h), and with --text the same aligned.  Policies
 * are compared by the same seed.  A claim holds where chance would do it in 1 of 40 cases (Student's t); that
 * nothing is won holds where more than NEGLIGIBLE points would be as unlikely.  Agents are compared by the
 * mean, over the episodes that all traces have, of the highest top-1 so far.
 */
#include "core/cli.h"
#include "report/claims.h"
#include "report/differences.h"
#include "report/results.h"
#include "report/student.h"

#include <math.h>
#include <string.h>

#define REVISION 1
#define NEGLIGIBLE 0.3 /* the standard error of 10,000 images at 91 % */
#define CLEAR 0.5      /* points between two agents of one seed that decide */

#define KERNELS "kernels+kernel-ranges"
#define LAYERS "searched+kernel-ranges"
#define LAYERS_ONE_RANGE "searched+layer-ranges"

static const char *list_path, *out_path, *text_path, *title = "";

static const struct opt options[] = { { 'l', "list", OPT_PATH, &list_path, "list.csv", "what was measured" },
	                              { 'o', "output", OPT_OUT, &out_path, "claims.csv",
	                                "claims and verdicts" },
	                              { 't', "text", OPT_OUT, &text_path, NULL, "the same as aligned text" },
	                              { 0, "title", OPT_TEXT, &title, NULL, "line above the text" },
	                              { 0 } };

static struct claims claims;

/* --- tables ---------------------------------------------------------------------------------- */

/* The row of another policy in the same place, or NULL. */
static const struct result *beside(const struct results *r, const struct result *row, const char *policy)
{
	for (size_t i = 0; i < r->rows; i++)
		if (!strcmp(r->row[i].policy, policy) && result_same_place(&r->row[i], row))
			return &r->row[i];
	return NULL;
}

/* The results of the table of this name; false where the list has none. */
static bool read_table(const struct table *list, const char *name, struct results *r)
{
	for (size_t k = 0; k < list->rows; k++)
		if (table_is(list, k, "kind", "table") && table_is(list, k, "name", name)) {
			results_read(r, table_text(list, k, table_column(list, "path")));
			return true;
		}
	return false;
}

/* Top-1 of one policy less that of another, over all rows that have both; returns the seeds. */
static int compare(const struct results *r, const char *policy, const char *with, struct differences *d)
{
	size_t top1 = results_figure(r, "top1");
	int seeds = 0;

	for (size_t i = 0; i < r->rows; i++) {
		const struct result *row = &r->row[i], *other = beside(r, row, with);
		struct difference one;

		if (strcmp(row->policy, policy) != 0 || !other)
			continue;
		seeds = row->seeds;
		one = (struct difference){
			.ahead = row->figure[top1].mean - other->figure[top1].mean,
			.variance = pow(row->figure[top1].deviation, 2) / row->seeds,
			.baseline = pow(other->figure[top1].deviation, 2) / other->seeds,
			.shared = xprintf("%s %s %s", row->network, row->hardware, row->budget),
			.weights = row->network,
		};
		if (!strcmp(strchr(policy, '+'),
		            strchr(with, '+'))) /* both are ahead of the same uniform bits */
			one.by_seed = by_seed_less(&row->ahead, &other->ahead);
		differences_add(d, &one);
	}
	return seeds;
}

/* The error of their mean, and its degrees of freedom: by seed or, of one, by the scatter of rows. */
static double error_of(const struct differences *d, int seeds, int *freedom)
{
	struct sample rows = differences_by_baseline(d);

	*freedom = seeds > 1 ? (int)d->n * seeds - 1 : rows.n - 1;
	if (differences_are_paired(d))
		return differences_paired_error(d, freedom);
	return seeds > 1 ? differences_error(d) : sample_error(&rows);
}

static void claim_ahead(const struct table *list, const char *policy, const char *with, const char *text,
                        const char *paper)
{
	struct differences d = { 0 };
	struct results r;
	double error;
	int seeds, freedom;

	if (!read_table(list, "latency", &r) || !(seeds = compare(&r, policy, with, &d)))
		return;
	error = error_of(&d, seeds, &freedom);
	claims_add(&claims, (struct claim){ text, paper, differences_mean(&d), error, seeds, "points",
	                                    student_sign(differences_mean(&d), error, freedom) });
}

static void claim_nothing(const struct table *list)
{
	struct differences d = { 0 };
	struct results r;
	double error;
	int seeds, freedom;

	if (!read_table(list, "spatial", &r) || !(seeds = compare(&r, KERNELS, LAYERS, &d)))
		return;
	error = error_of(&d, seeds, &freedom);
	claims_add(&claims,
	           (struct claim){ "bits of kernels win nothing where multipliers are fused (its Figure 7)",
	                           "nothing", differences_mean(&d), error, seeds, "points",
	                           -student_sign(differences_mean(&d) - NEGLIGIBLE, error, freedom) });
}

/* The change of latency where costs are in the reward, in percent; a row at least as accurate counts. */
static void claim_faster(const struct table *list)
{
	struct sample change = { 0 };
	struct results r;
	size_t latency, top1;
	int seeds = 0;

	if (!read_table(list, "free", &r))
		return;
	latency = results_figure(&r, "latency_ms");
	top1 = results_figure(&r, "top1");
	for (size_t i = 0; i < r.rows; i++) {
		const struct result *row = &r.row[i], *other = beside(&r, row, LAYERS);

		if (strcmp(row->policy, KERNELS) != 0 || !other)
			continue;
		seeds = row->seeds;
		if (row->figure[top1].mean >= other->figure[top1].mean - NEGLIGIBLE)
			sample_add(&change,
			           100 * (row->figure[latency].mean / other->figure[latency].mean - 1));
		else
			sample_add(&change, 0);
	}
	if (change.n)
		claims_add(&claims,
		           (struct claim){ "bits of kernels are faster at the accuracy of bits of layers",
		                           "-42.2 %", sample_mean(&change), sample_deviation(&change), seeds,
		                           "%", sample_mean(&change) < -5 ? 1 : -1 });
}

/* --- traces ---------------------------------------------------------------------------------- */

/* The mean of the highest top-1 so far over the first episodes of a trace. */
static double mean_of_highest(const struct table *t, size_t episodes)
{
	double most = 0, sum = 0;
	int top1 = table_column(t, "top1");

	for (size_t i = 0; i < episodes; i++) {
		most = fmax(most, table_real(t, i, top1, 0, 100));
		sum += most;
	}
	return sum / (double)episodes;
}

/* The n-th trace of an agent, from 0; false where there is none. */
static bool read_trace(const struct table *list, const char *agent, int n, struct table *t)
{
	for (size_t k = 0; k < list->rows; k++)
		if (table_is(list, k, "kind", "trace") && table_is(list, k, "name", agent) && !n--) {
			table_read(t, table_text(list, k, table_column(list, "path")));
			return true;
		}
	return false;
}

static void claim_sooner(const struct table *list, const char *agent, const char *than, const char *text,
                         const char *paper)
{
	struct sample seeds = { 0 };
	struct table a, b;

	for (int n = 0; read_trace(list, agent, n, &a) && read_trace(list, than, n, &b); n++) {
		size_t episodes = a.rows < b.rows ? a.rows : b.rows;

		if (episodes)
			sample_add(&seeds, mean_of_highest(&a, episodes) - mean_of_highest(&b, episodes));
	}
	claims_seeds(&claims, (struct claim){ .text = text, .paper = paper, .unit = "points" }, &seeds, 1,
	             CLEAR);
}

int main(int argc, char **argv)
{
	struct table list;

	cli_begin(argc, argv, "what AutoQ's paper says of bits of every kernel, measured on ours", REVISION,
	          options);
	table_read(&list, list_path);
	claim_ahead(&list, KERNELS, LAYERS,
	            "bits of kernels beat bits of layers at equal latency, both with ranges of kernels",
	            "+1.25 points");
	claim_ahead(&list, LAYERS, LAYERS_ONE_RANGE,
	            "ranges of kernels beat ranges of layers, bits of layers at equal latency", "");
	claim_faster(&list);
	claim_nothing(&list);
	claim_sooner(&list, "autoq", "autoq-flat", "two levels learn sooner than one", "yes");
	claim_sooner(&list, "autoq", "autoq-kept-goals", "relabelled goals make them learn sooner", "yes");
	claim_sooner(&list, "autoq", "autoq-unshaped",
	             "a reward shaped by the accuracy makes them learn sooner", "yes");
	claim_sooner(&list, "autoq", "autoq-formula", "a low level that learns is better than a formula", "");
	claim_sooner(&list, "kernels", "autoq", "a model of sensitivities learns sooner than AutoQ's agent",
	             "");
	if (!claims.n)
		die("%s: nothing that a claim is about", list_path);
	claims_write(&claims, out_path);
	if (text_path)
		claims_write_text(&claims, title, text_path);
	return cli_end();
}
