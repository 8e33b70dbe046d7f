#include "io/npz-inner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The most numbers that a header may claim; it is compared with the file later. */
#define COUNT_MAX ((size_t)1 << 46)

static const struct {
	const char *descr;
	size_t size;
} types[] = {
	[U8] = { "|u1", 1 },  [I32] = { "<i4", 4 }, [I64] = { "<i8", 8 },
	[F32] = { "<f4", 4 }, [F64] = { "<f8", 8 },
};

size_t dtype_size(enum dtype d)
{
	return types[d].size;
}

const char *dtype_descr(enum dtype d)
{
	return types[d].descr;
}

static const char *parse_descr(struct array *a, const char *header)
{
	const char *p = strstr(header, "'descr':");

	if (!p)
		return "no 'descr' in the header of the array";
	p += strlen("'descr':");
	p += strspn(p, " ");
	for (size_t d = 0; d < LEN(types); d++) {
		if (*p == '\'' && !strncmp(p + 1, types[d].descr, 3) && p[4] == '\'') {
			a->dtype = (enum dtype)d;
			return NULL;
		}
	}
	return error_text("array of type %.8s; expected one of |u1 <i4 <i8 <f4 <f8", p);
}

static const char *parse_shape(struct array *a, const char *header)
{
	const char *p = strstr(header, "'shape':");

	if (!p || !(p = strchr(p, '(')))
		return "no 'shape' in the header of the array";
	a->count = 1;
	for (p++, p += strspn(p, " ,"); *p != ')'; p += strspn(p, " ,")) {
		char *end;
		unsigned long long n;

		if (*p < '0' || *p > '9')
			return "the shape of the array is not a list of whole numbers";
		n = strtoull(p, &end, 10);
		if (a->ndim == DIMS_MAX)
			return error_text("array of more than %d dimensions", DIMS_MAX);
		if (n > COUNT_MAX || (n && a->count > COUNT_MAX / n))
			return "the shape of the array overflows";
		a->shape[a->ndim++] = (size_t)n;
		a->count *= (size_t)n;
		p = end;
	}
	return NULL;
}

/* Reads all but the data, which begin at *begin. */
const char *npy_parse_header(struct array *a, const unsigned char *bytes, size_t size, size_t *begin)
{
	char header[4096];
	const char *error;
	size_t length, start;

	a->ndim = 0;
	a->data = NULL;
	a->mapped = false;
	if (size < 10 || memcmp(bytes, "\x93NUMPY", 6))
		return "not an array of numpy (.npy)";
	if (bytes[6] != 1)
		return error_text("version %d of the .npy format; expected 1", bytes[6]);
	length = bytes[8] | (size_t)bytes[9] << 8;
	start = 10 + length;
	if (length >= sizeof header || start > size)
		return "the header of the array is cut short or too long";
	memcpy(header, bytes + 10, length);
	header[length] = '\0';
	if (!strstr(header, "'fortran_order': False"))
		return "array not in C order";
	if ((error = parse_descr(a, header)) || (error = parse_shape(a, header)))
		return error;
	if (a->count > COUNT_MAX / types[a->dtype].size || a->count * types[a->dtype].size != size - start)
		return error_text("array of %zu bytes, where its header says %zu x %zu", size - start,
		                  a->count, types[a->dtype].size);
	*begin = start;
	return NULL;
}

const char *npy_parse(struct array *a, const unsigned char *bytes, size_t size)
{
	size_t begin = 0;
	const char *error = npy_parse_header(a, bytes, size, &begin);

	if (error)
		return error;
	a->data = xmalloc(a->count, types[a->dtype].size);
	memcpy(a->data, bytes + begin, size - begin);
	return NULL;
}

size_t npy_header(char out[512], enum dtype dtype, int ndim, const size_t *shape, size_t least)
{
	int n = snprintf(out + 10, 500, "{'descr': '%s', 'fortran_order': False, 'shape': (",
	                 types[dtype].descr);

	for (int i = 0; i < ndim; i++)
		n += snprintf(out + 10 + n, (size_t)(500 - n),
		              ndim == 1 ? "%zu,"
		              : i       ? ", %zu"
		                        : "%zu",
		              shape[i]);
	n += snprintf(out + 10 + n, (size_t)(500 - n), "), }");
	while ((10 + n + 1) % 64 || 10 + (size_t)n + 1 < least)
		out[10 + n++] = ' ';
	out[10 + n++] = '\n';
	memcpy(out, "\x93NUMPY\x01\x00", 8);
	out[8] = (char)(n & 255);
	out[9] = (char)(n >> 8);
	return (size_t)n + 10;
}

size_t npy_count(int ndim, const size_t *shape)
{
	size_t n = 1;

	for (int i = 0; i < ndim; i++)
		n *= shape[i];
	return n;
}

void npy_refuse_nan(const char *name, enum dtype dtype, size_t count, const void *data)
{
	for (size_t i = 0; i < count; i++)
		if (dtype == F32 ? !isfinite(((const float *)data)[i])
		                 : dtype == F64 && !isfinite(((const double *)data)[i]))
			die("%s: element %zu is not a finite number; nothing is written", name, i);
}

void npy_write(const char *path, enum dtype dtype, int ndim, const size_t *shape, const void *data)
{
	FILE *f = out_open(path);
	char header[512];
	size_t n = npy_header(header, dtype, ndim, shape, 0);

	npy_refuse_nan(path, dtype, npy_count(ndim, shape), data);
	fwrite(header, 1, n, f);
	fwrite(data, types[dtype].size, npy_count(ndim, shape), f);
	out_commit(f);
}

void npy_read(struct array *a, const char *path)
{
	size_t size;
	unsigned char *bytes = file_bytes(path, &size);
	const char *error = npy_parse(a, bytes, size);

	if (error)
		die("%s: %s", path, error);
	a->name = xstrdup(path);
	free(bytes);
}
