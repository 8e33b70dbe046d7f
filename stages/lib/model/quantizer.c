#include "model/quantizer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

/* Adding 1.5 * 2^23 leaves no bits behind the point: round half to even, without a call, for |x| < 2^22. */
#define ROUNDER 12582912.0f
#define KL_BINS 512
#define KL_BITS_MOST 4 /* released code; finer quantizers hardly change the distribution */

bool quantizer_has_bits(int bits, bool is_signed)
{
	return bits >= (is_signed ? 2 : 1) && bits <= 8;
}

struct quantizer quantizer_for_activations(int bits, float clip, bool is_signed)
{
	int levels = is_signed ? (1 << (bits - 1)) - 1 : (1 << bits) - 1;

	if (!quantizer_has_bits(bits, is_signed))
		BUG("%d bits for a%s activation", bits, is_signed ? " signed" : "n unsigned");
	return (struct quantizer){ true, is_signed ? -clip : 0, clip, clip / (float)levels, levels };
}

/* Bits of weights are at least two here; 0 where all are zero. */
static float weight_step(int bits, float clip)
{
	float step = clip / (float)((1 << (bits - 1)) - 1);

	return clip > 0 && !isinf(1 / step) ? step : 0;
}

void quantize_weights(const float *w, size_t n, int bits, float clip, float *out)
{
	float step = bits > 1 ? weight_step(bits, clip) : clip, inverse = 1 / step;

	if (bits == 1) {
		for (size_t i = 0; i < n; i++)
			out[i] = w[i] < 0 ? -clip : clip;
		return;
	}
	if (step == 0) {
		memset(out, 0, n * sizeof *out);
		return;
	}
#pragma omp simd
	for (size_t i = 0; i < n; i++) {
		float x = w[i] < -clip ? -clip : w[i] > clip ? clip : w[i];

		out[i] = ((x * inverse + ROUNDER) - ROUNDER) * step;
	}
}

float quantize_to_integers(const float *w, size_t n, int bits, float clip, int8_t *out)
{
	float step = bits > 1 ? weight_step(bits, clip) : clip, inverse = step > 0 ? 1 / step : 0;

	for (size_t i = 0; i < n; i++) {
		float x = w[i] < -clip ? -clip : w[i] > clip ? clip : w[i];

		out[i] = bits == 1 ? (w[i] < 0 ? -1 : 1) : (int8_t)((x * inverse + ROUNDER) - ROUNDER);
	}
	return step;
}

/* --- eq. 6, on distribution functions ------------------------------------------------------------ */

/* The distribution function of |x| at the right edge of each of the bins. */
static void distribution(const struct histogram *h, double cdf[KL_BINS])
{
	int each = HISTOGRAM_BINS / KL_BINS;
	double sum = 0, total = 0;

	for (int i = 0; i < HISTOGRAM_BINS; i++)
		total += h->bin[i];
	for (int i = 0; i < KL_BINS; i++) {
		for (int k = 0; k < each; k++)
			sum += h->bin[i * each + k];
		cdf[i] = sum / total;
	}
}

static double interpolate(const double *y, double at)
{
	int i = (int)at;

	return y[i] + (at - i > 0 ? (at - i) * (y[i + 1] - y[i]) : 0);
}

/*
 * How far a quantizer of `points` levels that clips after `kept` bins is from the distribution p:
 * its function q is p with all mass from there on moved to the clip, drawn straight between the
 * levels.  Sum of (p - q) log(p / q), which is the divergence of p from q and of q from p together.
 */
static double divergence(const double *p, int kept, int points)
{
	double level[KL_BINS] = { 0 }, sum = 0;

	for (int i = 0; i < points; i++) {
		double at = (double)i * (kept - 1) / (points - 1);

		level[i] = i == points - 1 ? 1 : interpolate(p, at);
	}
	for (int i = 0; i < KL_BINS; i++) {
		double q = i < kept ? interpolate(level, (double)i * (points - 1) / (kept - 1)) : 1;

		if (p[i] > 0 && q > 0)
			sum += (p[i] - q) * log(p[i] / q);
	}
	return sum;
}

static int least_divergence(const struct histogram *h, int levels)
{
	double cdf[KL_BINS], least = INFINITY;
	int points = levels + 1, best = KL_BINS;

	distribution(h, cdf);
	for (int i = 1; i <= QUANTIZER_CANDIDATES; i++) {
		int kept = KL_BINS / QUANTIZER_CANDIDATES * i;
		double d;

		if (kept <= points || points < 2)
			continue;
		d = divergence(cdf, kept, points);
		if (d < least) {
			least = d;
			best = kept;
		}
	}
	return best * (HISTOGRAM_BINS / KL_BINS);
}

/* --- least squares ------------------------------------------------------------------------------ */

/* Sums over the bins below each index: of the counts, and of counts times x and x squared. */
struct moments {
	double n[HISTOGRAM_BINS + 1], x[HISTOGRAM_BINS + 1], xx[HISTOGRAM_BINS + 1];
};

static void sum_moments(const struct histogram *h, struct moments *m)
{
	m->n[0] = m->x[0] = m->xx[0] = 0;
	for (int i = 0; i < HISTOGRAM_BINS; i++) {
		double x = i + 0.5;

		m->n[i + 1] = m->n[i] + h->bin[i];
		m->x[i + 1] = m->x[i] + h->bin[i] * x;
		m->xx[i + 1] = m->xx[i] + h->bin[i] * x * x;
	}
}

/* Sum of (x - q)^2 where the bins from..to-1 go to level q. */
static double error_of_level(const struct moments *m, int from, int to, double q)
{
	return m->xx[to] - m->xx[from] - 2 * q * (m->x[to] - m->x[from]) + q * q * (m->n[to] - m->n[from]);
}

static double squared_error(const struct moments *m, int kept, int levels)
{
	double step = (double)kept / levels, sum = 0;
	int from = 0;

	for (int level = 0; level <= levels; level++) {
		/* bin i goes up to this level while its middle i + 1/2 lies below the next boundary */
		int to = level == levels ? HISTOGRAM_BINS : (int)ceil((level + 0.5) * step - 0.5);

		sum += error_of_level(m, from, to, level * step);
		from = to;
	}
	return sum;
}

static int least_error(const struct histogram *h, int levels)
{
	struct moments *m = xmalloc(1, sizeof *m);
	double least = INFINITY;
	int best = HISTOGRAM_BINS;

	sum_moments(h, m);
	for (int i = 1; i <= QUANTIZER_CANDIDATES; i++) {
		int kept = HISTOGRAM_BINS / QUANTIZER_CANDIDATES * i;
		double e = squared_error(m, kept, levels);

		if (e < least) {
			least = e;
			best = kept;
		}
	}
	free(m);
	return best;
}

float quantizer_clip(const struct histogram *h, int bits, bool is_signed, enum clip_rule rule)
{
	int levels = is_signed ? (1 << (bits - 1)) - 1 : (1 << bits) - 1, best = HISTOGRAM_BINS;

	if (!(h->max > 0) || levels < 1)
		return (float)h->max;
	if (rule == CLIP_KL && bits <= KL_BITS_MOST)
		best = least_divergence(h, levels);
	if (rule == CLIP_MSE)
		best = least_error(h, levels);
	return (float)(h->max * best / HISTOGRAM_BINS);
}
