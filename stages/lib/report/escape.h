/*
 * escape.h - text as a part of another language.
 */
#ifndef ESCAPE_H
#define ESCAPE_H

#include "core/base.h"

/* As HTML's text, or as an attribute's value between double quotes; stops at `length` bytes or at NUL. */
void escape_html(FILE *f, const char *text, size_t length);

#endif
