#include "engine/ops-inner.h"

#include <math.h>
#include <string.h>

void ops_add(const float *a, const float *b, size_t count, struct activation_quantizer q, float *y)
{
	float low = q.low, high = q.high;

#pragma omp simd
	for (size_t i = 0; i < count; i++)
		y[i] = clamp(a[i] + b[i], low, high);
}

void ops_accumulate(float *to, const float *from, size_t count)
{
#pragma omp simd
	for (size_t i = 0; i < count; i++)
		to[i] += from[i];
}

void ops_average(const float *x, int images, size_t area, int c, float *y)
{
	for (int n = 0; n < images; n++) {
		float *out = y + (size_t)n * (size_t)c;

		memset(out, 0, (size_t)c * sizeof *out);
		for (size_t p = 0; p < area; p++)
			ops_accumulate(out, x + ((size_t)n * area + p) * (size_t)c, (size_t)c);
#pragma omp simd
		for (int k = 0; k < c; k++)
			out[k] /= (float)area;
	}
}

void ops_average_backward(const float *dy, int images, size_t area, int c, bool add, float *dx)
{
	float share = 1 / (float)area;

	for (size_t row = 0; row < (size_t)images * area; row++) {
		const float *d = dy + row / area * (size_t)c;
		float *out = dx + row * (size_t)c;

#pragma omp simd
		for (int k = 0; k < c; k++)
			out[k] = (add ? out[k] : 0) + d[k] * share;
	}
}

void ops_multiply(const float *a, const float *b, size_t rows, size_t area, int c, bool add, float *y)
{
	size_t n = (size_t)c;

	for (size_t row = 0; row < rows; row++) {
		const float *x = a + row * n, *factor = b + row / area * n;
		float *out = y + row * n;

#pragma omp simd
		for (size_t k = 0; k < n; k++)
			out[k] = (add ? out[k] : 0) + x[k] * factor[k];
	}
}

#define TOGETHER 16 /* channels summed at a time */

void ops_multiply_backward(const float *dy, const float *a, size_t rows, size_t area, int c, bool add,
                           float *db)
{
	for (size_t row = 0; row < rows; row += area)
		for (int k = 0; k < c; k += TOGETHER) {
			int n = c - k < TOGETHER ? c - k : TOGETHER;
			float *out = db + row / area * (size_t)c + k;
			double sum[TOGETHER] = { 0 };

			for (size_t p = row; p < row + area; p++)
				for (int i = 0; i < n; i++)
					sum[i] += (double)dy[p * (size_t)c + (size_t)(k + i)] *
					          (double)a[p * (size_t)c + (size_t)(k + i)];
			for (int i = 0; i < n; i++)
				out[i] = (add ? out[i] : 0) + (float)sum[i];
		}
}

void ops_join(const float *x, size_t rows, int c, float *y, int width)
{
	for (size_t row = 0; row < rows; row++)
		memcpy(y + row * (size_t)width, x + row * (size_t)c, (size_t)c * sizeof *y);
}

void ops_split(const float *dy, int width, size_t rows, int c, bool add, float *dx)
{
	for (size_t row = 0; row < rows; row++) {
		float *out = dx + row * (size_t)c;

#pragma omp simd
		for (int k = 0; k < c; k++)
			out[k] = (add ? out[k] : 0) + dy[row * (size_t)width + (size_t)k];
	}
}

/* The largest of x [n], and the sum of exp(x - it). */
static double sum_of_exponentials(const float *x, int n, double *max)
{
	double sum = 0;

	*max = -INFINITY;
	for (int k = 0; k < n; k++)
		*max = x[k] > *max ? x[k] : *max;
	for (int k = 0; k < n; k++)
		sum += exp(x[k] - *max);
	return sum;
}

/* A share of the teacher's targets instead of so much of those of labels, in the loss and its gradient. */
static double learn_from(const float *teacher, const float *x, int classes, double share, float scale,
                         float *grad)
{
	double max, sum = sum_of_exponentials(teacher, classes, &max), mean = 0;

	for (int k = 0; k < classes; k++) {
		double target = exp(teacher[k] - max) / sum;

		mean += target * (double)x[k];
		if (grad)
			grad[k] -= scale * (float)(share * target);
	}
	return share * mean;
}

double ops_cross_entropy(const float *logits, const struct targets *targets, int n, int classes, float scale,
                         float *grad)
{
	double share = targets->teacher ? targets->share : 0, smoothing = targets->smoothing;
	double loss = 0, each = (1 - share) * smoothing / classes, right = (1 - share) * (1 - smoothing);

	for (int i = 0; i < n; i++) {
		const float *x = logits + (size_t)i * (size_t)classes;
		float *g = grad ? grad + (size_t)i * (size_t)classes : NULL;
		double max, sum = sum_of_exponentials(x, classes, &max), mean = 0;

		for (int k = 0; k < classes; k++)
			mean += (double)x[k] / classes;
		loss += max + log(sum) - right * (double)x[targets->labels[i]] -
		        (1 - share) * smoothing * mean;
		for (int k = 0; g && k < classes; k++)
			g[k] = scale *
			       (float)(exp(x[k] - max) / sum - each - right * (k == targets->labels[i]));
		if (targets->teacher && share > 0)
			loss -= learn_from(targets->teacher + (size_t)i * (size_t)classes, x, classes, share,
			                   scale, g);
	}
	return loss;
}
