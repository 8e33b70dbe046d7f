#include "core/manual.h"
#include "core/base.h"

#include <ctype.h>
#include <string.h>

/* What stands for an option's argument; "" of a flag. */
static const char *argument(const struct opt *o)
{
	return o->type == OPT_FLAG   ? ""
	       : o->needed           ? o->needed
	       : o->type == OPT_INT  ? "N"
	       : o->type == OPT_TEXT ? "WORD"
	       : o->type == OPT_DIR  ? "DIR"
	                             : "FILE";
}

/* " [2048]", the value of an option that is not given; "" where there is none to show */
static const char *preset(const struct opt *o)
{
	if (!o->needed && o->type == OPT_INT)
		return xprintf(" [%ld]", *(long *)o->value);
	if (!o->needed && o->type == OPT_TEXT && *(char **)o->value)
		return xprintf(" [%s]", *(char **)o->value);
	return "";
}

/* --- help ------------------------------------------------------------------------------------ */

static void help_lines(const struct opt *o)
{
	char left[64];

	for (; o->name; o++) {
		snprintf(left, sizeof left, "--%s %s", o->name, argument(o));
		printf(o->letter ? "  -%c, " : "      ", o->letter);
		printf("%-26s %s%s\n", left, o->help, preset(o));
	}
}

void manual_help(const char *verb, const char *about, const struct opt *options, const struct opt *common)
{
	printf("%s%s - %s\n\nusage: %s%s", progname, verb, about, progname, verb);
	for (const struct opt *o = options; o->name; o++)
		if (o->needed)
			printf(" -%c %s", o->letter, o->needed);
	fputs(" [options]\n\n", stdout);
	help_lines(options);
	help_lines(common);
}

void manual_help_verbs(const char *about, const struct verb *verbs)
{
	printf("%s - %s\n\nusage: %s VERB options...   (%s VERB --help)\n\n", progname, about, progname,
	       progname);
	for (; verbs->name; verbs++)
		printf("  %-10s %s\n", verbs->name, verbs->about);
}

/* --- the page -------------------------------------------------------------------------------- */

/* Text that troff takes for nothing else. */
static void put(const char *text)
{
	for (const char *c = text; *c; c++)
		switch (*c) {
		case '\\': fputs("\\e", stdout); break;
		case '-': fputs("\\-", stdout); break;
		case '\'': fputs("\\(aq", stdout); break;
		case '`': fputs("\\(ga", stdout); break;
		case '^': fputs("\\(ha", stdout); break;
		case '~': fputs("\\(ti", stdout); break;
		case '.': fputs(c == text ? "\\&." : ".", stdout); break;
		default: putchar(*c);
		}
}

static void put_in(const char *font, const char *text)
{
	fputs(font, stdout);
	put(text);
	fputs("\\fR", stdout);
}

static void page_title(const char *stamp, const char *about)
{
	fputs(".TH ", stdout);
	for (const char *c = progname; *c; c++)
		if (*c == '-')
			fputs("\\-", stdout);
		else
			putchar(toupper((unsigned char)*c));
	printf(" 1 \"\" \"HAQ %.*s\" \"hardware-aware quantization\"\n.SH NAME\n", (int)strcspn(stamp, ","),
	       stamp);
	put(progname);
	fputs(" \\- ", stdout);
	put(about);
	fputs("\n.SH SYNOPSIS\n", stdout);
}

static void page_usage(const char *verb, const struct opt *options)
{
	put_in("\\fB", xprintf("%s%s", progname, verb));
	for (const struct opt *o = options; o->name; o++)
		if (o->needed) {
			put_in(" \\fB", xprintf("-%c", o->letter));
			put_in(" \\fI", o->needed);
		}
	puts(" [\\fIoptions\\fR]");
}

static void page_options(const struct opt *o)
{
	for (; o->name; o++) {
		puts(".TP");
		if (o->letter) {
			put_in("\\fB", xprintf("-%c", o->letter));
			fputs(", ", stdout);
		}
		put_in("\\fB", xprintf("--%s", o->name));
		if (*argument(o))
			put_in(" \\fI", argument(o));
		putchar('\n');
		put(o->help);
		put(preset(o));
		putchar('\n');
	}
}

static void page_end(const char *stamp)
{
	puts(".SH EXIT STATUS\n0 where all was done, 1 of bad input or where the system failed, 2 of a wrong "
	     "command line;\nstandard error says why in one line, and no output is left behind.");
	puts(".SH NOTES");
	put(xprintf("%s %s.", progname, stamp));
	putchar('\n');
}

void manual_page(const char *stamp, const char *about, const struct opt *options, const struct opt *common)
{
	page_title(stamp, about);
	page_usage("", options);
	puts(".SH OPTIONS");
	page_options(options);
	page_options(common);
	page_end(stamp);
}

void manual_page_verbs(const char *stamp, const char *about, const struct verb *verbs,
                       const struct opt *common)
{
	page_title(stamp, about);
	for (const struct verb *v = verbs; v->name; v++) {
		page_usage(xprintf(" %s", v->name), v->options);
		puts(v[1].name ? ".br" : ".SH VERBS");
	}
	for (const struct verb *v = verbs; v->name; v++) {
		fputs(".SS ", stdout);
		puts(v->name);
		put(v->about);
		putchar('\n');
		page_options(v->options);
	}
	puts(".SH OPTIONS OF ALL VERBS");
	page_options(common);
	page_end(stamp);
}
