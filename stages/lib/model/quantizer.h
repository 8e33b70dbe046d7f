/*
 * quantizer.h - the linear quantizer of HAQ: eq. 4 and 5, its clipping range by eq. 6.
 *
 *	q(x) = round(clamp(x, low, high) / step) * step         round half to even
 *
 *	weights                 [-c, c], step = c / (2^(b-1) - 1), b >= 2;  b = 1: sign(x) * c
 *	activations, signed     the same
 *	activations, unsigned   [0, c],  step = c / (2^b - 1), b >= 1
 *
 * Activations are signed where the tensor may be negative (struct layer.input_is_signed).
 * The gradient is straight-through: for activations 1 inside (low, high) and 0 outside, and with respect
 * to c 1 where x was clipped to c (PACT); for weights 1 everywhere, as in the released code.
 */
#ifndef QUANTIZER_H
#define QUANTIZER_H

#include "model/histograms.h"

struct quantizer {
	bool on; /* off: q(x) = x */
	float low, high, step;
	int levels; /* high / step */
};

/* Whether b bits are defined: signed activations need 2. */
bool quantizer_has_bits(int bits, bool is_signed);
/* c is the clip; bits that are not defined are a bug. */
struct quantizer quantizer_for_activations(int bits, float clip, bool is_signed);
void quantize_weights(const float *w, size_t n, int bits, float clip, float *out); /* out[n] */
/* The same numbers as integers: q(w) is out * step; returns the step. */
float quantize_to_integers(const float *w, size_t n, int bits, float clip, int8_t *out);

/* How quantizer_clip() chooses the clipping range c. */
enum clip_rule {
	/*
	 * Eq. 6: the c whose quantized distribution has the least Kullback-Leibler divergence, both ways,
	 * from that of x, taken of distribution functions; from 5 bits on the largest magnitude.  As the
	 * released code, but for what experiments/README.md lists.
	 */
	CLIP_KL,
	CLIP_MSE, /* the c with the least squared error of q(x) */
	CLIP_MAX, /* the largest magnitude */
};

#define QUANTIZER_CANDIDATES 128

/* The clipping range by the distribution of |x|, among QUANTIZER_CANDIDATES even shares of its maximum. */
float quantizer_clip(const struct histogram *h, int bits, bool is_signed, enum clip_rule rule);

#endif
