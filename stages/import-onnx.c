/*
 * import-onnx - an image classifier in ONNX becomes a network and its weights.
 *
 *	import-onnx -i model.onnx -n data/networks/NET.csv -w data/weights/NET.npz
 *
 * Knows what torchvision, timm, Keras and MXNet export for convolutional classifiers; what each operator
 * becomes, and what is refused: stages/ONNX.md.  First and last layer get 8 bits, the others are
 * searched (HAQ): edit the last column of NET.csv for others.
 *
 * --mean and --std stay with the weights: so networks that were trained on other numbers share images.
 *
 * Quantized files give the clipping ranges of layers, and --policy their bits.
 */
#include "core/cli.h"
#include "dataset/images.h"
#include "io/npz.h"
#include "onnx/import.h"

#include <stdlib.h>
#include <string.h>

#define REVISION 2

static const char *model_path, *net_path, *weights_path, *policy_path, *kernels_path;
static const char *keep, *mean_text, *std_text;
static long side;

static const struct opt options[] = {
	{ 'i', "input", OPT_PATH, &model_path, "model.onnx", "the model" },
	{ 'n', "network", OPT_OUT, &net_path, "NET.csv", "the network" },
	{ 'w', "weights", OPT_OUT, &weights_path, "NET.npz", "its weights" },
	{ 'p', "policy", OPT_OUT, &policy_path, NULL, "of a quantized model: bits of each layer" },
	{ 'k', "kernels", OPT_OUT, &kernels_path, NULL, "and weight bits of each output channel, .npy" },
	{ 0, "mean", OPT_TEXT, &mean_text, NULL,
	  "what it subtracts from pixels / 255, per channel, if not what images say: 0.485,0.456,0.406" },
	{ 0, "std", OPT_TEXT, &std_text, NULL, "what it divides by then" },
	{ 's', "size", OPT_INT, &side, NULL, "side of the images, where the model leaves it open" },
	{ 0, "keep", OPT_TEXT, &keep, NULL, "outputs to keep, for some of its classes: 0,217,482" },
	{ 0 }
};

/* Keeps some outputs of the last layer, in the order of the list, for a data set of some of the classes. */
static void keep_outputs(struct imported *m)
{
	struct node *n = &m->graph.node[m->graph.nodes - 1];
	struct layer *l;
	struct layer_weights *w;
	size_t each, room = strlen(keep) / 2 + 1;
	float *weight, *bias;
	int kept = 0;

	if (n->layer < 0 || n->groups > 1 || n->batch_norm || n->activation != ACT_NONE ||
	    m->weights.has_clips)
		onnx_die(&m->file, NULL, "--keep expects a linear layer at the end, in full precision");
	l = &m->graph.layer[n->layer];
	w = &m->weights.layer[n->layer];
	each = (size_t)l->weights / (size_t)l->cout;
	weight = xmalloc(room * each, sizeof *weight);
	bias = xmalloc(room, sizeof *bias);
	for (char *end, *p = xstrdup(keep);; p = end + 1) {
		long k = strtol(p, &end, 10);

		if (end == p || k < 0 || k >= l->cout || (*end && *end != ','))
			usage("--keep wants outputs 0 to %d with commas between, not '%s'", l->cout - 1,
			      keep);
		memcpy(weight + (size_t)kept * each, w->weight + (size_t)k * each, each * sizeof *weight);
		bias[kept++] = w->bias ? w->bias[k] : 0;
		if (!*end)
			break;
	}
	w->weight = weight;
	w->bias = w->bias ? bias : NULL;
	n->channels = l->cout = kept;
	l->weights = (int64_t)((size_t)kept * each);
}

/* The mean or std of pixels that the network was trained by, if the command line or the model says it. */
static float *channel_numbers(const struct imported *m, const char *kind, const char *option, double least)
{
	const struct node *input = &m->graph.node[0];
	const char *property = onnx_get_property(&m->file, xprintf("%s.%s", kind, input->name)),
		   *text = option ? option : property;
	float *x = xmalloc((size_t)input->channels, sizeof *x);

	if (!text || images_channels(x, text, input->channels, least))
		return text ? x : NULL;
	if (option)
		usage("--%s wants %d numbers with commas, between 0 and 1, not '%s'", kind, input->channels,
		      option);
	onnx_die(&m->file, NULL, "property %s.%s is '%.60s'; expected %d numbers with commas", kind,
	         input->name, property, input->channels);
}

static void read_normalisation(struct imported *m)
{
	struct weights *w = &m->weights;

	w->image_mean = channel_numbers(m, "mean", mean_text, 0);
	w->image_std = channel_numbers(m, "std", std_text, 1e-6);
	if (!w->image_mean != !w->image_std)
		onnx_die(&m->file, NULL, "property %s.%s alone; expected mean and std",
		         w->image_mean ? "mean" : "std", m->graph.node[0].name);
}

/* Imported weights are stored, not deflated: floats hardly compress. */
static void write_weights(const struct imported *m)
{
	FILE *f = out_open(weights_path);
	struct npz_writer *z = npz_begin(f, false);

	weights_add(&m->weights, &m->graph, z);
	npz_end(z);
	out_commit(f);
}

int main(int argc, char **argv)
{
	struct imported m;

	cli_begin(argc, argv, "an image classifier in ONNX becomes a network and its weights", REVISION,
	          options);
	if (side < 0 || side > 65535)
		usage("--size is 1 to 65535, not %ld", side);
	if (kernels_path && !policy_path)
		usage("--kernels goes with --policy");
	if (!mean_text != !std_text)
		usage("--mean and --std go together");
	onnx_import(&m, model_path, (int)side, policy_path);
	if (keep)
		keep_outputs(&m);
	read_normalisation(&m);
	imported_check(&m);
	write_weights(&m);
	if (policy_path)
		policy_write(&m.graph, &m.policy, policy_path);
	if (kernels_path)
		policy_write_kernels(&m.graph, &m.policy, kernels_path);
	graph_write(&m.graph, net_path);
	note("%d nodes of %zu", m.graph.nodes, m.file.graph->n_node);
	return cli_end();
}
