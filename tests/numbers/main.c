/*
 * main.c - numbers [--write]: compare with tests/golden/numbers.csv, or print what it should be.
 *
 *	module,revision,name,value,tolerance
 *
 * A module whose numbers changed needs a higher REVISION, or results made before would pass for ones made
 * now; so --write (make golden-numbers) refuses where that is missing.  A module that computes by another one
 * changes with it, and is not blamed where that one is.  Where the inputs of these tests change, the rows of
 * what they feed are removed from the file first.
 */
#include "numbers.h"
#include "core/threads.h"
#include "io/csv.h"

#include <glob.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN "tests/golden/numbers.csv"
#define NAME_MAX_BYTES 64
#define MODULES_MAX 64
#define DIFFERENCES_SHOWN 4

struct row {
	char module[NAME_MAX_BYTES], name[NAME_MAX_BYTES];
	double value, tolerance; /* absolute */
};

static struct {
	struct row row[1024];
	size_t n;
} found;

struct module {
	char name[NAME_MAX_BYTES], path[256], differences[1024]; /* the first few */
	long revision, golden_revision;                          /* golden: 0 where there is none */
	int changed, added;                                      /* numbers; added: without a golden one */
};
static struct module module[MODULES_MAX];
static size_t modules;

/* --- what the other files hand in ------------------------------------------------------------ */

static void add(const char *name_of_module, const char *name, double value, double tolerance)
{
	struct row *r = &found.row[found.n++];

	if (found.n > LEN(found.row))
		BUG("more than %zu numbers", LEN(found.row));
	snprintf(r->module, sizeof r->module, "%s", name_of_module);
	snprintf(r->name, sizeof r->name, "%s", name);
	r->value = value;
	r->tolerance = tolerance;
}

void number(const char *name_of_module, const char *name, double value, double share)
{
	add(name_of_module, name, value, share * fabs(value));
}

/* Weights that no permutation of the numbers leaves alone. */
static double weight_of(size_t i)
{
	return (double)(some_bits(99, i) >> 11) * 0x1p-52 - 1;
}

void numbers_double(const char *name_of_module, const char *name, const double *x, size_t n, double share)
{
	double size = 0, pattern = 0;
	char *text[2] = { xprintf("%s: size", name), xprintf("%s: pattern", name) };

	for (size_t i = 0; i < n; i++) {
		size += fabs(x[i]) / (double)n;
		pattern += x[i] * weight_of(i) / (double)n;
	}
	add(name_of_module, text[0], size, share * size);
	add(name_of_module, text[1], pattern, share * size);
	free(text[0]);
	free(text[1]);
}

void numbers(const char *name_of_module, const char *name, const float *x, size_t n, double share)
{
	double *y = xmalloc(n, sizeof *y);

	for (size_t i = 0; i < n; i++)
		y[i] = (double)x[i];
	numbers_double(name_of_module, name, y, n, share);
	free(y);
}

void numbers_bytes(const char *name_of_module, const char *name, const void *bytes, size_t n)
{
	double *y = xmalloc(n, sizeof *y);

	for (size_t i = 0; i < n; i++)
		y[i] = ((const signed char *)bytes)[i];
	numbers_double(name_of_module, name, y, n, 1e-12);
	free(y);
}

void numbers_policy(const char *name_of_module, const char *name, const struct policy *p, int tipped)
{
	double sum[2] = { 0, 0 };
	char *text[2] = { xprintf("%s: bits", name), xprintf("%s: which", name) };

	for (int i = 0; i < p->layers; i++) {
		sum[0] += p->bits[i].w + p->bits[i].a;
		sum[1] += (i + 1) * p->bits[i].w + (i + 0.5) * p->bits[i].a;
	}
	add(name_of_module, text[0], sum[0], tipped);
	add(name_of_module, text[1], sum[1], tipped * p->layers);
	free(text[0]);
	free(text[1]);
}

/* --- comparison ------------------------------------------------------------------------------ */

static long revision_in(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[512];
	long revision = 0;

	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "#define REVISION %ld", &revision) == 1)
			break;
	if (f)
		fclose(f);
	return revision;
}

static struct module *module_named(const char *name)
{
	struct module *m = module;
	char *pattern;
	glob_t files;

	for (; m < module + modules; m++)
		if (!strcmp(m->name, name))
			return m;
	if (++modules > MODULES_MAX)
		BUG("more than %d modules", MODULES_MAX);
	snprintf(m->name, sizeof m->name, "%s", name);
	pattern = xprintf("stages/lib/*/%s.c", name);
	if (glob(pattern, 0, NULL, &files))
		die("no %s, whose numbers are looked at", pattern);
	snprintf(m->path, sizeof m->path, "%s", files.gl_pathv[0]);
	globfree(&files);
	free(pattern);
	if (!(m->revision = revision_in(m->path)))
		die("%s: no `#define REVISION 1`, and its numbers are looked at", m->path);
	return m;
}

static void PRINTF(2, 3) differs(struct module *m, const char *fmt, ...)
{
	size_t n = strlen(m->differences);
	va_list ap;

	if (++m->changed > DIFFERENCES_SHOWN)
		return;
	va_start(ap, fmt);
	vsnprintf(m->differences + n, sizeof m->differences - n, fmt, ap);
	va_end(ap);
}

static void is_added(struct module *m, const char *name)
{
	size_t n = strlen(m->differences);

	if (++m->added <= DIFFERENCES_SHOWN)
		snprintf(m->differences + n, sizeof m->differences - n,
		         "#   %s: not among the golden numbers\n", name);
}

static const struct row *found_row(const char *module_name, const char *name)
{
	for (size_t i = 0; i < found.n; i++)
		if (!strcmp(found.row[i].module, module_name) && !strcmp(found.row[i].name, name))
			return &found.row[i];
	return NULL;
}

static void compare_row(const struct table *t, size_t row, bool *seen)
{
	const char *name = table_text(t, row, table_column(t, "name"));
	struct module *m = module_named(table_text(t, row, table_column(t, "module")));
	double value = table_real(t, row, table_column(t, "value"), -1e300, 1e300);
	double tolerance = table_real(t, row, table_column(t, "tolerance"), 0, 1e300);
	const struct row *r = found_row(m->name, name);

	m->golden_revision = table_int(t, row, table_column(t, "revision"), 1, 1000000);
	if (!r) {
		differs(m, "#   %s: not computed any more\n", name);
		return;
	}
	seen[r - found.row] = true;
	if (!(fabs(r->value - value) <= tolerance))
		differs(m, "#   %s: %.9g, where it was %.9g, give or take %.2g\n", name, r->value, value,
		        tolerance);
}

static void compare(void)
{
	bool *seen = xmalloc(found.n, sizeof *seen);
	struct table t;

	for (size_t i = 0; i < found.n; i++)
		module_named(found.row[i].module);
	table_read(&t, GOLDEN);
	for (size_t row = 0; row < t.rows; row++)
		compare_row(&t, row, seen);
	for (size_t i = 0; i < found.n; i++)
		if (!seen[i])
			is_added(module_named(found.row[i].module), found.row[i].name);
	table_free(&t);
	free(seen);
}

static bool uses(const struct module *m, const struct module *other)
{
	char *command = xprintf("stages/uses.sh sources %s", m->path), line[256];
	FILE *f = popen(command, "r"); /* NOLINT(cert-env33-c): a script of this tree */
	bool found_it = false;

	while (f && fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = '\0';
		found_it = found_it || !strcmp(other->path, line);
	}
	if (!f || pclose(f))
		die("cannot run %s", command);
	free(command);
	return found_it;
}

/*
 * The module, of those that m uses, that is to blame for m's changed numbers; NULL: m itself.  Modules that
 * share a header count as using each other: neither excuses the other.
 */
static const struct module *to_blame(const struct module *m)
{
	for (const struct module *o = module; o < module + modules; o++)
		if (o != m && (o->changed || o->revision != o->golden_revision) && uses(m, o) && !uses(o, m))
			return o;
	return NULL;
}

static bool is_new(const struct module *m)
{
	return !m->golden_revision;
}

/* Whether a module's numbers and revision are the golden ones; says what to do where they are not. */
static bool check(const struct module *m)
{
	const struct module *culprit;

	if (!is_new(m) && m->revision == m->golden_revision && !m->changed && !m->added) {
		printf("ok - numbers of %s\n", m->name);
		return true;
	}
	printf("not ok - numbers of %s\n", m->name);
	if (is_new(m))
		printf("# %s has no golden numbers yet: make golden-numbers\n", m->path);
	else if (m->revision != m->golden_revision)
		printf("# %s has REVISION %ld, golden numbers are those of %ld: make golden-numbers\n",
		       m->path, m->revision, m->golden_revision);
	else if (!m->changed)
		printf("# %d numbers of %s are new: make golden-numbers\n", m->added, m->name);
	else if ((culprit = to_blame(m)))
		printf("# numbers of %s changed, by those of %s that it uses\n", m->name, culprit->name);
	else
		printf("# numbers of %s changed, its REVISION is still %ld: raise it in %s, then make "
		       "golden-numbers\n",
		       m->name, m->revision, m->path);
	fputs(m->differences, stdout);
	if (m->changed > DIFFERENCES_SHOWN)
		printf("#   ... and %d more\n", m->changed - DIFFERENCES_SHOWN);
	return false;
}

/* --- writing --------------------------------------------------------------------------------- */

/* Golden numbers that hide a change would be worth nothing. */
static void refuse_unraised(void)
{
	for (const struct module *m = module; m < module + modules; m++)
		if (!is_new(m) && m->changed && m->revision == m->golden_revision && !to_blame(m))
			die("numbers of %s changed, its REVISION is still %ld: raise it in %s first\n%s",
			    m->name, m->revision, m->path, m->differences);
}

static void write_golden(void)
{
	puts("module,revision,name,value,tolerance");
	for (size_t i = 0; i < found.n; i++)
		printf("%s,%ld,%s,%.15g,%.3g\n", found.row[i].module,
		       module_named(found.row[i].module)->revision, found.row[i].name, found.row[i].value,
		       found.row[i].tolerance);
}

int main(int argc, char **argv)
{
	bool is_good = true;

	progname = "numbers";
	threads_init();
	numbers_of_core();
	numbers_of_model();
	numbers_of_dataset();
	numbers_of_hw();
	numbers_of_engine();
	numbers_of_training();
	numbers_of_search();
	numbers_of_kernels();
	numbers_of_report();
	compare();
	if (argc > 1 && !strcmp(argv[1], "--write")) {
		refuse_unraised();
		write_golden();
		return 0;
	}
	for (const struct module *m = module; m < module + modules; m++)
		is_good &= check(m);
	return !is_good;
}
