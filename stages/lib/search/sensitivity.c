#include "search/sensitivity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

#define ROUNDS 5     /* estimates of the noise */
#define STEPS 12     /* of Newton at each */
#define STEP_MAX 1.0 /* of the logarithm of a sensitivity */

/*
 * a[n][n] symmetric, lower triangle -> its Cholesky factor, in place;
 * false where it is not positive definite
 */
static bool cholesky(double *a, int n)
{
	for (int j = 0; j < n; j++) {
		double *row = a + j * n;

		for (int k = 0; k <= j; k++) {
			const double *other = a + k * n;
			double sum = row[k];

#pragma omp simd reduction(- : sum)
			for (int i = 0; i < k; i++)
				sum -= row[i] * other[i];
			if (k < j)
				row[k] = sum / other[k];
			else if (sum > 0)
				row[k] = sqrt(sum);
			else
				return false;
		}
	}
	return true;
}

static void solve_lower(const double *l, int n, double *x) /* x := L^-1 x */
{
	for (int i = 0; i < n; i++) {
		for (int k = 0; k < i; k++)
			x[i] -= l[i * n + k] * x[k];
		x[i] /= l[i * n + i];
	}
}

static void solve_upper(const double *l, int n, double *x) /* x := L'^-1 x */
{
	for (int i = n - 1; i >= 0; i--) {
		x[i] /= l[i * n + i];
		for (int k = 0; k < i; k++)
			x[k] -= l[i * n + k] * x[i];
	}
}

static void invert(double *a, int n) /* symmetric, positive definite; all of it */
{
	double *l = xmalloc((size_t)n * (size_t)n, sizeof *l);

	memcpy(l, a, (size_t)n * (size_t)n * sizeof *a);
	if (!cholesky(l, n))
		BUG("a matrix of variances is not positive definite");
	memset(a, 0, (size_t)n * (size_t)n * sizeof *a);
	for (int i = 0; i < n; i++) {
		a[i * n + i] = 1;
		solve_lower(l, n, a + i * n);
		solve_upper(l, n, a + i * n);
	}
	free(l);
}

/* --- the posterior --------------------------------------------------------------------------- */

struct fit {
	int n, count;
	const struct trial *trials;
	double *power;     /* [count][n] 4^(4 - bits) of each sensitivity; 1 for `rest` */
	double *weight;    /* [count] what a policy counts, 1 for the best */
	double *prior;     /* [n][n] precision */
	double *mean;      /* [n] of the prior */
	double *term;      /* [n] derivative of the loss by the logarithm, per power */
	double *residual;  /* [count]; 0 where a broken policy is predicted to be broken */
	double *precision; /* [n][n], of the posterior */
	double *step;      /* [n] */
	double variance;   /* of the noise */
};

static int kind_of(const struct layer *l, int is_activation)
{
	return 2 * l->is_depthwise + is_activation;
}

static void set_prior(struct fit *f, const struct sensitivity_conf *conf, const struct graph *g)
{
	int *kind = xmalloc((size_t)f->n, sizeof *kind), k = 0, last = f->n - 1;

	for (int i = 0; i < g->layers; i++)
		for (int a = 0; a < 2 && g->layer[i].is_searched; a++)
			kind[k++] = kind_of(&g->layer[i], a);
	for (int i = 0; i < last; i++) {
		f->mean[i] = log(conf->typical / last);
		for (int j = 0; j < last; j++)
			f->prior[i * f->n + j] = conf->scale_sd * conf->scale_sd +
			                         (i == j) * conf->own_sd * conf->own_sd +
			                         (kind[i] == kind[j]) * conf->kind_sd * conf->kind_sd;
	}
	f->prior[last * f->n + last] = conf->rest_sd * conf->rest_sd;
	invert(f->prior, f->n);
	free(kind);
}

static void set_trials(struct fit *f, const struct sensitivity_conf *conf, const struct graph *g)
{
	double best = INFINITY;

	for (int t = 0; t < f->count; t++)
		best = f->trials[t].loss < best ? f->trials[t].loss : best;
	for (int t = 0; t < f->count; t++) {
		double *power = f->power + t * f->n, behind = (f->trials[t].loss - best) / conf->knee;
		int k = 0;

		for (int i = 0; i < g->layers; i++) {
			if (!g->layer[i].is_searched)
				continue;
			power[k++] = ldexp(1, 2 * (4 - f->trials[t].policy.bits[i].w));
			power[k++] = ldexp(1, 2 * (4 - f->trials[t].policy.bits[i].a));
		}
		power[k] = 1;
		f->weight[t] = 1 / ((1 + behind) * (1 + behind));
	}
}

/* Residuals at x, and minus the logarithm of the posterior. */
static double evaluate(struct fit *f, const double *x)
{
	double sum = 0;
	int n = f->n;

	for (int i = 0; i < n; i++)
		f->term[i] = i < n - 1 ? exp(x[i]) : 1;
	for (int t = 0; t < f->count; t++) {
		const double *power = f->power + t * n;
		double predicted = x[n - 1];

		for (int i = 0; i < n - 1; i++)
			predicted += power[i] * f->term[i];
		f->residual[t] = f->trials[t].loss - predicted;
		if (f->trials[t].is_broken && f->residual[t] < 0)
			f->residual[t] = 0;
		sum += f->residual[t] * f->residual[t] * f->weight[t] / f->variance;
	}
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			sum += (x[i] - f->mean[i]) * f->prior[i * n + j] * (x[j] - f->mean[j]);
	return sum / 2;
}

/*
 * The precision of the posterior around x (lower triangle) and the right side of Newton's step,
 * after evaluate().
 */
static void linearise(struct fit *f, const double *x)
{
	int n = f->n;

	memcpy(f->precision, f->prior, (size_t)n * (size_t)n * sizeof *f->prior);
	for (int i = 0; i < n; i++) {
		f->step[i] = 0;
		for (int j = 0; j < n; j++)
			f->step[i] -= f->prior[i * n + j] * (x[j] - f->mean[j]);
	}
	for (int t = 0; t < f->count; t++) {
		const double *power = f->power + t * n;
		double weight = f->weight[t] / f->variance;

		if (f->trials[t].is_broken && f->residual[t] <= 0)
			continue;
		for (int i = 0; i < n; i++) {
			double *row = f->precision + i * n, slope = power[i] * f->term[i] * weight;

			f->step[i] += slope * f->residual[t];
#pragma omp simd
			for (int j = 0; j <= i; j++)
				row[j] += slope * power[j] * f->term[j];
		}
	}
}

/* Newton's method with steps cut where they would lead uphill; leaves the Cholesky factor in f->precision. */
static void find_mode(struct fit *f, double *x)
{
	double *next = xmalloc((size_t)f->n, sizeof *next), value = evaluate(f, x), value_next = value;

	for (int round = 0; round < STEPS; round++) {
		double longest = 0, share, gain;

		linearise(f, x);
		if (!cholesky(f->precision, f->n))
			BUG("the precision of a posterior is not positive definite");
		solve_lower(f->precision, f->n, f->step);
		solve_upper(f->precision, f->n, f->step);
		for (int i = 0; i < f->n - 1; i++)
			longest = fabs(f->step[i]) > longest ? fabs(f->step[i]) : longest;
		share = longest > STEP_MAX ? STEP_MAX / longest : 1;
		for (int halving = 0; halving < 8; halving++, share /= 2) {
			for (int i = 0; i < f->n; i++)
				next[i] = x[i] + share * f->step[i];
			if ((value_next = evaluate(f, next)) <= value)
				break;
		}
		gain = value - value_next;
		if (gain >= 0)
			memcpy(x, next, (size_t)f->n * sizeof *x);
		value = evaluate(f, x);
		if (!(gain > 1e-4))
			break;
	}
	free(next);
}

/* MacKay's estimate: squared residuals over the number of policies that did not go into parameters. */
static double noise_variance(const struct fit *f, const struct sensitivity_conf *conf)
{
	double used = f->n, squares = 0, policies = 0, *column = xmalloc((size_t)f->n, sizeof *column);

	for (int i = 0; i < f->n; i++) {
		memcpy(column, f->prior + i * f->n, (size_t)f->n * sizeof *column);
		solve_lower(f->precision, f->n, column);
		solve_upper(f->precision, f->n, column);
		used -= column[i];
	}
	for (int t = 0; t < f->count; t++) {
		squares += f->residual[t] * f->residual[t] * f->weight[t];
		policies += !f->trials[t].is_broken;
	}
	free(column);
	used = used < 0 ? 0 : used > policies ? policies : used;
	return (conf->noise_weight * conf->noise * conf->noise + squares) /
	       (conf->noise_weight + policies - used);
}

void sensitivity_fit(struct sensitivity *s, const struct sensitivity_conf *conf, const struct graph *g,
                     const struct trial *trials, int count)
{
	struct fit f = { .count = count, .trials = trials, .variance = conf->noise * conf->noise };
	size_t n, rows = (size_t)count;

	s->searched = 0;
	for (int i = 0; i < g->layers; i++)
		s->searched += g->layer[i].is_searched;
	f.n = s->n = 2 * s->searched + 1;
	n = (size_t)f.n;
	f.power = xmalloc(rows * n, sizeof *f.power);
	f.weight = xmalloc(rows, sizeof *f.weight);
	f.residual = xmalloc(rows, sizeof *f.residual);
	f.prior = xmalloc(n * n, sizeof *f.prior);
	f.precision = xmalloc(n * n, sizeof *f.precision);
	f.mean = xmalloc(n, sizeof *f.mean);
	f.term = xmalloc(n, sizeof *f.term);
	f.step = xmalloc(n, sizeof *f.step);
	s->mode = xmalloc(n, sizeof *s->mode);
	set_prior(&f, conf, g);
	set_trials(&f, conf, g);
	memcpy(s->mode, f.mean, n * sizeof *s->mode);
	for (int round = 0; round < ROUNDS; round++) {
		find_mode(&f, s->mode);
		s->noise = sqrt(f.variance);
		f.variance = noise_variance(&f, conf);
	}
	s->root = f.precision;
	free(f.power);
	free(f.weight);
	free(f.residual);
	free(f.prior);
	free(f.mean);
	free(f.term);
	free(f.step);
}

void sensitivity_draw(const struct sensitivity *s, double width, struct rng r, uint64_t draw,
                      const struct graph *g, double (*loss)[BITS_MAX][BITS_MAX])
{
	double *x = xmalloc((size_t)s->n, sizeof *x);
	int k = 0;

	for (int i = 0; i < s->n; i++)
		x[i] = width * rng_normal(r, draw * (uint64_t)s->n + (uint64_t)i);
	solve_upper(s->root, s->n, x);
	for (int i = 0; i < g->layers; i++) {
		double weights, activations;

		if (!g->layer[i].is_searched)
			continue;
		weights = exp(s->mode[k] + x[k]);
		activations = exp(s->mode[k + 1] + x[k + 1]);
		k += 2;
		for (int j = 0; j < BITS_MAX * BITS_MAX; j++)
			loss[i][j / 8][j % 8] =
				weights * ldexp(1, 2 * (3 - j / 8)) + activations * ldexp(1, 2 * (3 - j % 8));
	}
	free(x);
}
