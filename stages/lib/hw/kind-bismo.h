/*
 * kind-bismo.h - BISMO as a kind of accelerator, hwmodels/bismo-NAME.conf: the model of bismo.h.
 *
 * Kernels of different bits run by the schedule that the file names; pe_rows of them run together.
 */
#ifndef KIND_BISMO_H
#define KIND_BISMO_H

#include "hw/machine.h"

extern const struct simulator bismo_simulator;

#endif
