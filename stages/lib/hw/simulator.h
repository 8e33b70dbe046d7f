/*
 * simulator.h - all of a simulate-KIND but its model: command line, table of costs, cost of a policy.
 *
 * A new kind of accelerator is a struct simulator (machine.h), KIND_simulator in kind-KIND.c: how to read
 * hwmodels/KIND-NAME.conf, and what a layer costs at a pair of bits.  kind-size.c is a short one.  Its
 * program, stages/simulate-KIND.c, is a main of one line, and kind.c lists it.
 *
 * Kernel-wise policies (--kernels) cost what machine.h says.
 *
 * Rooflines (--roofline): a row for each layer at the bits of a policy,
 *
 *	layer,kind,weight_bits,activation_bits,macs,bytes,intensity,gmacs,roof_gmacs,peak_gmacs,bandwidth_gbs
 *
 * macs and bytes of a batch, intensity = macs / bytes (HAQ, section 4.1: MACs per byte of DRAM),
 * giga-MACs a second as simulated, as the roof min(peak, intensity * bandwidth) allows, the peak at
 * these bits, gigabytes a second.
 */
#ifndef SIMULATOR_H
#define SIMULATOR_H

#include "hw/machine.h"

/* The program simulate-KIND, whose REVISION this is; the exit status. */
int simulator_main(int argc, char **argv, const struct simulator *s, int revision);

#endif
