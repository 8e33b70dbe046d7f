#include "onnx/fold-inner.h"

#include <string.h>

#define REVISION 1 /* raise when the numbers change */

static struct tensor identity(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	(void)o;
	(void)n;
	return *in[0];
}

/*
 * The operators that are folded: fewest and most inputs, and whether these may be as large as
 * weights (else FOLD_MAX).
 */
static const struct folding {
	const char *op;
	size_t fewest, most;
	bool is_of_weights;
	fold_function *run;
} foldings[] = {
	{ "Identity", 1, SIZE_MAX, true, identity }, /* exporters share equal weights so */
	{ "Cast", 1, SIZE_MAX, true, fold_cast },
	{ "Transpose", 1, SIZE_MAX, true, fold_transpose },
	{ "Squeeze", 1, SIZE_MAX, true, fold_squeeze },
	{ "Unsqueeze", 1, SIZE_MAX, true, fold_unsqueeze },
	{ "Reshape", 2, SIZE_MAX, true, fold_reshape },
	{ "Shape", 1, 1, true, fold_shape },
	{ "Constant", 0, SIZE_MAX, true, fold_constant },
	{ "ConstantOfShape", 1, SIZE_MAX, false, fold_constant_of_shape },
	{ "Concat", 1, SIZE_MAX, false, fold_concat },
	{ "Slice", 1, SIZE_MAX, false, fold_slice },
	{ "Gather", 2, SIZE_MAX, false, fold_gather },
	{ "Add", 2, SIZE_MAX, false, fold_arithmetic },
	{ "Sub", 2, SIZE_MAX, false, fold_arithmetic },
	{ "Mul", 2, SIZE_MAX, false, fold_arithmetic },
	{ "Div", 2, SIZE_MAX, false, fold_arithmetic },
};

/* Only inputs beyond the third are optional; of operators on weights, those beyond the second. */
static bool are_inputs_given(const struct folding *f, size_t inputs, const struct tensor *const *in)
{
	size_t needed = f->is_of_weights ? 2 : 3;

	if (inputs < f->fewest || inputs > f->most)
		return false;
	for (size_t k = 0; k < inputs; k++)
		if (in[k] ? !f->is_of_weights && in[k]->count > FOLD_MAX : k < needed)
			return false;
	return true;
}

bool onnx_fold(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in,
               struct tensor *out)
{
	for (size_t i = 0; i < LEN(foldings); i++) {
		const struct folding *f = &foldings[i];

		if (strcmp(n->op_type, f->op))
			continue;
		if (!are_inputs_given(f, n->n_input, in))
			return false;
		*out = f->run(o, n, in);
		return true;
	}
	return false;
}
