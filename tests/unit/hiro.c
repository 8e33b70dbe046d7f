#include "unit.h"
#include "core/threads.h"
#include "search/hiro.h"

enum { STATES = 6, GOAL_AT = 4, CHOSEN_AT = 2, KERNELS_MOST = 100, CANDIDATES = 10 };

static const struct td3_conf td3_conf = { .hidden_1 = 20, .hidden_2 = 15, .batch = 16 };
static const struct hiro_conf conf = { .zeta_first = 0.1,
	                               .zeta_last = 0.8,
	                               .zeta_episodes = 8,
	                               .goal = "fixed",
	                               .intrinsic = "mean",
	                               .relabelled = "yes" };
static const struct rng r = { 11, 0, RNG_TEST };

static struct hiro_conf with(const char *goal, const char *intrinsic, const char *relabelled)
{
	struct hiro_conf c = conf;

	c.goal = goal;
	c.intrinsic = intrinsic;
	c.relabelled = relabelled;
	return c;
}

static void test_zeta(void **state)
{
	struct hiro_conf c = conf;

	(void)state;
	assert_close(hiro_zeta(&c, 0), 0.1, 1e-15);
	assert_close(hiro_zeta(&c, 1), 0.1, 1e-15);
	for (int k = 1; k <= 8; k++)
		assert_close(hiro_zeta(&c, k), 0.1 * k, 1e-15);
	assert_close(hiro_zeta(&c, 9), 0.8, 1e-15);
	assert_close(hiro_zeta(&c, 1000000), 0.8, 1e-15);
	c.zeta_episodes = 1; /* no room to grow */
	assert_close(hiro_zeta(&c, 1), 0.8, 1e-15);
	assert_close(hiro_zeta(&c, 2), 0.8, 1e-15);
	c = (struct hiro_conf){ .zeta_episodes = 100 }; /* no shaping */
	assert_close(hiro_zeta(&c, 50), 0, 0);
}

static void test_goal(void **state)
{
	const struct hiro_conf fixed = with("fixed", "mean", "yes"),
			       remaining = with("remaining", "mean", "yes");
	const struct hiro_layer four = { .kernels = 4 };

	(void)state;
	for (int done = 0; done < 4; done++)
		assert_close(hiro_goal(&fixed, &four, 0.3f, done, 0.9 * done), 0.3, 1e-7);
	assert_close(hiro_goal(&remaining, &four, 0.5f, 0, 0), 0.5, 1e-7);
	assert_close(hiro_goal(&remaining, &four, 0.5f, 1, 0.8), 0.4, 1e-7); /* 1.2 for three */
	assert_close(hiro_goal(&remaining, &four, 0.5f, 3, 1.25), 0.75, 1e-7);
	assert_close(hiro_goal(&remaining, &four, 0.5f, 3, 2.5), 0, 0); /* spent already */
	assert_close(hiro_goal(&remaining, &four, 0.5f, 3, 0.2), 1, 0); /* more than one can have */
}

/* Who keeps to what is left of a goal ends with the goal as mean. */
static void test_remaining_goals_add_up(void **state)
{
	const struct hiro_conf c = with("remaining", "mean", "yes");
	const struct hiro_layer l = { .kernels = 50 };
	double sum = 0;

	(void)state;
	for (int k = 0; k < 50; k++) {
		double now = (double)hiro_goal(&c, &l, 0.6f, k, sum);

		sum += k < 49 ? fmin(fmax(now + 0.1 * rng_normal(r, (uint64_t)k), 0), 1) : now;
	}
	assert_close(sum / 50, 0.6, 1e-6);
}

/* Eq. 3 of AutoQ, kernel by kernel; its mean is divided by their number. */
static void test_reward(void **state)
{
	const struct hiro_conf mean = with("fixed", "mean", "yes"), literal = with("fixed", "literal", "yes");

	(void)state;
	for (uint64_t i = 0; i < 100; i++) {
		int n = 1 + (int)rng_below(r, 8 * i, 40);
		double goal = 2 + 6 * rng_uniform(r, 8 * i + 1), zeta = rng_uniform(r, 8 * i + 2),
		       extrinsic = rng_normal(r, 8 * i + 3), bits = 0, rewards = 0, eq3;

		for (int j = 0; j < n; j++) {
			bits += 2 + (double)rng_below(r, 1000 * (i + 1) + (uint64_t)j, 7);
			rewards += extrinsic;
		}
		eq3 = (1 - zeta) * -fabs(goal * n - bits) + zeta * rewards;
		assert_close(hiro_reward(&literal, zeta, goal, bits / n, extrinsic, n), eq3, 1e-10);
		assert_close(hiro_reward(&mean, zeta, goal, bits / n, extrinsic, n), eq3 / n, 1e-11);
	}
	assert_close(hiro_reward(&mean, 0.1, 4, 5, 0.5, 10), -0.9 + 0.05, 1e-15);
	assert_close(hiro_reward(&literal, 0.1, 5, 4, 0.5, 10), -9 + 0.5, 1e-14);
}

/* --- relabelling by its definition, in double precision -------------------------------------- */

static double plain_actor(const struct mlp *m, const double *state)
{
	double x[STATES + 3], h[20], z = (double)*m->b3;

	memcpy(x, state, STATES * sizeof *x);
	x[STATES] = 1;
	x[STATES + 1] = 0;
	x[STATES + 2] = 1;
	for (int i = 0; i < 20; i++) {
		h[i] = 0;
		for (int k = 0; k < STATES + 3; k++)
			h[i] += (double)m->w1[i * (STATES + 3) + k] * x[k];
	}
	for (int i = 0; i < 15; i++) {
		double sum = (double)m->b2[i];

		for (int k = 0; k < 20; k++)
			sum += (double)m->w2[i * 20 + k] * fmax(h[k], 0);
		z += (double)m->w3[i] * fmax(sum, 0);
	}
	return 1 / (1 + exp(-z));
}

static double plain_score(const struct mlp *m, const struct hiro_layer *l, bool is_fixed, double goal)
{
	int n = l->kernels, judged = n > HIRO_KERNELS ? HIRO_KERNELS : n;
	double score = 0;

	for (int i = 0; i < judged; i++) {
		int j = (int)floor((double)i * n / judged + 1e-9);
		double left = goal * n, row[STATES], off;

		for (int k = 0; k < j; k++)
			left -= (double)l->action[k];
		for (int k = 0; k < STATES; k++)
			row[k] = (double)l->state[j * STATES + k];
		if (l->chosen_at)
			row[l->chosen_at] = goal;
		row[l->goal_at] = is_fixed ? goal : fmin(fmax(left / (n - j), 0), 1);
		off = (double)l->action[j] - plain_actor(m, row);
		score -= off * off / 2;
	}
	return score;
}

/* The original, the achieved, 4 below it and 4 above. */
static void plain_candidates(const struct hiro_layer *l, double goal[CANDIDATES])
{
	double achieved = 0;

	for (int k = 0; k < l->kernels; k++)
		achieved += (double)l->action[k];
	achieved /= l->kernels;
	goal[0] = (double)l->goal;
	goal[1] = achieved;
	for (int i = 1; i <= 4; i++) {
		goal[2 * i] = fmax(achieved - 0.125 * i, 0);
		goal[2 * i + 1] = fmin(achieved + 0.125 * i, 1);
	}
}

/* A low level that goals matter to, and a layer that it may or may not have done. */
static void draw_low(struct td3 *low, uint64_t index)
{
	td3_init(low, &td3_conf, STATES, r, index << 40);
	for (size_t i = 0; i < low->actor.size; i++)
		low->actor.w1[i] *= 2.5f;
}

static float states[KERNELS_MOST * STATES], actions[KERNELS_MOST];

/* Goals in the states are no numbers: nobody reads them. */
static struct hiro_layer draw_layer(int kernels, bool is_told_twice, uint64_t index)
{
	uint64_t at = index * 10000;

	for (int i = 0; i < kernels * STATES; i++) {
		int k = i % STATES;
		bool is_goal = k == GOAL_AT || (k == CHOSEN_AT && is_told_twice);

		states[i] = is_goal ? NAN : (float)rng_uniform(r, at++);
	}
	for (int i = 0; i < kernels; i++)
		actions[i] = (float)rng_uniform(r, at++);
	return (struct hiro_layer){
		.kernels = kernels,
		.goal = (float)rng_uniform(r, at),
		.state = states,
		.action = actions,
		.state_size = STATES,
		.goal_at = GOAL_AT,
		.chosen_at = is_told_twice ? CHOSEN_AT : 0,
	};
}

/* Which candidate the goal is. */
static int place_of(float goal, const double candidate[CANDIDATES])
{
	for (int i = 0; i < CANDIDATES; i++)
		if (fabs((double)goal - candidate[i]) < 1e-6)
			return i;
	fail_msg("goal %g is no candidate", (double)goal);
	return 0;
}

/* Which one was chosen of a layer: the best, or one as good. */
static int check_choice(const struct hiro_conf *c, struct td3 *low, const struct hiro_layer *l)
{
	bool is_fixed = !strcmp(c->goal, "fixed");
	double goal[CANDIDATES], score[CANDIDATES];
	int chosen;

	plain_candidates(l, goal);
	chosen = place_of(hiro_relabel(c, low, l), goal);
	for (int i = 0; i < CANDIDATES; i++)
		score[i] = plain_score(&low->actor, l, is_fixed, goal[i]);
	for (int i = 0; i < CANDIDATES; i++)
		if (!(score[i] <= score[chosen] + 1e-5))
			fail_msg("%d kernels: candidate %d, %g, is better than %d, %g", l->kernels, i,
			         score[i], chosen, score[chosen]);
	return chosen;
}

static void test_relabels_by_its_definition(void **state)
{
	static const int kernels[4] = { 1, 5, HIRO_KERNELS, KERNELS_MOST };
	int times[CANDIDATES] = { 0 };

	(void)state;
	for (uint64_t i = 0; i < 200; i++) {
		const struct hiro_conf c = with(i & 1 ? "fixed" : "remaining", "mean", "yes");
		struct hiro_layer l = draw_layer(kernels[i / 4 % 4], i & 2, 1 + i);
		struct td3 low;

		draw_low(&low, 1 + i % 23);
		times[check_choice(&c, &low, &l)]++;
	}
	for (int i = 0; i < CANDIDATES; i++)
		assert_true(times[i] > 0); /* each is the best of some */
}

static void test_switched_off(void **state)
{
	const struct hiro_conf on = with("fixed", "mean", "yes"), off = with("fixed", "mean", "no");
	int others = 0;

	(void)state;
	for (uint64_t i = 0; i < 20; i++) {
		struct hiro_layer l = draw_layer(5, false, i);
		struct td3 low;

		draw_low(&low, i);
		assert_close(hiro_relabel(&off, &low, &l), l.goal, 0);
		others += hiro_relabel(&on, &low, &l) != l.goal;
	}
	assert_true(others > 10);
}

/* Where the low level does not look at goals none is better, and the original stays. */
static void test_ties_keep_the_original(void **state)
{
	struct td3 low;

	(void)state;
	draw_low(&low, 5);
	for (int i = 0; i < 20; i++)
		low.actor.w1[i * (STATES + 3) + GOAL_AT] = low.actor.w1[i * (STATES + 3) + CHOSEN_AT] = 0;
	for (uint64_t i = 0; i < 20; i++) {
		const struct hiro_conf c = with(i & 1 ? "fixed" : "remaining", "mean", "yes");
		struct hiro_layer l = draw_layer(40, true, i);

		assert_close(hiro_relabel(&c, &low, &l), l.goal, 0);
	}
}

/* The layer's actions become the low level's own under a goal. */
static void act(const struct hiro_conf *c, struct td3 *low, const struct hiro_layer *l, float goal)
{
	double sum = 0;

	for (int k = 0; k < l->kernels; k++) {
		float row[STATES];

		memcpy(row, l->state + k * STATES, sizeof row);
		row[GOAL_AT] = hiro_goal(c, l, goal, k, sum);
		td3_actions(low, row, 1, &actions[k]);
		sum += (double)actions[k];
	}
}

/* A low level that follows goals, about 1 / (1 + exp(2 - 4 goal - lift)): too high or low by the lift. */
static void draw_follower(struct td3 *low, float lift)
{
	struct mlp *m = &low->actor;

	td3_init(low, &td3_conf, STATES, r, 0);
	for (size_t i = 0; i < m->size; i++)
		m->w1[i] *= 0.1f;
	memset(m->w1, 0, (size_t)m->inputs * sizeof *m->w1);
	m->w1[GOAL_AT] = m->w2[0] = 1;
	m->w3[0] = 4;
	*m->b3 = lift - 2;
}

/*
 * What was done under a goal is told as done under this goal, or a candidate near it.  Half a step is near;
 * where what is left of a goal is beyond what a kernel can have, goals a step apart are much the same.
 */
static void test_explains_what_was_done(void **state)
{
	static const float lift[3] = { -1, 0, 1 };
	struct td3 low;

	(void)state;
	for (uint64_t i = 0; i < 90; i++) {
		bool is_fixed = i & 1;
		const struct hiro_conf c = with(is_fixed ? "fixed" : "remaining", "mean", "yes");
		struct hiro_layer l = draw_layer(i % 3 ? 24 : 70, false, 300 + i);
		float under = 0.2f + 0.6f * l.goal;

		draw_follower(&low, lift[i / 2 % 3]);
		act(&c, &low, &l, under);
		l.goal = under;
		assert_close(hiro_relabel(&c, &low, &l), under, 0);
		l.goal = under > 0.5f ? under - 0.4f : under + 0.4f;
		assert_close(hiro_relabel(&c, &low, &l), under, is_fixed ? 1. / 16 + 0.01 : 1. / 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zeta),
		cmocka_unit_test(test_goal),
		cmocka_unit_test(test_remaining_goals_add_up),
		cmocka_unit_test(test_reward),
		cmocka_unit_test(test_relabels_by_its_definition),
		cmocka_unit_test(test_switched_off),
		cmocka_unit_test(test_ties_keep_the_original),
		cmocka_unit_test(test_explains_what_was_done),
	};

	threads_init();
	return cmocka_run_group_tests_name("hiro", tests, NULL, NULL);
}
