#include "report/escape.h"

void escape_html(FILE *f, const char *text, size_t length)
{
	for (; *text && length--; text++)
		switch (*text) {
		case '&': fputs("&amp;", f); break;
		case '<': fputs("&lt;", f); break;
		case '>': fputs("&gt;", f); break;
		case '"': fputs("&quot;", f); break;
		default: fputc(*text, f);
		}
}
