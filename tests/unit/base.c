#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

static void test_error_text(void **state)
{
	const char *error = error_text("line %d: %s", 7, "bad");

	(void)state;
	assert_string_equal(error, "line 7: bad");
}

static void test_memory(void **state)
{
	unsigned char *p = xmalloc(3, 7), *none = xmalloc(0, 8);

	(void)state;
	assert_int_equal((uintptr_t)p % 64, 0);
	for (int i = 0; i < 21; i++)
		assert_int_equal(p[i], 0);
	assert_non_null(none);
	free(p);
	free(none);
}

static void test_one_file_by_two_names(void **state)
{
	(void)state;
	assert_true(out_is_same("a.csv", "./a.csv"));
	assert_true(out_is_same("tests/../a.csv", "a.csv"));
	assert_false(out_is_same("tests/a.csv", "a.csv"));
	assert_false(out_is_same("a.csv", "b.csv"));
}

static void test_text(void **state)
{
	char *s = xprintf("%s-%03d", "a", 5), *t = xstrdup(s);

	(void)state;
	assert_string_equal(t, "a-005");
	free(s);
	free(t);
}

static void die_with_errno(const void *arg)
{
	errno = ENOENT;
	die("cannot read %s:", (const char *)arg);
}

static void test_die_names_the_error(void **state)
{
	(void)state;
	assert_contains(last_words(die_with_errno, "x.csv"), "cannot read x.csv: No such file");
}

static void test_file_bytes(void **state)
{
	char *path = scratch_bytes("a\0b", 3);
	unsigned char *bytes;
	size_t size;

	(void)state;
	bytes = file_bytes(path, &size);
	assert_int_equal(size, 3);
	assert_memory_equal(bytes, "a\0b\0", 4);
	free(bytes);
	unlink(path);
	free(path);
}

static void read_all(const void *path)
{
	size_t size;

	file_bytes(path, &size);
}

static void test_file_bytes_refuses(void **state)
{
	(void)state;
	assert_contains(last_words(read_all, "/nowhere/x.npz"), "/nowhere/x.npz: No such file");
	assert_contains(last_words(read_all, "/tmp"), "/tmp: not a regular file");
}

static void test_output_appears_whole(void **state)
{
	char *path = scratch("old");
	unsigned char *bytes;
	size_t size;
	FILE *f;

	(void)state;
	f = out_open(path);
	fputs("new text", f);
	fflush(f);
	bytes = file_bytes(path, &size);
	assert_string_equal((char *)bytes, "old");
	free(bytes);
	out_commit(f);
	bytes = file_bytes(path, &size);
	assert_string_equal((char *)bytes, "new text");
	free(bytes);
	unlink(path);
	free(path);
}

static void die_while_writing(const void *path)
{
	FILE *f = out_open(path);

	fputs("half", f);
	fflush(f);
	die("gave up");
}

static void test_death_leaves_nothing(void **state)
{
	char dir[] = "/tmp/haq-unit-XXXXXX", *path;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = xprintf("%s/out", dir);
	assert_contains(last_words(die_while_writing, path), "gave up");
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(rmdir(dir), 0); /* so no temporary file is left either */
	free(path);
}

static void test_signals_leave_nothing(void **state)
{
	char dir[] = "/tmp/haq-unit-XXXXXX", *path;
	int status;
	pid_t child;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = xprintf("%s/out", dir);
	if (!(child = fork())) {
		fflush(out_open(path));
		raise(SIGTERM);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	assert_int_equal(rmdir(dir), 0);
	free(path);
}

static void check_output(const void *path)
{
	out_check(path);
}

static void test_outputs_are_checked(void **state)
{
	(void)state;
	assert_contains(last_words(check_output, "/dev/full"), "/dev/full is not a regular file");
	assert_contains(last_words(check_output, "/tmp"), "/tmp is not a regular file");
	assert_contains(last_words(check_output, "/tmp/none/x"), "cannot write /tmp/none/x: No such file");
}

static void end_line(void)
{
	fputc('\n', stderr);
}

static void die_below_a_line(const void *unused)
{
	(void)unused;
	before_messages(end_line);
	fputs("half a line", stderr);
	die("a message");
}

static void test_messages_have_their_own_line(void **state)
{
	(void)state;
	assert_contains(last_words(die_below_a_line, NULL), "half a line\n?: a message\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error_text),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_one_file_by_two_names),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_die_names_the_error),
		cmocka_unit_test(test_file_bytes),
		cmocka_unit_test(test_file_bytes_refuses),
		cmocka_unit_test(test_output_appears_whole),
		cmocka_unit_test(test_death_leaves_nothing),
		cmocka_unit_test(test_signals_leave_nothing),
		cmocka_unit_test(test_outputs_are_checked),
		cmocka_unit_test(test_messages_have_their_own_line),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
