#include "dataset/idx.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define REVISION 1 /* raise when the numbers change */

#define UNPACKED_CAP ((size_t)2 << 30)

const char *idx_parse(struct idx *x, const unsigned char *bytes, size_t size)
{
	size_t start;

	memset(x, 0, sizeof *x);
	if (size < 4 || bytes[0] || bytes[1])
		return "not an IDX file";
	if (bytes[2] != 8)
		return error_text("IDX of type 0x%02x; expected 0x08, unsigned bytes", bytes[2]);
	if (bytes[3] < 1 || bytes[3] > LEN(x->shape))
		return error_text("IDX of %d dimensions; expected 1 to %zu", bytes[3], LEN(x->shape));
	start = 4 + 4 * (size_t)bytes[3];
	if (size < start)
		return "the header of the IDX file is cut short";
	x->ndim = bytes[3];
	x->count = 1;
	for (int i = 0; i < x->ndim; i++) {
		const unsigned char *p = bytes + 4 + 4 * i;
		size_t n = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];

		if (n && x->count > FILE_CAP / n)
			return "the dimensions of the IDX file overflow";
		x->shape[i] = n;
		x->count *= n;
	}
	if (x->count != size - start)
		return error_text("IDX of %zu bytes, where its header says %zu", size - start, x->count);
	x->data = bytes + start;
	return NULL;
}

/* Doubles the room, up to the cap; false where that is reached. */
static bool grow(unsigned char **out, size_t *room, size_t cap)
{
	size_t more = *room > cap / 2 ? cap : *room * 2;

	if (more == *room)
		return false;
	if (!(*out = realloc(*out, more)))
		die("out of memory for %zu bytes", more);
	*room = more;
	return true;
}

const char *gunzip(unsigned char **out, size_t *out_size, const unsigned char *bytes, size_t size, size_t cap)
{
	z_stream z = { .next_in = (unsigned char *)bytes };
	size_t room = cap < 65536 ? cap : 65536, left = size, done = 0;
	int rc = Z_OK;

	if (!(*out = malloc(room)) || inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		die("out of memory to unpack gzip");
	while (rc == Z_OK && (done < room || grow(out, &room, cap))) {
		size_t give = left < UINT_MAX ? left : UINT_MAX,
		       take = room - done < UINT_MAX ? room - done : UINT_MAX;

		z.avail_in = (uInt)give;
		z.next_out = *out + done;
		z.avail_out = (uInt)take;
		rc = inflate(&z, Z_NO_FLUSH);
		left -= give - z.avail_in;
		done += take - z.avail_out;
	}
	inflateEnd(&z);
	*out_size = done;
	if (rc == Z_STREAM_END && !left)
		return NULL;
	free(*out);
	*out = NULL;
	if (rc == Z_STREAM_END)
		return error_text("%zu bytes behind the end of the gzip data", left);
	return rc == Z_OK ? error_text("unpacks to more than %zu bytes", cap)
	                  : "gzip data damaged or cut short";
}

/* --- the files of a data set ------------------------------------------------------------------- */

/* An IDX file; where only its .gz is there, unpacked. */
static struct idx read_file(const char *dir, const char *name)
{
	char *path = xprintf("%s/%s", dir, name);
	unsigned char *bytes, *unpacked;
	const char *error = NULL;
	struct idx x;
	size_t size;

	if (access(path, F_OK))
		path = xprintf("%s/%s.gz", dir, name);
	if (access(path, F_OK))
		die("no %s; `make deps` installs the data set", path);
	bytes = file_bytes(path, &size);
	if (size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b) {
		error = gunzip(&unpacked, &size, bytes, size, UNPACKED_CAP);
		free(bytes);
		bytes = unpacked;
	}
	/* there are none where gunzip() failed */
	if (!bytes || (error = idx_parse(&x, bytes, size)))
		die("%s: %s", path, error);
	return x;
}

struct idx_images idx_read(const char *dir, bool train)
{
	const char *prefix = train ? "train" : "t10k";
	struct idx pixels = read_file(dir, xprintf("%s-images-idx3-ubyte", prefix));
	struct idx labels = read_file(dir, xprintf("%s-labels-idx1-ubyte", prefix));
	struct idx_images im = { .pixels = pixels.data };

	if (pixels.ndim != 3 || !pixels.count || pixels.shape[0] > INT_MAX ||
	    pixels.count / pixels.shape[0] > INT_MAX)
		die("%s/%s-images-idx3-ubyte: expected images [n][h][w]", dir, prefix);
	if (labels.ndim != 1 || labels.count != pixels.shape[0])
		die("%s/%s-labels-idx1-ubyte: %zu labels of %zu images", dir, prefix, labels.count,
		    pixels.shape[0]);
	im.n = (int)pixels.shape[0];
	im.h = (int)pixels.shape[1];
	im.w = (int)pixels.shape[2];
	im.labels = xmalloc(labels.count, sizeof *im.labels);
	for (int i = 0; i < im.n; i++) {
		im.labels[i] = labels.data[i];
		im.classes = im.labels[i] >= im.classes ? im.labels[i] + 1 : im.classes;
	}
	return im;
}
