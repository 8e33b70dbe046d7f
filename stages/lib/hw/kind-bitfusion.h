/*
 * kind-bitfusion.h - BitFusion as a kind of accelerator, hwmodels/bitfusion-NAME.conf: the model of
 * bitfusion.h.
 *
 * Kernels of different bits run one width after the other; each column of the array has one, whatever its
 * bits, which widen the side of the inputs.
 */
#ifndef KIND_BITFUSION_H
#define KIND_BITFUSION_H

#include "hw/machine.h"

extern const struct simulator bitfusion_simulator;

#endif
