/*
 * describe-network - the layers of a network: shapes, parameters, multiplications.
 *
 *	describe-network -n data/networks/resnet-50.csv -o layers.csv
 *
 * Writes a row for each layer, and their sum in a row `total`:
 *
 *	layer,kind,cin,cout,kernel,stride,dilation,groups,hin,win,hout,wout,weights,biases,norms,macs
 *
 * kind is conv, pointwise, depthwise or linear; norms counts gamma and beta of batch normalisation;
 * macs are multiplications for one image.  What a policy makes of the weights, in bytes, is in the
 * costs of any simulator.
 */
#include "core/cli.h"
#include "model/graph.h"

#define REVISION 2

static const char *net_path, *out_path;

static const struct opt options[] = { { 'n', "network", OPT_PATH, &net_path, "net.csv", "the network" },
	                              { 'o', "output", OPT_OUT, &out_path, "layers.csv", "its layers" },
	                              { 0 } };

static void write_layer(FILE *f, const struct graph *g, const struct layer *l)
{
	fprintf(f, "%s,%s,%d,%d,%d,%d,%d,%d,%d,%d,%d,%d,%jd,%jd,%jd,%jd\n", l->name, layer_kind(l), l->cin,
	        l->cout, l->kernel, l->stride, g->node[l->node].dilation, l->groups, l->hin, l->win, l->hout,
	        l->wout, (intmax_t)l->weights, (intmax_t)l->biases, (intmax_t)l->batch_norms,
	        (intmax_t)l->macs);
}

int main(int argc, char **argv)
{
	struct graph g;
	struct layer sum = { 0 };
	FILE *f;

	cli_begin(argc, argv, "the layers of a network: shapes, parameters, multiplications", REVISION,
	          options);
	graph_read(&g, net_path);
	f = out_open(out_path);
	fputs("layer,kind,cin,cout,kernel,stride,dilation,groups,hin,win,hout,wout,"
	      "weights,biases,norms,macs\n",
	      f);
	for (int i = 0; i < g.layers; i++) {
		const struct layer *l = &g.layer[i];

		write_layer(f, &g, l);
		sum.weights += l->weights;
		sum.biases += l->biases;
		sum.batch_norms += l->batch_norms;
		sum.macs += l->macs;
	}
	fprintf(f, "total,,,,,,,,,,,,%jd,%jd,%jd,%jd\n", (intmax_t)sum.weights, (intmax_t)sum.biases,
	        (intmax_t)sum.batch_norms, (intmax_t)sum.macs);
	out_commit(f);
	return cli_end();
}
