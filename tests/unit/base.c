#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* A folder of its own with the file `file` of four bytes, and its path. */
static char *folder_of_one(void)
{
	char *folder = xstrdup("/tmp/haq-unit-XXXXXX"), *path;
	FILE *f;

	assert_non_null(mkdtemp(folder));
	path = xprintf("%s/file", folder);
	assert_non_null(f = fopen(path, "w"));
	fputs("text", f);
	fclose(f);
	free(path);
	return folder;
}

static char *inside(const char *folder, const char *name)
{
	return xprintf("%s/%s", folder, name);
}

static void assert_text(const char *path, const char *text)
{
	size_t size;
	unsigned char *bytes = file_bytes(path, &size);

	assert_string_equal((char *)bytes, text);
	free(bytes);
}

static void write_output(const char *path, const char *text)
{
	FILE *f = out_open(path);

	fputs(text, f);
	out_commit_cache(f);
}

static void remove_folder(char *folder)
{
	static const char *const names[] = { "file", "hard", "soft", "chain", "dangling", "new", "loop" };

	for (size_t i = 0; i < LEN(names); i++) {
		char *path = inside(folder, names[i]);

		unlink(path);
		free(path);
	}
	assert_int_equal(rmdir(folder), 0); /* so no temporary file is left either */
	free(folder);
}

static void test_one_file_by_links(void **state)
{
	char *folder = folder_of_one(), *file = inside(folder, "file"), *hard = inside(folder, "hard"),
	     *soft = inside(folder, "soft"), *chain = inside(folder, "chain"),
	     *dangling = inside(folder, "dangling"), *new = inside(folder, "new");

	(void)state;
	assert_int_equal(link(file, hard), 0);
	assert_int_equal(symlink("file", soft), 0);
	assert_int_equal(symlink(soft, chain), 0);
	assert_int_equal(symlink("new", dangling), 0);
	assert_true(out_is_same(file, hard) && out_is_same(soft, file) && out_is_same(hard, chain));
	assert_true(out_is_same(dangling, new));
	assert_false(out_is_same(dangling, file) || out_is_same(soft, new));
	free(file);
	free(hard);
	free(soft);
	free(chain);
	free(dangling);
	free(new);
	remove_folder(folder);
}

static void test_links_stay(void **state)
{
	char *folder = folder_of_one(), *file = inside(folder, "file"), *soft = inside(folder, "soft"),
	     *chain = inside(folder, "chain"), *dangling = inside(folder, "dangling"),
	     *new = inside(folder, "new"), to[8];

	(void)state;
	assert_int_equal(symlink("file", soft), 0);
	assert_int_equal(symlink(soft, chain), 0);
	assert_int_equal(symlink("new", dangling), 0);
	write_output(chain, "other text");
	assert_text(file, "other text");
	assert_int_equal(readlink(soft, to, sizeof to), 4);
	write_output(dangling, "new text");
	assert_text(new, "new text");
	assert_int_equal(readlink(dangling, to, sizeof to), 3);
	free(file);
	free(soft);
	free(chain);
	free(dangling);
	free(new);
	remove_folder(folder);
}

static void check_output(const void *path)
{
	out_check(path);
}

static void test_links_in_a_circle(void **state)
{
	char *folder = folder_of_one(), *loop = inside(folder, "loop");

	(void)state;
	assert_int_equal(symlink("loop", loop), 0);
	assert_contains(last_words(check_output, loop), "/loop: Too many levels of symbolic links");
	free(loop);
	remove_folder(folder);
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
		cmocka_unit_test(test_one_file_by_links),
		cmocka_unit_test(test_links_stay),
		cmocka_unit_test(test_links_in_a_circle),
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
