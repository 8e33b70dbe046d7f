#include "unit.h"
#include "search/mlp.h"

#define STATE_SIZE 6
#define ROWS 5

static const int hidden[2] = { 9, 7 };
static const struct rng r = { 5, 0, RNG_TEST };

/* The definition in mlp.h, in double precision: sum over rows of dy[i] * y[i]. */
static double reference(const struct mlp *m, const double *p, const double *x, const double *dy)
{
	const double *w2 = p + (m->w2 - m->w1), *b2 = p + (m->b2 - m->w1), *w3 = p + (m->w3 - m->w1),
		     *b3 = p + (m->b3 - m->w1);
	double sum = 0, h[9], z;

	for (int n = 0; n < ROWS; n++) {
		for (int i = 0; i < 9; i++) {
			h[i] = 0;
			for (int j = 0; j < m->inputs; j++)
				h[i] += p[i * m->inputs + j] * x[n * m->inputs + j];
			h[i] = fmax(h[i], 0);
		}
		z = *b3;
		for (int i = 0; i < 7; i++) {
			double k = b2[i];

			for (int j = 0; j < 9; j++)
				k += w2[i * 9 + j] * h[j];
			z += w3[i] * fmax(k, 0);
		}
		sum += dy[n] * (m->sigmoid ? 1 / (1 + exp(-z)) : z);
	}
	return sum;
}

static void fill(const struct mlp *m, struct mlp_pass *pass, double *x, double *dy)
{
	for (int n = 0; n < ROWS; n++) {
		float state[STATE_SIZE];

		for (int i = 0; i < STATE_SIZE; i++)
			state[i] = (float)rng_uniform(r, (uint64_t)(100 + n * 10 + i));
		mlp_input(m, pass->x + n * m->inputs, state, (float)rng_uniform(r, (uint64_t)(200 + n)));
		pass->dy[n] = (float)rng_normal(r, (uint64_t)(300 + n));
		dy[n] = (double)pass->dy[n];
	}
	for (int i = 0; i < ROWS * m->inputs; i++)
		x[i] = (double)pass->x[i];
}

static double slope(const struct mlp *m, double *p, double *x, const double *dy, double *at)
{
	double old = *at, up, down;

	*at = old + 1e-6;
	up = reference(m, p, x, dy);
	*at = old - 1e-6;
	down = reference(m, p, x, dy);
	*at = old;
	return (up - down) / 2e-6;
}

static void check_gradients(bool sigmoid)
{
	struct mlp m, grad;
	struct mlp_pass pass;
	double x[ROWS * (STATE_SIZE + 3)], dy[ROWS], *p;
	float action[ROWS];

	mlp_alloc(&m, STATE_SIZE, hidden, sigmoid);
	mlp_alloc(&grad, STATE_SIZE, hidden, sigmoid);
	mlp_pass_alloc(&pass, &m, ROWS);
	mlp_init(&m, r, 0);
	p = xmalloc(m.size, sizeof *p);
	for (size_t i = 0; i < m.size; i++)
		p[i] = (double)m.w1[i];
	fill(&m, &pass, x, dy);
	mlp_forward(&m, &pass, ROWS);
	mlp_backward(&m, &pass, ROWS, &grad, action);
	for (size_t i = 0; i < m.size; i++) {
		double expected = slope(&m, p, x, dy, &p[i]);

		assert_close(grad.w1[i], expected, 1e-6 + 1e-5 * fabs(expected));
	}
	for (int n = 0; n < ROWS; n++)
		assert_close(action[n], slope(&m, p, x, dy, &x[n * m.inputs + STATE_SIZE + 1]), 1e-5);
}

static void test_gradients(void **state)
{
	(void)state;
	check_gradients(false);
	check_gradients(true);
}

/* One row goes another way through OpenBLAS than many. */
static void test_one_row_equals_many(void **state)
{
	struct mlp m;
	struct mlp_pass many, one;
	double x[ROWS * (STATE_SIZE + 3)], dy[ROWS];

	(void)state;
	mlp_alloc(&m, STATE_SIZE, hidden, true);
	mlp_pass_alloc(&many, &m, ROWS);
	mlp_pass_alloc(&one, &m, 1);
	mlp_init(&m, r, 0);
	fill(&m, &many, x, dy);
	mlp_forward(&m, &many, ROWS);
	for (int n = 0; n < ROWS; n++) {
		memcpy(one.x, many.x + n * m.inputs, (size_t)m.inputs * sizeof *one.x);
		mlp_forward(&m, &one, 1);
		assert_close(*one.y, many.y[n], 1e-6);
	}
}

/* nn.Linear(fan_in): uniform on +-1/sqrt(fan_in), weights and biases */
static void test_init(void **state)
{
	struct mlp m, again;
	double most = 0;

	(void)state;
	mlp_alloc(&m, 10, (const int[2]){ 400, 300 }, true);
	mlp_alloc(&again, 10, (const int[2]){ 400, 300 }, true);
	assert_int_equal(m.size, 400 * 13 + 300 * 401 + 301);
	mlp_init(&m, r, 0);
	mlp_init(&again, r, 0);
	assert_memory_equal(m.w1, again.w1, m.size * sizeof *m.w1);
	for (int i = 0; i < 400 * 13; i++)
		assert_true(fabs((double)m.w1[i]) <= (i % 13 <= 10 ? 1 / sqrt(10) : 1));
	for (int i = 0; i < 300 * 400; i++)
		most = fmax(most, fabs((double)m.w2[i]));
	assert_close(most, 0.05, 1e-5);
}

/* Two steps by hand from PyTorch's definition: rate 0.1, gradients 1 and -3. */
static void test_adam(void **state)
{
	struct mlp m, grad;
	struct adam a;
	double mean = 0.1, square = 0.001, value = 2;

	(void)state;
	mlp_alloc(&m, 1, (const int[2]){ 1, 1 }, false);
	mlp_alloc(&grad, 1, (const int[2]){ 1, 1 }, false);
	adam_alloc(&a, &m);
	m.w1[0] = 2;
	grad.w1[0] = 1;
	adam_step(&a, &m, &grad, 0.1);
	value -= 0.1; /* mean and square without bias are 1 */
	assert_close(m.w1[0], value, 1e-6);
	assert_close(m.w1[1], 0, 0); /* no gradient, no step */
	grad.w1[0] = -3;
	adam_step(&a, &m, &grad, 0.1);
	mean = 0.9 * mean + 0.1 * -3;
	square = 0.999 * square + 0.001 * 9;
	value -= 0.1 * (mean / 0.19) / (sqrt(square / 0.001999) + 1e-8);
	assert_close(m.w1[0], value, 1e-6);
	assert_int_equal(a.steps, 2);
}

static void test_follow(void **state)
{
	struct mlp m, target;

	(void)state;
	mlp_alloc(&m, 2, hidden, false);
	mlp_alloc(&target, 2, hidden, false);
	for (size_t i = 0; i < m.size; i++)
		m.w1[i] = (float)i;
	mlp_follow(&target, &m, 0.25);
	mlp_follow(&target, &m, 0.25);
	for (size_t i = 0; i < m.size; i++)
		assert_close(target.w1[i], 0.4375 * (double)i, 1e-4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gradients), cmocka_unit_test(test_one_row_equals_many),
		cmocka_unit_test(test_init),      cmocka_unit_test(test_adam),
		cmocka_unit_test(test_follow),
	};

	return cmocka_run_group_tests_name("mlp", tests, NULL, NULL);
}
