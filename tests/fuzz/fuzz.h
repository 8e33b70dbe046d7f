/*
 * fuzz.h - what every fuzz target is: bytes from anywhere, which must neither crash nor hang it.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
