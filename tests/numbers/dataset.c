#include "numbers.h"
#include "dataset/augment.h"
#include "dataset/epoch.h"
#include "dataset/picture.h"

#include <stdlib.h>

enum { SIDE = 8, IMAGES = 5 };

/* Grey images and the numbers that a network reads of them. */
static struct images some_images(void)
{
	static uint8_t pixels[IMAGES * SIDE * SIDE];
	static float value[1][256];
	struct images im = { .n = IMAGES, .h = SIDE, .w = SIDE, .c = 1, .view_h = SIDE, .view_w = SIDE };
	float mean = 0.4f, std = 0.3f;

	for (size_t i = 0; i < sizeof pixels; i++)
		pixels[i] = (uint8_t)some_bits(20, i);
	im.pixels = pixels;
	im.value = value;
	images_normalise(&im, &mean, &std);
	return im;
}

static void views(void)
{
	static const struct augment a = { 3, 2, 4, true, true };
	static const uint32_t order[] = { 3, 1, 4, 0, 2 };
	struct images im = some_images();
	struct view view[IMAGES];
	float drawn[50][5], out[IMAGES * SIDE * SIDE];

	for (uint64_t i = 0; i < 50; i++) {
		struct view v = augment_view(&a, &im, 2, i);

		drawn[i][0] = (float)v.down;
		drawn[i][1] = (float)v.right;
		drawn[i][2] = v.is_flipped;
		drawn[i][3] = (float)v.hole_down;
		drawn[i][4] = (float)v.hole_right;
	}
	numbers("augment", "views", drawn[0], 250, 1e-12);
	images_batch(&im, order, NULL, IMAGES, out);
	numbers("images", "as they are", out, LEN(out), ROUNDING);
	for (int i = 0; i < IMAGES; i++)
		view[i] = (struct view){ i - 2, 2 - i, i % 2, i > 2, i, 1, 3 };
	images_batch(&im, order, view, IMAGES, out);
	numbers("images", "looked at askew", out, LEN(out), ROUNDING);
}

static void epochs(void)
{
	struct epochs e = epochs_new(6, 100, 40);
	float order[80];

	for (int epoch = 0; epoch < 2; epoch++)
		for (int i = 0; i < 40; i++)
			order[40 * epoch + i] = (float)epochs_order(&e, epoch)[i];
	numbers("epoch", "orders", order, LEN(order), 1e-12);
}

static void resized(void)
{
	struct picture in = { 40, 50, xmalloc(40 * 50, 3) }, out;
	const char *error;

	for (size_t i = 0; i < 6000; i++)
		in.rgb[i] = (uint8_t)(some_bits(21, i) >> 7);
	if ((error = picture_fit(&out, &in, 24, 17)))
		die("a picture: %s", error);
	numbers_bytes("picture", "smaller and cropped", out.rgb, 17 * 17 * 3);
	picture_free(&out);
	picture_fit(&out, &in, 61, 0);
	numbers_bytes("picture", "larger", out.rgb, (size_t)(out.h * out.w * 3));
	picture_free(&out);
	picture_free(&in);
}

void numbers_of_dataset(void)
{
	views();
	epochs();
	resized();
}
