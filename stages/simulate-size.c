/*
 * simulate-size - how many bytes a network takes whose weights are codes, at every number of bits.
 *
 *	simulate-size -n NET.csv -m hwmodels/size-codebook.conf -o costs.csv
 *
 * Table 6 of the paper: weights of b bits take b bits each, those of the layer that reads the image
 * image_bits; a bias or a parameter of batch norm takes rest_bits.  Codebooks are not counted.
 * Activations take nothing.
 */
#include "hw/kind-size.h"
#include "hw/simulator.h"

#define REVISION 1

int main(int argc, char **argv)
{
	return simulator_main(argc, argv, &size_simulator, REVISION);
}
