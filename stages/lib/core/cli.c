#include "core/cli.h"
#include "core/cpu.h"
#include "core/manual.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define OPTIONS_MAX 64

static const struct opt *table;
static const char *about_text, *verb_name = "";
static bool verbose, wants_help, wants_version, wants_man;
static const char *log_path;
static double began;
static int revision;

/* Tests and benchmarks have none; stages.mk gives each program its own. */
__attribute__((weak)) const char *program_stamp = NULL;

/* options of every program */
static const struct opt common[] = {
	{ 0, "verbose", OPT_FLAG, &verbose, NULL, "say what was done, in how much time and memory" },
	{ 0, "log", OPT_OUT, &log_path, NULL, "the same, with the command line, into this file" },
	{ 0, "help", OPT_FLAG, &wants_help, NULL, "print this" },
	{ 0, "version", OPT_FLAG, &wants_version, NULL, "print version, and revision of the numbers" },
	{ 0, "man", OPT_FLAG, &wants_man, NULL, "print the manual page, for man -l" },
	{ 0 }
};

static const char *stamp(void)
{
	return program_stamp ? program_stamp : xprintf("unreleased, revision %d", revision);
}

static void print_version(void)
{
	printf("%s %s, loops for %s\n", progname, stamp(), cpu_level_name(cpu_level()));
}

static _Noreturn void end_print(void)
{
	if (fflush(stdout) || ferror(stdout))
		die("cannot write standard output:");
	exit(0);
}

void usage(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s%s: ", progname, verb_name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "; try %s%s --help\n", progname, verb_name);
	exit(2);
}

static void set(const struct opt *o, const char *arg)
{
	char *end = NULL;

	errno = 0;
	switch (o->type) {
	case OPT_FLAG: *(bool *)o->value = true; return;
	case OPT_TEXT:
	case OPT_PATH:
	case OPT_DIR:
	case OPT_OUT: *(const char **)o->value = arg; return;
	case OPT_INT: *(long *)o->value = strtol(arg, &end, 10); break;
	}
	if (errno || end == arg || *end)
		usage("--%s wants a number, not '%s'", o->name, arg);
}

static const struct opt *find(const struct opt *o, const char *word, size_t length)
{
	bool is_long = length > 2 && word[0] == '-' && word[1] == '-';

	for (; o->name; o++)
		if (is_long ? strlen(o->name) == length - 2 && !strncmp(o->name, word + 2, length - 2)
		            : length == 2 && word[0] == '-' && o->letter && word[1] == o->letter)
			break;
	return o;
}

/* One option with its argument, at argv[*i]; *i moves to its last word. */
static const struct opt *parse_one(int argc, char **argv, int *i)
{
	const char *word = argv[*i], *equals = strncmp(word, "--", 2) ? NULL : strchr(word, '=');
	size_t length = equals ? (size_t)(equals - word) : strlen(word);
	const struct opt *o = find(table, word, length);

	if (!o->name)
		o = find(common, word, length);
	if (!o->name)
		usage(word[0] == '-' ? "no option '%s'" : "what is '%s'?", word);
	if (o->type == OPT_FLAG && equals)
		usage("--%s takes no argument", o->name);
	if (o->type != OPT_FLAG && !equals && ++*i == argc)
		usage("--%s wants an argument", o->name);
	set(o, o->type == OPT_FLAG ? NULL : equals ? equals + 1 : argv[*i]);
	return o;
}

/* What options may ask for instead of work. */
static void print_what_is_wanted(void)
{
	if (wants_help)
		manual_help(verb_name, about_text, table, common);
	else if (wants_version)
		print_version();
	else if (wants_man)
		manual_page(stamp(), about_text, table, common);
	else
		return;
	end_print();
}

static const char *path_of(const struct opt *o)
{
	bool is_path = o->type == OPT_OUT || o->type == OPT_PATH;

	return is_path ? *(const char **)o->value : NULL;
}

/* A file that is written is no other one of the command line. */
static void check_pair(const struct opt *a, const struct opt *b)
{
	const char *x = path_of(a), *y = path_of(b);

	if (x && y && (a->type == OPT_OUT || b->type == OPT_OUT) && out_is_same(x, y))
		usage("--%s and --%s are the same file, %s", a->name, b->name, y);
}

static void check_files(void)
{
	for (const struct opt *o = table; o->name; o++) {
		if (o->type == OPT_OUT && path_of(o))
			out_check(path_of(o));
		for (const struct opt *p = table; p < o; p++)
			check_pair(p, o);
	}
	for (const struct opt *o = common; o->name; o++)
		for (const struct opt *p = table; p->name; p++)
			check_pair(p, o);
}

/* The place of an option in a list of those seen. */
static bool *place(const struct opt *o, bool *seen, bool *seen_common)
{
	return o >= common && o < common + LEN(common) ? &seen_common[o - common] : &seen[o - table];
}

static void parse(int argc, char **argv)
{
	bool seen[OPTIONS_MAX] = { false }, seen_common[LEN(common)] = { false };
	int n = 0;

	while (table[n].name)
		if (++n > OPTIONS_MAX)
			BUG("more than %d options", OPTIONS_MAX);
	for (int i = 1; i < argc; i++) {
		const struct opt *o = parse_one(argc, argv, &i);
		bool *twice = place(o, seen, seen_common);

		print_what_is_wanted();
		if (*twice)
			usage("--%s given twice", o->name);
		*twice = true;
	}
	for (const struct opt *o = table; o->name; o++)
		if (o->needed && !seen[o - table])
			usage("-%c %s is missing", o->letter, o->needed);
	check_files();
}

static void start_notes(int argc, char **argv)
{
	FILE *log = NULL;

	if (log_path && !(log = fopen(log_path, "w")))
		die("cannot write %s:", log_path);
	if (!log && !verbose)
		return;
	notes_to(log, verbose);
	for (int i = 0; i < argc; i++)
		fprintf(log ? log : stderr, "%s%c", argv[i], i + 1 < argc ? ' ' : '\n');
	note("version %s, compiled by %s, loops for %s", stamp(), __VERSION__, cpu_level_name(cpu_level()));
}

static void name_program(char **argv, const char *about, int rev)
{
	progname = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	began = seconds_now();
	about_text = about;
	revision = rev;
	cpu_level(); /* a wrong HAQ_CPU is told now */
}

void cli_begin(int argc, char **argv, const char *about, int rev, const struct opt *options)
{
	name_program(argv, about, rev);
	table = options;
	parse(argc, argv);
	start_notes(argc, argv);
}

/* Options where a verb belongs ask of the program as a whole. */
static void print_of_verbs(const char *word, const struct verb *verbs)
{
	if (!strcmp(word, "--help"))
		manual_help_verbs(about_text, verbs);
	else if (!strcmp(word, "--version"))
		print_version();
	else if (!strcmp(word, "--man"))
		manual_page_verbs(stamp(), about_text, verbs, common);
	else
		return;
	end_print();
}

int cli_verbs(int argc, char **argv, const char *about, int rev, const struct verb *verbs)
{
	const struct verb *v = verbs;

	name_program(argv, about, rev);
	if (argc > 1)
		print_of_verbs(argv[1], verbs);
	while (v->name && (argc < 2 || strcmp(v->name, argv[1])))
		v++;
	if (!v->name)
		usage(argc < 2 ? "no verb given" : "no verb '%s'", argc < 2 ? "" : argv[1]);
	verb_name = xprintf(" %s", v->name);
	argv[1] = argv[0];
	cli_begin(argc - 1, argv + 1, v->about, rev, v->options);
	v->run();
	return cli_end();
}

int cli_end(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	note("done in %.3f s, %.3f s cpu, %.1f MB", seconds_now() - began,
	     (double)use.ru_utime.tv_sec + 1e-6 * (double)use.ru_utime.tv_usec, (double)use.ru_maxrss / 1024);
	if (fflush(stdout) || ferror(stdout))
		die("cannot write standard output:");
	return 0;
}
