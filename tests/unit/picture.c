#include "unit.h"
#include "io/npz.h"
#include "dataset/picture.h"

#define PICTURES "tests/golden/pictures"
#define TOLERANCE 1 /* between JPEG decoders: libjpeg-turbo, which Pillow is built with, gives 0 */

static struct picture picture_of(const char *name)
{
	char *path = xprintf(PICTURES "/%s", name);
	struct picture p;
	size_t size;
	unsigned char *bytes = file_bytes(path, &size);
	const char *error = picture_decode(&p, bytes, size, 1 << 20);

	if (error)
		fail_msg("%s: %s", path, error);
	free(bytes);
	free(path);
	return p;
}

static int difference(const struct picture *p, const struct array *a, const char *name)
{
	const uint8_t *expected = a->data;
	int worst = 0;

	if (a->ndim != 3 || a->shape[0] != (size_t)p->h || a->shape[1] != (size_t)p->w || a->shape[2] != 3)
		fail_msg("%s: %d x %d pixels, where Pillow has %zu x %zu", name, p->h, p->w, a->shape[0],
		         a->shape[1]);
	for (size_t i = 0; i < a->count; i++)
		worst = abs(expected[i] - p->rgb[i]) > worst ? abs(expected[i] - p->rgb[i]) : worst;
	return worst;
}

/* Every array of pictures.npz: NAME, or NAME-RESIZE-CROP. */
static void test_pillow(void **state)
{
	struct npz z;
	int worst = 0;

	(void)state;
	npz_read(&z, PICTURES ".npz");
	assert_true(z.n >= 26);
	for (size_t i = 0; i < z.n; i++) {
		char name[64];
		int resize = 0, crop = 0, d;
		struct picture whole, p;

		assert_true(sscanf(z.arrays[i].name, "%63[^-]-%d-%d", name, &resize, &crop) >= 1);
		whole = picture_of(name);
		assert_null(picture_fit(&p, &whole, resize, crop));
		d = difference(&p, &z.arrays[i], z.arrays[i].name);
		if (d > (strstr(name, ".jpg") ? TOLERANCE : 0))
			fail_msg("%s: pixels differ from Pillow's by %d", z.arrays[i].name, d);
		worst = d > worst ? d : worst;
		picture_free(&whole);
		picture_free(&p);
	}
	print_message("# largest difference from Pillow: %d\n", worst);
	npz_free(&z);
}

static const char *decode_part(const char *name, size_t keep, size_t at, unsigned char flip)
{
	char *path = xprintf(PICTURES "/%s", name);
	struct picture p;
	size_t size;
	unsigned char *bytes = file_bytes(path, &size), *part;
	const char *error;

	size = keep < size ? keep : size;
	part = xmalloc(size, 1); /* memory of its own, so that the sanitizer sees its end */
	memcpy(part, bytes, size);
	if (at < size)
		part[at] ^= flip;
	error = picture_decode(&p, part, size, 1 << 20);
	assert_true(error ? !p.rgb : !!p.rgb);
	picture_free(&p);
	free(part);
	free(bytes);
	free(path);
	return error;
}

static void test_cut_short(void **state)
{
	static const char *const names[] = { "420.jpg", "422_progressive.jpg", "cmyk.jpg", "palette8.png",
		                             "rgb16.png" };

	(void)state;
	for (size_t i = 0; i < LEN(names); i++) {
		char *path = xprintf(PICTURES "/%s", names[i]);
		size_t size;

		free(file_bytes(path, &size));
		for (size_t n = 0; n < size; n++)
			if (!decode_part(names[i], n, SIZE_MAX, 0))
				fail_msg("%s: the first %zu of %zu bytes are taken for whole", names[i], n,
				         size);
		free(path);
	}
}

/* Any byte damaged: an error or not, but no crash. */
static void test_damaged(void **state)
{
	(void)state;
	for (size_t i = 0; i < 1200; i++) {
		decode_part("422_progressive.jpg", SIZE_MAX, i, 255);
		decode_part("cmyk.jpg", SIZE_MAX, i, 1);
		decode_part("palette4.png", SIZE_MAX, i, 16);
	}
	assert_contains(decode_part("palette4.png", SIZE_MAX, 60, 16), "CRC");
}

static void test_errors(void **state)
{
	struct picture p, out, line = { .h = 1, .w = 65500 };

	(void)state;
	assert_contains(picture_decode(&p, (const unsigned char *)"", 0, 100), "an empty file");
	assert_contains(picture_decode(&p, (const unsigned char *)"GIF89a", 6, 100),
	                "neither a JPEG nor a PNG file");
	assert_contains(decode_part("grey.jpg", 300, SIZE_MAX, 0), "Premature end");
	assert_contains(decode_part("noise.png", 3000, SIZE_MAX, 0), "PNG cut short");
	p = picture_of("noise.png");
	assert_contains(picture_fit(&out, &p, 0, 38), "53 x 37 pixels, less than the crop of 38");
	assert_contains(picture_fit(&out, &p, 10, 11),
	                "14 x 10 pixels after resizing, less than the crop of 11");
	assert_contains(picture_fit(&out, &p, 65000, 0), "after resizing, more than");
	line.rgb = xmalloc((size_t)line.w, 3);
	assert_contains(picture_fit(&out, &line, 65500, 10),
	                "65500 x 4290250000 pixels after resizing, more than 2147483647 along a side");
	free(line.rgb);
	picture_free(&p);
}

static void test_too_large(void **state)
{
	size_t size;
	unsigned char *jpeg = file_bytes(PICTURES "/420.jpg", &size);
	struct picture p;

	(void)state;
	assert_contains(picture_decode(&p, jpeg, size, 21 * 34 - 1),
	                "34 x 21 pixels; expected sides of 1 to 65500");
	assert_null(p.rgb);
	free(jpeg);
}

/* A long picture is resized to more pixels than memory holds, of which the crop needs few. */
static void test_long_picture(void **state)
{
	struct picture in = { 1, 60000, xmalloc(60000, 3) }, out;

	(void)state;
	for (int i = 0; i < 180000; i++)
		in.rgb[i] = (uint8_t)(i / 3 / 300);
	assert_null(picture_fit(&out, &in, 256, 224));
	assert_true(out.h == 224 && out.w == 224);
	for (int i = 0; i < 224 * 224 * 3; i++)
		assert_true(out.rgb[i] == 99 || out.rgb[i] == 100);
	picture_free(&in);
	picture_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pillow),    cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_damaged),   cmocka_unit_test(test_errors),
		cmocka_unit_test(test_too_large), cmocka_unit_test(test_long_picture),
	};

	return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
