#include "unit.h"
#include "io/npz.h"

static const uint8_t bytes[6] = { 0, 1, 2, 254, 255, 7 };
static const float reals[4] = { 0.5f, -1.25f, 3e38f, 0 };

enum kind { STORED, DEFLATED, STREAMED, KINDS };

/* A small archive as a file. */
static char *archive_file(enum kind kind)
{
	char *path = scratch("");
	FILE *f = out_open(path);
	struct npz_writer *w = npz_begin(f, kind == DEFLATED);

	if (kind == STREAMED) {
		/* the header is long, and stays so */
		npz_stream(w, "bytes", U8, 2, SHAPE(1000000000000, 3));
		npz_stream_add(w, 2, bytes);
		npz_stream_add(w, 4, bytes + 2);
		npz_stream_end(w, 2);
	} else {
		npz_add(w, "bytes", U8, 2, SHAPE(2, 3), bytes);
	}
	npz_add(w, "reals", F32, 1, SHAPE(4), reals);
	npz_add(w, "none", I32, 2, SHAPE(0, 4), NULL);
	npz_end(w);
	out_commit(f);
	return path;
}

static unsigned char *archive(enum kind kind, size_t *size)
{
	char *path = archive_file(kind);
	unsigned char *file = file_bytes(path, size);

	unlink(path);
	free(path);
	return file;
}

static bool same(const struct npz *z)
{
	static const struct array expected[] = {
		{ .name = (char *)"bytes",
		  .dtype = U8,
		  .ndim = 2,
		  .shape = { 2, 3 },
		  .count = 6,
		  .data = (void *)bytes },
		{ .name = (char *)"reals",
		  .dtype = F32,
		  .ndim = 1,
		  .shape = { 4 },
		  .count = 4,
		  .data = (void *)reals },
		{ .name = (char *)"none", .dtype = I32, .ndim = 2, .shape = { 0, 4 }, .count = 0 },
	};

	if (z->n != LEN(expected))
		return false;
	for (size_t i = 0; i < z->n; i++) {
		const struct array *a = &z->arrays[i], *e = &expected[i];

		if (strcmp(a->name, e->name) || a->dtype != e->dtype || a->ndim != e->ndim ||
		    a->count != e->count || memcmp(a->shape, e->shape, (size_t)e->ndim * sizeof *e->shape) ||
		    (e->count && memcmp(a->data, e->data, e->count * dtype_size(e->dtype))))
			return false;
	}
	return true;
}

static void test_round_trip(void **state)
{
	(void)state;
	for (enum kind kind = 0; kind < KINDS; kind++) {
		size_t size;
		unsigned char *file = archive(kind, &size);
		struct npz z;

		assert_null(npz_parse(&z, file, size));
		assert_true(same(&z));
		assert_null(npz_find(&z, "byte"));
		npz_free(&z);
		free(file);
	}
}

/* Stored bytes are those of the file, all else is copied. */
static void test_map(void **state)
{
	(void)state;
	for (enum kind kind = 0; kind < KINDS; kind++) {
		char *path = archive_file(kind);
		struct npz z;

		npz_map(&z, path);
		assert_true(same(&z));
		assert_int_equal(z.arrays[0].mapped, kind != DEFLATED);
		assert_false(z.arrays[1].mapped);
		unlink(path);
		assert_true(same(&z));
		npz_free(&z);
		free(path);
	}
}

static void map_path(const void *path)
{
	struct npz z;

	npz_map(&z, path);
}

static void test_map_errors(void **state)
{
	char *empty = scratch(""), *path = archive_file(STORED);
	size_t size;
	unsigned char *file = file_bytes(path, &size);

	(void)state;
	assert_contains(last_words(map_path, empty), "an empty file");
	assert_contains(last_words(map_path, "/nowhere.npz"), "cannot read /nowhere.npz: No such file");
	assert_contains(last_words(map_path, "/"), "/ is not a regular file");
	file[30 + 9 + 128] ^= 1; /* the first of the bytes */
	unlink(path);
	free(path);
	path = scratch_bytes(file, size);
	assert_contains(last_words(map_path, path), "member 'bytes.npy' is damaged (CRC-32)");
	unlink(empty);
	unlink(path);
	free(empty);
	free(path);
	free(file);
}

static void test_equal_contents_give_equal_bytes(void **state)
{
	size_t size, size_again;
	unsigned char *file = archive(DEFLATED, &size), *again;

	(void)state;
	sleep(2); /* the resolution of the clock in a zip archive */
	again = archive(DEFLATED, &size_again);
	assert_int_equal(size, size_again);
	assert_memory_equal(file, again, size);
	free(file);
	free(again);
}

static void test_cut_short_anywhere(void **state)
{
	(void)state;
	for (enum kind kind = 0; kind < KINDS; kind++) {
		size_t size;
		unsigned char *file = archive(kind, &size);

		for (size_t n = 0; n < size; n++) {
			/* memory of its own, so that the sanitizer sees its end */
			unsigned char *part = xmalloc(n, 1);
			struct npz z;

			memcpy(part, file, n);
			assert_non_null(npz_parse(&z, part, n));
			assert_int_equal(z.n, 0);
			free(part);
		}
		free(file);
	}
}

/* Damage is found, or was in a byte that means nothing (time stamps, versions). */
static void test_any_byte_damaged(void **state)
{
	(void)state;
	for (enum kind kind = 0; kind < KINDS; kind++) {
		size_t size;
		unsigned char *file = archive(kind, &size);

		for (size_t i = 0; i < size * 9; i++) {
			unsigned char flip = (unsigned char)(i % 9 < 8 ? 1 << i % 9 : 255);
			struct npz z;

			file[i / 9] ^= flip;
			if (!npz_parse(&z, file, size)) {
				if (!same(&z))
					fail_msg("byte %zu xor %d of %zu goes unnoticed", i / 9, flip, size);
				npz_free(&z);
			}
			file[i / 9] ^= flip;
		}
		free(file);
	}
}

static void test_numpy(void **state)
{
	struct npz z;

	(void)state;
	npz_read(&z, "tests/golden/numpy.npz");
	assert_int_equal(z.n, 6);
	for (int i = 0; i < 6; i++)
		assert_int_equal(((uint8_t *)npz_data(&z, "u8", U8, 2, SHAPE(2, 3)))[i], i);
	assert_int_equal(((int32_t *)npz_data(&z, "i32", I32, 1, SHAPE(2)))[0], -1);
	assert_int_equal(((int32_t *)npz_data(&z, "i32", I32, 1, SHAPE(2)))[1], INT32_MAX);
	assert_true(*(int64_t *)npz_data(&z, "i64", I64, 0, NULL) == -((int64_t)1 << 40));
	assert_close(((float *)npz_data(&z, "f32", F32, 3, SHAPE(1, 2, 1)))[1], -1.25, 0);
	assert_close(*(double *)npz_data(&z, "f64", F64, 1, SHAPE(1)), 1 / 3.0, 0);
	assert_int_equal(npz_find(&z, "empty")->count, 0);
	npz_free(&z);
}

static void test_npy(void **state)
{
	char *path = scratch("");
	struct array a;

	(void)state;
	npy_write(path, F32, 2, SHAPE(2, 2), reals);
	npy_read(&a, path);
	assert_int_equal(a.ndim, 2);
	assert_int_equal(a.shape[1], 2);
	assert_memory_equal(a.data, reals, sizeof reals);
	free(a.data);
	free(a.name);
	unlink(path);
	free(path);
}

/* A header by another hand, followed by that many bytes of data. */
static const char *parse_header(const char *dictionary, size_t data)
{
	unsigned char file[600] = "\x93NUMPY\1\0";
	struct array a;
	const char *error;
	size_t n = strlen(dictionary);

	file[8] = (unsigned char)n;
	memcpy(file + 10, dictionary, n);
	error = npy_parse(&a, file, 10 + n + data);
	free(a.data);
	return error;
}

static void test_headers(void **state)
{
	static const struct {
		const char *dictionary;
		size_t data;
		const char *error;
	} cases[] = {
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 8, NULL },
		{ "{'shape': (2, 2), 'fortran_order': False, 'descr': '|u1'}", 4, NULL },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (), }", 4, NULL },
		{ "{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }", 8, "not in C order" },
		{ "{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", 8, "of type '>f4'" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", 8, "3 x 4" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 8, "not a list" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (2", 8, "not a list" },
		{ "{'descr': '<f4', 'fortran_order': False, }", 8, "no 'shape'" },
		{ "{'fortran_order': False, 'shape': (2,), }", 8, "no 'descr'" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,2), }", 8, "more than 6" },
		{ "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296,4294967297), }", 8,
		  "overflows" },
		{ "{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693953,), }", 8,
		  "overflows" },
		{ "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999,), }", 8,
		  "overflows" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		const char *error = parse_header(cases[i].dictionary, cases[i].data);

		if (!cases[i].error)
			assert_null(error);
		else if (!error || !strstr(error, cases[i].error))
			fail_msg("%s: %s", cases[i].dictionary, error ? error : "no error");
	}
}

static void ask_type(const void *z)
{
	npz_data(z, "u8", F32, -1, NULL);
}
static void ask_shape(const void *z)
{
	npz_data(z, "u8", U8, 2, SHAPE(3, 2));
}
static void ask_missing(const void *z)
{
	npz_data(z, "u9", U8, -1, NULL);
}

static void write_nan(const void *path)
{
	const float x[] = { 1, (float)NAN };

	npy_write(path, F32, 1, SHAPE(2), x);
}

static void test_deaths(void **state)
{
	char *path = scratch("old");
	unsigned char *old;
	struct npz z;
	size_t size;

	(void)state;
	npz_read(&z, "tests/golden/numpy.npz");
	assert_contains(last_words(ask_type, &z),
	                "tests/golden/numpy.npz: array 'u8' has type |u1; expected <f4");
	assert_contains(last_words(ask_shape, &z), "has shape 2 x 3; expected 3 x 2");
	assert_contains(last_words(ask_missing, &z), "no array 'u9'");
	assert_contains(last_words(write_nan, path), "element 1 is not a finite number");
	old = file_bytes(path, &size);
	assert_string_equal((char *)old, "old");
	npz_free(&z);
	assert_string_equal(npz_read_quietly(&z, "/nowhere.npz"), "missing");
	assert_contains(npz_read_quietly(&z, path), "not an archive");
	free(old);
	unlink(path);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_map_errors),
		cmocka_unit_test(test_equal_contents_give_equal_bytes),
		cmocka_unit_test(test_cut_short_anywhere),
		cmocka_unit_test(test_any_byte_damaged),
		cmocka_unit_test(test_numpy),
		cmocka_unit_test(test_npy),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_deaths),
	};

	return cmocka_run_group_tests_name("npz", tests, NULL, NULL);
}
