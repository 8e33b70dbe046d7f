/*
 * autoq-step - one step of a search for the bits of every kernel (AutoQ, ICLR 2020).
 *
 *	autoq-step act -n NET.csv -f features.npy -t costs.csv -m hwmodels/bismo-edge.conf -w weights.npz \
 *	               -c experiments/agents/kernels.conf -b latency-w4a4 -s 1 -k 7 -r RUN \
 *	               -F full-precision.score.csv -o RUN/0007.policy.csv -K RUN/0007.kernels.npy
 *	autoq-step best -n NET.csv -t costs.csv -m hwmodels/bismo-edge.conf \
 *	                -c experiments/agents/kernels.conf -b latency-w4a4 -r RUN -k 250 \
 *	                -F full-precision.score.csv -o best.policy.csv -K best.kernels.npy
 *	autoq-step trace ... -o trace.csv
 *	autoq-step reward ... -p policy.csv -K kernels.npy -S score.csv -o reward.csv
 *	autoq-step uniform -n NET.csv -b w4a4 -o policy.csv -K kernels.npy
 *	autoq-step formula -n NET.csv -w weights.npz -p policy.csv -o kernel.policy.csv -K kernel.kernels.npy
 *
 * The verbs are those of ddpg-step; act reads RUN/0001.kernels.npy and so on beside the policies, each of
 * whose tables has the widest kernel of each layer.  The agents are those of experiments/agents/ whose first
 * line names one for kernels (lib/search/agent-conf.h).
 *
 * What kernels of different bits cost together is what the accelerator's simulator says, called here as it is
 * there (lib/hw/kind.h); costs.csv has what it says of layers.
 *
 * formula keeps the mean bits of each searched layer, to a kernel's bit, and gives its kernels those of least
 * noise (lib/search/kernel-bits.h), each with a range of its own: finetune and evaluate them so (`quantize
 * --kernels`).
 */
#include "core/threads.h"
#include "search/kernel-bits.h"
#include "search/step.h"

#include <stdlib.h>

#define REVISION 1

static long min_bits = 2, max_bits = BITS_MAX;

static const struct opt act_options[] = { STEP_ACT,    STEP_MACHINE,     STEP_WEIGHTS,
	                                  STEP_RANGES, STEP_KERNELS_OUT, { 0 } };
static const struct opt best_options[] = { STEP_BEST, STEP_MACHINE, STEP_KERNELS_OUT, { 0 } };
static const struct opt trace_options[] = { STEP_TRACE, STEP_MACHINE, { 0 } };
static const struct opt reward_options[] = { STEP_REWARD, STEP_MACHINE, STEP_KERNELS_IN, { 0 } };
static const struct opt uniform_options[] = { STEP_UNIFORM, STEP_KERNELS_OUT, { 0 } };
static const struct opt formula_options[] = {
	STEP_NETWORK,
	STEP_WEIGHTS,
	{ 'p', "policy", OPT_PATH, &step.policy, "policy.csv", "bits of each layer" },
	STEP_OUTPUT("kernel.policy.csv", "bits of each layer's widest kernel"),
	STEP_KERNELS_OUT,
	STEP_RANGES,
	{ 0, "min", OPT_INT, &min_bits, NULL, "least bits of a kernel, where its layer has no fewer: 2" },
	{ 0, "max", OPT_INT, &max_bits, NULL, "most bits of a kernel, where its layer has no more: 8" },
	{ 0 }
};

/* The kernels of a layer get the bits of least noise whose mean is that of the layer. */
static void allot(const struct layer *l, const struct layer_weights *w, int bits, unsigned char *kernels)
{
	const struct bit_range range = { bits < min_bits ? bits : (int)min_bits,
		                         bits > max_bits ? bits : (int)max_bits };
	double *s = xmalloc((size_t)l->cout, sizeof *s);

	kernel_sensitivities(l, w, !step_shares_range(), s);
	kernel_bits(s, l->cout, bits * l->cout, range, kernels);
	free(s);
}

static void formula(void)
{
	struct graph g;
	struct policy p;
	struct weights w;

	if (min_bits < 1 || max_bits > BITS_MAX || min_bits > max_bits)
		usage("--min and --max are 1 to %d, not %ld and %ld", BITS_MAX, min_bits, max_bits);
	graph_read(&g, step.files.problem.net);
	p = policy_read(&g, step.policy);
	weights_read(&w, &g, step.files.weights);
	policy_add_kernels(&p, &g);
	for (int i = 0; i < g.layers; i++) {
		if (!g.layer[i].is_searched)
			continue;
		allot(&g.layer[i], &w.layer[i], p.bits[i].w, p.kernels[i]);
		policy_set_widest(&p, &g, i);
	}
	policy_write_kernels(&g, &p, step.kernels);
	policy_write(&g, &p, step.out);
}

int main(int argc, char **argv)
{
	static const struct verb verbs[] = {
		{ "act", "choose the policy of an episode", act_options, step_act },
		{ "best", "the policy of the highest reward", best_options, step_best },
		{ "trace", "reward, accuracy and costs of each episode", trace_options, step_trace },
		{ "reward", "reward and costs of a policy that was scored", reward_options, step_reward },
		{ "uniform", "the same bits for every kernel", uniform_options, step_uniform },
		{ "formula", "bits of kernels around those of their layers", formula_options, formula },
		{ 0 }
	};

	threads_init();
	step.kernel_wise = true;
	return cli_verbs(argc, argv, "one step of a search for the bits of every kernel", REVISION, verbs);
}
