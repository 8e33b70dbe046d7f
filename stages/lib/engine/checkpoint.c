#include "engine/checkpoint.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

uint32_t checkpoint_sum(uint32_t run, const char *path)
{
	unsigned char *bytes;
	size_t size;

	if (!path)
		return (uint32_t)crc32_z(run, (const unsigned char *)"-", 1);
	bytes = file_bytes(path, &size);
	run = (uint32_t)crc32_z(run, bytes, size);
	free(bytes);
	return run;
}

/* The array of this type and number of elements (0: any), or NULL. */
static const struct array *find(const struct npz *z, const char *name, enum dtype dtype, size_t count)
{
	const struct array *a = npz_find(z, name);

	return a && a->dtype == dtype && (!count || a->count == count) ? a : NULL;
}

/* Whether a file that cannot be read may be a checkpoint of before a power cut, or is none at all. */
static bool may_be_archive(const char *path)
{
	static const unsigned char begin[] = { 'P', 'K' };
	unsigned char head[sizeof begin] = { 0 };
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(head, 1, sizeof head, f) : 0;

	if (f)
		fclose(f);
	return !n || !head[0] || !memcmp(head, begin, sizeof begin);
}

struct checkpoint checkpoint_find(const char *path, uint32_t run, double seconds)
{
	struct checkpoint c = { .path = path, .run = run, .seconds = seconds, .written = seconds_now() };
	const struct array *of, *step, *loss, *velocity;
	const char *error;
	struct npz z;

	if (!path || access(path, F_OK))
		return c;
	if ((error = npz_read_quietly(&z, path))) {
		if (!may_be_archive(path))
			die("%s is no checkpoint, and would be replaced", path);
		warn("%s: %s; begun anew", path, error);
		return c;
	}
	of = find(&z, "run", F64, 1);
	step = find(&z, "step", I64, 1);
	loss = find(&z, "loss", F64, 1);
	velocity = find(&z, "velocity", F32, 0);
	if (!of || !step || !loss || !velocity)
		die("%s is no checkpoint, and would be replaced", path);
	if (*(double *)of->data != run || *(int64_t *)step->data < 1) {
		warn("%s: of another training; begun anew", path);
		return c;
	}
	c.step = *(int64_t *)step->data;
	c.loss = *(double *)loss->data;
	c.velocity = velocity->data;
	c.velocities = velocity->count;
	return c;
}

static size_t velocities(const struct sgd *sgd)
{
	size_t n = 0;

	for (int i = 0; i < sgd->n; i++)
		n += sgd->params[i].n;
	return n;
}

void checkpoint_restore(const struct checkpoint *c, struct sgd *sgd)
{
	const float *from = c->velocity;

	if (c->velocities != velocities(sgd))
		die("%s: array 'velocity' holds %zu numbers; expected %zu", c->path, c->velocities,
		    velocities(sgd));
	for (int i = 0; i < sgd->n; from += sgd->params[i++].n)
		memcpy(sgd->velocity[i], from, sgd->params[i].n * sizeof *from);
}

static void write_checkpoint(const struct checkpoint *c, const struct weights *w, const struct graph *g,
                             const struct sgd *sgd)
{
	FILE *f = out_open(c->path);
	struct npz_writer *z = npz_begin(f, false);
	size_t n = velocities(sgd);
	double run = c->run;
	float *all = xmalloc(n, sizeof *all), *to = all;

	for (int i = 0; i < sgd->n; to += sgd->params[i++].n)
		memcpy(to, sgd->velocity[i], sgd->params[i].n * sizeof *to);
	weights_add(w, g, z);
	npz_add(z, "run", F64, 1, SHAPE(1), &run);
	npz_add(z, "step", I64, 1, SHAPE(1), &c->step);
	npz_add(z, "loss", F64, 1, SHAPE(1), &c->loss);
	npz_add(z, "velocity", F32, 1, SHAPE(n), all);
	npz_end(z);
	out_commit_cache(f);
	free(all);
}

bool checkpoint_is_due(const struct checkpoint *c)
{
	return c->path && seconds_now() - c->written >= c->seconds;
}

void checkpoint_keep(struct checkpoint *c, const struct weights *w, const struct graph *g,
                     const struct sgd *sgd, int64_t step, double loss)
{
	c->step = step;
	c->loss = loss;
	write_checkpoint(c, w, g, sgd);
	c->written = seconds_now();
}
