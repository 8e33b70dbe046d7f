/*
 * kind-size.h - bytes of a network whose weights are codes, hwmodels/size-NAME.conf: Table 6 of HAQ.
 *
 * Weights of b bits take b bits each, those of the layer that reads the image image_bits; a bias or a
 * parameter of batch norm takes rest_bits.  There is no time and no energy.
 */
#ifndef KIND_SIZE_H
#define KIND_SIZE_H

#include "hw/machine.h"

extern const struct simulator size_simulator;

#endif
