/*
 * filelist.h - which picture files a data set consists of, and what is on them.
 *
 * A list is a CSV with columns `path` (relative to the list's directory) and `label`, from 0 on.
 * A tree of folders, as ImageNet's, has one folder for each class: classes are the sorted names of
 * the folders, files are sorted by name, symbolic links are followed, and only .jpg, .jpeg and .png
 * count, in any case.
 */
#ifndef FILELIST_H
#define FILELIST_H

#include "core/base.h"

struct labelled_file {
	char *path;
	int32_t label;
};

struct filelist {
	const char *path; /* the list or the directory, for messages */
	int n, classes;
	struct labelled_file *sample; /* [n] */
};

/* classes: how many there are; 0: the largest label and one, or the number of folders.  Bad input dies. */
struct filelist filelist_from_csv(const char *path, int classes);
struct filelist filelist_from_folders(const char *path, int classes);

/*
 * Keeps the samples of n classes drawn by the seed; labels stay, because a pretrained network has outputs for
 * all.  Each class has a draw of its own and those with the smallest are taken, so lists of the same
 * classes agree on them.  Dies where there are fewer classes, or no sample is left.
 */
void filelist_draw_classes(struct filelist *s, int n, uint64_t seed);

#endif
