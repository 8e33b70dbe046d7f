/*
 * hash.h - 64-bit FNV-1a: tells whether what a stage kept is of the same inputs as before.
 *
 * No cryptography: it guards against stale files, not against forgers.  A hash starts from HASH_START and
 * takes in one thing after the other, so the order counts.
 *
 * Source: Fowler, Noll and Vo; the offset basis and the prime of their 64-bit variant.
 */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(14695981039346656037)

uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size);
uint64_t hash_text(uint64_t hash, const char *text);
/* The bytes of a file, then their number: where one file ends and the next begins matters.  Dies. */
uint64_t hash_file(uint64_t hash, const char *path);

#endif
