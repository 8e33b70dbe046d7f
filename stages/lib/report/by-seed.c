#include "report/by-seed.h"
#include "core/base.h"

#include <math.h>
#include <stdlib.h>

#define REVISION 1 /* raise when the numbers change */

void by_seed_add(struct by_seed *all, int seed, double x)
{
	if (!(all->at = realloc(all->at, (all->n + 1) * sizeof *all->at)))
		die("out of memory for numbers by seed");
	all->at[all->n++] = (struct seeded){ seed, x };
}

double by_seed_find(const struct by_seed *all, int seed)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->at[i].seed == seed)
			return all->at[i].x;
	return NAN;
}

struct by_seed by_seed_less(const struct by_seed *a, const struct by_seed *b)
{
	struct by_seed less = { 0 };

	for (size_t i = 0; i < a->n; i++) {
		double x = by_seed_find(b, a->at[i].seed);

		if (!isnan(x))
			by_seed_add(&less, a->at[i].seed, a->at[i].x - x);
	}
	return less;
}

struct sample by_seed_sample(const struct by_seed *all)
{
	struct sample s = { 0 };

	for (size_t i = 0; i < all->n; i++)
		sample_add(&s, all->at[i].x);
	return s;
}

char *by_seed_text(const struct by_seed *all)
{
	char *text = xprintf("%s", "");

	for (size_t i = 0; i < all->n; i++) {
		char *before = text;

		text = xprintf("%s%s%d:%.6g", before, i ? " " : "", all->at[i].seed, all->at[i].x);
		free(before);
	}
	return text;
}

const char *by_seed_parse(struct by_seed *all, const char *text)
{
	while (*text) {
		char *end;
		long seed = strtol(text, &end, 10);
		double x;

		if (end == text || *end != ':' || seed < 0 || seed > 1000000)
			return "expected SEED:NUMBER";
		text = end + 1;
		x = strtod(text, &end);
		if (end == text || (*end && *end != ' ') || !isfinite(x))
			return "expected SEED:NUMBER";
		if (!isnan(by_seed_find(all, (int)seed)))
			return "a seed is there twice";
		by_seed_add(all, (int)seed, x);
		text = end + (*end == ' ');
	}
	return NULL;
}
