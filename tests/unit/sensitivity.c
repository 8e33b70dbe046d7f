#include "unit.h"
#include "core/threads.h"
#include "search/bit-allocation.h"
#include "search/sensitivity.h"

/* A chain of searched layers with a fixed one at each end. */
static const char *const net = "name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits\n"
			       "image,input,,3,16,,,,,,,\n"
			       "a,conv,image,8,3,1,1,1,no,yes,relu,8\n"
			       "b,conv,a,8,3,1,1,8,no,yes,relu6,search\n"
			       "c,conv,b,16,1,1,0,1,no,yes,relu6,search\n"
			       "d,conv,c,16,3,1,1,16,no,yes,relu6,search\n"
			       "e,conv,d,16,1,1,0,1,no,yes,relu6,search\n"
			       "p,average,e,,,,,,,,,\n"
			       "f,linear,p,10,,,,,yes,,,8\n";

#define FIRST 1 /* searched layer */
#define LAST 4
#define TRIALS 60

static const struct sensitivity_conf conf = {
	.scale_sd = 1.5,
	.kind_sd = 0.5,
	.layer_sd = 0.8,
	.rest_sd = 2,
	.noise = 0.3,
	.noise_weight = 4,
	.knee = 8,
	.typical = 8,
};
static const struct rng r = { 11, 0, RNG_TEST };
static struct problem problem; /* costs that grow with both bits, other for each layer */

static int setup(void **state)
{
	char *path = scratch(net);

	(void)state;
	graph_read(&problem.g, path);
	unlink(path);
	costs_alloc(&problem.costs, &problem.g);
	for (int i = 0; i < problem.g.layers; i++)
		FOR_BITS(b, ALL_BITS)
			costs_at(&problem.costs, i, b)->metric[METRIC_LATENCY] =
				(1 + i) * b.w * b.a + b.a - 1;
	return 0;
}

static double sensitivity_of(int layer, int is_activation)
{
	return exp(0.8 * rng_normal(r, (uint64_t)(2 * layer + is_activation)));
}

static double loss_of(const struct policy *p)
{
	double loss = 0.5;

	for (int i = FIRST; i <= LAST; i++)
		loss += sensitivity_of(i, 0) * ldexp(1, 2 * (4 - p->bits[i].w)) +
		        sensitivity_of(i, 1) * ldexp(1, 2 * (4 - p->bits[i].a));
	return loss;
}

static struct policy random_policy(uint64_t number)
{
	struct policy p = policy_uniform(&problem.g, 4, 4);

	for (int i = FIRST; i <= LAST; i++) {
		p.bits[i].w = (unsigned char)(3 + rng_below(r, 1000 + number * 64 + (uint64_t)i, 4));
		p.bits[i].a = (unsigned char)(3 + rng_below(r, 1032 + number * 64 + (uint64_t)i, 4));
	}
	return p;
}

static struct trial *trials(double noise)
{
	struct trial *t = xmalloc(TRIALS, sizeof *t);

	for (int i = 0; i < TRIALS; i++) {
		t[i].policy = random_policy((uint64_t)i);
		t[i].loss = loss_of(&t[i].policy) + noise * rng_normal(r, (uint64_t)(100 + i));
	}
	return t;
}

static void check_recovery(const struct trial *t, double tolerance)
{
	struct layer_loss *loss = xmalloc((size_t)problem.g.layers, sizeof *loss);
	double *value = xmalloc((size_t)problem.g.layers, 2 * sizeof *value);
	struct sensitivity s;

	sensitivity_fit(&s, &conf, &problem.g, t, TRIALS);
	assert_int_equal(s.searched, LAST - FIRST + 1);
	for (int i = 0; i < 2 * s.searched; i++)
		assert_close(s.mode[i], log(sensitivity_of(FIRST + i / 2, i % 2)), tolerance);
	assert_close(s.mode[s.n - 1], 0.5, tolerance);
	sensitivity_draw(&s, 0, r, 0, value);
	sensitivity_losses(&problem.g, value, loss);
	assert_close(loss[FIRST].at[3][1], exp(s.mode[0]) + 16 * exp(s.mode[1]), 1e-9);
	free(loss);
}

static void test_recovers_sensitivities(void **state)
{
	(void)state;
	check_recovery(trials(0), 0.03);
	check_recovery(trials(0.1), 0.25);
}

/* Accuracy at the floor says "at least"; taken at its word it would ruin the fit. */
static void test_broken_trials(void **state)
{
	struct trial *t = trials(0);

	(void)state;
	for (int i = 0; i < 8; i++) {
		t[i].policy.bits[FIRST + i % 4].w = 1;
		t[i].policy.bits[FIRST + i % 4].a = 1;
		t[i].loss = fmin(loss_of(&t[i].policy), 20);
		t[i].is_broken = true;
	}
	check_recovery(t, 0.05);
}

static void test_few_trials(void **state)
{
	struct trial *t = trials(0.3);
	struct layer_loss *loss = xmalloc((size_t)problem.g.layers, sizeof *loss);
	double *value = xmalloc((size_t)problem.g.layers, 2 * sizeof *value);
	struct sensitivity s;

	(void)state;
	for (int count = 0; count < 4; count++) {
		sensitivity_fit(&s, &conf, &problem.g, t, count);
		sensitivity_draw(&s, 1, r, 1, value);
		sensitivity_losses(&problem.g, value, loss);
		for (int i = FIRST; i <= LAST; i++)
			assert_true(loss[i].at[3][3] > 0 && isfinite(loss[i].at[3][3]) &&
			            loss[i].at[2][3] > loss[i].at[3][3]);
	}
	free(loss);
}

/* --- allocation ------------------------------------------------------------------------------ */

static double total(const struct layer_loss *loss, const struct policy *p)
{
	double sum = 0;

	for (int i = FIRST; i <= LAST; i++)
		sum += loss[i].at[p->bits[i].w - 1][p->bits[i].a - 1];
	return sum;
}

/* The least loss within the budget, over every policy of these bits. */
static double best_by_counting(const struct layer_loss *loss)
{
	int min = problem.range.min, range = problem.range.max - min + 1, all = 1;
	struct policy p = policy_uniform(&problem.g, min, min);
	double best = INFINITY;

	for (int i = FIRST; i <= LAST; i++)
		all *= range * range;
	for (int n = 0; n < all; n++) {
		for (int i = FIRST, rest = n; i <= LAST; i++, rest /= range * range) {
			p.bits[i].w = (unsigned char)(min + rest % range);
			p.bits[i].a = (unsigned char)(min + rest / range % range);
		}
		if (problem_fits(&problem, &p))
			best = fmin(best, total(loss, &p));
	}
	policy_free(&p);
	return best;
}

static void set_budget(double share, enum costs_count count)
{
	char *name = xprintf("latency-%.4f", share);

	problem.budget = budget_parse(name, &problem.costs, &problem.g, count, problem.range);
	free(name);
}

static void test_allocation(void **state)
{
	struct layer_loss *loss = xmalloc((size_t)problem.g.layers, sizeof *loss);
	double worst = 1;

	(void)state;
	for (int i = FIRST; i <= LAST; i++)
		FOR_BITS(b, ALL_BITS)
			loss[i].at[b.w - 1][b.a - 1] = sensitivity_of(i, 0) * ldexp(1, -2 * (b.w - 1)) +
			                               sensitivity_of(i, 1) * ldexp(1, -2 * (b.a - 1));
	problem.range = (struct bit_range){ 3, 6 };
	for (int percent = 25; percent <= 75; percent += 5) {
		struct policy p;

		set_budget(percent / 100.0, COUNT_SEARCHED);
		p = allocate_bits(loss, &problem);
		assert_true(problem_fits(&problem, &p));
		assert_int_equal(p.bits[0].w, 8);
		assert_int_equal(p.bits[5].a, 8);
		worst = fmax(worst, total(loss, &p) / best_by_counting(loss));
	}
	assert_true(worst < 1.05);
}

/* The budget walk and the allocation, whatever the losses and the budget. */
static void test_within_budget(void **state)
{
	struct layer_loss *loss = xmalloc((size_t)problem.g.layers, sizeof *loss);

	(void)state;
	problem.range = (struct bit_range){ 2, 8 };
	for (uint64_t n = 0; n < 300; n++) {
		struct policy walked = random_policy(n), p;
		double u = rng_uniform(r, 5000 + n);
		uint64_t index = 6000 + n * 1000;

		if (n % 2)
			set_budget(0.75 + 0.2 * u, COUNT_ALL);
		else
			set_budget(0.1 + 0.9 * u, COUNT_SEARCHED);
		for (int i = 0; i < problem.g.layers; i++)
			FOR_BITS(b, ALL_BITS)
				loss[i].at[b.w - 1][b.a - 1] = rng_uniform(r, index++);
		problem_enforce(&problem, &walked);
		assert_true(problem_fits(&problem, &walked));
		p = allocate_bits(loss, &problem);
		assert_true(problem_fits(&problem, &p));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recovers_sensitivities),
		cmocka_unit_test(test_broken_trials),
		cmocka_unit_test(test_few_trials),
		cmocka_unit_test(test_allocation),
		cmocka_unit_test(test_within_budget),
	};

	threads_init();
	return cmocka_run_group_tests_name("sensitivity", tests, setup, NULL);
}
