/*
 * render-page - tables, figures and their captions on one HTML page.
 *
 *	render-page -l list.csv -o OUT/paper.html --title "Tables and figures of HAQ, PROFILE=fashion"
 *
 * Reads a list kind,path, and shows what it names in its order:
 *
 *	text,FILE.txt      aligned text, as tabulate and check-claims write it: its first line is the
 *	                   heading, the rest stays as it is
 *	table,FILE.csv     a table with a row of names; cells that are numbers stand on the right
 *	figure,FILE.svg    a picture; its caption is FILE.caption.txt, beside it, behind the name FILE
 *
 * Pictures are linked, not copied: they lie in the folder of the page, or below it, and page and pictures
 * can be moved together.  All text is escaped.
 */
#include "core/cli.h"
#include "io/csv.h"
#include "report/escape.h"

#include <stdlib.h>
#include <string.h>

#define REVISION 1

static const char *list_path, *out_path, *title;

static const struct opt options[] = { { 'l', "list", OPT_PATH, &list_path, "list.csv", "what to show" },
	                              { 'o', "output", OPT_OUT, &out_path, "page.html", "the page" },
	                              { 0, "title", OPT_TEXT, &title, "TITLE", "its title" },
	                              { 0 } };

static const char style[] =
	"body{max-width:75rem;margin:2rem auto;padding:0 1rem;font-family:sans-serif}"
	"h2{font-size:1rem;margin:2.5rem 0 .5rem}"
	"pre,.wide{overflow-x:auto;font-size:.8rem}"
	"table{border-collapse:collapse}"
	"th,td{padding:.1rem .6rem;text-align:left;white-space:nowrap}th{border-bottom:1px solid}"
	".number{text-align:right}"
	"figure{margin:2.5rem 0}img{max-width:100%}";

static void put(FILE *f, const char *text)
{
	escape_html(f, text, strlen(text));
}

static void show_text(FILE *f, const char *path)
{
	size_t size, heading;
	char *text = (char *)file_bytes(path, &size), *rest;

	heading = strcspn(text, "\n");
	rest = text + heading;
	rest += strspn(rest, "\n");
	if (strlen(text) != size)
		die("%s: a NUL byte where text was expected", path);
	if (!heading)
		die("%s: expected a heading in its first line", path);
	fputs("<h2>", f);
	escape_html(f, text, heading);
	fputs("</h2>\n<pre>\n", f);
	put(f, rest);
	fputs("</pre>\n", f);
	free(text);
}

static bool is_number(const char *text)
{
	char *end;

	strtod(text, &end);
	return *text && !*end;
}

static void show_cell(FILE *f, const char *element, const char *text)
{
	fprintf(f, is_number(text) ? "<%s class=\"number\">" : "<%s>", element);
	put(f, text);
	fprintf(f, "</%s>", element);
}

static void show_table(FILE *f, const char *path)
{
	struct table t;

	table_read(&t, path);
	fputs("<div class=\"wide\"><table>\n<tr>", f);
	for (size_t c = 0; c < t.columns; c++)
		show_cell(f, "th", t.header[c]);
	fputs("</tr>\n", f);
	for (size_t row = 0; row < t.rows; row++) {
		fputs("<tr>", f);
		for (size_t c = 0; c < t.columns; c++)
			show_cell(f, "td", table_text(&t, row, (int)c));
		fputs("</tr>\n", f);
	}
	fputs("</table></div>\n", f);
	table_free(&t);
}

/* The path of a file from the folder of the page. */
static const char *from_page(const struct table *list, size_t row, const char *path)
{
	const char *slash = strrchr(out_path, '/');
	size_t folder = slash ? (size_t)(slash - out_path) + 1 : 0;

	if (strncmp(path, out_path, folder) || path[folder] == '/' || strstr(path + folder, "../"))
		table_die(list, row, "'%.200s' does not lie below the folder of the page, %.*s", path,
		          folder ? (int)folder : 2, folder ? out_path : "./");
	return path + folder;
}

static void show_figure(FILE *f, const struct table *list, size_t row, const char *path)
{
	const char *dot = strrchr(path, '.'), *link = from_page(list, row, path), *name;
	size_t size;
	char *caption;

	if (!dot || strcmp(dot, ".svg"))
		table_die(list, row, "'%.200s' is no .svg", path);
	free(file_bytes(path, &size)); /* it is there */
	caption = (char *)file_bytes(xprintf("%.*s.caption.txt", (int)(dot - path), path), &size);
	name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	fputs("<figure><img src=\"", f);
	put(f, link);
	fputs("\" alt=\"\"><figcaption><b>", f);
	escape_html(f, name, (size_t)(dot - name));
	fputs("</b>: ", f);
	put(f, caption);
	fputs("</figcaption></figure>\n", f);
	free(caption);
}

static void show(FILE *f, const struct table *list, size_t row)
{
	const char *kind = table_text(list, row, table_column(list, "kind")),
		   *path = table_text(list, row, table_column(list, "path"));

	if (!strcmp(kind, "text"))
		show_text(f, path);
	else if (!strcmp(kind, "table"))
		show_table(f, path);
	else if (!strcmp(kind, "figure"))
		show_figure(f, list, row, path);
	else
		table_die(list, row, "kind '%.60s'; expected text, table or figure", kind);
}

int main(int argc, char **argv)
{
	struct table list;
	FILE *f;

	cli_begin(argc, argv, "tables, figures and their captions on one HTML page", REVISION, options);
	table_read(&list, list_path);
	if (!list.rows)
		die("%s: nothing to show", list_path);
	f = out_open(out_path);
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>", f);
	put(f, title);
	fprintf(f, "</title>\n<style>%s</style></head>\n<body>\n<h1>", style);
	put(f, title);
	fputs("</h1>\n", f);
	for (size_t row = 0; row < list.rows; row++)
		show(f, &list, row);
	fputs("</body>\n</html>\n", f);
	out_commit(f);
	return cli_end();
}
