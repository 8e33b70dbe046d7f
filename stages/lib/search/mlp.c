#include "search/mlp.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#define REVISION 2 /* raise when the numbers change */

void mlp_alloc(struct mlp *m, int state_size, const int hidden[2], bool sigmoid)
{
	size_t inputs = (size_t)state_size + 3, h = (size_t)hidden[0], k = (size_t)hidden[1];

	*m = (struct mlp){
		.state_size = state_size,
		.inputs = state_size + 3,
		.hidden = { hidden[0], hidden[1] },
		.sigmoid = sigmoid,
		.size = h * inputs + k * h + 2 * k + 1,
	};
	m->w1 = xmalloc(m->size, sizeof *m->w1);
	m->w2 = m->w1 + h * inputs;
	m->b2 = m->w2 + k * h;
	m->w3 = m->b2 + k;
	m->b3 = m->w3 + k;
}

static void init(float *w, int count, int fan_in, struct rng r, uint64_t *index)
{
	for (int i = 0; i < count; i++)
		w[i] = (float)((2 * rng_uniform(r, (*index)++) - 1) / sqrt(fan_in));
}

void mlp_init(struct mlp *m, struct rng r, uint64_t index)
{
	for (int i = 0; i < m->hidden[0]; i++) {
		init(m->w1 + i * m->inputs, m->state_size + 1, m->state_size, r, &index);
		init(m->w1 + i * m->inputs + m->state_size + 1, 2, 1, r, &index);
	}
	init(m->w2, m->hidden[1] * (m->hidden[0] + 1), m->hidden[0], r, &index); /* with b2 */
	init(m->w3, m->hidden[1] + 1, m->hidden[1], r, &index);                  /* with b3 */
}

void mlp_pass_alloc(struct mlp_pass *p, const struct mlp *m, int rows)
{
	size_t n = (size_t)rows;

	p->rows = rows;
	p->x = xmalloc(n * (size_t)m->inputs, sizeof *p->x);
	p->h = xmalloc(n * (size_t)m->hidden[0], sizeof *p->h);
	p->k = xmalloc(n * (size_t)m->hidden[1], sizeof *p->k);
	p->y = xmalloc(n, sizeof *p->y);
	p->dh = xmalloc(n * (size_t)m->hidden[0], sizeof *p->dh);
	p->dk = xmalloc(n * (size_t)m->hidden[1], sizeof *p->dk);
	p->dy = xmalloc(n, sizeof *p->dy);
}

void mlp_input(const struct mlp *m, float *row, const float *state, float action)
{
	memcpy(row, state, (size_t)m->state_size * sizeof *row);
	row[m->state_size] = 1;
	row[m->state_size + 1] = action;
	row[m->state_size + 2] = 1;
}

/* y[n][out] = x[n][in] w[out][in]' */
static void linear(int n, int out, int in, const float *x, const float *w, float *y)
{
	if (n == 1)
		cblas_sgemv(CblasRowMajor, CblasNoTrans, out, in, 1, w, in, x, 1, 0, y, 1);
	else
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, out, in, 1, x, in, w, in, 0, y, out);
}

static void relu_bias(float *restrict y, const float *restrict bias, int n, int width)
{
	for (int i = 0; i < n; i++)
#pragma omp simd
		for (int j = 0; j < width; j++) {
			float z = y[i * width + j] + bias[j];

			y[i * width + j] = z > 0 ? z : 0;
		}
}

static void relu(float *y, int count)
{
#pragma omp simd
	for (int i = 0; i < count; i++)
		y[i] = y[i] > 0 ? y[i] : 0;
}

static float dot(const float *restrict a, const float *restrict b, int count)
{
	float sum = 0;

#pragma omp simd reduction(+ : sum)
	for (int i = 0; i < count; i++)
		sum += a[i] * b[i];
	return sum;
}

void mlp_forward(const struct mlp *m, struct mlp_pass *p, int n)
{
	linear(n, m->hidden[0], m->inputs, p->x, m->w1, p->h);
	relu(p->h, n * m->hidden[0]);
	linear(n, m->hidden[1], m->hidden[0], p->h, m->w2, p->k);
	relu_bias(p->k, m->b2, n, m->hidden[1]);
	for (int i = 0; i < n; i++) {
		float z = dot(p->k + i * m->hidden[1], m->w3, m->hidden[1]) + *m->b3;

		p->y[i] = m->sigmoid ? 1 / (1 + expf(-z)) : z;
	}
}

/* Gradients of the output layer: dk = dy w3 where k > 0, and those of w3, b3, b2, summed over rows. */
static void backward_output(const struct mlp *m, struct mlp_pass *p, int n, struct mlp *grad)
{
	int width = m->hidden[1];

	if (grad)
		memset(grad->b2, 0, (size_t)(2 * width + 1) * sizeof *grad->b2); /* b2, w3, b3 */
	for (int i = 0; i < n; i++) {
		const float *restrict k = p->k + i * width, *restrict w = m->w3;
		float *restrict dk = p->dk + i * width, dy = p->dy[i];

#pragma omp simd
		for (int j = 0; j < width; j++)
			dk[j] = k[j] > 0 ? dy * w[j] : 0;
		if (!grad)
			continue;
		*grad->b3 += dy;
		for (int j = 0; j < width; j++) {
			grad->b2[j] += dk[j];
			grad->w3[j] += dy * k[j];
		}
	}
}

void mlp_backward(const struct mlp *m, struct mlp_pass *p, int n, struct mlp *grad, float *action)
{
	int wide = m->hidden[0], narrow = m->hidden[1];

	for (int i = 0; m->sigmoid && i < n; i++)
		p->dy[i] *= p->y[i] * (1 - p->y[i]);
	backward_output(m, p, n, grad);
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, wide, narrow, 1, p->dk, narrow, m->w2, wide,
	            0, p->dh, wide);
#pragma omp simd
	for (int i = 0; i < n * wide; i++)
		p->dh[i] = p->h[i] > 0 ? p->dh[i] : 0;
	if (grad) {
		cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, narrow, wide, n, 1, p->dk, narrow, p->h,
		            wide, 0, grad->w2, wide);
		cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, wide, m->inputs, n, 1, p->dh, wide, p->x,
		            m->inputs, 0, grad->w1, m->inputs);
	}
	if (action)
		cblas_sgemv(CblasRowMajor, CblasNoTrans, n, wide, 1, p->dh, wide, m->w1 + m->state_size + 1,
		            m->inputs, 0, action, 1);
}

void adam_alloc(struct adam *a, const struct mlp *m)
{
	a->mean = xmalloc(m->size, sizeof *a->mean);
	a->square = xmalloc(m->size, sizeof *a->square);
	a->steps = 0;
}

/* With -fno-math-errno sqrtf() is computed 16 at a time: an episode takes 0.25 instead of 0.39 s. */
void adam_step(struct adam *a, struct mlp *m, const struct mlp *grad, double rate)
{
	float *restrict value = m->w1, *restrict mean = a->mean, *restrict square = a->square;
	const float *restrict g = grad->w1;
	double steps = (double)++a->steps;
	float step = (float)(rate / (1 - pow(0.9, steps))), shrink = (float)(1 / sqrt(1 - pow(0.999, steps)));
	size_t size = m->size;

#pragma omp simd
	for (size_t i = 0; i < size; i++) {
		mean[i] += 0.1f * (g[i] - mean[i]);
		square[i] += 0.001f * (g[i] * g[i] - square[i]);
		value[i] -= step * mean[i] / (sqrtf(square[i]) * shrink + 1e-8f);
	}
}

void mlp_follow(struct mlp *target, const struct mlp *m, double tau)
{
	float *restrict to = target->w1, share = (float)tau;
	const float *restrict from = m->w1;
	size_t size = m->size;

#pragma omp simd
	for (size_t i = 0; i < size; i++)
		to[i] += share * (from[i] - to[i]);
}
