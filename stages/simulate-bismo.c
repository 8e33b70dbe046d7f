/*
 * simulate-bismo - what each layer of a network costs on BISMO, at every pair of bits.
 *
 *	simulate-bismo -n NET.csv -m hwmodels/bismo-edge.conf -o costs.csv
 *	simulate-bismo -n NET.csv -m hwmodels/bismo-edge.conf -p policy.csv --count all -o costs.csv
 *
 * Reads a network and the numbers of an accelerator; writes, for every layer and 1..8 weight
 * and activation bits, the cycles and milliseconds of one batch and the bytes of the weights
 * (lib/hw/costs.h).  BISMO has no energy model: that column is empty.  With a policy, one row per
 * layer at its bits, and their sum in a row `total`: over the layers whose bits are searched, as
 * Table 3 of the paper counts, or over all.
 *
 * The model is lib/hw/bismo.h.  Kernel-wise policies (--kernels) are costed by the schedule that the
 * accelerator names: its kernels of the same bits one width after the other, or sorted.
 */
#include "hw/kind-bismo.h"
#include "hw/simulator.h"

#define REVISION 1

int main(int argc, char **argv)
{
	return simulator_main(argc, argv, &bismo_simulator, REVISION);
}
