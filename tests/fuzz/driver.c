/*
 * driver - runs a fuzz target over files and over deterministic mutations of them, with any compiler.
 *
 *	build/MODE/fuzz/npz 20000 tests/fuzz/seeds/npz/...
 *
 * A crash, or a minute without an end, ends it by a signal; the input it happened with is then in the file
 * fuzz-crash of the current directory.
 */
#include "fuzz.h"
#include "core/base.h"
#include "core/rng.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIZE_MAX_FUZZ ((size_t)1 << 16)

struct input {
	unsigned char *bytes;
	size_t size;
};

static struct input current;
static struct rng rng = { 1, 0, RNG_TEST };
static uint64_t drawn;

static size_t draw(size_t n)
{
	return (size_t)rng_below(rng, drawn++, n);
}

static void on_crash(int signal_number)
{
	int fd = open("fuzz-crash", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd >= 0 && write(fd, current.bytes, current.size) >= 0)
		close(fd);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

/* Move what follows `at` by `by` bytes, as far as there is room. */
static void shift(struct input *x, size_t at, size_t by)
{
	by = by < SIZE_MAX_FUZZ - x->size ? by : SIZE_MAX_FUZZ - x->size;
	memmove(x->bytes + at + by, x->bytes + at, x->size - at);
	x->size += by;
}

static void mutate_once(struct input *x, const struct input *other)
{
	static const unsigned char telling[] = { 0, 1, 127, 128, 255, '\n', ',', '"', '=', '-', '9', ' ' };
	size_t at = draw(x->size + 1), n = 1 + draw(16), left = x->size - at, from = draw(other->size + 1);

	switch (draw(6)) {
	case 0:
		if (left)
			x->bytes[at] ^= (unsigned char)(1 << draw(8));
		break;
	case 1:
		if (left)
			x->bytes[at] = telling[draw(LEN(telling))];
		break;
	case 2: /* remove */
		n = n < left ? n : left;
		memmove(x->bytes + at, x->bytes + at + n, left - n);
		x->size -= n;
		break;
	case 3: /* repeat */
		if (left >= n)
			shift(x, at, n);
		break;
	case 4: /* cut short */
		if (!draw(8))
			x->size = at;
		break;
	default: /* from another file */
		n = n < left ? n : left;
		n = n < other->size - from ? n : other->size - from;
		memcpy(x->bytes + at, other->bytes + from, n);
	}
}

/* The target sees a copy of exactly its size, so that the sanitizer notices a read beyond its end. */
static void run(const struct input *x)
{
	unsigned char *copy = malloc(x->size ? x->size : 1);

	if (!copy)
		die("out of memory");
	memcpy(copy, x->bytes, x->size);
	current = (struct input){ copy, x->size };
	alarm(60);
	LLVMFuzzerTestOneInput(copy, x->size);
	alarm(0);
	current = (struct input){ 0 };
	free(copy);
}

static void mutate_and_run(const struct input *files, int n, uint32_t runs)
{
	struct input x = { xmalloc(SIZE_MAX_FUZZ, 1), 0 };

	for (rng.episode = 0; rng.episode < runs; rng.episode++) {
		const struct input *file;

		drawn = 0;
		file = &files[draw((size_t)n)];
		x.size = file->size;
		memcpy(x.bytes, file->bytes, file->size);
		for (size_t edits = 1 + draw(8); edits > 0; edits--)
			mutate_once(&x, &files[draw((size_t)n)]);
		run(&x);
	}
	free(x.bytes);
}

int main(int argc, char **argv)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM };
	struct input *files = xmalloc((size_t)argc, sizeof *files);

	progname = argv[0];
	if (argc < 3)
		die("usage: %s RUNS FILE...", argv[0]);
	for (size_t i = 0; i < LEN(crashes); i++)
		signal(crashes[i], on_crash);
	for (int i = 2; i < argc; i++) {
		files[i - 2].bytes = file_bytes(argv[i], &files[i - 2].size);
		if (files[i - 2].size > SIZE_MAX_FUZZ)
			die("%s: more than %zu bytes", argv[i], SIZE_MAX_FUZZ);
		run(&files[i - 2]);
	}
	mutate_and_run(files, argc - 2, (uint32_t)strtoul(argv[1], NULL, 10));
	for (int i = 2; i < argc; i++)
		free(files[i - 2].bytes);
	free(files);
	return 0;
}
