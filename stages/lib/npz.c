#include "npz.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define MEMBERS_MAX 65535
#define LOCAL_SIZE 30
#define CENTRAL_SIZE 46
#define END_SIZE 22

static const struct { const char *descr; size_t size; } types[] = {
	[U8] = { "|u1", 1 }, [I32] = { "<i4", 4 }, [I64] = { "<i8", 8 }, [F32] = { "<f4", 4 }, [F64] = { "<f8", 8 },
};

size_t dtype_size(enum dtype d)
{
	return types[d].size;
}

/* --- .npy ------------------------------------------------------------------------------------ */

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
		if (n > FILE_CAP || (n && a->count > FILE_CAP / n))
			return "the shape of the array overflows";
		a->shape[a->ndim++] = (size_t)n;
		a->count *= (size_t)n;
		p = end;
	}
	return NULL;
}

const char *npy_parse(struct array *a, const unsigned char *bytes, size_t size)
{
	char header[4096];
	const char *error;
	size_t length, start;

	a->ndim = 0;
	a->data = NULL;
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
	if (a->count > FILE_CAP / types[a->dtype].size || a->count * types[a->dtype].size != size - start)
		return error_text("array of %zu bytes, where its header says %zu x %zu",
		                  size - start, a->count, types[a->dtype].size);
	a->data = xmalloc(a->count, types[a->dtype].size);
	memcpy(a->data, bytes + start, size - start);
	return NULL;
}

/* The header of an array, padded so that the data begin at a multiple of 64; returns its length. */
static size_t npy_header(char out[512], enum dtype dtype, int ndim, const size_t *shape)
{
	int n = snprintf(out + 10, 500, "{'descr': '%s', 'fortran_order': False, 'shape': (", types[dtype].descr);

	for (int i = 0; i < ndim; i++)
		n += snprintf(out + 10 + n, (size_t)(500 - n), ndim == 1 ? "%zu," : i ? ", %zu" : "%zu", shape[i]);
	n += snprintf(out + 10 + n, (size_t)(500 - n), "), }");
	while ((10 + n + 1) % 64)
		out[10 + n++] = ' ';
	out[10 + n++] = '\n';
	memcpy(out, "\x93NUMPY\x01\x00", 8);
	out[8] = (char)(n & 255);
	out[9] = (char)(n >> 8);
	return (size_t)n + 10;
}

static size_t product(int ndim, const size_t *shape)
{
	size_t n = 1;

	for (int i = 0; i < ndim; i++)
		n *= shape[i];
	return n;
}

static void refuse_nan(const char *name, enum dtype dtype, size_t count, const void *data)
{
	for (size_t i = 0; i < count; i++)
		if (dtype == F32 ? !isfinite(((const float *)data)[i]) : dtype == F64 && !isfinite(((const double *)data)[i]))
			die("%s: element %zu is not a finite number; nothing is written", name, i);
}

void npy_write(const char *path, enum dtype dtype, int ndim, const size_t *shape, const void *data)
{
	FILE *f = out_open(path);
	char header[512];
	size_t n = npy_header(header, dtype, ndim, shape);

	refuse_nan(path, dtype, product(ndim, shape), data);
	fwrite(header, 1, n, f);
	fwrite(data, types[dtype].size, product(ndim, shape), f);
	out_commit(f);
}

/* --- .npz, reading --------------------------------------------------------------------------- */

static uint32_t u16(const unsigned char *p) { return p[0] | (uint32_t)p[1] << 8; }
static uint32_t u32(const unsigned char *p) { return u16(p) | u16(p + 2) << 16; }

struct member {
	const unsigned char *data;
	uint32_t method, crc, packed, size;
	char name[256];
};

static const char *inflate_member(const struct member *m, unsigned char *out)
{
	z_stream z = { .next_in = (unsigned char *)m->data, .avail_in = m->packed, .next_out = out, .avail_out = m->size };
	int rc;

	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		die("cannot start zlib");
	rc = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	if (rc != Z_STREAM_END || z.total_out != m->size)
		return error_text("member '%s' is damaged (deflate)", m->name);
	return NULL;
}

static const char *read_member(struct array *a, const struct member *m)
{
	unsigned char *out = xmalloc(m->size, 1);
	const char *error = NULL;
	size_t n = strlen(m->name);

	if (m->method == 8)
		error = inflate_member(m, out);
	else if (m->method == 0 && m->packed == m->size)
		memcpy(out, m->data, m->size);
	else
		error = error_text("member '%s' is packed by method %u; expected stored or deflated", m->name, m->method);
	if (!error && crc32(0, out, m->size) != m->crc)
		error = error_text("member '%s' is damaged (CRC-32)", m->name);
	if (!error && (n < 5 || strcmp(m->name + n - 4, ".npy")))
		error = error_text("member '%s' is not an array (.npy)", m->name);
	if (!error && (error = npy_parse(a, out, m->size)))
		error = error_text("member '%s': %s", m->name, xstrdup(error));
	free(out);
	a->name = xstrdup(m->name);
	if (n > 4)
		a->name[n - 4] = '\0';
	return error;
}

/* One entry of the central directory at *at, with its data found and bounded. */
static const char *find_member(struct member *m, const unsigned char *bytes, size_t size, size_t *at)
{
	const unsigned char *p = bytes + *at;
	size_t name, local;

	if (*at + CENTRAL_SIZE > size || memcmp(p, "PK\1\2", 4))
		return "the directory of the archive is damaged";
	name = u16(p + 28);
	local = u32(p + 42);
	if (*at + CENTRAL_SIZE + name > size || name >= sizeof m->name)
		return "the directory of the archive is damaged (name)";
	memcpy(m->name, p + CENTRAL_SIZE, name);
	m->name[name] = '\0';
	m->method = u16(p + 10);
	m->crc = u32(p + 16);
	m->packed = u32(p + 20);
	m->size = u32(p + 24);
	*at += CENTRAL_SIZE + name + u16(p + 30) + u16(p + 32);
	if (local > size || LOCAL_SIZE > size - local || memcmp(bytes + local, "PK\3\4", 4))
		return error_text("member '%s' is not where the directory says", m->name);
	if (u16(bytes + local + 26) != name || name > size - LOCAL_SIZE - local ||
	    memcmp(bytes + local + LOCAL_SIZE, m->name, name))
		return error_text("member '%s' has another name in the directory", m->name);
	local += LOCAL_SIZE + u16(bytes + local + 26) + u16(bytes + local + 28);
	if (local > size || m->packed > size - local)
		return error_text("member '%s' is cut short", m->name);
	/* deflate packs at most 1032 : 1, so a size beyond that is a lie that would cost memory */
	if (m->size / 1032 > m->packed + 64)
		return error_text("member '%s' cannot be as large as it says", m->name);
	m->data = bytes + local;
	return NULL;
}

static const unsigned char *find_end(const unsigned char *bytes, size_t size)
{
	for (size_t back = END_SIZE; back <= size && back < END_SIZE + 65536; back++)
		if (!memcmp(bytes + size - back, "PK\5\6", 4))
			return bytes + size - back;
	return NULL;
}

const char *npz_parse(struct npz *z, const unsigned char *bytes, size_t size)
{
	const unsigned char *end = find_end(bytes, size);
	const char *error = NULL;
	size_t n, at;

	z->n = 0;
	z->arrays = NULL;
	if (!end)
		return "not an archive of arrays (.npz), or cut short";
	n = u16(end + 10);
	at = u32(end + 16);
	z->arrays = xmalloc(n, sizeof *z->arrays);
	for (size_t i = 0; !error && i < n; i++) {
		struct member m;

		if ((error = at > size ? "the directory of the archive lies outside of it" : find_member(&m, bytes, size, &at)))
			break;
		error = read_member(&z->arrays[i], &m);
		z->n++;
	}
	if (!error && at != (size_t)(end - bytes))
		error = "the directory of the archive is damaged (length)";
	if (error)
		npz_free(z);
	return error;
}

void npz_free(struct npz *z)
{
	for (size_t i = 0; i < z->n; i++) {
		free(z->arrays[i].name);
		free(z->arrays[i].data);
	}
	free(z->arrays);
	z->arrays = NULL;
	z->n = 0;
}

void npz_read(struct npz *z, const char *path)
{
	size_t size;
	unsigned char *bytes = file_bytes(path, &size);
	const char *error = npz_parse(z, bytes, size);

	if (error)
		die("%s: %s", path, error);
	z->path = path;
	free(bytes);
}

const char *npz_read_quietly(struct npz *z, const char *path)
{
	size_t size;
	unsigned char *bytes;
	const char *error;
	FILE *f = fopen(path, "rb");

	if (!f)
		return "missing";
	fclose(f);
	bytes = file_bytes(path, &size);
	error = npz_parse(z, bytes, size);
	z->path = path;
	free(bytes);
	return error;
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

struct array *npz_find(const struct npz *z, const char *name)
{
	for (size_t i = 0; i < z->n; i++)
		if (!strcmp(z->arrays[i].name, name))
			return &z->arrays[i];
	return NULL;
}

static char *shape_text(int ndim, const size_t *shape)
{
	char *s = xstrdup("");

	for (int i = 0; i < ndim; i++)
		s = xprintf(i ? "%s x %zu" : "%s%zu", s, shape[i]);
	return s;
}

void *npz_data(const struct npz *z, const char *name, enum dtype dtype, int ndim, const size_t *shape)
{
	const struct array *a = npz_find(z, name);

	if (!a)
		die("%s: no array '%s'", z->path, name);
	if (a->dtype != dtype)
		die("%s: array '%s' has type %s; expected %s", z->path, name, types[a->dtype].descr, types[dtype].descr);
	if (ndim >= 0 && (a->ndim != ndim || (ndim && memcmp(a->shape, shape, (size_t)ndim * sizeof *shape))))
		die("%s: array '%s' has shape %s; expected %s", z->path, name,
		    shape_text(a->ndim, a->shape), shape_text(ndim, shape));
	return a->data;
}

/* --- .npz, writing --------------------------------------------------------------------------- */

struct npz_writer {
	FILE *f;
	bool deflate;
	size_t at, n;
	unsigned char *directory;
	size_t directory_size;
};

static void put16(unsigned char *p, uint32_t x) { p[0] = x & 255; p[1] = x >> 8 & 255; }
static void put32(unsigned char *p, uint32_t x) { put16(p, x & 65535); put16(p + 2, x >> 16); }

struct npz_writer *npz_begin(FILE *f, bool deflate)
{
	struct npz_writer *w = xmalloc(1, sizeof *w);

	w->f = f;
	w->deflate = deflate;
	return w;
}

static size_t pack(const unsigned char *in, size_t size, unsigned char *out, size_t room)
{
	z_stream z = { .next_in = (unsigned char *)in, .avail_in = (uInt)size, .next_out = out, .avail_out = (uInt)room };

	if (deflateInit2(&z, 1, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK || deflate(&z, Z_FINISH) != Z_STREAM_END)
		die("zlib cannot pack %zu bytes", size);
	deflateEnd(&z);
	return z.total_out;
}

/* What the local and the central header of a member have in common: 26 bytes. */
static void put_common(unsigned char *p, bool deflated, uint32_t crc, size_t packed, size_t size, size_t name)
{
	put16(p, 20);                   /* version needed: 2.0 */
	put16(p + 4, deflated ? 8 : 0);
	put16(p + 8, 0x21);             /* 1 January 1980, the zero of zip's calendar */
	put32(p + 10, crc);
	put32(p + 14, (uint32_t)packed);
	put32(p + 18, (uint32_t)size);
	put16(p + 22, (uint32_t)name);
}

static void remember_member(struct npz_writer *w, const unsigned char *local, const char *name, size_t length)
{
	unsigned char *p;

	w->directory = realloc(w->directory, w->directory_size + CENTRAL_SIZE + length);
	if (!w->directory)
		die("out of memory for the directory of an archive");
	p = memset(w->directory + w->directory_size, 0, CENTRAL_SIZE);
	memcpy(p, "PK\1\2\x14\0", 6);
	memcpy(p + 6, local + 4, 26);
	put32(p + 42, (uint32_t)w->at);
	memcpy(p + CENTRAL_SIZE, name, length);
	w->directory_size += CENTRAL_SIZE + length;
	w->n++;
}

void npz_add(struct npz_writer *w, const char *name, enum dtype dtype, int ndim, const size_t *shape, const void *data)
{
	char *member = xprintf("%s.npy", name);
	size_t length = strlen(member), bytes = product(ndim, shape) * types[dtype].size, size, packed, room;
	unsigned char local[LOCAL_SIZE] = "PK\3\4", *in, *out = NULL;
	char header[512];

	refuse_nan(name, dtype, product(ndim, shape), data);
	size = npy_header(header, dtype, ndim, shape);
	if (bytes > UINT32_MAX - 65536 || w->at > UINT32_MAX - 65536 - bytes || w->n == MEMBERS_MAX)
		die("array '%s' of %zu bytes does not fit a .npz of 4 GiB", name, bytes);
	in = xmalloc(size + bytes, 1);
	memcpy(in, header, size);
	if (bytes)
		memcpy(in + size, data, bytes);
	size += bytes;
	packed = size;
	room = compressBound((uLong)size) + 64;
	if (w->deflate)
		packed = pack(in, size, out = xmalloc(room, 1), room);
	put_common(local + 4, w->deflate, (uint32_t)crc32_z(0, in, size), packed, size, length);
	remember_member(w, local, member, length);
	fwrite(local, 1, LOCAL_SIZE, w->f);
	fwrite(member, 1, length, w->f);
	fwrite(w->deflate ? out : in, 1, packed, w->f);
	w->at += LOCAL_SIZE + length + packed;
	free(in);
	free(out);
	free(member);
}

void npz_end(struct npz_writer *w)
{
	unsigned char end[END_SIZE] = "PK\5\6";

	put16(end + 8, (uint32_t)w->n);
	put16(end + 10, (uint32_t)w->n);
	put32(end + 12, (uint32_t)w->directory_size);
	put32(end + 16, (uint32_t)w->at);
	fwrite(w->directory, 1, w->directory_size, w->f);
	fwrite(end, 1, END_SIZE, w->f);
	free(w->directory);
	free(w);
}
