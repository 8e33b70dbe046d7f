#include "core/base.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINKS_MAX 40 /* Linux's own */

const char *progname = "?";
static FILE *notes_file;
static bool notes_on_stderr;
static void (*make_room)(void);

static struct {
	FILE *f;
	char path[PATH_MAX], target[PATH_MAX], temp[PATH_MAX]; /* target: where a link leads */
} outputs[8];

void notes_to(FILE *f, bool on_stderr)
{
	notes_file = f;
	notes_on_stderr = on_stderr;
}

void before_messages(void (*f)(void))
{
	make_room = f;
}

static void PRINTF(3, 0) say(FILE *f, const char *kind, const char *fmt, va_list ap, int err)
{
	size_t n = strlen(fmt);

	if (f == stderr && make_room)
		make_room();
	fprintf(f, "%s: %s", progname, kind);
	vfprintf(f, fmt, ap);
	if (n && fmt[n - 1] == ':')
		fprintf(f, " %s", strerror(err));
	fputc('\n', f);
	fflush(f);
}

#define SAY(to_stderr, kind) \
	do { \
		int err_ = errno; \
		va_list ap_; \
		if (to_stderr) { \
			va_start(ap_, fmt); \
			say(stderr, kind, fmt, ap_, err_); \
			va_end(ap_); \
		} \
		if (notes_file) { \
			va_start(ap_, fmt); \
			say(notes_file, kind, fmt, ap_, err_); \
			va_end(ap_); \
		} \
	} while (0)

void die(const char *fmt, ...)
{
	SAY(1, "");
	exit(1);
}
void warn(const char *fmt, ...)
{
	SAY(1, "warning: ");
}
void note(const char *fmt, ...)
{
	SAY(notes_on_stderr, "");
}

void bug_at(const char *file, int line, const char *fmt, ...)
{
	SAY(1, "BUG: ");
	fprintf(stderr, "%s:%d\n", file, line);
	abort();
}

const char *error_text(const char *fmt, ...)
{
	static _Thread_local char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return text;
}

double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#define AT_ONCE ((size_t)1 << 20) /* bytes from which it pays */

/*
 * The pages of a large block, in one call: faults one by one take longer than clearing them, in some virtual
 * machines twenty times.  What the kernel does not know it leaves to the faults.
 */
static void map_at_once(void *p, size_t bytes)
{
#ifdef MADV_POPULATE_WRITE
	size_t page = (size_t)sysconf(_SC_PAGESIZE), past = (size_t)p % page, skip = past ? page - past : 0;
	int before = errno;

	madvise((char *)p + skip, (bytes - skip) / page * page, MADV_POPULATE_WRITE);
	errno = before;
#else
	(void)p;
	(void)bytes;
#endif
}

void *xmalloc(size_t n, size_t size)
{
	void *p;

	if (size && n > (SIZE_MAX - 127) / size)
		BUG("allocation of %zu x %zu overflows", n, size);
	p = aligned_alloc(64, (n * size + 63) / 64 * 64 + (n * size == 0) * 64);
	if (!p)
		die("out of memory for %zu x %zu bytes", n, size);
	if (n * size >= AT_ONCE)
		map_at_once(p, n * size);
	return memset(p, 0, n * size);
}

char *xstrdup(const char *s)
{
	return memcpy(xmalloc(strlen(s) + 1, 1), s, strlen(s) + 1);
}

char *xprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		BUG("cannot format '%s'", fmt);
	s = xmalloc((size_t)n + 1, 1);
	va_start(ap, fmt);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return s;
}

/* What is left of a file that is open: NULL, or the error. */
static const char *read_rest(unsigned char **bytes, size_t *size, FILE *f, size_t cap)
{
	struct stat st;

	if (fstat(fileno(f), &st))
		return error_text("%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return "not a regular file";
	if ((uintmax_t)st.st_size > cap)
		return error_text("%jd bytes, more than the %zu that are read", (intmax_t)st.st_size, cap);
	*bytes = xmalloc((size_t)st.st_size + 1, 1);
	*size = fread(*bytes, 1, (size_t)st.st_size, f);
	if (ferror(f))
		return error_text("%s", strerror(errno));
	return *size == (size_t)st.st_size ? NULL : "it became shorter while it was read";
}

const char *file_read(unsigned char **bytes, size_t *size, const char *path, size_t cap)
{
	FILE *f = fopen(path, "rb");
	const char *error;

	*bytes = NULL;
	if (!f)
		return error_text("%s", strerror(errno));
	error = read_rest(bytes, size, f, cap);
	fclose(f);
	if (error) {
		free(*bytes);
		*bytes = NULL;
	}
	return error;
}

unsigned char *file_bytes(const char *path, size_t *size)
{
	unsigned char *bytes;
	const char *error = file_read(&bytes, size, path, FILE_CAP);

	if (error)
		die("cannot read %s: %s", path, error);
	return bytes;
}

static void drop_outputs(void)
{
	for (size_t i = 0; i < LEN(outputs); i++)
		if (outputs[i].f)
			unlink(outputs[i].temp);
}

/* Only what may be called in a handler; the signal then ends the program as if there were none. */
static void drop_and_go(int sig)
{
	drop_outputs();
	raise(sig);
}

static void drop_outputs_at_end(void)
{
	static const int ends[] = { SIGHUP, SIGINT, SIGTERM };
	struct sigaction old,
		drop = { .sa_handler = drop_and_go, .sa_flags = (int)SA_RESETHAND | SA_NODEFER };

	atexit(drop_outputs);
	for (size_t i = 0; i < LEN(ends); i++) /* not what nohup lets pass */
		if (!sigaction(ends[i], NULL, &old) && old.sa_handler == SIG_DFL)
			sigaction(ends[i], &drop, NULL);
}

static char *directory_of(const char *path)
{
	const char *name = strrchr(path, '/');

	return name ? xprintf("%.*s/", (int)(name - path), path) : xstrdup(".");
}

/* Where a path leads that is a symbolic link, be anything there or not; else the path. */
static char *target_of(const char *path)
{
	char *at = xstrdup(path), *next, *directory, link[PATH_MAX];

	for (int i = 0; i < LINKS_MAX; i++) {
		ssize_t n = readlink(at, link, sizeof link - 1);

		if (n < 0)
			return at;
		link[n] = '\0';
		directory = directory_of(at);
		next = link[0] == '/' ? xstrdup(link) : xprintf("%s/%s", directory, link);
		free(directory);
		free(at);
		at = next;
	}
	errno = ELOOP;
	die("cannot write %s:", path);
}

/* One name in one directory. */
static bool is_same_entry(const char *a, const char *b)
{
	const char *name_a = strrchr(a, '/'), *name_b = strrchr(b, '/');
	char *in_a = directory_of(a), *in_b = directory_of(b);
	struct stat x, y;
	bool same = !strcmp(name_a ? name_a + 1 : a, name_b ? name_b + 1 : b) && !stat(in_a, &x) &&
	            !stat(in_b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;

	free(in_a);
	free(in_b);
	return same;
}

bool out_is_same(const char *a, const char *b)
{
	char *to_a = target_of(a), *to_b = target_of(b);
	struct stat x, y;
	bool same = is_same_entry(to_a, to_b) || (!stat(a, &x) && !stat(b, &y) && S_ISREG(x.st_mode) &&
	                                          x.st_dev == y.st_dev && x.st_ino == y.st_ino);

	free(to_a);
	free(to_b);
	return same;
}

void out_check(const char *path)
{
	char *target = target_of(path), *directory = directory_of(target);
	struct stat st;

	if (!stat(target, &st) && !S_ISREG(st.st_mode))
		die("%s is not a regular file, and would be replaced", path);
	if (access(directory, W_OK | X_OK))
		die("cannot write %s:", path);
	free(directory);
	free(target);
}

/* The three names of an output. */
static void name_output(size_t i, const char *path)
{
	char *target = target_of(path);
	size_t room = sizeof outputs[i].path;

	if (snprintf(outputs[i].temp, room, "%s.tmp.%ld", target, (long)getpid()) >= (int)room ||
	    snprintf(outputs[i].target, room, "%s", target) >= (int)room ||
	    snprintf(outputs[i].path, room, "%s", path) >= (int)room)
		die("path too long: %s", path);
	free(target);
}

FILE *out_open(const char *path)
{
	static int registered;
	size_t i = 0;

	out_check(path);
	while (i < LEN(outputs) && outputs[i].f)
		i++;
	if (i == LEN(outputs))
		BUG("more than %zu outputs open", LEN(outputs));
	if (!registered++)
		drop_outputs_at_end();
	name_output(i, path);
	if (!(outputs[i].f = fopen(outputs[i].temp, "wb")))
		die("cannot write %s:", path);
	return outputs[i].f;
}

static void commit(FILE *f, bool durable)
{
	for (size_t i = 0; i < LEN(outputs); i++) {
		if (outputs[i].f != f)
			continue;
		if (ferror(f) || fflush(f) || (durable && fsync(fileno(f))))
			die("cannot write %s:", outputs[i].path);
		if (fclose(f) || rename(outputs[i].temp, outputs[i].target))
			die("cannot write %s:", outputs[i].path);
		outputs[i].f = NULL;
		return;
	}
	BUG("out_commit of a file out_open did not open");
}

void out_commit(FILE *f)
{
	commit(f, true);
}
void out_commit_cache(FILE *f)
{
	commit(f, false);
}
