#include "core/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define VERSION "0.1"
#define OPTIONS_MAX 64

static const struct opt *table;
static const char *about_text, *verb_name = "";
static bool verbose;
static const char *log_path;
static double began;

static const struct opt common[] = {
	{ 0, "verbose", OPT_FLAG, &verbose, NULL, "say what was done, in how much time and memory" },
	{ 0, "log", OPT_OUT, &log_path, NULL, "the same, with the command line, into this file" },
	{ 0 }
};

static void help_line(const struct opt *o)
{
	const char *arg = o->type == OPT_FLAG   ? ""
	                  : o->needed           ? o->needed
	                  : o->type == OPT_INT  ? "N"
	                  : o->type == OPT_TEXT ? "WORD"
	                  : o->type == OPT_DIR  ? "DIR"
	                                        : "FILE";
	char left[64];

	snprintf(left, sizeof left, "--%s %s", o->name, arg);
	printf(o->letter ? "  -%c, " : "      ", o->letter);
	printf("%-26s %s", left, o->help);
	if (!o->needed && o->type == OPT_INT)
		printf(" [%ld]", *(long *)o->value);
	if (!o->needed && o->type == OPT_TEXT && *(char **)o->value)
		printf(" [%s]", *(char **)o->value);
	putchar('\n');
}

static void help(void)
{
	printf("%s%s - %s\n\nusage: %s%s", progname, verb_name, about_text, progname, verb_name);
	for (const struct opt *o = table; o->name; o++)
		if (o->needed)
			printf(" -%c %s", o->letter, o->needed);
	fputs(" [options]\n\n", stdout);
	for (const struct opt *o = table; o->name; o++)
		help_line(o);
	for (const struct opt *o = common; o->name; o++)
		help_line(o);
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

static bool is_output(const struct opt *o)
{
	return o->type == OPT_OUT && *(const char **)o->value;
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
		bool *twice =
			o >= common && o < common + LEN(common) ? &seen_common[o - common] : &seen[o - table];

		if (*twice)
			usage("--%s given twice", o->name);
		*twice = true;
	}
	for (const struct opt *o = table; o->name; o++) {
		if (o->needed && !seen[o - table])
			usage("-%c %s is missing", o->letter, o->needed);
		if (is_output(o))
			out_check(*(const char **)o->value);
	}
	for (const struct opt *o = table; o->name; o++)
		for (const struct opt *p = table; p < o; p++)
			if (is_output(o) && is_output(p) &&
			    out_is_same(*(const char **)o->value, *(const char **)p->value))
				usage("--%s and --%s are the same file", p->name, o->name);
	for (const struct opt *o = table; log_path && o->name; o++)
		if (is_output(o) && out_is_same(*(const char **)o->value, log_path))
			usage("--%s and --log are the same file", o->name);
}

static void start_notes(int argc, char **argv, int revision)
{
	FILE *log = NULL;

	if (log_path && !(log = fopen(log_path, "w")))
		die("cannot write %s:", log_path);
	if (!log && !verbose)
		return;
	notes_to(log, verbose);
	for (int i = 0; i < argc; i++)
		fprintf(log ? log : stderr, "%s%c", argv[i], i + 1 < argc ? ' ' : '\n');
	note("version %s, revision %d, compiled by %s", VERSION, revision, __VERSION__);
}

static void name_program(char **argv)
{
	progname = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	began = seconds_now();
}

static void print_version(int revision)
{
	printf("%s %s, revision %d of its numbers\n", progname, VERSION, revision);
	exit(0);
}

void cli_begin(int argc, char **argv, const char *about, int revision, const struct opt *options)
{
	name_program(argv);
	about_text = about;
	table = options;
	if (argc == 2 && !strcmp(argv[1], "--version"))
		print_version(revision);
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		help();
		exit(0);
	}
	parse(argc, argv);
	start_notes(argc, argv, revision);
}

static _Noreturn void help_verbs(const char *about, const struct verb *verbs)
{
	printf("%s - %s\n\nusage: %s VERB options...   (%s VERB --help)\n\n", progname, about, progname,
	       progname);
	for (; verbs->name; verbs++)
		printf("  %-10s %s\n", verbs->name, verbs->about);
	exit(0);
}

int cli_verbs(int argc, char **argv, const char *about, int revision, const struct verb *verbs)
{
	const struct verb *v = verbs;

	name_program(argv);
	if (argc == 2 && !strcmp(argv[1], "--version"))
		print_version(revision);
	if (argc == 2 && !strcmp(argv[1], "--help"))
		help_verbs(about, verbs);
	while (v->name && (argc < 2 || strcmp(v->name, argv[1])))
		v++;
	if (!v->name)
		usage(argc < 2 ? "no verb given" : "no verb '%s'", argc < 2 ? "" : argv[1]);
	verb_name = xprintf(" %s", v->name);
	argv[1] = argv[0];
	cli_begin(argc - 1, argv + 1, v->about, revision, v->options);
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
