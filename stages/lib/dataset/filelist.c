#include "dataset/filelist.h"
#include "dataset/images.h"
#include "core/rng.h"
#include "io/csv.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define REVISION 1 /* raise when the numbers change */

/* A path relative to the directory that `file` is in. */
static char *beside(const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	if (*path == '/' || !slash)
		return xstrdup(path);
	return xprintf("%.*s/%s", (int)(slash - file), file, path);
}

struct filelist filelist_from_csv(const char *path, int classes)
{
	struct filelist s = { .path = path, .classes = classes };
	struct table t;
	int paths, labels;

	table_read(&t, path);
	paths = table_column(&t, "path");
	labels = table_column(&t, "label");
	if (!t.rows || t.rows > INT_MAX)
		die("%s: a list of %zu images; expected 1 to %d", path, t.rows, INT_MAX);
	s.n = (int)t.rows;
	s.sample = xmalloc(t.rows, sizeof *s.sample);
	for (size_t i = 0; i < t.rows; i++) {
		s.sample[i].path = beside(path, table_text(&t, i, paths));
		s.sample[i].label =
			(int32_t)table_int(&t, i, labels, 0, (classes ? classes : CLASSES_MAX) - 1);
		if (!classes && s.sample[i].label >= s.classes)
			s.classes = s.sample[i].label + 1;
	}
	table_free(&t);
	return s;
}

/* --- folders --------------------------------------------------------------------------------- */

struct names {
	char **name;
	size_t n;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_folder(const char *path)
{
	struct stat st;

	if (stat(path, &st)) /* a link to nothing would shift the labels behind it */
		die("cannot read %s:", path);
	return S_ISDIR(st.st_mode);
}

static bool is_picture(const char *path)
{
	static const char *const endings[] = { ".jpg", ".jpeg", ".png" };
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < LEN(endings); i++)
		if (!strcasecmp(dot, endings[i]))
			return true;
	return false;
}

/* The sorted paths of a folder that are wanted; hidden names are not. */
static struct names names_in(const char *folder, bool (*wanted)(const char *path))
{
	DIR *d = opendir(folder);
	struct names names = { NULL, 0 };
	struct dirent *e;

	if (!d)
		die("cannot read %s:", folder);
	while (errno = 0, (e = readdir(d))) {
		char *path = xprintf("%s/%s", folder, e->d_name);

		if (*e->d_name == '.' || !wanted(path)) {
			free(path);
			continue;
		}
		if (!(names.n & (names.n + 1)) &&
		    !(names.name = realloc(names.name, (2 * names.n + 1) * sizeof *names.name)))
			die("out of memory for the names in %s", folder);
		names.name[names.n++] = path;
	}
	if (errno)
		die("cannot read %s:", folder);
	closedir(d);
	if (names.n)
		qsort(names.name, names.n, sizeof *names.name, by_name);
	return names;
}

static void add_folder(struct filelist *s, const char *folder, int label)
{
	struct names files = names_in(folder, is_picture);

	if (!files.n)
		die("%s: no .jpg, .jpeg or .png file in it", folder);
	if (files.n > (size_t)(INT_MAX - s->n))
		die("%s: more than %d images", s->path, INT_MAX);
	s->sample = realloc(s->sample, ((size_t)s->n + files.n) * sizeof *s->sample);
	if (!s->sample)
		die("out of memory for the names in %s", folder);
	for (size_t i = 0; i < files.n; i++)
		s->sample[s->n++] = (struct labelled_file){ files.name[i], label };
	free(files.name);
}

struct filelist filelist_from_folders(const char *path, int classes)
{
	struct filelist s = { .path = path };
	struct names folders = names_in(path, is_folder);

	if (!folders.n || folders.n > CLASSES_MAX)
		die("%s: %zu folders; expected one for each class", path, folders.n);
	if (classes && folders.n > (size_t)classes)
		die("%s: %zu folders, more than --classes %d", path, folders.n, classes);
	if (classes && folders.n < (size_t)classes)
		die("%s: %zu folders, fewer than --classes %d: a label is the place of its folder", path,
		    folders.n, classes);
	s.classes = classes ? classes : (int)folders.n;
	for (size_t i = 0; i < folders.n; i++)
		add_folder(&s, folders.name[i], (int)i);
	return s;
}

/* --- categories ------------------------------------------------------------------------------ */

/* The draw of a class. */
struct draw {
	uint64_t bits;
	int32_t label;
};

static int by_draw(const void *a, const void *b)
{
	const struct draw *x = a, *y = b;

	return x->bits != y->bits ? (x->bits > y->bits) - (x->bits < y->bits) : x->label - y->label;
}

static bool *draw_labels(int classes, int n, uint64_t seed)
{
	/* episode 0 is the permutation of the images */
	const struct rng rng = { seed, 1, RNG_SPLIT };
	struct draw *draws = xmalloc((size_t)classes, sizeof *draws);
	bool *is_drawn = xmalloc((size_t)classes, sizeof *is_drawn);

	for (int i = 0; i < classes; i++)
		draws[i] = (struct draw){ rng_bits(rng, (uint64_t)i), i };
	qsort(draws, (size_t)classes, sizeof *draws, by_draw);
	for (int i = 0; i < n; i++)
		is_drawn[draws[i].label] = true;
	free(draws);
	return is_drawn;
}

void filelist_draw_classes(struct filelist *s, int n, uint64_t seed)
{
	bool *is_drawn;
	int kept = 0;

	if (n > s->classes)
		die("%s: %d categories are asked for, where there are %d", s->path, n, s->classes);
	is_drawn = draw_labels(s->classes, n, seed);
	for (int i = 0; i < s->n; i++)
		if (is_drawn[s->sample[i].label])
			s->sample[kept++] = s->sample[i];
	if (!kept)
		die("%s: no image of the %d categories that were drawn", s->path, n);
	s->n = kept;
	free(is_drawn);
}
