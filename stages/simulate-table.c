/*
 * simulate-table - what each layer of a network costs by measurement: any device that someone put a clock to.
 *
 *	simulate-table -n NET.csv -m hwmodels/table-NAME.csv -o costs.csv
 *	simulate-table -n NET.csv -m hwmodels/table-NAME.csv -p policy.csv -o costs.csv
 *
 * The model is a table layer,weight_bits,activation_bits,latency_ms and, if measured, energy_mj
 * and cycles.  With a column `network`, it may hold several: rows of other networks than NET are
 * passed over.
 *
 * Measured must be: every searched layer at every pair of the weight and activation bits that
 * occur, every fixed layer at its bits.  Bits between measured ones cost what the next wider
 * measured ones do, as devices run them; beyond the widest a cell stays empty.  Kernel-wise
 * policies cost, for each width, its share of the output channels.  A policy's sum is over all
 * layers, or over those whose bits are searched.
 */
#include "hw/kind-table.h"
#include "hw/simulator.h"

#define REVISION 2

int main(int argc, char **argv)
{
	return simulator_main(argc, argv, &table_simulator, REVISION);
}
