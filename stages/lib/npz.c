#include "npz.h"

#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define MEMBERS_MAX 65535
#define LOCAL_SIZE 30
#define CENTRAL_SIZE 46
#define END_SIZE 22
#define END64_SIZE 56
#define LOCATOR_SIZE 20
#define EXTRA_SIZE 20                           /* of a streamed member's local header */
/* what a header may claim before it is compared with the file */
#define COUNT_MAX ((size_t)1 << 46)
/* mapped arrays beyond this are not read just to check them */
#define CHECKED_MAX ((size_t)1 << 30)

static const struct { const char *descr; size_t size; } types[] = {
	[U8] = { "|u1", 1 }, [I32] = { "<i4", 4 }, [I64] = { "<i8", 8 }, [F32] = { "<f4", 4 },
	[F64] = { "<f8", 8 },
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
		if (n > COUNT_MAX || (n && a->count > COUNT_MAX / n))
			return "the shape of the array overflows";
		a->shape[a->ndim++] = (size_t)n;
		a->count *= (size_t)n;
		p = end;
	}
	return NULL;
}

/* All but the data, which begin at *begin. */
static const char *parse_header(struct array *a, const unsigned char *bytes, size_t size, size_t *begin)
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
		return error_text("array of %zu bytes, where its header says %zu x %zu",
		                  size - start, a->count, types[a->dtype].size);
	*begin = start;
	return NULL;
}

const char *npy_parse(struct array *a, const unsigned char *bytes, size_t size)
{
	size_t begin;
	const char *error = parse_header(a, bytes, size, &begin);

	if (error)
		return error;
	a->data = xmalloc(a->count, types[a->dtype].size);
	memcpy(a->data, bytes + begin, size - begin);
	return NULL;
}

/*
 * The header of an array, padded so that the data begin at a multiple of 64, at `least` or beyond;
 * its length.
 */
static size_t npy_header(char out[512], enum dtype dtype, int ndim, const size_t *shape, size_t least)
{
	int n = snprintf(out + 10, 500, "{'descr': '%s', 'fortran_order': False, 'shape': (",
	                 types[dtype].descr);

	for (int i = 0; i < ndim; i++)
		n += snprintf(out + 10 + n, (size_t)(500 - n),
		              ndim == 1 ? "%zu," : i ? ", %zu" : "%zu", shape[i]);
	n += snprintf(out + 10 + n, (size_t)(500 - n), "), }");
	while ((10 + n + 1) % 64 || 10 + (size_t)n + 1 < least)
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
		if (dtype == F32 ? !isfinite(((const float *)data)[i]) :
		                   dtype == F64 && !isfinite(((const double *)data)[i]))
			die("%s: element %zu is not a finite number; nothing is written", name, i);
}

void npy_write(const char *path, enum dtype dtype, int ndim, const size_t *shape, const void *data)
{
	FILE *f = out_open(path);
	char header[512];
	size_t n = npy_header(header, dtype, ndim, shape, 0);

	refuse_nan(path, dtype, product(ndim, shape), data);
	fwrite(header, 1, n, f);
	fwrite(data, types[dtype].size, product(ndim, shape), f);
	out_commit(f);
}

/* --- .npz, reading --------------------------------------------------------------------------- */

static uint32_t u16(const unsigned char *p) { return p[0] | (uint32_t)p[1] << 8; }
static uint32_t u32(const unsigned char *p) { return u16(p) | u16(p + 2) << 16; }
static uint64_t u64(const unsigned char *p) { return u32(p) | (uint64_t)u32(p + 4) << 32; }

struct member {
	const unsigned char *data;
	uint32_t method, crc;
	uint64_t packed, size, local;
	char name[256];
};

static const char *inflate_member(const struct member *m, unsigned char *out)
{
	z_stream z = { .next_in = (unsigned char *)m->data, .avail_in = (uInt)m->packed,
	               .next_out = out, .avail_out = (uInt)m->size };
	int rc;

	if (m->packed > UINT32_MAX || m->size > UINT32_MAX)
		return error_text("member '%s' is deflated and over 4 GiB; only stored ones are read",
		                  m->name);
	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		die("cannot start zlib");
	rc = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	if (rc != Z_STREAM_END || z.total_out != m->size)
		return error_text("member '%s' is damaged (deflate)", m->name);
	return NULL;
}

/*
 * The array in the bytes of a member: where they stay, bytes need no copy; numbers do,
 * for they may lie unaligned.
 */
static const char *read_array(struct array *a, const unsigned char *npy, size_t size, bool stays)
{
	size_t begin;
	const char *error = parse_header(a, npy, size, &begin);

	if (error || !stays || a->dtype != U8)
		return error ? error : npy_parse(a, npy, size);
	a->data = (unsigned char *)npy + begin;
	a->mapped = true;
	return NULL;
}

static const char *read_member(struct array *a, const struct member *m, bool stays)
{
	unsigned char *out = NULL;
	const unsigned char *npy = m->data;
	const char *error = NULL;
	size_t n = strlen(m->name);

	if (m->method == 8)
		error = inflate_member(m, out = xmalloc(m->size, 1));
	else if (m->method || m->packed != m->size)
		error = error_text("member '%s' is packed by method %u; expected stored or deflated",
		                   m->name, m->method);
	if (out)
		npy = out;
	if (!error && (!stays || m->size <= CHECKED_MAX) && crc32_z(0, npy, m->size) != m->crc)
		error = error_text("member '%s' is damaged (CRC-32)", m->name);
	if (!error && (n < 5 || strcmp(m->name + n - 4, ".npy")))
		error = error_text("member '%s' is not an array (.npy)", m->name);
	if (!error && (error = read_array(a, npy, m->size, stays && !out)))
		error = error_text("member '%s': %s", m->name, xstrdup(error));
	free(out);
	a->name = xstrdup(m->name);
	if (n > 4)
		a->name[n - 4] = '\0';
	return error;
}

/* Sizes and place of a member beyond 32 bits, from the extra fields of its entry (zip64). */
static const char *read_zip64(struct member *m, const unsigned char *extra, size_t size)
{
	uint64_t *fields[] = { &m->size, &m->packed, &m->local };
	size_t length, used = 4;

	while (size >= 4 && u16(extra) != 1 && size - 4 >= u16(extra + 2)) {
		length = 4 + u16(extra + 2);
		extra += length;
		size -= length;
	}
	length = size >= 4 && u16(extra) == 1 && size - 4 >= u16(extra + 2) ? 4 + u16(extra + 2) : 0;
	for (size_t i = 0; i < LEN(fields); i++) {
		if (*fields[i] != UINT32_MAX)
			continue;
		if (used + 8 > length)
			return error_text("member '%s' lacks its sizes (zip64)", m->name);
		*fields[i] = u64(extra + used);
		used += 8;
	}
	return NULL;
}

/* One entry of the central directory at *at. */
static const char *read_entry(struct member *m, const unsigned char *bytes, size_t size, size_t *at)
{
	const unsigned char *p = bytes + *at;
	size_t name, extra;

	if (*at + CENTRAL_SIZE > size || memcmp(p, "PK\1\2", 4))
		return "the directory of the archive is damaged";
	name = u16(p + 28);
	extra = u16(p + 30);
	if (*at + CENTRAL_SIZE + name + extra > size || name >= sizeof m->name)
		return "the directory of the archive is damaged (name)";
	memcpy(m->name, p + CENTRAL_SIZE, name);
	m->name[name] = '\0';
	m->method = u16(p + 10);
	m->crc = u32(p + 16);
	m->packed = u32(p + 20);
	m->size = u32(p + 24);
	m->local = u32(p + 42);
	*at += CENTRAL_SIZE + name + extra + u16(p + 32);
	return read_zip64(m, p + CENTRAL_SIZE + name, extra);
}

/* The member of the entry at *at, with its data found and bounded. */
static const char *find_member(struct member *m, const unsigned char *bytes, size_t size, size_t *at)
{
	const char *error = read_entry(m, bytes, size, at);
	size_t name = strlen(m->name), local = m->local;

	if (error)
		return error;
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

/* Where the directory is, of how many members; *end, of the record behind it, moves to the first of these. */
static const char *find_directory(size_t *n, size_t *at, const unsigned char **end,
                                  const unsigned char *bytes)
{
	size_t before = (size_t)(*end - bytes);
	const unsigned char *locator, *end64;

	*n = u16(*end + 10);
	*at = u32(*end + 16);
	if (*at != UINT32_MAX)
		return NULL;
	if (before < LOCATOR_SIZE + END64_SIZE)
		return "the directory of the archive is cut short (zip64)";
	locator = *end - LOCATOR_SIZE;
	end64 = locator - END64_SIZE;
	if (memcmp(end64, "PK\6\6", 4) || memcmp(locator, "PK\6\7", 4) ||
	    u64(locator + 8) != before - LOCATOR_SIZE - END64_SIZE || u64(end64 + 32) > MEMBERS_MAX)
		return "the directory of the archive is damaged (zip64)";
	*n = u64(end64 + 32);
	*at = u64(end64 + 48);
	*end = end64;
	return NULL;
}

/* `stays`: the bytes outlive the arrays. */
static const char *parse(struct npz *z, const unsigned char *bytes, size_t size, bool stays)
{
	const unsigned char *end = find_end(bytes, size);
	const char *error;
	size_t n, at;

	z->n = 0;
	z->arrays = NULL;
	if (!end)
		return "not an archive of arrays (.npz), or cut short";
	if ((error = find_directory(&n, &at, &end, bytes)))
		return error;
	z->arrays = xmalloc(n, sizeof *z->arrays);
	for (size_t i = 0; !error && i < n; i++) {
		struct member m;

		if ((error = at > size ? "the directory of the archive lies outside of it" :
		                         find_member(&m, bytes, size, &at)))
			break;
		error = read_member(&z->arrays[i], &m, stays);
		z->n++;
	}
	if (!error && at != (size_t)(end - bytes))
		error = "the directory of the archive is damaged (length)";
	if (error)
		npz_free(z);
	return error;
}

const char *npz_parse(struct npz *z, const unsigned char *bytes, size_t size)
{
	return parse(z, bytes, size, false);
}

void npz_free(struct npz *z)
{
	for (size_t i = 0; i < z->n; i++) {
		free(z->arrays[i].name);
		if (!z->arrays[i].mapped)
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

/* Files are replaced, never changed, so what is mapped stays; it is never unmapped either. */
void npz_map(struct npz *z, const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	const char *error;
	void *bytes;

	if (fd < 0 || fstat(fd, &st))
		die("cannot read %s:", path);
	if (!S_ISREG(st.st_mode))
		die("%s is not a regular file", path);
	if (!st.st_size)
		die("%s: an empty file", path);
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		die("cannot map %s:", path);
	close(fd);
	if ((error = parse(z, bytes, (size_t)st.st_size, true)))
		die("%s: %s", path, error);
	z->path = path;
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
		die("%s: array '%s' has type %s; expected %s",
		    z->path, name, types[a->dtype].descr, types[dtype].descr);
	if (ndim >= 0 && (a->ndim != ndim || (ndim && memcmp(a->shape, shape, (size_t)ndim * sizeof *shape))))
		die("%s: array '%s' has shape %s; expected %s", z->path, name,
		    shape_text(a->ndim, a->shape), shape_text(ndim, shape));
	return a->data;
}

/* --- .npz, writing --------------------------------------------------------------------------- */

struct npz_writer {
	FILE *f;
	bool deflate;
	bool zip64;                     /* since an array was streamed: places and sizes of 64 bits */
	size_t at, n;
	unsigned char *directory;
	size_t directory_size;
	struct {
		char *name;             /* NULL: none is open */
		enum dtype dtype;
		int ndim;
		size_t shape[DIMS_MAX];
		size_t header, bytes;   /* lengths of what is before the numbers, and of the numbers so far */
		uint32_t crc;           /* of the numbers */
	} stream;
};

static void put16(unsigned char *p, uint32_t x) { p[0] = x & 255; p[1] = x >> 8 & 255; }
static void put32(unsigned char *p, uint32_t x) { put16(p, x & 65535); put16(p + 2, x >> 16); }
static void put64(unsigned char *p, uint64_t x) { put32(p, (uint32_t)x); put32(p + 4, (uint32_t)(x >> 32)); }

struct npz_writer *npz_begin(FILE *f, bool deflate)
{
	struct npz_writer *w = xmalloc(1, sizeof *w);

	w->f = f;
	w->deflate = deflate;
	return w;
}

static size_t pack(const unsigned char *in, size_t size, unsigned char *out, size_t room)
{
	z_stream z = { .next_in = (unsigned char *)in, .avail_in = (uInt)size, .next_out = out,
	               .avail_out = (uInt)room };

	if (deflateInit2(&z, 1, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
	    deflate(&z, Z_FINISH) != Z_STREAM_END)
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

/* The extra field of an entry: size and packed size where they were streamed, then the place.  Its length. */
static size_t put_extra(unsigned char extra[28], const struct npz_writer *w, size_t streamed)
{
	size_t n = streamed ? 28 : 12;

	put16(extra, 1);
	put16(extra + 2, (uint32_t)n - 4);
	if (streamed) {
		put64(extra + 4, streamed);
		put64(extra + 12, streamed);
	}
	put64(extra + n - 8, w->at);
	return n;
}

static void remember_member(struct npz_writer *w, const unsigned char *local, const char *name, size_t length,
                            size_t streamed)
{
	unsigned char *p, extra[28];
	size_t n = w->zip64 ? put_extra(extra, w, streamed) : 0;

	w->directory = realloc(w->directory, w->directory_size + CENTRAL_SIZE + length + n);
	if (!w->directory)
		die("out of memory for the directory of an archive");
	p = memset(w->directory + w->directory_size, 0, CENTRAL_SIZE);
	memcpy(p, "PK\1\2\x14\0", 6);
	memcpy(p + 6, local + 4, 26);
	put16(p + 30, (uint32_t)n);
	put32(p + 42, w->zip64 ? UINT32_MAX : (uint32_t)w->at);
	memcpy(p + CENTRAL_SIZE, name, length);
	if (n)
		memcpy(p + CENTRAL_SIZE + length, extra, n);
	w->directory_size += CENTRAL_SIZE + length + n;
	w->n++;
}

void npz_add(struct npz_writer *w, const char *name, enum dtype dtype, int ndim,
             const size_t *shape, const void *data)
{
	char *member = xprintf("%s.npy", name);
	size_t length = strlen(member), bytes = product(ndim, shape) * types[dtype].size, size, packed, room;
	unsigned char local[LOCAL_SIZE] = "PK\3\4", *in, *out = NULL;
	char header[512];

	refuse_nan(name, dtype, product(ndim, shape), data);
	size = npy_header(header, dtype, ndim, shape, 0);
	if (bytes > UINT32_MAX - 65536 || (!w->zip64 && w->at > UINT32_MAX - 65536 - bytes) ||
	    w->n == MEMBERS_MAX)
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
	remember_member(w, local, member, length, 0);
	fwrite(local, 1, LOCAL_SIZE, w->f);
	fwrite(member, 1, length, w->f);
	fwrite(w->deflate ? out : in, 1, packed, w->f);
	w->at += LOCAL_SIZE + length + packed;
	free(in);
	free(out);
	free(member);
}

/* All that is before the numbers, for an array of this length and these numbers. */
static void put_stream_header(struct npz_writer *w, unsigned char local[LOCAL_SIZE])
{
	unsigned char extra[EXTRA_SIZE] = { 1, 0, EXTRA_SIZE - 4, 0 };
	size_t size = w->stream.header + w->stream.bytes;
	uint32_t crc;
	char header[512];

	if (npy_header(header, w->stream.dtype, w->stream.ndim, w->stream.shape, w->stream.header) !=
	    w->stream.header)
		BUG("the header of '%s' grew", w->stream.name);
	crc = (uint32_t)crc32_z(0, (unsigned char *)header, w->stream.header);
	crc = (uint32_t)crc32_combine(crc, w->stream.crc, (z_off_t)w->stream.bytes);
	memcpy(local, "PK\3\4", 4);
	put_common(local + 4, false, crc, UINT32_MAX, UINT32_MAX, strlen(w->stream.name));
	put16(local + 4, 45);           /* version needed: 4.5, zip64 */
	put16(local + 28, EXTRA_SIZE);
	put64(extra + 4, size);
	put64(extra + 12, size);
	fwrite(local, 1, LOCAL_SIZE, w->f);
	fputs(w->stream.name, w->f);
	fwrite(extra, 1, EXTRA_SIZE, w->f);
	fwrite(header, 1, w->stream.header, w->f);
}

void npz_stream(struct npz_writer *w, const char *name, enum dtype dtype, int ndim, const size_t *shape)
{
	unsigned char local[LOCAL_SIZE] = { 0 };
	char header[512];

	if (w->stream.name || w->n == MEMBERS_MAX)
		BUG("'%s' is streamed while '%s' is", name, w->stream.name);
	w->zip64 = true;
	w->stream.name = xprintf("%s.npy", name);
	w->stream.dtype = dtype;
	w->stream.ndim = ndim;
	memcpy(w->stream.shape, shape, (size_t)ndim * sizeof *shape);
	w->stream.header = npy_header(header, dtype, ndim, shape, 0);
	w->stream.bytes = 0;
	w->stream.crc = (uint32_t)crc32_z(0, NULL, 0);
	put_stream_header(w, local);
}

void npz_stream_add(struct npz_writer *w, size_t count, const void *data)
{
	size_t bytes = count * types[w->stream.dtype].size;

	refuse_nan(w->stream.name, w->stream.dtype, count, data);
	w->stream.crc = (uint32_t)crc32_z(w->stream.crc, data, bytes);
	w->stream.bytes += bytes;
	fwrite(data, 1, bytes, w->f);
}

/* A write that failed on the way is for out_commit to say, which knows the file. */
static void seek(struct npz_writer *w)
{
	if (fseeko(w->f, (off_t)w->at, SEEK_SET) && !ferror(w->f))
		die("cannot seek to array '%s':", w->stream.name);
}

void npz_stream_end(struct npz_writer *w, size_t n)
{
	size_t length = strlen(w->stream.name), size = w->stream.header + w->stream.bytes;
	unsigned char local[LOCAL_SIZE] = { 0 };

	w->stream.shape[0] = n;
	if (product(w->stream.ndim, w->stream.shape) * types[w->stream.dtype].size != w->stream.bytes)
		BUG("%zu bytes of '%s', %zu in its first dimension", w->stream.bytes, w->stream.name, n);
	seek(w);
	put_stream_header(w, local);
	remember_member(w, local, w->stream.name, length, size);
	w->at += LOCAL_SIZE + length + EXTRA_SIZE + size;
	seek(w);
	free(w->stream.name);
	w->stream.name = NULL;
}

/* The two records of zip64 before the end of the archive. */
static void put_end64(const struct npz_writer *w)
{
	unsigned char end64[END64_SIZE] = "PK\6\6", locator[LOCATOR_SIZE] = "PK\6\7";

	put64(end64 + 4, END64_SIZE - 12);
	put16(end64 + 12, 45);
	put16(end64 + 14, 45);
	put64(end64 + 24, w->n);
	put64(end64 + 32, w->n);
	put64(end64 + 40, w->directory_size);
	put64(end64 + 48, w->at);
	put64(locator + 8, w->at + w->directory_size);
	put32(locator + 16, 1);
	fwrite(end64, 1, END64_SIZE, w->f);
	fwrite(locator, 1, LOCATOR_SIZE, w->f);
}

void npz_end(struct npz_writer *w)
{
	unsigned char end[END_SIZE] = "PK\5\6";

	put16(end + 8, (uint32_t)w->n);
	put16(end + 10, (uint32_t)w->n);
	put32(end + 12, (uint32_t)w->directory_size);
	put32(end + 16, w->zip64 ? UINT32_MAX : (uint32_t)w->at);
	fwrite(w->directory, 1, w->directory_size, w->f);
	if (w->zip64)
		put_end64(w);
	fwrite(end, 1, END_SIZE, w->f);
	free(w->directory);
	free(w);
}
