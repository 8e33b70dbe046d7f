#include "search/search.h"
#include "core/hash.h"

#define REVISION 1 /* raise when the numbers change */

/* --- reading --------------------------------------------------------------------------------- */

static uint64_t hash_of(struct search *s, const struct search_files *files)
{
	int64_t numbers[] = { (int64_t)s->seed, REVISION, files->problem.count },
		shares = files->shares_range;
	uint64_t hash = agent_conf_hash(&s->conf, hash_bytes(HASH_START, numbers, sizeof numbers));

	hash = hash_text(hash, files->problem.budget);
	hash = hash_file(hash_file(hash, files->problem.net), files->problem.costs);
	hash = hash_file(hash_file(hash, files->features), files->full_precision);
	if (files->weights)
		hash = hash_bytes(hash_file(hash_file(hash, files->problem.machine), files->weights), &shares,
		                  sizeof shares);
	return hash;
}

static void sort_kernels(struct search *s, const char *path, bool shares_range)
{
	struct kernel_order order = { (int)s->conf.kernels_per_step, s->conf.sensitivity_trust,
		                      shares_range };
	struct weights w;

	weights_read(&w, &s->problem.g, path);
	if (!order.together)
		order.together = simulator_kernels_together(s->problem.machine);
	kernel_groups_of(&s->groups, &s->problem.g, &w, order);
}

static void check_layers(const struct graph *g)
{
	for (int i = 0; i < g->layers; i++)
		if (g->layer[i].is_searched)
			return;
	die("%s: no layer with bits to search", g->path);
}

void search_read(struct search *s, const struct search_files *files, uint64_t seed)
{
	*s = (struct search){ .seed = seed, .run = files->run };
	agent_conf_read(&s->conf, files->conf);
	problem_read(&s->problem, &files->problem, s->conf.range);
	s->full_precision = score_read(files->full_precision);
	reward_init(&s->reward, &s->conf.reward, &s->problem, &s->full_precision);
	if (!files->features)
		return;
	check_layers(&s->problem.g);
	features_read(&s->features, &s->problem.g, files->features);
	if (files->weights)
		sort_kernels(s, files->weights, files->shares_range);
	s->hash = hash_of(s, files);
}

/* --- episodes -------------------------------------------------------------------------------- */

static void check_policy(const struct search *s, const struct policy *p, int episode)
{
	for (int i = 0; i < p->layers; i++) {
		const struct layer *l = &s->problem.g.layer[i];

		if (l->is_searched)
			continue;
		if (p->bits[i].w != l->fixed_bits || p->bits[i].a != l->fixed_bits)
			die("%s/%04d.policy.csv: layer '%s' is fixed at %d bits", s->run, episode, l->name,
			    l->fixed_bits);
		for (int k = 0; k < l->cout; k++)
			if (policy_kernel_bits(p, i, k) != l->fixed_bits)
				die("%s/%04d.kernels.npy: channel %d of layer '%s' has %d bits, where the "
				    "layer is fixed at %d",
				    s->run, episode, k, l->name, policy_kernel_bits(p, i, k), l->fixed_bits);
	}
	if (!problem_fits(&s->problem, p))
		die("%s/%04d.policy.csv is over the budget of this search", s->run, episode);
}

const struct episode *search_history(const struct search *s, int count)
{
	const struct episode *history =
		history_read(&s->problem.g, s->run, count, s->hash, s->problem.machine != NULL);

	for (int i = 1; i <= count; i++)
		check_policy(s, &history[i].policy, i);
	return history;
}
