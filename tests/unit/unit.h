/*
 * unit.h - what the unit tests share: cmocka, scratch files, and calls that are expected to die.
 */
#ifndef UNIT_H
#define UNIT_H

#include "core/base.h"

#include <setjmp.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define assert_contains(text, part) assert_non_null(strstr((text), (part)))
#define assert_close(x, y, tolerance) assert_false(!(fabs((double)(x) - (double)(y)) <= (tolerance)))

/* A new file with these bytes; its path, which the caller unlinks. */
static inline char *scratch_bytes(const void *bytes, size_t size)
{
	char *path = xstrdup("/tmp/haq-unit-XXXXXX");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_true(write(fd, bytes, size) == (ssize_t)size);
	close(fd);
	return path;
}

static inline char *scratch(const char *text)
{
	return scratch_bytes(text, strlen(text));
}

/* The leak checker asks this at the end: who dies frees nothing.  The name is the checker's. */
static bool is_dying;
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
{
	return is_dying;
}

/*
 * What f(arg) says on standard error in a process of its own, which must exit with 1.  A test ends here under
 * the thread sanitizer: LLVM's OpenMP, which it needs, hangs in a second fork(); races are looked for before
 * it, and the other modes go on.
 */
static inline const char *last_words(void (*f)(const void *), const void *arg)
{
	static char text[4096];
	ssize_t n, length = 0;
	int fds[2], status;
	pid_t child;

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
	skip();
#endif
#endif
	assert_int_equal(pipe(fds), 0);
	fflush(NULL);
	if (!(child = fork())) {
		is_dying = true;
		dup2(fds[1], 2);
		f(arg);
		_exit(0);
	}
	close(fds[1]);
	while ((n = read(fds[0], text + length, sizeof text - 1 - (size_t)length)) > 0)
		length += n;
	text[length] = '\0';
	close(fds[0]);
	assert_true(waitpid(child, &status, 0) == child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) != 1)
		fail_msg("exit %d where 1 was expected; it said: %s", WEXITSTATUS(status), text);
	return text;
}

#endif
