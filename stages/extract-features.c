/*
 * extract-features - what the agent sees of each layer.
 *
 *	extract-features -n NET.csv -o features.npy
 *
 * Writes float32 [layers][10], a row of eq. 1 (convolution) or eq. 2 (linear) for each layer:
 *
 *	0 k          index of the layer            5 s_feat    numbers in the input of one channel:
 *	1 c_in       input channels                            height * width; linear: in the input vector
 *	2 c_out      output channels               6 n_params  weights
 *	3 s_kernel   side of the kernel; linear 1  7 i_dw      1 for depthwise
 *	4 s_stride   stride; linear 0              8 i_w/a     0 here: weights or activations,
 *	                                                       known in the search
 *	                                           9 a_{k-1}   0 here: the action before,
 *	                                                       known in the search
 *
 * Each column is brought to [0, 1] over the layers of the network, (x - min) / (max - min).  A column that is
 * the same everywhere tells no layers apart: it becomes 0 where it is 0, else 1.
 */
#include "core/base.h"
#include "core/cli.h"
#include "model/graph.h"
#include "io/npz.h"

#define REVISION 1
#define FEATURES 10

static const char *net_path, *out_path;

static const struct opt options[] = { { 'n', "network", OPT_PATH, &net_path, "net.csv", "the network" },
	                              { 'o', "output", OPT_OUT, &out_path, "features.npy",
	                                "float32 [layers][10], eq. 1 and 2" },
	                              { 0 } };

static void describe(const struct layer *l, int k, double row[FEATURES])
{
	row[0] = k;
	row[1] = l->cin;
	row[2] = l->cout;
	row[3] = l->kernel;
	row[4] = l->is_linear ? 0 : l->stride;
	row[5] = l->is_linear ? l->cin : (double)l->hin * l->win;
	row[6] = (double)l->weights;
	row[7] = l->is_depthwise;
	row[8] = row[9] = 0;
}

static void normalise(double (*row)[FEATURES], int rows, int column, float (*out)[FEATURES])
{
	double min = row[0][column], max = min;

	for (int k = 1; k < rows; k++) {
		min = row[k][column] < min ? row[k][column] : min;
		max = row[k][column] > max ? row[k][column] : max;
	}
	for (int k = 0; k < rows; k++)
		out[k][column] = (float)(max > min ? (row[k][column] - min) / (max - min) : max != 0);
}

int main(int argc, char **argv)
{
	struct graph g;
	double(*row)[FEATURES];
	float(*out)[FEATURES];

	cli_begin(argc, argv, "what the agent sees of each layer", REVISION, options);
	graph_read(&g, net_path);
	row = xmalloc((size_t)g.layers, sizeof *row);
	out = xmalloc((size_t)g.layers, sizeof *out);
	for (int k = 0; k < g.layers; k++)
		describe(&g.layer[k], k, row[k]);
	for (int column = 0; column < FEATURES; column++)
		normalise(row, g.layers, column, out);
	npy_write(out_path, F32, 2, SHAPE((size_t)g.layers, FEATURES), out);
	return cli_end();
}
