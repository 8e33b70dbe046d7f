/*
 * extract-features - what the DDPG agent sees of each layer.
 *
 *	extract-features -n NET.csv -o features.npy
 *
 * Writes float32 [layers][10], a row of eq. 1 (convolutions) or eq. 2 (linear layers) for each layer, every
 * column brought to [0, 1]: lib/search/features.h says which column is what.
 */
#include "core/cli.h"
#include "search/features.h"

#define REVISION 1

static const char *net_path, *out_path;

static const struct opt options[] = { { 'n', "network", OPT_PATH, &net_path, "net.csv", "the network" },
	                              { 'o', "output", OPT_OUT, &out_path, "features.npy",
	                                "float32 [layers][10], eq. 1 and 2" },
	                              { 0 } };

int main(int argc, char **argv)
{
	struct graph g;
	struct features f;

	cli_begin(argc, argv, "what the agent sees of each layer", REVISION, options);
	graph_read(&g, net_path);
	features_of(&f, &g);
	features_write(&f, out_path);
	return cli_end();
}
