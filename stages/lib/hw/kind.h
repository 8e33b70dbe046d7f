/*
 * kind.h - the kinds of accelerators, for programs that have one of them and for searches, which ask what
 * kernels of different bits cost together.
 *
 * A kind is a file kind-NAME.c with its struct simulator (simulator.h), which is declared here and listed in
 * kind.c; stages/simulate-NAME.c is its program.
 */
#ifndef KIND_H
#define KIND_H

#include "hw/simulator.h"

extern const struct simulator bismo_simulator, bitfusion_simulator, size_simulator, table_simulator;

/* That of hwmodels/KIND-NAME.conf, or .csv, by the file's name; dies of another. */
const struct simulator *simulator_of_model(const char *path);

#endif
