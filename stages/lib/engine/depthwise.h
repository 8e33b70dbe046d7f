/*
 * depthwise.h - 3 x 3 depthwise convolutions, a row of the image at a time, in float32.
 *
 * Rows are [w][c].  Given three rows of one side a function computes one of the other: so a network can
 * make rows when they are needed, in the cache, and forget them after.  Weights are `taps` [9][c], the
 * kernel's rows one behind the other; c is a multiple of 16, at most as many channels as a register holds.
 *
 * Everything computes on the calling thread; nothing here can fail.
 */
#ifndef DEPTHWISE_H
#define DEPTHWISE_H

#include "core/cpu.h"
#include "engine/shape.h"

#define DEPTHWISE_SIDE 3
#define DEPTHWISE_TAPS 9

struct depthwise {
	int c, h_in, w_in, h_out, w_out, stride;
	int pad; /* zeros above and left; below and right there are those that h_out, w_out need */
};

bool depthwise_can(const struct conv_shape *s); /* whether it is a convolution of this kind */
struct depthwise depthwise_of(const struct conv_shape *s);

/* Weights as in files, [c][1][3][3], to taps and back. */
void depthwise_from_oihw(const float *oihw, int c, float *taps);
void depthwise_to_oihw(const float *taps, int c, float *oihw);

/* Output row z [w_out][c] from the input rows under its three rows of weights; NULL: outside the image. */
void depthwise_forward(const struct depthwise *d, const float *const x[3], const float *taps, float *z);

/* Gradient of the taps: diff [9][c] += what the gradient of an output row and the same inputs give. */
void depthwise_backward_weights(const struct depthwise *d, const float *const x[3], const float *dz,
                                float *diff);

/*
 * Gradient of an input row: dx [w_in][c] from dz[k], the gradient of the output row that it reaches by row k
 * of the weights; NULL: none.
 */
void depthwise_backward_data(const struct depthwise *d, const float *const dz[3], const float *taps,
                             float *dx);

/* --- each at several levels of the CPU (cpu.h) --------------------------------------------------- */

CPU_LEVELS(depthwise_can);
#define depthwise_can CPU_LEVEL(depthwise_can)
CPU_LEVELS(depthwise_of);
#define depthwise_of CPU_LEVEL(depthwise_of)
CPU_LEVELS(depthwise_from_oihw);
#define depthwise_from_oihw CPU_LEVEL(depthwise_from_oihw)
CPU_LEVELS(depthwise_to_oihw);
#define depthwise_to_oihw CPU_LEVEL(depthwise_to_oihw)
CPU_LEVELS(depthwise_forward);
#define depthwise_forward CPU_LEVEL(depthwise_forward)
CPU_LEVELS(depthwise_backward_weights);
#define depthwise_backward_weights CPU_LEVEL(depthwise_backward_weights)
CPU_LEVELS(depthwise_backward_data);
#define depthwise_backward_data CPU_LEVEL(depthwise_backward_data)

#endif
