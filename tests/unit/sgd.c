/* The steps of SGD, by hand. */
#include "unit.h"
#include "engine/sgd.h"
#include "core/threads.h"

static struct sgd sgd_of(struct param *p, float momentum, float decay, bool clips)
{
	struct sgd o = { .params = p, .n = 1, .momentum = momentum, .decay = decay, .clips = clips };

	o.velocity = xmalloc(1, sizeof *o.velocity);
	o.velocity[0] = xmalloc(p->n, sizeof **o.velocity);
	return o;
}

static void test_momentum_and_decay(void **state)
{
	float value[2] = { 1, -2 }, grad[2] = { 0.5f, 1 };
	struct param p = { value, grad, 2, PARAM_WEIGHT };
	struct sgd o = sgd_of(&p, 0.5f, 0.25f, false);

	(void)state;
	sgd_step(&o, 0.5f); /* v = grad + value / 4 */
	assert_close(value[0], 1 - 0.5 * 0.75, 1e-6);
	assert_close(value[1], -2 - 0.5 * 0.5, 1e-6);
	sgd_step(&o, 0.5f);
	assert_close(value[0], 0.625 - 0.5 * (0.375 + 0.5 + 0.625 / 4), 1e-6);
}

/* A range after one step along a gradient. */
static float stepped(float range, float gradient, bool learns)
{
	struct param p = { &range, &gradient, 1, PARAM_CLIP };
	struct sgd o = sgd_of(&p, 0, 0, learns);

	sgd_step(&o, 1);
	return range;
}

static void test_ranges_stay_positive(void **state)
{
	(void)state;
	assert_close(stepped(2, 0.5f, true), 1.5, 1e-6);
	assert_true(stepped(2, 0.5f, false) == 2);
	assert_close(stepped(2, 5, true), 1e-3, 1e-9);
	assert_true(stepped(5e-4f, 0, true) == 5e-4f); /* one that was small stays */
	assert_close(stepped(5e-4f, 5, true), 5e-5, 1e-9);
}

/* Ranges of weights learn wherever they are parameters, without decay, and stay positive one by one. */
static void test_ranges_of_weights(void **state)
{
	float range[3] = { 2, 1, 5e-4f }, gradient[3] = { 0.5f, 5, 5 };
	struct param p = { range, gradient, 3, PARAM_WEIGHT_CLIP };
	struct sgd o = sgd_of(&p, 0, 0.5f, false);

	(void)state;
	sgd_step(&o, 1);
	assert_close(range[0], 1.5, 1e-6);
	assert_close(range[1], 1e-3, 1e-9);
	assert_close(range[2], 5e-5, 1e-9);
}

static void test_schedule(void **state)
{
	static const struct schedule cosine = { 0.5, 0.25, true }, constant = { 0.5, 0.25, false };

	(void)state;
	assert_close(schedule_rate(&cosine, 0, 16), 0.5 / 5, 1e-12);
	assert_close(schedule_rate(&cosine, 3, 16), 0.5 * 4 / 5, 1e-12);
	assert_close(schedule_rate(&cosine, 4, 16), 0.5, 1e-12);
	assert_close(schedule_rate(&cosine, 10, 16), 0.25, 1e-12);
	assert_close(schedule_rate(&cosine, 16, 16), 0, 1e-12);
	assert_close(schedule_rate(&constant, 3, 16), 0.5 * 4 / 5, 1e-12);
	assert_close(schedule_rate(&constant, 15, 16), 0.5, 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_momentum_and_decay),
		cmocka_unit_test(test_ranges_stay_positive),
		cmocka_unit_test(test_ranges_of_weights),
		cmocka_unit_test(test_schedule),
	};

	threads_init();
	return cmocka_run_group_tests_name("sgd", tests, NULL, NULL);
}
