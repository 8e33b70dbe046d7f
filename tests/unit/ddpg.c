#include "unit.h"
#include "search/actions.h"
#include "search/ddpg.h"
#include "core/threads.h"

#define STEPS 6

static float features[STEPS][STATE_SIZE];
static struct ddpg_conf conf = {
	.hidden_1 = 32,
	.hidden_2 = 24,
	.batch = 8,
	.replay = 10,
	.updates = 1,
	.warmup = 2,
	.actor_rate = 1e-3,
	.critic_rate = 1e-2,
	.tau = 0.05,
	.discount = 1,
	.baseline_decay = 0.5,
	.noise = 0.5,
	.noise_decay = 0.9,
};

static struct ddpg agent_new(void)
{
	struct ddpg d;

	ddpg_init(&d, &conf, (const float(*)[STATE_SIZE])features, STEPS, 3);
	return d;
}

/* A reward that wants high actions at even steps and low ones at odd. */
static float search_reward(const float *actions)
{
	float sum = 0;

	for (int i = 0; i < STEPS; i++)
		sum -= i % 2 ? actions[i] : 1 - actions[i];
	return sum;
}

static void learn(struct ddpg *d, int from, int to)
{
	float actions[STEPS];

	for (int k = from; k <= to; k++) {
		ddpg_actions(d, k, actions);
		ddpg_learn(d, k, actions, search_reward(actions));
	}
}

/* eq. 3, its ends, and ties to even as in the released code; every action is inside the bits it stands for */
static void test_bits(void **state)
{
	const struct bit_range range = { 2, 8 };

	(void)state;
	assert_int_equal(action_bits(0, range), 2);
	assert_int_equal(action_bits(1, range), 8);
	assert_int_equal(action_bits(0, (struct bit_range){ 1, 8 }), 1);
	assert_int_equal(action_bits(0.5, range), 5);
	assert_int_equal(action_bits(1 / 7.0 - 1e-6, range), 2);
	assert_int_equal(action_bits(1 / 7.0 + 1e-6, range), 3);
	for (int bits = 2; bits <= 8; bits++)
		assert_int_equal(action_bits((double)bits_action(bits, range), range), bits);
	assert_close(bits_action(1, range), 0, 0);
}

static void test_replay_is_a_ring(void **state)
{
	struct ddpg d = agent_new();
	float actions[STEPS];

	(void)state;
	assert_int_equal(d.room, 30);
	d.conf = &(struct ddpg_conf){ .warmup = 100, .batch = 8 }; /* nothing is learnt */
	for (int k = 1; k <= 6; k++) {
		for (int i = 0; i < STEPS; i++)
			actions[i] = (float)(10 * k + i);
		ddpg_learn(&d, k, actions, (float)k);
	}
	assert_int_equal(d.count, 30);
	assert_int_equal(d.next, 6);
	for (int i = 0; i < 30; i++) {
		const struct transition *t = &d.replay[i];
		int k = i < 6 ? 6 : i / 6 + 1;

		assert_int_equal(t->step, i % 6);
		assert_close(t->action, 10 * k + i % 6, 0);
		assert_close(t->before, i % 6 ? 10 * k + i % 6 - 1 : 1, 0);
		assert_close(t->reward, k, 0);
	}
}

static void test_samples_differ(void **state)
{
	struct ddpg d = agent_new();

	(void)state;
	learn(&d, 1, 20);
	for (int i = 0; i < 8; i++)
		for (int j = 0; j < i; j++)
			assert_true(d.sample[i] != d.sample[j] && d.sample[i] < d.count);
}

static void test_warmup_is_uniform(void **state)
{
	struct ddpg d = agent_new();
	float first[STEPS], again[STEPS];
	const struct mlp before = agent_new().actor;

	(void)state;
	ddpg_actions(&d, 2, first);
	for (int i = 0; i < STEPS; i++)
		assert_close(first[i], rng_uniform((struct rng){ 3, 2, RNG_ACTION }, (uint64_t)i), 1e-7);
	learn(&d, 1, 2);
	assert_memory_equal(d.actor.w1, before.w1, before.size * sizeof *before.w1);
	ddpg_actions(&d, 3, first);
	ddpg_actions(&d, 3, again);
	assert_memory_equal(first, again, sizeof first);
}

static void test_learns(void **state)
{
	struct ddpg_conf patient = conf;
	struct ddpg d;
	float actions[STEPS];

	(void)state;
	patient.batch = 32;
	patient.replay = 128;
	patient.noise_decay = 0.98;
	ddpg_init(&d, &patient, (const float(*)[STATE_SIZE])features, STEPS, 3);
	learn(&d, 1, 250);
	ddpg_actions(&d, 250, actions);
	if (!(search_reward(actions) > -0.6f)) /* a random episode has -3 */
		fail_msg("reward %g", (double)search_reward(actions));
}

/* --- keeping --------------------------------------------------------------------------------- */

static char *save(const struct ddpg *d)
{
	char *path = scratch("");
	FILE *f = out_open(path);
	struct npz_writer *w = npz_begin(f, false);

	ddpg_save(d, w);
	npz_end(w);
	out_commit(f);
	return path;
}

static void test_kept_equals_learnt(void **state)
{
	(void)state;
	for (int cut = 1; cut <= 12; cut++) {
		struct ddpg through = agent_new(), kept = agent_new(), part = agent_new();
		float expected[STEPS], actions[STEPS];
		struct npz z;
		char *path;

		learn(&through, 1, 14);
		learn(&part, 1, cut);
		path = save(&part);
		npz_read(&z, path);
		assert_true(ddpg_load(&kept, &z));
		learn(&kept, cut + 1, 14);
		assert_memory_equal(kept.actor.w1, through.actor.w1, kept.actor.size * sizeof *kept.actor.w1);
		assert_memory_equal(kept.critic_target.w1, through.critic_target.w1,
		                    kept.critic.size * sizeof *kept.critic.w1);
		ddpg_actions(&kept, 15, actions);
		ddpg_actions(&through, 15, expected);
		assert_memory_equal(actions, expected, sizeof actions);
		npz_free(&z);
		unlink(path);
		free(path);
	}
}

static void test_another_agent_is_refused(void **state)
{
	struct ddpg d = agent_new(), other;
	struct ddpg_conf wide = conf;
	struct npz z;
	char *path;

	(void)state;
	learn(&d, 1, 5);
	path = save(&d);
	npz_read(&z, path);
	wide.hidden_1++;
	ddpg_init(&other, &wide, (const float(*)[STATE_SIZE])features, STEPS, 3);
	assert_false(ddpg_load(&other, &z));
	ddpg_init(&other, &conf, (const float(*)[STATE_SIZE])features, STEPS - 2, 3);
	assert_false(ddpg_load(&other, &z));
	*(int64_t *)npz_find(&z, "counts")->data = 1 << 30;
	assert_false(ddpg_load(&d, &z));
	npz_free(&z);
	unlink(path);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_replay_is_a_ring),
		cmocka_unit_test(test_samples_differ),
		cmocka_unit_test(test_warmup_is_uniform),
		cmocka_unit_test(test_learns),
		cmocka_unit_test(test_kept_equals_learnt),
		cmocka_unit_test(test_another_agent_is_refused),
	};

	threads_init();
	for (int i = 0; i < STEPS; i++)
		features[i][0] = (float)(i / 2) / (STEPS / 2 - 1);
	return cmocka_run_group_tests_name("ddpg", tests, NULL, NULL);
}
