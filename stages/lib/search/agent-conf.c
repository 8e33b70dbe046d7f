#include "search/agent-conf.h"
#include "core/conf.h"
#include "core/hash.h"

#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 64
#define AGENT_NAMES "sensitivity ddpg random mixed kernel-sensitivity kernel-random autoq"

static const char *const agent_names[AGENTS] = { "sensitivity",        "ddpg",          "random", "mixed",
	                                         "kernel-sensitivity", "kernel-random", "autoq" };

bool agent_is_kernel_wise(enum agent_kind kind)
{
	return kind == AGENT_KERNEL_SENSITIVITY || kind == AGENT_KERNEL_RANDOM || kind == AGENT_AUTOQ;
}

/* --- keys ------------------------------------------------------------------------------------ */

struct keys {
	struct conf_key key[KEYS_MAX + 1]; /* ends with one that has no name */
	size_t n;
	long min_bits, max_bits;
	const char *agent;
};

static void add(struct keys *k, const struct conf_key *keys, size_t n)
{
	if (k->n + n > KEYS_MAX)
		BUG("more than %d keys", KEYS_MAX);
	memcpy(k->key + k->n, keys, n * sizeof *keys);
	k->n += n;
}

static void add_common(struct keys *k, struct agent_conf *c)
{
	const struct conf_key keys[] = {
		{ "agent", CONF_WORD, &k->agent, .words = AGENT_NAMES },
		{ "min_bits", CONF_INT, &k->min_bits, 1, BITS_MAX, NULL },
		{ "max_bits", CONF_INT, &k->max_bits, 1, BITS_MAX, NULL },
		{ "target", CONF_WORD, &c->reward.target, .words = "top1 loss" },
		{ "points_per_nat", CONF_REAL, &c->reward.points_per_nat, 1e-6, 1e6, NULL },
		{ "reward_scale", CONF_REAL, &c->reward.scale, 0, 1e6, NULL },
		{ "reward_accuracy", CONF_REAL, &c->reward.accuracy, 1e-6, 1e6, NULL },
		{ "reward_latency", CONF_REAL, &c->reward.cost[METRIC_LATENCY], 0, 1e6, NULL },
		{ "reward_energy", CONF_REAL, &c->reward.cost[METRIC_ENERGY], 0, 1e6, NULL },
		{ "reward_size", CONF_REAL, &c->reward.cost[METRIC_SIZE], 0, 1e6, NULL },
	};

	add(k, keys, LEN(keys));
}

static void add_sensitivity(struct keys *k, struct agent_conf *c)
{
	struct sensitivity_conf *s = &c->sensitivity;
	const struct conf_key keys[] = {
		{ "uniform_first", CONF_INT, &c->uniform_first, 0, 64, NULL },
		{ "thompson_width", CONF_REAL, &c->thompson_width, 0, 100, NULL },
		{ "greedy_every", CONF_INT, &c->greedy_every, 0, 1000000, NULL },
		{ "broken_below", CONF_REAL, &c->broken_below, 0, 1, NULL },
		{ "prior_scale_sd", CONF_REAL, &s->scale_sd, 0.01, 10, NULL },
		{ "prior_kind_sd", CONF_REAL, &s->kind_sd, 0, 10, NULL },
		{ "prior_layer_sd", CONF_REAL, &s->layer_sd, 0.01, 10, NULL },
		{ "prior_rest_sd", CONF_REAL, &s->rest_sd, 1e-6, 1e6, NULL },
		{ "score_noise", CONF_REAL, &s->noise, 1e-6, 1e6, NULL },
		{ "score_noise_weight", CONF_REAL, &s->noise_weight, 0.01, 1e6, NULL },
		{ "knee", CONF_REAL, &s->knee, 1e-6, 1e6, NULL },
		{ "typical_loss", CONF_REAL, &s->typical, 1e-6, 1e6, NULL },
	};

	add(k, keys, LEN(keys));
}

static void add_ddpg(struct keys *k, struct agent_conf *c)
{
	struct ddpg_conf *d = &c->ddpg;
	const struct conf_key keys[] = {
		{ "warmup", CONF_INT, &d->warmup, 0, 1000000, NULL },
		{ "noise", CONF_REAL, &d->noise, 0, 10, NULL },
		{ "noise_decay", CONF_REAL, &d->noise_decay, 0, 1, NULL },
		{ "hidden_1", CONF_INT, &d->hidden_1, 1, 4096, NULL },
		{ "hidden_2", CONF_INT, &d->hidden_2, 1, 4096, NULL },
		{ "actor_rate", CONF_REAL, &d->actor_rate, 0, 1, NULL },
		{ "critic_rate", CONF_REAL, &d->critic_rate, 0, 1, NULL },
		{ "tau", CONF_REAL, &d->tau, 0, 1, NULL },
		{ "discount", CONF_REAL, &d->discount, 0, 1, NULL },
		{ "baseline_decay", CONF_REAL, &d->baseline_decay, 0, 1, NULL },
		{ "batch", CONF_INT, &d->batch, 1, 4096, NULL },
		{ "replay", CONF_INT, &d->replay, 2, 65536, NULL },
		{ "updates", CONF_INT, &d->updates, 0, 64, NULL },
		{ "replay_action", CONF_WORD, &c->replay_action, .words = "raw bits" },
	};

	add(k, keys, LEN(keys));
}

static void add_kernels(struct keys *k, struct agent_conf *c)
{
	const struct conf_key keys[] = {
		{ "kernels_per_step", CONF_INT, &c->kernels_per_step, 0, 4096, NULL },
		{ "sensitivity_trust", CONF_REAL, &c->sensitivity_trust, 0, 2, NULL },
	};

	add(k, keys, LEN(keys));
}

static void add_autoq(struct keys *k, struct agent_conf *c)
{
	struct autoq_conf *q = &c->autoq;
	struct td3_conf *t = &q->td3;
	const struct conf_key keys[] = {
		{ "reward", CONF_WORD, &c->reward.form, .words = "points logarithms" },
		{ "levels", CONF_INT, &q->levels, 1, 2, NULL },
		{ "llc", CONF_WORD, &q->llc, .words = "hiro formula uniform" },
		{ "budget", CONF_WORD, &q->budget, .words = "limit walk" },
		{ "high_reward", CONF_WORD, &q->high_reward, .words = "last every" },
		{ "high_discount", CONF_REAL, &q->high_discount, 0, 1, NULL },
		{ "low_discount", CONF_REAL, &q->low_discount, 0, 1, NULL },
		{ "goal_noise", CONF_REAL, &q->goal_noise, 0, 10, NULL },
		{ "kernel_noise", CONF_REAL, &q->kernel_noise, 0, 10, NULL },
		{ "slope_noise", CONF_REAL, &q->slope_noise, 0, 10, NULL },
		{ "noise_decay", CONF_REAL, &q->noise_decay, 0, 1, NULL },
		{ "noise_constant", CONF_INT, &q->noise_constant, 0, 1000000, NULL },
		{ "high_replay", CONF_INT, &q->high_replay, 1, 1000000, NULL },
		{ "low_replay", CONF_INT, &q->low_replay, 1, 10000000, NULL },
		{ "high_updates", CONF_INT, &q->high_updates, 0, 100000, NULL },
		{ "low_updates", CONF_INT, &q->low_updates, 0, 100000, NULL },
		{ "hidden_1", CONF_INT, &t->hidden_1, 1, 4096, NULL },
		{ "hidden_2", CONF_INT, &t->hidden_2, 1, 4096, NULL },
		{ "batch", CONF_INT, &t->batch, 1, 4096, NULL },
		{ "actor_rate", CONF_REAL, &t->actor_rate, 0, 1, NULL },
		{ "critic_rate", CONF_REAL, &t->critic_rate, 0, 1, NULL },
		{ "tau", CONF_REAL, &t->tau, 0, 1, NULL },
		{ "smoothing", CONF_REAL, &t->smoothing, 0, 10, NULL },
		{ "smoothing_clip", CONF_REAL, &t->smoothing_clip, 0, 10, NULL },
		{ "actor_every", CONF_INT, &t->actor_every, 1, 1000, NULL },
	};

	add(k, keys, LEN(keys));
}

static void add_hiro(struct keys *k, struct hiro_conf *h)
{
	const struct conf_key keys[] = {
		{ "zeta_first", CONF_REAL, &h->zeta_first, 0, 1, NULL },
		{ "zeta_last", CONF_REAL, &h->zeta_last, 0, 1, NULL },
		{ "zeta_episodes", CONF_INT, &h->zeta_episodes, 1, 1000000, NULL },
		{ "goal", CONF_WORD, &h->goal, .words = "remaining fixed" },
		{ "intrinsic", CONF_WORD, &h->intrinsic, .words = "mean literal" },
		{ "relabelled", CONF_WORD, &h->relabelled, .words = "yes no" },
	};

	add(k, keys, LEN(keys));
}

static bool is_among(enum agent_kind kind, enum agent_kind a, enum agent_kind b, enum agent_kind c)
{
	return kind == a || kind == b || kind == c;
}

static void keys_of(struct keys *k, struct agent_conf *c)
{
	const struct conf_key share = { "model_share", CONF_REAL, &c->model_share, 0, 1, NULL };
	const struct conf_key layers = { "layers_every", CONF_INT, &c->layers_every, 0, 1000000, NULL };

	*k = (struct keys){ .min_bits = c->range.min, .max_bits = c->range.max, .agent = c->name };
	add_common(k, c);
	if (is_among(c->kind, AGENT_SENSITIVITY, AGENT_MIXED, AGENT_KERNEL_SENSITIVITY))
		add_sensitivity(k, c);
	if (c->kind == AGENT_DDPG || c->kind == AGENT_MIXED)
		add_ddpg(k, c);
	if (c->kind == AGENT_MIXED)
		add(k, &share, 1);
	if (agent_is_kernel_wise(c->kind))
		add_kernels(k, c);
	if (c->kind == AGENT_KERNEL_SENSITIVITY)
		add(k, &layers, 1);
	if (c->kind == AGENT_AUTOQ) {
		add_autoq(k, c);
		add_hiro(k, &c->autoq.hiro);
	}
}

/* --- reading --------------------------------------------------------------------------------- */

/* Past blank lines and comments; counts the lines. */
static const char *skip_comments(const char *text, int *line)
{
	for (*line = 1;; ++*line, text++) {
		text += strspn(text, " \t\r");
		if (*text == '#')
			text += strcspn(text, "\n");
		if (*text != '\n')
			return text;
	}
}

/* The agent that the first line names which says anything at all. */
static enum agent_kind first_key(const char *text, const char *path)
{
	char name[32] = "";
	int line;

	text = skip_comments(text, &line);
	if (sscanf(text, "agent = %31[^ \t\r\n#]", name) == 1)
		for (int i = 0; i < AGENTS; i++)
			if (!strcmp(name, agent_names[i]))
				return (enum agent_kind)i;
	die("%s: line %d: the first key must be `agent`, one of: %s", path, line, AGENT_NAMES);
}

void agent_conf_read(struct agent_conf *conf, const char *path)
{
	size_t size;
	char *text = (char *)file_bytes(path, &size);
	struct keys k;
	const char *error;

	*conf = (struct agent_conf){ .path = path, .kind = first_key(text, path) };
	conf->name = agent_names[conf->kind];
	keys_of(&k, conf);
	error = conf_parse(text, size, k.key);
	if (error)
		die("%s: %s (of agent %s)", path, error, conf->name);
	free(text);
	conf->range = (struct bit_range){ (int)k.min_bits, (int)k.max_bits };
	if (k.min_bits > k.max_bits)
		die("%s: min_bits %ld is above max_bits %ld", path, k.min_bits, k.max_bits);
	if (conf->autoq.levels == 1 && strcmp(conf->autoq.llc, "hiro") != 0)
		die("%s: llc = %s, where `levels = 1` has no goals to follow; expected hiro", path,
		    conf->autoq.llc);
}

uint64_t agent_conf_hash(struct agent_conf *conf, uint64_t hash)
{
	struct keys k;

	keys_of(&k, conf);
	for (const struct conf_key *key = k.key; key->name; key++) {
		hash = hash_text(hash, key->name);
		if (key->type == CONF_WORD)
			hash = hash_text(hash, *(const char **)key->value);
		else
			hash = hash_bytes(hash, key->value,
			                  key->type == CONF_INT ? sizeof(long) : sizeof(double));
	}
	return hash;
}
