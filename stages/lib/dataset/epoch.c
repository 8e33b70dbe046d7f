#include "dataset/epoch.h"
#include "core/rng.h"

#define REVISION 1 /* raise when draws change */

struct epochs epochs_new(uint64_t seed, int images, long used)
{
	struct epochs e = { .seed = seed, .drawn = -1 };

	e.used = used && used < images ? (uint32_t)used : (uint32_t)images;
	e.chosen = xmalloc((size_t)images, sizeof *e.chosen);
	e.order = xmalloc(e.used, sizeof *e.order);
	rng_permute((struct rng){ seed, 0, RNG_SHUFFLE }, e.chosen, (uint32_t)images);
	return e;
}

const uint32_t *epochs_order(struct epochs *e, long epoch)
{
	if (e->drawn == epoch)
		return e->order;
	rng_permute((struct rng){ e->seed, (uint32_t)epoch + 1, RNG_SHUFFLE }, e->order, e->used);
	for (uint32_t i = 0; i < e->used; i++)
		e->order[i] = e->chosen[e->order[i]];
	e->drawn = epoch;
	return e->order;
}
