#include "unit.h"
#include "core/threads.h"
#include "search/td3.h"

#define STATES 3
#define ROWS 4

static const struct td3_conf conf = {
	.hidden_1 = 5,
	.hidden_2 = 4,
	.batch = ROWS,
	.actor_rate = 0.01,
	.critic_rate = 0.02,
	.tau = 0.1,
	.discount = 0.9,
	.smoothing = 0.8,
	.smoothing_clip = 0.5,
	.actor_every = 2,
};
static const struct rng r = { 7, 0, RNG_TEST };

/* --- TD3 by its definition, in double precision ---------------------------------------------- */

#define INPUTS (STATES + 3)
#define SIZE (5 * INPUTS + 4 * 5 + 2 * 4 + 1)

struct plain {
	double actor[SIZE], critic[2][SIZE], actor_target[SIZE], critic_target[2][SIZE];
	double mean[3][SIZE], square[3][SIZE]; /* of Adam: actor, critics */
	long steps[3], updates;
};

static double net(const double *p, bool is_actor, const float *state, double action)
{
	double x[INPUTS], h[5], z = p[5 * INPUTS + 4 * 5 + 8];

	for (int i = 0; i < STATES; i++)
		x[i] = (double)state[i];
	x[STATES] = 1;
	x[STATES + 1] = action;
	x[STATES + 2] = 1;
	for (int i = 0; i < 5; i++) {
		h[i] = 0;
		for (int k = 0; k < INPUTS; k++)
			h[i] += p[i * INPUTS + k] * x[k];
		h[i] = fmax(h[i], 0);
	}
	for (int i = 0; i < 4; i++) {
		double sum = p[5 * INPUTS + 4 * 5 + i];

		for (int k = 0; k < 5; k++)
			sum += p[5 * INPUTS + i * 5 + k] * h[k];
		z += p[5 * INPUTS + 4 * 5 + 4 + i] * fmax(sum, 0);
	}
	return is_actor ? 1 / (1 + exp(-z)) : z;
}

static void adam(struct plain *p, int which, double *value, const double *gradient, double rate)
{
	long steps = ++p->steps[which];

	for (int i = 0; i < SIZE; i++) {
		double *m = &p->mean[which][i], *v = &p->square[which][i];

		*m = 0.9 * *m + 0.1 * gradient[i];
		*v = 0.999 * *v + 0.001 * gradient[i] * gradient[i];
		value[i] -= rate * (*m / (1 - pow(0.9, (double)steps))) /
		            (sqrt(*v / (1 - pow(0.999, (double)steps))) + 1e-8);
	}
}

/* What an update makes small: of the critics their Huber loss, of the actor minus the first critic's mean. */
static double objective(const struct plain *p, int which, const double *value, const struct td3_batch *b,
                        const double *y)
{
	double sum = 0;

	for (int i = 0; i < ROWS; i++) {
		const float *state = b->state + i * STATES;

		if (which == 0) {
			sum -= net(p->critic[0], false, state, net(value, true, state, 0));
		} else {
			double x = net(value, false, state, (double)b->action[i]) - y[i];

			sum += fabs(x) <= 1 ? x * x / 2 : fabs(x) - 0.5;
		}
	}
	return sum / ROWS;
}

static void plain_step(struct plain *p, int which, double *value, const struct td3_batch *b, const double *y,
                       double rate)
{
	double gradient[SIZE];

	for (int i = 0; i < SIZE; i++) {
		double old = value[i], up, down;

		value[i] = old + 1e-6;
		up = objective(p, which, value, b, y);
		value[i] = old - 1e-6;
		down = objective(p, which, value, b, y);
		value[i] = old;
		gradient[i] = fabs(up - down) < 1e-14 ? 0 : (up - down) / 2e-6;
	}
	adam(p, which, value, gradient, rate);
}

static void follow(double *target, const double *value)
{
	for (int i = 0; i < SIZE; i++)
		target[i] += conf.tau * (value[i] - target[i]);
}

static void plain_learn(struct plain *p, const struct td3_batch *b, uint64_t index)
{
	double y[ROWS];

	for (int i = 0; i < ROWS; i++) {
		const float *after = b->after + i * STATES;
		double noise = fmax(fmin(conf.smoothing * rng_normal(r, index + (uint64_t)i), 0.5), -0.5);
		double a = fmax(fmin(net(p->actor_target, true, after, 0) + noise, 1), 0);
		double q = fmin(net(p->critic_target[0], false, after, a),
		                net(p->critic_target[1], false, after, a));

		y[i] = (double)b->reward[i] + (b->ends[i] ? 0 : conf.discount * q);
	}
	for (int k = 0; k < 2; k++)
		plain_step(p, 1 + k, p->critic[k], b, y, conf.critic_rate);
	if (++p->updates % conf.actor_every)
		return;
	plain_step(p, 0, p->actor, b, y, conf.actor_rate);
	follow(p->actor_target, p->actor);
	follow(p->critic_target[0], p->critic[0]);
	follow(p->critic_target[1], p->critic[1]);
}

/* --- the same batches ------------------------------------------------------------------------ */

struct rows {
	float state[ROWS * STATES], after[ROWS * STATES], action[ROWS], reward[ROWS];
	bool ends[ROWS];
};

static struct td3_batch draw(struct rows *x, uint64_t number)
{
	uint64_t at = 1000 * (number + 1);

	for (int i = 0; i < ROWS * STATES; i++) {
		x->state[i] = (float)rng_uniform(r, at++);
		x->after[i] = (float)rng_uniform(r, at++);
	}
	for (int i = 0; i < ROWS; i++) {
		x->action[i] = (float)rng_uniform(r, at++);
		x->reward[i] = (float)(2 * rng_normal(r, at++)); /* beyond Huber's corner, too */
		x->ends[i] = i % 3 == 0;
	}
	return (struct td3_batch){ ROWS, x->state, x->after, x->action, x->reward, x->ends };
}

static void to_double(double *to, const struct mlp *from)
{
	assert_int_equal(from->size, SIZE);
	for (int i = 0; i < SIZE; i++)
		to[i] = (double)from->w1[i];
}

static void assert_same(const struct mlp *m, const double *expected)
{
	for (int i = 0; i < SIZE; i++)
		assert_close(m->w1[i], expected[i], 2e-6);
}

static void test_equals_its_definition(void **state)
{
	static struct plain p;
	struct td3 t;

	(void)state;
	td3_init(&t, &conf, STATES, r, 0);
	to_double(p.actor, &t.actor);
	to_double(p.actor_target, &t.actor_target);
	for (int k = 0; k < 2; k++) {
		to_double(p.critic[k], &t.critic[k]);
		to_double(p.critic_target[k], &t.critic_target[k]);
	}
	for (uint64_t i = 0; i < 30; i++) {
		struct rows x;
		struct td3_batch b = draw(&x, i);

		td3_learn(&t, &b, r, i * ROWS);
		plain_learn(&p, &b, i * ROWS);
	}
	assert_same(&t.actor, p.actor);
	assert_same(&t.actor_target, p.actor_target);
	for (int k = 0; k < 2; k++) {
		assert_same(&t.critic[k], p.critic[k]);
		assert_same(&t.critic_target[k], p.critic_target[k]);
	}
}

/* --- what it is for -------------------------------------------------------------------------- */

/* One step an episode, whose best action is the first number of the state. */
static void test_learns(void **state)
{
	enum { N = 64 };
	const struct td3_conf larger = { 32, 32, N, 1e-3, 3e-3, 0.02, 1, 0.1, 0.2, 2 };
	struct td3 t;
	float s[N * STATES], action[N], reward[N];
	bool ends[N];
	double off = 0;

	(void)state;
	td3_init(&t, &larger, STATES, r, 0);
	for (uint64_t k = 0; k < 1500; k++) {
		for (uint64_t i = 0; i < N; i++) {
			for (uint64_t j = 0; j < STATES; j++)
				s[i * STATES + j] = (float)rng_uniform(r, k * 1000 + i * 8 + j);
			action[i] = (float)rng_uniform(r, k * 1000 + i * 8 + 7);
			reward[i] = -4 * (action[i] - s[i * STATES]) * (action[i] - s[i * STATES]);
			ends[i] = true;
		}
		td3_learn(&t, &(struct td3_batch){ N, s, s, action, reward, ends }, r, k * N);
	}
	td3_actions(&t, s, N, action);
	for (int i = 0; i < N; i++)
		off += fabs((double)(action[i] - s[i * STATES])) / N;
	assert_true(off < 0.1);
}

/* However many states there are, each has the action that it has alone. */
static void test_any_number_of_states(void **state)
{
	enum { MOST = 2 * ROWS + 1 };
	float s[MOST * STATES], action[MOST + 1], alone;
	struct td3 t;

	(void)state;
	td3_init(&t, &conf, STATES, r, 0);
	for (uint64_t i = 0; i < MOST * STATES; i++)
		s[i] = (float)(4 * rng_normal(r, i));
	for (int n = 0; n <= MOST; n++) {
		for (int i = 0; i <= MOST; i++)
			action[i] = 7;
		td3_actions(&t, s, n, action);
		for (int i = 0; i < n; i++) {
			td3_actions(&t, s + i * STATES, 1, &alone);
			assert_close(action[i], alone, 1e-6);
		}
		assert_close(action[n], 7, 0);
	}
}

/* --- keeping --------------------------------------------------------------------------------- */

static void learn(struct td3 *t, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++) {
		struct rows x;
		struct td3_batch b = draw(&x, i);

		td3_learn(t, &b, r, i * ROWS);
	}
}

/* A file with an agent of each level */
static char *save(const struct td3 *low, const struct td3 *high)
{
	char *path = scratch("");
	FILE *f = out_open(path);
	struct npz_writer *w = npz_begin(f, false);

	td3_save(low, "low", w);
	td3_save(high, "high", w);
	npz_end(w);
	out_commit(f);
	return path;
}

static void assert_equal(const struct td3 *a, const struct td3 *b)
{
	const struct mlp *of_a[6] = { &a->actor,        &a->critic[0],        &a->critic[1],
		                      &a->actor_target, &a->critic_target[0], &a->critic_target[1] },
			 *of_b[6] = { &b->actor,        &b->critic[0],        &b->critic[1],
		                      &b->actor_target, &b->critic_target[0], &b->critic_target[1] };

	for (int i = 0; i < 6; i++)
		assert_memory_equal(of_a[i]->w1, of_b[i]->w1, of_a[i]->size * sizeof(float));
}

/* Kept and read again, both levels go on as if nothing had been, wherever it was in the actor's turns. */
static void test_kept(void **state)
{
	(void)state;
	for (uint64_t cut = 0; cut <= 5; cut++) {
		struct td3 low, high, again;
		struct npz z;
		char *path;

		td3_init(&low, &conf, STATES, r, 0);
		td3_init(&high, &conf, STATES, r, 50);
		learn(&low, 0, cut);
		learn(&high, 10, 10 + cut);
		path = save(&low, &high);
		npz_read(&z, path);
		learn(&low, cut, 8);
		learn(&high, 10 + cut, 18);
		td3_init(&again, &conf, STATES, r, 99);
		assert_true(td3_load(&again, "low", &z));
		learn(&again, cut, 8);
		assert_equal(&again, &low);
		assert_true(td3_load(&again, "high", &z));
		learn(&again, 10 + cut, 18);
		assert_equal(&again, &high);
		npz_free(&z);
		unlink(path);
		free(path);
	}
}

static void test_another_agent_is_refused(void **state)
{
	struct td3_conf wide = conf;
	struct td3 t, other;
	struct npz z;
	char *path;

	(void)state;
	td3_init(&t, &conf, STATES, r, 0);
	path = save(&t, &t);
	npz_read(&z, path);
	assert_true(td3_load(&t, "low", &z));
	assert_false(td3_load(&t, "middle", &z));
	wide.hidden_2++;
	td3_init(&other, &wide, STATES, r, 0);
	assert_false(td3_load(&other, "low", &z));
	td3_init(&other, &conf, STATES + 1, r, 0);
	assert_false(td3_load(&other, "low", &z));
	for (int i = 0; i < 3; i++) {
		int64_t *count = (int64_t *)npz_find(&z, "low.counts")->data + i, was = *count;

		*count = -1;
		assert_false(td3_load(&t, "low", &z));
		*count = was;
	}
	assert_true(td3_load(&t, "low", &z));
	npz_free(&z);
	unlink(path);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equals_its_definition),    cmocka_unit_test(test_learns),
		cmocka_unit_test(test_any_number_of_states),     cmocka_unit_test(test_kept),
		cmocka_unit_test(test_another_agent_is_refused),
	};

	threads_init();
	return cmocka_run_group_tests_name("td3", tests, NULL, NULL);
}
