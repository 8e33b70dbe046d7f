#include "hw/kind-size.h"
#include "core/conf.h"

#define REVISION 1 /* raise when the numbers change */

static long image_bits, rest_bits;

static const struct conf_key keys[] = { { "image_bits", CONF_INT, &image_bits, 0, 32, NULL },
	                                { "rest_bits", CONF_INT, &rest_bits, 0, 32, NULL },
	                                { 0 } };

static void read(const char *path, const struct graph *g)
{
	(void)g;
	conf_read(path, keys);
}

static void cost(const struct graph *g, int layer, int channels, int w, int a, struct cost *c)
{
	const struct layer *l = &g->layer[layer];
	bool reads_image = g->node[l->node].input[0] == 0;
	int64_t weights = l->weights / l->cout * channels,
		rest = (l->biases + l->batch_norms) / l->cout * channels;
	int64_t bits = reads_image && image_bits ? image_bits : w;

	(void)a;
	c->metric[METRIC_SIZE] = (double)(weights * bits + rest * rest_bits) / 8;
}

const struct simulator size_simulator = {
	.kind = "size",
	.about = "bytes of a network whose weights are codes",
	.count = COUNT_ALL,
	.read = read,
	.cost = cost,
	.has_no_time = true,
};
