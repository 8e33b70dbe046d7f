/*
 * depthwise.h - 3 x 3 depthwise convolutions, a row of the image at a time.
 *
 * Rows are NHWC: w x c floats.  Given three rows of one side a function computes one of the
 * other: so a network can make its rows when they are needed, in the cache, and forget them after.
 * Weights are [9][c], c a multiple of 16.
 */
#ifndef DEPTHWISE_H
#define DEPTHWISE_H

#include "engine/conv.h"

#define DEPTHWISE_SIDE 3
#define DEPTHWISE_TAPS 9

struct depthwise {
	/* pad: above and left; below and right there is what h_out, w_out need */
	int c, h_in, w_in, h_out, w_out, stride, pad;
};

bool depthwise_can(const struct conv_shape *s); /* a convolution of this kind */
struct depthwise depthwise_of(const struct conv_shape *s);

/* oihw is [c][1][3][3]; taps [9][c] */
void depthwise_from_oihw(const float *oihw, int c, float *taps);
void depthwise_to_oihw(const float *taps, int c, float *oihw);

/* z[w_out][c] from the input rows under its three rows of weights; NULL: outside the image */
void depthwise_forward(const struct depthwise *d, const float *const x[3], const float *taps, float *z);

/* diff[9][c] += what a row of dz and the same three rows of input give */
void depthwise_backward_weights(const struct depthwise *d, const float *const x[3], const float *dz,
                                float *diff);

/* dx[w_in][c]: dz[k] is the gradient row that this input row reaches by row k of the weights; NULL: none */
void depthwise_backward_data(const struct depthwise *d, const float *const dz[3], const float *taps,
                             float *dx);

#endif
