#include "search/kernel-bits.h"

#include <math.h>
#include <stdlib.h>

#define REVISION 1 /* raise when the numbers change */

static double largest(const float *x, int64_t n)
{
	double most = 0;

	for (int64_t i = 0; i < n; i++)
		most = fmax(most, fabs((double)x[i]));
	return most;
}

static double squares(const float *x, int64_t n)
{
	double sum = 0;

	for (int64_t i = 0; i < n; i++)
		sum += (double)x[i] * (double)x[i];
	return sum;
}

/* The power of a channel whose weights have the sum of squares given; 0 of a dead one. */
static double power_of(const struct layer_weights *w, int channel, double sum)
{
	double share;

	if (!w->gamma)
		return sum;
	share = (double)w->variance[channel] / ((double)w->variance[channel] + (double)BATCH_NORM_EPSILON);
	return share < DEAD_BELOW ? 0 : (double)w->gamma[channel] * (double)w->gamma[channel] * share;
}

void kernel_sensitivities(const struct layer *l, const struct layer_weights *w, bool own_ranges, double *s)
{
	int64_t each = l->weights / l->cout;
	double shared = largest(w->weight, l->weights);

	for (int k = 0; k < l->cout; k++) {
		const float *weight = w->weight + k * each;
		double range = own_ranges ? largest(weight, each) : shared, sum = squares(weight, each);

		s[k] = sum > 0 ? (double)each * range * range / sum * power_of(w, k, sum) : 0;
	}
}

/* --- the best bits --------------------------------------------------------------------------- */

/* A bit that a kernel may get, after those before it, and what it takes off the noise, up to a factor. */
struct step {
	double gain;
	int kernel, bit;
};

static int by_gain(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	if (x->gain > y->gain || x->gain < y->gain)
		return x->gain > y->gain ? -1 : 1;
	if (x->bit != y->bit)
		return x->bit - y->bit;
	return x->kernel - y->kernel;
}

void kernel_bits(const double *s, int n, int sum, struct bit_range range, unsigned char *bits)
{
	int more = range.max - range.min, left = sum - n * range.min;
	struct step *steps = xmalloc((size_t)n * (size_t)more + 1, sizeof *steps), *step = steps;

	if (left < 0 || left > n * more)
		BUG("%d bits for %d kernels of %d..%d", sum, n, range.min, range.max);
	for (int k = 0; k < n; k++) {
		bits[k] = (unsigned char)range.min;
		for (int b = 0; b < more; b++)
			*step++ = (struct step){ ldexp(s[k], -2 * b), k, b };
	}
	/* each bit of a kernel takes off a quarter of the one before, so it never comes out of turn */
	qsort(steps, (size_t)(step - steps), sizeof *steps, by_gain);
	for (int i = 0; i < left; i++)
		bits[steps[i].kernel]++;
	free(steps);
}

double kernel_noise_uniform(const double *s, int n, int bits)
{
	double sum = 0;

	for (int k = 0; k < n; k++)
		sum += ldexp(s[k], -2 * bits);
	return sum;
}

double kernel_noise(const double *s, int n, const unsigned char *bits)
{
	double sum = 0;

	for (int k = 0; k < n; k++)
		sum += ldexp(s[k], -2 * bits[k]);
	return sum;
}
