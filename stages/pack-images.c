/*
 * pack-images - a data set as Debian installs it, or a part of it, as one .npz.
 *
 *	pack-images --idx /usr/share/datasets/fashion-mnist --part train --shuffle 1 --take 50000 -o train.npz
 *	pack-images --idx /usr/share/datasets/fashion-mnist --part train --shuffle 1 --from 50000 -o held-out.npz
 *
 * Reads the IDX files of DIR, {train,t10k}-images-idx3-ubyte and -labels-idx1-ubyte, with or without .gz.
 * Permutes all images of the part where a seed is given, then takes some: parts with the same seed do not
 * overlap.  Mean and standard deviation are those of all training images, whatever is taken, so every
 * part carries the same.  lib/images.h describes the output.
 */
#include "lib/base.h"
#include "lib/cli.h"
#include "lib/images.h"
#include "lib/npz.h"
#include "lib/rng.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REVISION 1
#define UNPACKED_CAP ((size_t)2 << 30)

static const char *idx_dir, *part, *out_path;
static long seed = -1, from, take;

static const struct opt options[] = {
	{ 'i', "idx",     OPT_PATH, &idx_dir,  "DIR",        "directory of the IDX files" },
	{ 'p', "part",    OPT_TEXT, &part,     "train|test", "which images" },
	{ 'o', "output",  OPT_OUT,  &out_path, "images.npz", "images and labels" },
	{ 's', "shuffle", OPT_INT,  &seed,     NULL,         "seed of a permutation of the part; -1: as in the file" },
	{ 'f', "from",    OPT_INT,  &from,     NULL,         "first image to take" },
	{ 't', "take",    OPT_INT,  &take,     NULL,         "how many; 0: all that are left" },
	{ 0 }
};

/* The bytes of an IDX file, unpacked where only its .gz is there. */
static struct idx read_idx(const char *name)
{
	char *path = xprintf("%s/%s", idx_dir, name);
	unsigned char *bytes, *unpacked;
	const char *error = NULL;
	struct idx x;
	size_t size;

	if (access(path, F_OK))
		path = xprintf("%s/%s.gz", idx_dir, name);
	if (access(path, F_OK))
		die("no %s; `make deps` installs the data set", path);
	bytes = file_bytes(path, &size);
	if (size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b) {
		error = gunzip(&unpacked, &size, bytes, size, UNPACKED_CAP);
		free(bytes);
		bytes = unpacked;
	}
	if (error || (error = idx_parse(&x, bytes, size)))
		die("%s: %s", path, error);
	return x;
}

static struct images read_part(const char *prefix)
{
	struct idx pixels = read_idx(xprintf("%s-images-idx3-ubyte", prefix));
	struct idx labels = read_idx(xprintf("%s-labels-idx1-ubyte", prefix));
	struct images im = { .c = 1 };

	if (pixels.ndim != 3 || !pixels.count || pixels.shape[0] > INT_MAX || pixels.count / pixels.shape[0] > INT_MAX)
		die("%s/%s-images-idx3-ubyte: expected images [n][h][w]", idx_dir, prefix);
	if (labels.ndim != 1 || labels.count != pixels.shape[0])
		die("%s/%s-labels-idx1-ubyte: %zu labels of %zu images", idx_dir, prefix,
		    labels.count, pixels.shape[0]);
	im.n = (int)pixels.shape[0];
	im.h = (int)pixels.shape[1];
	im.w = (int)pixels.shape[2];
	im.pixels = (uint8_t *)pixels.data;
	im.labels = xmalloc(labels.count, sizeof *im.labels);
	for (int i = 0; i < im.n; i++) {
		im.labels[i] = labels.data[i];
		im.classes = im.labels[i] >= im.classes ? im.labels[i] + 1 : im.classes;
	}
	return im;
}

/* Mean and standard deviation of each channel; the sums are of whole numbers, so exact. */
static void statistics(struct images *im)
{
	size_t pixels = (size_t)im->n * im->h * im->w, c = (size_t)im->c;

	im->mean = xmalloc(c, sizeof *im->mean);
	im->std = xmalloc(c, sizeof *im->std);
	for (size_t k = 0; k < c; k++) {
		uint64_t sum = 0, squares = 0;
		double mean;

		for (size_t i = 0; i < pixels; i++) {
			uint64_t x = im->pixels[i * c + k];

			sum += x;
			squares += x * x;
		}
		mean = (double)sum / (double)pixels;
		im->mean[k] = (float)(mean / 255);
		im->std[k] = (float)(sqrt((double)squares / (double)pixels - mean * mean) / 255);
		if (!(im->std[k] > 0))
			die("%s: all pixels of the training images are alike", idx_dir);
	}
}

/* The images that were asked for, in their new order. */
static void choose(struct images *im)
{
	size_t size = (size_t)im->h * im->w * im->c;
	uint32_t *order = xmalloc((size_t)im->n, sizeof *order);
	uint8_t *pixels;
	int32_t *labels;

	if (from < 0 || from >= im->n || take < 0 || take > im->n - from)
		die("images %ld to %ld are asked for, where %s has %d", from,
		    from + (take ? take - 1 : 0), part, im->n);
	take = take ? take : im->n - from;
	for (int i = 0; i < im->n; i++)
		order[i] = (uint32_t)i;
	if (seed >= 0)
		rng_permute((struct rng){ (uint64_t)seed, 0, RNG_SPLIT }, order, (uint32_t)im->n);
	pixels = xmalloc((size_t)take, size);
	labels = xmalloc((size_t)take, sizeof *labels);
	for (long i = 0; i < take; i++) {
		memcpy(pixels + (size_t)i * size, im->pixels + order[from + i] * size, size);
		labels[i] = im->labels[order[from + i]];
	}
	im->n = (int)take;
	im->pixels = pixels;
	im->labels = labels;
}

static void write_images(const struct images *im)
{
	size_t n = (size_t)im->n, h = (size_t)im->h, w = (size_t)im->w, c = (size_t)im->c;
	FILE *f = out_open(out_path);
	struct npz_writer *z = npz_begin(f, true);

	npz_add(z, "images", U8, 4, SHAPE(n, h, w, c), im->pixels);
	npz_add(z, "labels", I32, 1, SHAPE(n), im->labels);
	npz_add(z, "classes", I32, 1, SHAPE(1), &im->classes);
	npz_add(z, "mean", F32, 1, SHAPE(c), im->mean);
	npz_add(z, "std", F32, 1, SHAPE(c), im->std);
	npz_end(z);
	out_commit(f);
}

int main(int argc, char **argv)
{
	struct images train, im;

	cli_begin(argc, argv, "a data set of labelled images as one .npz", REVISION, options);
	if (strcmp(part, "train") && strcmp(part, "test"))
		usage("--part is train or test, not '%s'", part);
	if (seed < -1)
		usage("--shuffle wants a seed, 0 or more; not %ld", seed);
	train = read_part("train");
	statistics(&train);
	im = train;
	if (!strcmp(part, "test")) {
		im = read_part("t10k");
		if (im.h != train.h || im.w != train.w || im.classes > train.classes)
			die("%s: test images differ from the training images in size or classes", idx_dir);
		im.classes = train.classes;
		im.mean = train.mean;
		im.std = train.std;
	}
	choose(&im);
	write_images(&im);
	return cli_end();
}
