#include "model/score.h"
#include "io/csv.h"

static void read_row(struct table *t, const char *path)
{
	table_read(t, path);
	if (t->rows != 1)
		die("%s: %zu rows; expected one score", path, t->rows);
}

struct score score_read(const char *path)
{
	struct score s;
	struct table t;

	read_row(&t, path);
	s.top1 = table_real(&t, 0, table_column(&t, "top1"), 0, 100);
	s.top5 = table_real(&t, 0, table_column(&t, "top5"), 0, 100);
	s.loss = table_real(&t, 0, table_column(&t, "loss"), 0, 1e9);
	table_free(&t);
	return s;
}

long score_images(const char *path)
{
	struct table t;
	long images;

	read_row(&t, path);
	images = (long)table_int(&t, 0, table_column(&t, "images"), 1, 1000000000);
	table_free(&t);
	return images;
}

void score_write(const struct score *s, long images, const char *path)
{
	struct csv_writer t = csv_create(path, "images,top1,top5,loss");

	csv_int(&t, images);
	csv_fixed(&t, s->top1, 4);
	csv_fixed(&t, s->top5, 4);
	csv_fixed(&t, s->loss, 6);
	csv_end_row(&t);
	csv_commit(&t);
}
