/*
 * kind-table.h - measurements as a kind of accelerator, hwmodels/table-NAME.csv.
 *
 * The columns, which rows must be there, and what bits between measured ones cost: stages/simulate-table.c.
 * Kernels of a width cost their share of the output channels.
 */
#ifndef KIND_TABLE_H
#define KIND_TABLE_H

#include "hw/machine.h"

extern const struct simulator table_simulator;

#endif
