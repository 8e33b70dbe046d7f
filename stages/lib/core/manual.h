/*
 * manual.h - what a program says of itself, from its table of options: --help, and --man, a page for man(1).
 *
 * `common` are the options of every program, `stamp` is version and revision as --version prints them.
 * All is printed on standard output.
 */
#ifndef MANUAL_H
#define MANUAL_H

#include "core/options.h"

/* verb: "", or a space and the verb that the options are of */
void manual_help(const char *verb, const char *about, const struct opt *options, const struct opt *common);
void manual_help_verbs(const char *about, const struct verb *verbs);

/* troff, with the macros of man(7) */
void manual_page(const char *stamp, const char *about, const struct opt *options, const struct opt *common);
void manual_page_verbs(const char *stamp, const char *about, const struct verb *verbs,
                       const struct opt *common);

#endif
