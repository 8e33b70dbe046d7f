#include "dataset/pack.h"
#include "dataset/images.h"
#include "dataset/picture.h"
#include "core/progress.h"
#include "core/threads.h"

#include <stdlib.h>

#define REVISION 1 /* raise when the numbers change */

#define PICTURE_BYTES_MAX ((size_t)1 << 28)

/* A picture as it will be written, or why it cannot be. */
struct slot {
	struct picture p;
	char *error; /* NULL: none */
};

static void fill_slot(struct slot *s, const char *path, int resize, int crop)
{
	struct picture whole = { 0 };
	unsigned char *bytes;
	size_t size;
	const char *error = file_read(&bytes, &size, path, PICTURE_BYTES_MAX);

	*s = (struct slot){ .error = NULL };
	if (!error)
		error = picture_decode(&whole, bytes, size, PICTURE_PIXELS_MAX);
	free(bytes);
	if (!error)
		error = picture_fit(&s->p, &whole, resize, crop);
	if (error)
		s->error = xstrdup(error);
	picture_free(&whole);
}

/* The output so far. */
struct output {
	const struct packing *packing;
	struct images_writer *images;
	const char *first; /* path of the picture that sets the size */
	int h, w;
	long broken;
};

static void write_slot(struct output *o, struct slot *s, const struct labelled_file *file)
{
	if (s->error) {
		if (!o->packing->skips_broken)
			die("%s: %s", file->path, s->error);
		warn("%s: %s", file->path, s->error);
		o->broken++;
		free(s->error);
		return;
	}
	if (!o->first) {
		o->first = file->path;
		o->h = s->p.h;
		o->w = s->p.w;
	}
	if (s->p.h != o->h || s->p.w != o->w)
		die("%s: %d x %d pixels, where %s has %d x %d; --crop makes them alike", file->path, s->p.w,
		    s->p.h, o->first, o->w, o->h);
	images_add(o->images, s->p.rgb, s->p.h, s->p.w, file->label);
	picture_free(&s->p);
}

long pack_pictures(const struct packing *p, const struct filelist *s, const uint32_t *order, long n)
{
	int most = threads() * (p->crop ? 16 : 1); /* at once; uncropped, they may be large */
	struct slot *slots = xmalloc((size_t)most, sizeof *slots);
	struct output o = { .packing = p, .images = images_begin(p->path, s->classes, (size_t)n) };

	progress_start("pack-images", n);
	for (long done = 0; done < n; done += most) {
		int now = n - done < most ? (int)(n - done) : most;

#pragma omp parallel for schedule(dynamic) num_threads(threads())
		for (int i = 0; i < now; i++)
			fill_slot(&slots[i], s->sample[order[done + i]].path, p->resize, p->crop);
		for (int i = 0; i < now; i++)
			write_slot(&o, &slots[i], &s->sample[order[done + i]]);
		progress(done + now, "%ld broken", o.broken);
	}
	progress_end();
	free(slots);
	if (!o.first)
		die("%s: all of %ld pictures are broken", s->path, o.broken);
	images_end(o.images, p->mean, p->std);
	return o.broken;
}
