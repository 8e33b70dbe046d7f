#include "dataset/augment.h"
#include "core/rng.h"

#define REVISION 1 /* raise when the numbers change */

struct view augment_view(const struct augment *a, const struct images *im, long epoch, uint64_t at)
{
	struct rng flip = { a->seed, (uint32_t)epoch + 1, RNG_AUGMENT }, place = flip, hole = flip;
	uint64_t places = 2 * (uint64_t)a->crop + 1;
	struct view v = { .reflects = a->reflects, .hole = a->cutout };

	place.purpose = RNG_CROP;
	hole.purpose = RNG_CUTOUT;
	if (a->crop) {
		v.down = (int)rng_below(place, 2 * at, places) - a->crop;
		v.right = (int)rng_below(place, 2 * at + 1, places) - a->crop;
	}
	if (a->cutout) {
		v.hole_down = (int)rng_below(hole, 2 * at, (uint64_t)im->view_h) - v.hole / 2;
		v.hole_right = (int)rng_below(hole, 2 * at + 1, (uint64_t)im->view_w) - v.hole / 2;
	}
	v.is_flipped = a->flips && !(rng_bits(flip, at) & 1);
	return v;
}
