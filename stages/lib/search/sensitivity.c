#include "search/sensitivity.h"

#include <cblas.h>
#include <f77blas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 2: sums and Cholesky factors by OpenBLAS, in another order than the loops of revision 1. */
#define REVISION 2

#define NOISE_ROUNDS 5  /* estimates of the noise */
#define NEWTON_STEPS 12 /* at most, at each */
#define HALVINGS 8      /* tried where a step leads uphill */
#define STEP_MAX 1.0    /* longest change of the logarithm of a sensitivity */
#define GAIN_MIN 1e-4   /* a step that gains less has found the mode */

/* --- matrices, row by row -------------------------------------------------------------------- */

/*
 * The lower triangle of a[n][n] symmetric becomes its Cholesky factor; dies where a is not positive definite.
 */
static void cholesky(double *a, int n, const char *what)
{
	char upper = 'U'; /* LAPACK counts by columns: our lower triangle is its upper one */
	blasint size = n, info;

	dpotrf_(&upper, &size, a, &size, &info);
	if (info)
		BUG("%s is not positive definite", what);
}

static void solve_lower(const double *l, int n, double *x) /* x := L^-1 x */
{
	cblas_dtrsv(CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, n, l, n, x, 1);
}

static void solve_upper(const double *l, int n, double *x) /* x := L'^-1 x */
{
	cblas_dtrsv(CblasRowMajor, CblasLower, CblasTrans, CblasNonUnit, n, l, n, x, 1);
}

/* a[n][n] symmetric, positive definite, becomes its inverse, both triangles. */
static void invert(double *a, int n)
{
	double *l = xmalloc((size_t)n * (size_t)n, sizeof *l);

	memcpy(l, a, (size_t)n * (size_t)n * sizeof *a);
	cholesky(l, n, "a matrix of variances");
	memset(a, 0, (size_t)n * (size_t)n * sizeof *a);
	for (int i = 0; i < n; i++)
		a[i * n + i] = 1;
	cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, n, n, 1, l, n, a, n);
	cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, n, n, 1, l, n, a, n);
	free(l);
}

/* --- the posterior --------------------------------------------------------------------------- */

struct fit {
	int n, count; /* parameters, policies */
	const struct trial *trials;
	double *power;     /* [count][n] 4^(4 - bits) of each sensitivity; 1 for `rest` */
	double *weight;    /* [count] what a policy counts, 1 for the best */
	double *prior;     /* [n][n] precision */
	double *mean;      /* [n] of the prior */
	double *residual;  /* [count]; 0 where a broken policy is predicted to be broken */
	double *value;     /* [n] sensitivities, then `rest` */
	double *away;      /* [n] from the mean of the prior */
	double *pull;      /* [n] of the prior: its precision times `away` */
	double *slope;     /* [count][n] of the predictions, by the root of what a policy counts */
	double *scaled;    /* [count] residuals, likewise */
	double *precision; /* [n][n] of the posterior, then its Cholesky factor */
	double *step;      /* [n] */
	double variance;   /* variance of the noise */
};

static void fit_alloc(struct fit *f)
{
	size_t n = (size_t)f->n, count = (size_t)f->count;

	f->power = xmalloc(count * n, sizeof *f->power);
	f->weight = xmalloc(count, sizeof *f->weight);
	f->prior = xmalloc(n * n, sizeof *f->prior);
	f->mean = xmalloc(n, sizeof *f->mean);
	f->residual = xmalloc(count, sizeof *f->residual);
	f->value = xmalloc(n, sizeof *f->value);
	f->away = xmalloc(n, sizeof *f->away);
	f->pull = xmalloc(n, sizeof *f->pull);
	f->slope = xmalloc(count * n, sizeof *f->slope);
	f->scaled = xmalloc(count, sizeof *f->scaled);
	f->precision = xmalloc(n * n, sizeof *f->precision);
	f->step = xmalloc(n, sizeof *f->step);
}

/* All but the precision, which becomes the model's. */
static void fit_free(struct fit *f)
{
	double *const all[] = { f->power, f->weight, f->prior, f->mean,   f->residual, f->value,
		                f->away,  f->pull,   f->slope, f->scaled, f->step };

	for (size_t i = 0; i < LEN(all); i++)
		free(all[i]);
}

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
			                         (i == j) * conf->layer_sd * conf->layer_sd +
			                         (kind[i] == kind[j]) * conf->kind_sd * conf->kind_sd;
	}
	f->prior[last * f->n + last] = conf->rest_sd * conf->rest_sd;
	invert(f->prior, f->n);
	free(kind);
}

static void set_power(const struct trial *t, const struct graph *g, double *power)
{
	const double *noise = t->noise;

	for (int i = 0; i < g->layers; i++) {
		if (!g->layer[i].is_searched)
			continue;
		*power++ = noise ? *noise++ : ldexp(1, 2 * (4 - t->policy.bits[i].w));
		*power++ = noise ? *noise++ : ldexp(1, 2 * (4 - t->policy.bits[i].a));
	}
	*power = 1;
}

static void set_trials(struct fit *f, const struct sensitivity_conf *conf, const struct graph *g)
{
	double best = INFINITY;

	for (int t = 0; t < f->count; t++)
		best = f->trials[t].loss < best ? f->trials[t].loss : best;
	for (int t = 0; t < f->count; t++) {
		double behind = (f->trials[t].loss - best) / conf->knee;

		set_power(&f->trials[t], g, f->power + t * f->n);
		f->weight[t] = 1 / ((1 + behind) * (1 + behind));
	}
}

/* Residuals and the pull of the prior at x, and minus the logarithm of the posterior there. */
static double evaluate(struct fit *f, const double *x)
{
	double sum = 0;
	int n = f->n;

	for (int i = 0; i < n; i++) {
		f->value[i] = i < n - 1 ? exp(x[i]) : x[i];
		f->away[i] = x[i] - f->mean[i];
	}
	for (int t = 0; t < f->count; t++) {
		f->residual[t] = f->trials[t].loss - cblas_ddot(n, f->power + t * n, 1, f->value, 1);
		if (f->trials[t].is_broken && f->residual[t] < 0)
			f->residual[t] = 0;
		sum += f->residual[t] * f->residual[t] * f->weight[t] / f->variance;
	}
	cblas_dsymv(CblasRowMajor, CblasLower, n, 1, f->prior, n, f->away, 1, 0, f->pull, 1);
	return (sum + cblas_ddot(n, f->away, 1, f->pull, 1)) / 2;
}

/*
 * The precision of the posterior (lower triangle) and the right side of Newton's step, around the point that
 * evaluate() was last at.
 */
static void linearise(struct fit *f)
{
	int n = f->n;

	for (int t = 0; t < f->count; t++) {
		bool says_nothing = f->trials[t].is_broken && f->residual[t] <= 0;
		double root = says_nothing ? 0 : sqrt(f->weight[t] / f->variance);

		for (int i = 0; i < n; i++)
			f->slope[t * n + i] = root * f->power[t * n + i] * (i < n - 1 ? f->value[i] : 1);
		f->scaled[t] = root * f->residual[t];
	}
	memcpy(f->precision, f->prior, (size_t)n * (size_t)n * sizeof *f->prior);
	memcpy(f->step, f->pull, (size_t)n * sizeof *f->pull);
	if (f->count) {
		cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, n, f->count, 1, f->slope, n, 1,
		            f->precision, n);
		cblas_dgemv(CblasRowMajor, CblasTrans, f->count, n, 1, f->slope, n, f->scaled, 1, -1, f->step,
		            1);
	} else {
		cblas_dscal(n, -1, f->step, 1);
	}
}

/* The whole of Newton's step; its longest part, of a logarithm. */
static double newton_step(struct fit *f)
{
	double longest = 0;

	linearise(f);
	cholesky(f->precision, f->n, "the precision of a posterior");
	solve_lower(f->precision, f->n, f->step);
	solve_upper(f->precision, f->n, f->step);
	for (int i = 0; i < f->n - 1; i++)
		longest = fmax(longest, fabs(f->step[i]));
	return longest;
}

/* Newton's method with steps cut where they would lead uphill; leaves the Cholesky factor in f->precision. */
static void find_mode(struct fit *f, double *x)
{
	double *next = xmalloc((size_t)f->n, sizeof *next), value = evaluate(f, x), value_next = value;

	for (int round = 0; round < NEWTON_STEPS; round++) {
		double longest = newton_step(f), share = longest > STEP_MAX ? STEP_MAX / longest : 1, gain;

		for (int halving = 0; halving < HALVINGS; halving++, share /= 2) {
			for (int i = 0; i < f->n; i++)
				next[i] = x[i] + share * f->step[i];
			if ((value_next = evaluate(f, next)) <= value)
				break;
		}
		gain = value - value_next;
		if (gain >= 0)
			memcpy(x, next, (size_t)f->n * sizeof *x);
		value = evaluate(f, x);
		if (!(gain > GAIN_MIN))
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

	s->searched = 0;
	for (int i = 0; i < g->layers; i++)
		s->searched += g->layer[i].is_searched;
	f.n = s->n = 2 * s->searched + 1;
	fit_alloc(&f);
	set_prior(&f, conf, g);
	set_trials(&f, conf, g);
	s->mode = xmalloc((size_t)s->n, sizeof *s->mode);
	memcpy(s->mode, f.mean, (size_t)s->n * sizeof *s->mode);
	for (int round = 0; round < NOISE_ROUNDS; round++) {
		find_mode(&f, s->mode);
		s->noise = sqrt(f.variance);
		f.variance = noise_variance(&f, conf);
	}
	s->root = f.precision;
	fit_free(&f);
}

void sensitivity_draw(const struct sensitivity *s, double width, struct rng r, uint64_t draw, double *value)
{
	double *x = xmalloc((size_t)s->n, sizeof *x);

	for (int i = 0; i < s->n; i++)
		x[i] = width * rng_normal(r, draw * (uint64_t)s->n + (uint64_t)i);
	solve_upper(s->root, s->n, x);
	for (int i = 0; i < s->n - 1; i++)
		value[i] = exp(s->mode[i] + x[i]);
	free(x);
}

void sensitivity_losses(const struct graph *g, const double *value, struct layer_loss *loss)
{
	for (int i = 0; i < g->layers; i++) {
		if (!g->layer[i].is_searched)
			continue;
		FOR_BITS(b, ALL_BITS)
			loss[i].at[b.w - 1][b.a - 1] =
				value[0] * ldexp(1, 2 * (4 - b.w)) + value[1] * ldexp(1, 2 * (4 - b.a));
		value += 2;
	}
}
