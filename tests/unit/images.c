#include "unit.h"
#include "dataset/images.h"
#include "io/npz.h"

/* Two images of 1 x 2 pixels in two channels, with what a test wants changed. */
struct recipe {
	int32_t label, classes;
	float std;
	size_t labels;
	const char *without; /* an array to leave out */
};

static const struct recipe good = { 1, 3, 0.25f, 2, "" };
static const uint8_t pixels[8] = { 0, 255, 51, 102, 153, 204, 1, 2 };

static char *write_images(struct recipe r)
{
	const int32_t labels[2] = { 0, r.label };
	const float mean[2] = { 0.5f, 0 }, std[2] = { r.std, 1 };
	char *path = scratch("");
	FILE *f = out_open(path);
	struct npz_writer *z = npz_begin(f, true);

	if (strcmp(r.without, "images"))
		npz_add(z, "images", U8, 4, SHAPE(2, 1, 2, 2), pixels);
	if (strcmp(r.without, "labels"))
		npz_add(z, "labels", I32, 1, SHAPE(r.labels), labels);
	if (strcmp(r.without, "classes"))
		npz_add(z, "classes", I32, 1, SHAPE(1), &r.classes);
	if (strcmp(r.without, "mean"))
		npz_add(z, "mean", F32, 1, SHAPE(2), mean);
	if (strcmp(r.without, "std"))
		npz_add(z, "std", F32, 1, SHAPE(2), std);
	npz_end(z);
	out_commit(f);
	return path;
}

static void test_batch(void **state)
{
	static const uint32_t order[] = { 1, 0, 1 };
	char *path = write_images(good);
	struct images im;
	float out[12];

	(void)state;
	images_read(&im, path);
	assert_true(im.n == 2 && im.h == 1 && im.w == 2 && im.c == 2 && im.classes == 3 && im.labels[1] == 1);
	images_batch(&im, order, NULL, 3, out);
	for (int i = 0; i < 12; i++) {
		float x = (float)pixels[order[i / 4] * 4 + i % 4] / 255;

		assert_close(out[i], i % 2 ? x : (x - 0.5f) / 0.25f, 1e-6);
	}
	unlink(path);
	free(path);
}

/* A view of 1 x 1 of the 1 x 2 pixels, and one of 3 x 4. */
static void test_views(void **state)
{
	static const uint32_t order[] = { 0, 0, 0 };
	static const struct view views[] = { { 0 }, { .right = 1 }, { .down = 1 } },
				 wide[] = { { 0 }, { .down = -1, .right = 1, .is_flipped = true } };
	static const int seen[2][12] = { { -1, -1, -1, -1, -1, 0, 1, -1, -1, -1, -1, -1 },
		                         { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 0 } };
	char *path = write_images(good);
	struct images im;
	float out[48];

	(void)state;
	images_read(&im, path);
	im.view_w = 1;
	images_batch(&im, order, views, 3, out);
	assert_true(out[0] == im.value[0][0] && out[1] == im.value[1][255]);
	assert_true(out[2] == im.value[0][51] && out[3] == im.value[1][102]);
	assert_true(out[4] == im.value[0][0] && out[5] == im.value[1][0]);
	im.view_h = 3;
	im.view_w = 4;
	images_batch(&im, order, wide, 2, out);
	for (int i = 0; i < 48; i++) {
		int pixel = seen[i / 24][i / 2 % 12];

		assert_true(out[i] == im.value[i % 2][pixel < 0 ? 0 : pixels[pixel * 2 + i % 2]]);
	}
	unlink(path);
	free(path);
}

/* Rows and columns of a 3 x 4 image that reflect, and a square that reaches out of the view. */
static void test_reflection_and_hole(void **state)
{
	static const uint8_t grid[12] = { 1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24 };
	static const uint32_t order[] = { 0, 0 };
	static const struct view views[] = { { .right = 1, .reflects = true },
		                             { .down = -7,
		                               .is_flipped = true,
		                               .reflects = true,
		                               .hole_down = -1,
		                               .hole_right = 6,
		                               .hole = 3 } };
	static const int rows[2][7] = { { 2, 1, 0, 1, 2, 1, 0 }, { 1, 0, 1, 2, 1, 0, 1 } },
			 columns[2][8] = { { 1, 0, 1, 2, 3, 2, 1, 0 }, { 1, 2, 3, 2, 1, 0, 1, 2 } };
	struct images im = { .n = 1, .h = 3, .w = 4, .c = 1, .pixels = grid, .view_h = 7, .view_w = 8 };
	float out[2 * 7 * 8], value[1][256];

	(void)state;
	im.value = value;
	for (int x = 0; x < 256; x++)
		value[0][x] = (float)x;
	images_batch(&im, order, views, 2, out);
	for (int i = 0; i < 112; i++) {
		int view = i / 56, y = i / 8 % 7, x = i % 8;
		bool is_hidden = view == 1 && y < 2 && x >= 6;

		assert_true(out[i] == (is_hidden ? 0 : (float)grid[rows[view][y] * 4 + columns[view][x]]));
	}
}

/* Training goes on only with the images it began with. */
static void test_sum(void **state)
{
	struct recipe relabelled = good;
	char *paths[3];
	struct images im[3];

	(void)state;
	relabelled.label = 2;
	paths[0] = write_images(good);
	paths[1] = write_images(good);
	paths[2] = write_images(relabelled);
	for (int i = 0; i < 3; i++) {
		images_read(&im[i], paths[i]);
		unlink(paths[i]);
		free(paths[i]);
	}
	assert_true(im[0].sum == im[1].sum && im[0].sum != im[2].sum);
}

static void read_path(const void *path)
{
	struct images im;

	images_read(&im, path);
}

static void expect_error(struct recipe r, const char *error)
{
	char *path = write_images(r);
	const char *words = last_words(read_path, path);

	if (!strstr(words, path) || !strstr(words, error))
		fail_msg("expected '%s', got: %s", error, words);
	unlink(path);
	free(path);
}

static void test_errors(void **state)
{
	static const char *const arrays[] = { "images", "labels", "classes", "mean", "std" };

	(void)state;
	for (size_t i = 0; i < LEN(arrays); i++) {
		struct recipe r = good;

		r.without = arrays[i];
		expect_error(r, xprintf("no array '%s'", arrays[i]));
	}
	expect_error((struct recipe){ 3, 3, 0.25f, 2, "" }, "label 3 of image 1 is not in 0..2");
	expect_error((struct recipe){ -1, 3, 0.25f, 2, "" }, "label -1 of image 1");
	expect_error((struct recipe){ 1, 0, 0.25f, 2, "" }, "0 classes");
	expect_error((struct recipe){ 1, 3, 0, 2, "" }, "mean 0.5 and std 0 of channel 0");
	expect_error((struct recipe){ 1, 3, 0.25f, 1, "" }, "array 'labels' has shape 1; expected 2");
}

/* Images that are written are read again, in the order that was asked for, with their statistics. */
static void test_write(void **state)
{
	static const uint32_t order[] = { 1, 0, 1 };
	int32_t labels[2] = { 2, 0 };
	float mean[2], std[2];
	char *path = scratch("");
	struct images im = { .path = "some",
		             .n = 2,
		             .h = 1,
		             .w = 2,
		             .c = 2,
		             .classes = 3,
		             .pixels = pixels,
		             .labels = labels };

	(void)state;
	images_statistics(&im, mean, std);
	assert_close(mean[0], (0 + 51 + 153 + 1) / 4.0 / 255, 1e-6);
	assert_close(std[0], sqrt((51 * 51 + 153 * 153 + 1) / 4.0 - 51.25 * 51.25) / 255, 1e-6);
	im.mean = mean;
	im.std = std;
	images_write(&im, order, 3, true, path);
	images_read(&im, path);
	assert_true(im.n == 3 && im.h == 1 && im.w == 2 && im.c == 2 && im.classes == 3);
	for (size_t i = 0; i < 3; i++) {
		assert_memory_equal(im.pixels + 4 * i, pixels + 4 * order[i], 4);
		assert_int_equal(im.labels[i], labels[order[i]]);
	}
	assert_memory_equal(im.mean, mean, sizeof mean);
	assert_memory_equal(im.std, std, sizeof std);
	unlink(path);
	free(path);
}

static void test_write_one_by_one(void **state)
{
	char *path = scratch("");
	float mean[3] = { 0.5f, 0.4f, 0.3f }, std[3] = { 0.5f, 0.5f, 0.5f };
	struct images_writer *w = images_begin(path, 7, 5); /* two of at most five */
	struct images im;

	(void)state;
	images_add(w, pixels, 1, 2, 6);
	images_add(w, pixels + 2, 1, 2, 3);
	assert_int_equal(images_end(w, mean, std), 2);
	images_read(&im, path);
	assert_true(im.n == 2 && im.h == 1 && im.w == 2 && im.c == 3 && im.classes == 7);
	assert_memory_equal(im.pixels, pixels, 6);
	assert_memory_equal(im.pixels + 6, pixels + 2, 6);
	assert_true(im.labels[0] == 6 && im.labels[1] == 3);
	unlink(path);
	free(path);
}

static void write_alike(const void *bytes)
{
	struct images im = { .path = "some", .n = 1, .h = 2, .w = 2, .c = 1, .pixels = bytes };
	float mean, std;

	images_statistics(&im, &mean, &std);
}

static void test_alike(void **state)
{
	(void)state;
	assert_contains(last_words(write_alike, "aaaa"), "some: all pixels of the training images are alike");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batch),
		cmocka_unit_test(test_views),
		cmocka_unit_test(test_reflection_and_hole),
		cmocka_unit_test(test_sum),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_write_one_by_one),
		cmocka_unit_test(test_alike),
	};

	return cmocka_run_group_tests_name("images", tests, NULL, NULL);
}
