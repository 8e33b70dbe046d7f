/*
 * kernel-bits.h - bits of the kernels of a layer around a mean, by how much each has to lose.
 *
 * A kernel is what one output channel computes by.  Each of its weights, at b bits in [-c, c], is off by a
 * noise of about the power c^2 / (3 * 4^b), where the weights themselves have the power mean(w^2); so that
 * is how its output is off, as a share of its variance, if all that it reads is alike.  Behind a batch norm a
 * channel has the power gamma^2 variance / (variance + epsilon).  So
 *
 *	noise ~ sensitivity * 4^-b,    sensitivity = c^2 / mean(w^2) * gamma^2 variance / (variance + epsilon)
 *
 * with c the largest magnitude of the kernel where each has a range of its own, or of the layer's where they
 * share one.  That all outputs matter alike is assumed: it is an estimate by the weights alone.
 */
#ifndef KERNEL_BITS_H
#define KERNEL_BITS_H

#include "model/policy.h"
#include "model/weights.h"

#define DEAD_BELOW 1e-3

/*
 * Sensitivities s[cout] of the output channels; 0 of a dead one, which is always the same, or nearly so: of
 * less than DEAD_BELOW of its gamma^2.  Without a batch norm its power is that of its weights.
 */
void kernel_sensitivities(const struct layer *l, const struct layer_weights *w, bool own_ranges, double *s);

/*
 * Chooses bits[n] of the range, `sum` in all, with the least sum of s * 4^-bits there is: each bit goes to
 * the kernel that has most to lose, the first of equals.  The sum must be one that the range allows.
 */
void kernel_bits(const double *s, int n, int sum, struct bit_range range, unsigned char *bits);

/* The sum of s * 4^-bits, where all have so many bits and where they are bits[n]. */
double kernel_noise_uniform(const double *s, int n, int bits);
double kernel_noise(const double *s, int n, const unsigned char *bits);

#endif
