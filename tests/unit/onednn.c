#include "unit.h"
#include "engine/onednn.h"

#include <omp.h>

/* Weights OIHW, and in blocks: element x of a dimension is in block x / block, at x % block of it. */
struct blocks {
	const char *name;
	dnnl_format_tag_t tag;
	int order[4]; /* of dimensions between blocks, outermost first */
	int n, inner[3], size[3];
};
static const struct blocks layouts[] = {
	{ "OIhw8i8o", dnnl_ABcd8b8a, { 0, 1, 2, 3 }, 2, { 1, 0 }, { 8, 8 } },
	{ "OIhw16i16o", dnnl_ABcd16b16a, { 0, 1, 2, 3 }, 2, { 1, 0 }, { 16, 16 } },
	{ "OIhw4i16o4i", dnnl_ABcd4b16a4b, { 0, 1, 2, 3 }, 3, { 1, 0, 1 }, { 4, 16, 4 } },
	{ "Ohwi16o", dnnl_Acdb16a, { 0, 2, 3, 1 }, 1, { 0 }, { 16 } },
	{ "oIhw16i", dnnl_aBcd16b, { 0, 1, 2, 3 }, 1, { 1 }, { 16 } },
	{ "Oihw8o", dnnl_Abcd8a, { 0, 1, 2, 3 }, 1, { 0 }, { 8 } },
	{ "ohwi", dnnl_acdb, { 0, 2, 3, 1 }, 0, { 0 }, { 0 } },
};
static const int shapes[][4] = {
	{ 5, 1, 3, 3 },   { 8, 3, 3, 3 },    { 20, 30, 3, 3 },  { 40, 24, 1, 1 },
	{ 16, 16, 3, 3 }, { 33, 7, 5, 5 },   { 1, 1, 1, 1 },    { 1, 5, 1, 1 },
	{ 100, 1, 1, 1 }, { 24, 300, 3, 3 }, { 130, 64, 1, 1 }, { 7, 5, 2, 2 },
};

/* Where an element lies in these blocks, and how many numbers they have, padding and all. */
static size_t place(const struct blocks *l, const int *dims, const int *at, size_t *numbers)
{
	int block[4] = { 1, 1, 1, 1 }, rest[4];
	size_t inner = 1, put = 0, step = 1;

	for (int b = 0; b < l->n; b++)
		block[l->inner[b]] *= l->size[b];
	for (int d = 0; d < 4; d++)
		rest[d] = at[d] % block[d];
	for (int b = l->n - 1; b >= 0; b--) {
		put += (size_t)(rest[l->inner[b]] % l->size[b]) * inner;
		rest[l->inner[b]] /= l->size[b];
		inner *= (size_t)l->size[b];
	}
	step = inner;
	for (int k = 3; k >= 0; k--) {
		int d = l->order[k];

		put += (size_t)(at[d] / block[d]) * step;
		step *= (size_t)((dims[d] + block[d] - 1) / block[d]);
	}
	*numbers = step;
	return put;
}

/* The numbers 1, 2 ... by files' layout, and those of blocks; bytes hold as much of them as they can. */
struct tensor {
	size_t n, m, size;
	char *plain, *blocked;
};

static struct tensor tensor(const struct blocks *l, const int *dims, dnnl_data_type_t type)
{
	struct tensor t = { .n = (size_t)(dims[0] * dims[1] * dims[2] * dims[3]),
		            .size = dnnl_data_type_size(type) };

	place(l, dims, (const int[4]){ 0 }, &t.m);
	t.plain = xmalloc(t.n, t.size);
	t.blocked = xmalloc(t.m, t.size);
	for (size_t i = 0; i < t.n; i++) {
		int at[4], k = (int)i;
		float number = (float)(1 + i);
		int8_t byte = (int8_t)(1 + i % 100);
		const void *x = type == dnnl_f32 ? (void *)&number : &byte;

		for (int d = 3; d >= 0; d--) {
			at[d] = k % dims[d];
			k /= dims[d];
		}
		memcpy(t.plain + i * t.size, x, t.size);
		memcpy(t.blocked + place(l, dims, at, &t.m) * t.size, x, t.size);
	}
	return t;
}

/* Whether a tensor comes there and back, in memory that is not zero before. */
static bool comes_there(const struct blocks *l, const int *shape, dnnl_data_type_t type)
{
	dnnl_dims_t dims = { shape[0], shape[1], shape[2], shape[3] };
	md_own plain = onednn_md(4, dims, type, dnnl_oihw), blocked = onednn_md(4, dims, type, l->tag);
	struct tensor t = tensor(l, shape, type);
	char *there = xmalloc(t.m, t.size), *back = xmalloc(t.n, t.size);
	bool is_same;

	assert_int_equal(dnnl_memory_desc_get_size(MD(blocked)), t.m * t.size);
	memset(there, 1, t.m * t.size);
	memset(back, 1, t.n * t.size);
	onednn_convert(onednn_reorder(MD(plain), MD(blocked)), MD(plain), t.plain, MD(blocked), there);
	onednn_convert(onednn_reorder(MD(blocked), MD(plain)), MD(blocked), t.blocked, MD(plain), back);
	is_same = !memcmp(there, t.blocked, t.m * t.size) && !memcmp(back, t.plain, t.n * t.size);
	free(there);
	free(back);
	free(t.plain);
	free(t.blocked);
	return is_same;
}

static int wrong(void)
{
	int n = 0;

	for (size_t l = 0; l < LEN(layouts); l++)
		for (size_t i = 0; i < LEN(shapes); i++)
			for (int bytes = 0; bytes < 2; bytes++)
				n += !comes_there(&layouts[l], shapes[i], bytes ? dnnl_s8 : dnnl_f32);
	return n;
}

static bool would; /* take detours, unasked */

static void test_layouts(void **state)
{
	(void)state;
	assert_int_equal(wrong(), 0);
}

static void test_detours(void **state)
{
	(void)state;
	onednn_take_detours(true);
	assert_int_equal(wrong(), 0);
	onednn_take_detours(would);
}

/* On a machine where nothing is wrong weights go straight on, which is faster. */
static void test_only_where_needed(void **state)
{
	int n;

	(void)state;
	onednn_take_detours(false);
	n = wrong();
	onednn_take_detours(would);
	print_message("%d of %zu reorders of oneDNN %d.%d are wrong here\n", n,
	              2 * LEN(layouts) * LEN(shapes), DNNL_VERSION_MAJOR, DNNL_VERSION_MINOR);
	assert_true((n > 0) == would);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_detours),
		cmocka_unit_test(test_only_where_needed),
	};

	omp_set_num_threads(1); /* oneDNN's own; see core/threads.h */
	would = onednn_takes_detours();
	return cmocka_run_group_tests_name("onednn", tests, NULL, NULL);
}
