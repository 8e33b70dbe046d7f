#include "io/npz-inner.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct npz_writer {
	FILE *f;
	bool deflate;
	bool zip64; /* since an array was streamed: places and sizes of 64 bits */
	size_t at, n;
	unsigned char *directory;
	size_t directory_size;
	struct {
		char *name; /* NULL: none is open */
		enum dtype dtype;
		int ndim;
		size_t shape[DIMS_MAX];
		size_t header, bytes; /* lengths of what is before the numbers, and of the numbers so far */
		uint32_t crc;         /* that of the numbers */
	} stream;
};

static void put16(unsigned char *p, uint32_t x)
{
	p[0] = x & 255;
	p[1] = x >> 8 & 255;
}
static void put32(unsigned char *p, uint32_t x)
{
	put16(p, x & 65535);
	put16(p + 2, x >> 16);
}
static void put64(unsigned char *p, uint64_t x)
{
	put32(p, (uint32_t)x);
	put32(p + 4, (uint32_t)(x >> 32));
}

struct npz_writer *npz_begin(FILE *f, bool deflate)
{
	struct npz_writer *w = xmalloc(1, sizeof *w);

	w->f = f;
	w->deflate = deflate;
	return w;
}

static size_t pack(const unsigned char *in, size_t size, unsigned char *out, size_t room)
{
	z_stream z = { .next_in = (unsigned char *)in,
		       .avail_in = (uInt)size,
		       .next_out = out,
		       .avail_out = (uInt)room };

	if (deflateInit2(&z, 1, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
	    deflate(&z, Z_FINISH) != Z_STREAM_END)
		die("zlib cannot pack %zu bytes", size);
	deflateEnd(&z);
	return z.total_out;
}

/* The 26 bytes that a member's local and central header have in common. */
static void put_common(unsigned char *p, bool deflated, uint32_t crc, size_t packed, size_t size, size_t name)
{
	put16(p, 20); /* version needed: 2.0 */
	put16(p + 4, deflated ? 8 : 0);
	put16(p + 8, 0x21); /* 1 January 1980, the zero of zip's calendar */
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

void npz_add(struct npz_writer *w, const char *name, enum dtype dtype, int ndim, const size_t *shape,
             const void *data)
{
	char *member = xprintf("%s.npy", name);
	size_t length = strlen(member), bytes = npy_count(ndim, shape) * dtype_size(dtype), size, packed,
	       room;
	unsigned char local[LOCAL_SIZE] = "PK\3\4", *in, *out = NULL;
	char header[512];

	npy_refuse_nan(name, dtype, npy_count(ndim, shape), data);
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

/* Writes all that stands before the numbers, for an array of this length and these numbers. */
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
	put16(local + 4, 45); /* version needed: 4.5, zip64 */
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
	size_t bytes = count * dtype_size(w->stream.dtype);

	npy_refuse_nan(w->stream.name, w->stream.dtype, count, data);
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
	if (npy_count(w->stream.ndim, w->stream.shape) * dtype_size(w->stream.dtype) != w->stream.bytes)
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
