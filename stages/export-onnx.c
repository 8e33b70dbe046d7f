/*
 * export-onnx - a network, quantized to a policy or in full precision, as ONNX that other tools read.
 *
 *	export-onnx -n NET.csv -w NET.npz -p policy.csv -o quantized.onnx
 *
 * What the model looks like: lib/onnx/export.h; for its users: stages/ONNX.md.
 */
#include "core/cli.h"
#include "model/fusion.h"
#include "model/graph.h"
#include "model/policy.h"
#include "model/weights.h"
#include "onnx/export.h"
#include "onnx/policy-json.h"

#define REVISION 1

static const char *graph_path, *weights_path, *policy_path, *kernels_path, *out_path, *json_path;
static bool folds;

static const struct opt options[] = {
	{ 'n', "network", OPT_PATH, &graph_path, "NET.csv", "the network" },
	{ 'w', "weights", OPT_PATH, &weights_path, "weights.npz",
	  "its weights, with -p those of quantize or finetune" },
	{ 'p', "policy", OPT_PATH, &policy_path, NULL, "bits of each layer; none: full precision" },
	{ 'k', "kernels", OPT_PATH, &kernels_path, NULL,
	  "with -p: weight bits of each output channel, .npy" },
	{ 'o', "output", OPT_OUT, &out_path, "quantized.onnx", "the model" },
	{ 'f', "fold", OPT_FLAG, &folds, NULL, "batch norms become part of scales and biases" },
	{ 'j', "json", OPT_OUT, &json_path, NULL, "the policy too, with ranges and scales, as JSON" },
	{ 0 }
};

int main(int argc, char **argv)
{
	struct graph graph;
	struct weights weights;
	struct policy policy, *p = NULL;
	struct onnx_writer *model;

	cli_begin(argc, argv, "a network, quantized to a policy or in full precision, as ONNX", REVISION,
	          options);
	if (!policy_path && (kernels_path || json_path))
		usage("--%s goes with --policy", kernels_path ? "kernels" : "json");
	graph_read(&graph, graph_path);
	if (policy_path) {
		policy = policy_read(&graph, policy_path);
		p = &policy;
	}
	if (kernels_path)
		policy_read_kernels(p, &graph, kernels_path);
	weights_read(&weights, &graph, weights_path);
	if (p && weights_have_codebook(&weights))
		die("%s holds shared values (a codebook), which are no even grid: export it without --policy",
		    weights_path);
	fusion_check_ranges(&graph, &weights, p);
	model = onnx_export(&graph, &weights, p, folds);
	if (json_path)
		policy_json_write(&graph, &weights, p, json_path);
	onnx_write(model, out_path);
	return cli_end();
}
