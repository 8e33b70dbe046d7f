/*
 * describe-network - the layers of a network: shapes, parameters, multiplications.
 *
 *	describe-network -n data/networks/resnet-50.csv -o layers.csv
 *
 * Writes a row for each layer, and their sum in a row `total`:
 *
 *	layer,kind,cin,cout,kernel,stride,dilation,groups,hin,win,hout,wout,weights,biases,norms,macs
 *
 * kind is conv, pointwise, depthwise or linear; norms counts gamma and beta of batch norms; macs are the
 * multiplications for one image.  The bytes that weights take at the bits of a policy are in the costs of
 * any simulator.
 */
#include "core/cli.h"
#include "io/csv.h"
#include "model/graph.h"

#define REVISION 2

static const char *net_path, *out_path;

static const struct opt options[] = { { 'n', "network", OPT_PATH, &net_path, "net.csv", "the network" },
	                              { 'o', "output", OPT_OUT, &out_path, "layers.csv", "its layers" },
	                              { 0 } };

static void add_layer(struct csv_writer *t, const struct graph *g, const struct layer *l)
{
	const int shape[] = { l->cin,    l->cout, l->kernel, l->stride, g->node[l->node].dilation,
		              l->groups, l->hin,  l->win,    l->hout,   l->wout };

	csv_text(t, l->name);
	csv_text(t, layer_kind(l));
	for (size_t i = 0; i < LEN(shape); i++)
		csv_int(t, shape[i]);
}

static void add_sums(struct csv_writer *t, const struct layer *l)
{
	csv_int(t, l->weights);
	csv_int(t, l->biases);
	csv_int(t, l->batch_norms);
	csv_int(t, l->macs);
	csv_end_row(t);
}

int main(int argc, char **argv)
{
	struct graph g;
	struct layer sum = { 0 };
	struct csv_writer t;

	cli_begin(argc, argv, "the layers of a network: shapes, parameters, multiplications", REVISION,
	          options);
	graph_read(&g, net_path);
	t = csv_create(out_path, "layer,kind,cin,cout,kernel,stride,dilation,groups,hin,win,hout,wout,"
	                         "weights,biases,norms,macs");
	for (int i = 0; i < g.layers; i++) {
		const struct layer *l = &g.layer[i];

		add_layer(&t, &g, l);
		add_sums(&t, l);
		sum.weights += l->weights;
		sum.biases += l->biases;
		sum.batch_norms += l->batch_norms;
		sum.macs += l->macs;
	}
	csv_text(&t, "total");
	csv_empty(&t, 11);
	add_sums(&t, &sum);
	csv_commit(&t);
	return cli_end();
}
