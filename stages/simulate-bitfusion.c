/*
 * simulate-bitfusion - what each layer of a network costs on BitFusion, at every pair of bits.
 *
 *	simulate-bitfusion -n NET.csv -m hwmodels/bitfusion.conf -o costs.csv
 *	simulate-bitfusion -n NET.csv -m hwmodels/bitfusion.conf -p policy.csv -o costs.csv
 *
 * Reads a network and the numbers of an accelerator; writes, for every layer and 1..8 weight
 * and activation bits, the cycles, milliseconds and millijoules of one batch and the bytes of
 * the weights (lib/hw/costs.h).  With a policy, one row per layer at its bits, and their sum in
 * a row `total`: over all layers, as Tables 4 and 5 of the paper count, or over those whose bits
 * are searched.
 *
 * The model is lib/hw/bitfusion.h; kernel-wise policies are costed as lib/hw/simulator.h says.
 */
#include "hw/kind-bitfusion.h"
#include "hw/simulator.h"

#define REVISION 1

int main(int argc, char **argv)
{
	return simulator_main(argc, argv, &bitfusion_simulator, REVISION);
}
