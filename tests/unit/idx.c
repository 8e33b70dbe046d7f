/* IDX files and gzip, whole and damaged. */
#include "unit.h"
#include "dataset/idx.h"

#include <zlib.h>

static const unsigned char idx[] = { 0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6 };

static void test_idx(void **state)
{
	struct idx x;

	(void)state;
	assert_null(idx_parse(&x, idx, sizeof idx));
	assert_true(x.ndim == 2 && x.shape[0] == 2 && x.shape[1] == 3 && x.count == 6 && x.data == idx + 12);
	for (size_t n = 0; n < sizeof idx; n++) {
		unsigned char *part = xmalloc(n, 1);

		memcpy(part, idx, n);
		assert_non_null(idx_parse(&x, part, n));
		free(part);
	}
}

static void expect_idx_error(size_t at, unsigned char value, const char *error)
{
	unsigned char bytes[sizeof idx];
	struct idx x;

	memcpy(bytes, idx, sizeof idx);
	bytes[at] = value;
	assert_contains(idx_parse(&x, bytes, sizeof bytes), error);
}

static void test_damaged_idx(void **state)
{
	static const unsigned char vast[20] = { 0,   0,   8,   4,   255, 255, 255, 255, 255, 255,
		                                255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
	struct idx x;

	(void)state;
	expect_idx_error(0, 1, "not an IDX file");
	expect_idx_error(2, 13, "type 0x0d");
	expect_idx_error(3, 0, "0 dimensions");
	expect_idx_error(3, 5, "5 dimensions");
	expect_idx_error(7, 3, "its header says 9");
	expect_idx_error(4, 255, "overflow");
	assert_contains(idx_parse(&x, vast, sizeof vast), "overflow");
}

/* --- gzip ------------------------------------------------------------------------------------ */

static unsigned char *gzip(const unsigned char *bytes, size_t size, size_t *packed)
{
	z_stream z = { .next_in = (unsigned char *)bytes, .avail_in = (uInt)size };
	unsigned char *out = xmalloc(size + 1000, 1);

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_out = out;
	z.avail_out = (uInt)(size + 1000);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	*packed = z.total_out;
	return out;
}

static void test_gunzip(void **state)
{
	unsigned char *bytes = xmalloc(300000, 1), *packed, *out;
	size_t size, n;

	(void)state;
	for (size_t i = 0; i < 300000; i++)
		bytes[i] = (unsigned char)(i * i >> 8);
	packed = gzip(bytes, 300000, &size);
	assert_null(gunzip(&out, &n, packed, size, 1 << 20));
	assert_int_equal(n, 300000);
	assert_memory_equal(out, bytes, n);
	free(out);
	assert_contains(gunzip(&out, &n, packed, size, 299999), "unpacks to more than 299999 bytes");
	assert_null(out);
	packed[size] = 0;
	assert_contains(gunzip(&out, &n, packed, size + 1, 1 << 20), "1 bytes behind the end");
	free(packed);
	free(bytes);
}

static void test_damaged_gzip(void **state)
{
	size_t size, n;
	unsigned char *packed = gzip(idx, sizeof idx, &size), *out;

	(void)state;
	for (size_t i = 0; i < size; i++)
		assert_contains(gunzip(&out, &n, packed, i, 1 << 20), "damaged or cut short");
	for (size_t i = 0; i < size; i++) {
		packed[i] ^= 255;
		if (!gunzip(&out, &n, packed, size, 1 << 20)) {
			assert_int_equal(n, sizeof idx); /* time, level or system in its header */
			assert_memory_equal(out, idx, n);
			free(out);
		}
		packed[i] ^= 255;
	}
	free(packed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_idx),
		cmocka_unit_test(test_damaged_idx),
		cmocka_unit_test(test_gunzip),
		cmocka_unit_test(test_damaged_gzip),
	};

	return cmocka_run_group_tests_name("idx", tests, NULL, NULL);
}
