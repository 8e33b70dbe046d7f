/*
 * base.h - what every stage needs: dying well, memory, files that appear whole.
 *
 * Errors.  A stage is a batch program: what it cannot do, it says once and dies.
 *   die()   bad input or a failed system call; exit 1.  A message ending in ':' gets strerror(errno).
 *   usage() (cli.h) a wrong command line; exit 2.
 *   BUG()   something impossible; abort(), so that gdb and the sanitizers stop there.
 * Parsers of foreign bytes (npz, csv, conf, idx) return an error text instead, so that tests and
 * fuzzers can look at it; their reading variants die with it, naming the file.
 *
 * Memory.  What lives as long as the stage comes from xmalloc() and is never freed.
 *
 * Output.  out_open() writes beside the target; out_commit() renames it into place.  Whatever
 * ends the program earlier - die(), a signal, a power cut - leaves no target behind.  Where the path is
 * a symbolic link the target is what it points to, and the link stays.
 */
#ifndef BASE_H
#define BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define LEN(a) (sizeof(a) / sizeof *(a))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))

extern const char *progname;

_Noreturn void die(const char *fmt, ...) PRINTF(1, 2);
void warn(const char *fmt, ...) PRINTF(1, 2);
void note(const char *fmt, ...) PRINTF(1, 2); /* only with --verbose, or into --log */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void bug_at(const char *file, int line, const char *fmt, ...) PRINTF(3, 4);
void notes_to(FILE *f, bool on_stderr); /* into f or NULL, on standard error too */
void before_messages(void (*f)(void));  /* called before each one on stderr */

/* The error text that parsers return: formatted into one buffer of the thread. */
const char *error_text(const char *fmt, ...) PRINTF(1, 2) __attribute__((returns_nonnull));

double seconds_now(void); /* since some moment; never goes back */

void *xmalloc(size_t n, size_t size); /* n*size bytes, zeroed, 64-byte aligned; dies */
char *xstrdup(const char *s);
char *xprintf(const char *fmt, ...) PRINTF(1, 2);

/* The whole of a file of at most cap bytes, with a NUL behind it: NULL, or the error and *bytes NULL. */
const char *file_read(unsigned char **bytes, size_t *size, const char *path, size_t cap);
/* The same up to FILE_CAP; dies, naming the path. */
unsigned char *file_bytes(const char *path, size_t *size) __attribute__((returns_nonnull));
#define FILE_CAP ((size_t)8 << 30)

/* Names of what will be written are checked before hours are spent on it. */
void out_check(const char *path); /* dies if it is a device, pipe or directory, or cannot be there */
bool out_is_same(const char *a, const char *b); /* one file by two names or links, be it there or not */
FILE *out_open(const char *path);
void out_commit(FILE *f);       /* flush, fsync, rename; dies */
void out_commit_cache(FILE *f); /* the same without fsync: what can be remade */

#endif
