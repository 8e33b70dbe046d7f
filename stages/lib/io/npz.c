#include "io/npz-inner.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* Mapped arrays beyond this are not read just to check them. */
#define CHECKED_MAX ((size_t)1 << 30)

static uint32_t u16(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8;
}
static uint32_t u32(const unsigned char *p)
{
	return u16(p) | u16(p + 2) << 16;
}
static uint64_t u64(const unsigned char *p)
{
	return u32(p) | (uint64_t)u32(p + 4) << 32;
}

struct member {
	const unsigned char *data;
	uint32_t method, crc;
	uint64_t packed, size, local;
	char name[256];
};

static const char *inflate_member(const struct member *m, unsigned char *out)
{
	z_stream z = { .next_in = (unsigned char *)m->data,
		       .avail_in = (uInt)m->packed,
		       .next_out = out,
		       .avail_out = (uInt)m->size };
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
	const char *error = npy_parse_header(a, npy, size, &begin);

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
		error = error_text("member '%s' is packed by method %u; expected stored or deflated", m->name,
		                   m->method);
	if (out)
		npy = out;
	if (!error && (!stays || m->size <= CHECKED_MAX) && crc32_z(0, npy, m->size) != m->crc)
		error = error_text("member '%s' is damaged (CRC-32)", m->name);
	if (!error && (n < 5 || strcmp(m->name + n - 4, ".npy")))
		error = error_text("member '%s' is not an array (.npy)", m->name);
	if (!error && (error = read_array(a, npy, m->size, stays && !out)))
		error = error_text("member '%s': %s", m->name, xstrdup(error));
	free(out);
	a->crc = m->crc;
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

/* Finds the member of the entry at *at, and its data, which lie within the file. */
static const char *find_member(struct member *m, const unsigned char *bytes, size_t size, size_t *at)
{
	const char *error = read_entry(m, bytes, size, at);
	size_t name, local;

	if (error)
		return error;
	name = strlen(m->name);
	local = m->local;
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

/* The directory begins at *at and has n members; *end moves to the first record behind it. */
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

/* stays: the bytes outlive the arrays, which may point into them. */
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

		if ((error = at > size ? "the directory of the archive lies outside of it"
		                       : find_member(&m, bytes, size, &at)))
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
		die("%s: array '%s' has type %s; expected %s", z->path, name, dtype_descr(a->dtype),
		    dtype_descr(dtype));
	if (ndim >= 0 && (a->ndim != ndim || (ndim && memcmp(a->shape, shape, (size_t)ndim * sizeof *shape))))
		die("%s: array '%s' has shape %s; expected %s", z->path, name, shape_text(a->ndim, a->shape),
		    shape_text(ndim, shape));
	return a->data;
}
