#include "unit.h"
#include "engine/net.h"
#include "engine/ops.h"
#include "core/rng.h"
#include "engine/sgd.h"
#include "core/threads.h"

#include <omp.h>

/*
 * Small networks with everything a network may have, against finite differences and against a plain
 * re-implementation in double precision.
 */
#define BATCH 6
#define HEADER "name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits\n"
#define HEADER13 "name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits,dilation\n"

/* depthwise, residuals with an extra reader, an add with relu, two readers of what is pooled */
static const char residual[] = HEADER "image,input,,2,6,,,,,,,\n"
				      "c1,conv,image,6,3,1,1,1,no,yes,relu,8\n"
				      "c2,conv,c1,6,3,1,1,6,no,yes,relu6,search\n"
				      "c3,conv,c2,6,1,1,0,1,no,yes,none,search\n"
				      "a1,add,c1 c3,,,,,,,,none,\n"
				      "c4,conv,a1,8,1,1,0,1,no,yes,relu6,search\n"
				      "c5,conv,c4,6,1,1,0,1,yes,yes,none,search\n"
				      "a2,add,a1 c5,,,,,,,,relu,\n"
				      "m1,max,a2,,2,2,0,,,,,\n"
				      "c6,conv,a2,6,3,2,1,1,no,yes,relu6,search\n"
				      "a3,add,m1 c6,,,,,,,,none,\n"
				      "mean,average,a3,,,,,,,,,\n"
				      "fc,linear,mean,4,,,,,yes,,,8\n";

/* no batch norm; groups, a signed chain, a pool with padding, the pool first of two readers */
static const char plain[] = HEADER "image,input,,2,7,,,,,,,\n"
				   "c1,conv,image,4,3,1,1,1,yes,no,relu6,8\n"
				   "c2,conv,c1,8,3,1,1,2,yes,no,none,search\n"
				   "c3,conv,c2,4,1,1,0,1,no,no,none,search\n"
				   "m1,max,c3,,3,2,1,,,,,\n"
				   "c4,conv,c3,4,3,2,1,1,yes,yes,relu,search\n"
				   "a1,add,m1 c4,,,,,,,,relu6,\n"
				   "c5,conv,a1,5,4,1,0,1,yes,no,relu,search\n"
				   "fc,linear,c5,3,,,,,yes,,,8\n";

/* the pool is the second reader; a fused layer; batch norm over few rows */
static const char chain[] = HEADER "image,input,,1,8,,,,,,,\n"
				   "c1,conv,image,3,3,2,1,1,no,yes,relu,8\n"
				   "c2,conv,c1,3,3,1,1,1,no,yes,relu6,search\n"
				   "c3,conv,c2,5,2,2,0,1,no,yes,relu,search\n"
				   "m1,max,c2,,2,2,0,,,,,\n"
				   "c4,conv,m1,5,1,1,0,1,no,yes,none,search\n"
				   "a1,add,c3 c4,,,,,,,,none,\n"
				   "c5,conv,a1,7,2,1,0,1,no,yes,relu6,search\n"
				   "fc,linear,c5,3,,,,,yes,,,8\n";

/* what reads the image is no layer */
static const char pooled[] = HEADER "image,input,,2,8,,,,,,,\n"
				    "a1,add,image image,,,,,,,,none,\n"
				    "m1,max,image,,2,2,0,,,,,\n"
				    "c1,conv,m1,4,3,1,1,1,no,yes,relu,search\n"
				    "c2,conv,a1,4,2,2,0,1,no,yes,relu,search\n"
				    "a2,add,c1 c2,,,,,,,,none,\n"
				    "mean,average,a2,,,,,,,,,\n"
				    "fc,linear,mean,3,,,,,yes,,,8\n";

/* depthwise layers that compute themselves: small images, several at a time */
static const char small[] = HEADER "image,input,,2,5,,,,,,,\n"
				   "c1,conv,image,16,3,1,1,1,no,yes,relu,8\n"
				   "c2,conv,c1,16,3,2,1,16,no,yes,relu6,search\n"
				   "c3,conv,c2,16,3,1,1,16,no,yes,none,search\n"
				   "c4,conv,c3,4,1,1,0,1,no,yes,relu,search\n"
				   "mean,average,c4,,,,,,,,,\n"
				   "fc,linear,mean,3,,,,,yes,,,8\n";

/* large ones, row by row; the first reads the image, the next what others read too */
static const char large[] = HEADER "image,input,,16,64,,,,,,,\n"
				   "c1,conv,image,16,3,1,1,16,no,yes,relu,8\n"
				   "c2,conv,c1,16,3,2,0:1,16,no,yes,relu6,search\n"
				   "m1,max,c1,,2,2,0,,,,,\n"
				   "a1,add,m1 c2,,,,,,,,none,\n"
				   "mean,average,a1,,,,,,,,,\n"
				   "fc,linear,mean,3,,,,,yes,,,8\n";

/*
 * what other frameworks' networks have: squeeze and excitation, swish, dilation, uneven padding, windows, a
 * concatenation
 */
static const char modern[] = HEADER13 "image,input,,2,9,,,,,,,,\n"
				      "c1,conv,image,6,3,2,0:1,1,no,yes,none,8,\n"
				      "hs,activate,c1,,,,,,,,hardswish,,\n"
				      "dw,conv,hs,6,3,1,1,6,no,yes,none,search,\n"
				      "sw,activate,dw,,,,,,,,swish,,\n"
				      "sq,average,sw,,,,,,,,,,\n"
				      "e1,conv,sq,3,1,1,0,1,yes,no,relu,search,\n"
				      "e2,conv,e1,6,1,1,0,1,yes,no,none,search,\n"
				      "gate,activate,e2,,,,,,,,hardsigmoid,,\n"
				      "se,multiply,sw gate,,,,,,,,,,\n"
				      "at,conv,se,4,3,1,2,1,no,yes,relu,search,2\n"
				      "av,average,at,,3,1,1,,,,,,\n"
				      "mx,max,at,,2,1,0:1,,,,,,\n"
				      "j,concat,av at mx se,,,,,,,,,,\n"
				      "p,conv,j,8,1,1,0,1,no,yes,none,search,\n"
				      "sg,activate,p,,,,,,,,sigmoid,,\n"
				      "mean,average,sg,,,,,,,,,,\n"
				      "fc,linear,mean,4,,,,,yes,,,8,\n";

/*
 * the same nodes where it is least convenient: reading the image, layers that are computed when
 * they are read, one node twice, as first and as second writer of a gradient, as the last node
 */
static const char tangled[] = HEADER13 "image,input,,3,6,,,,,,,,\n"
				       "a0,activate,image,,,,,,,,hardswish,,\n"
				       "c1,conv,image,4,3,1,1,1,yes,no,none,8,\n"
				       "c2,conv,a0,4,3,1,1,1,no,yes,none,search,\n"
				       "m1,multiply,c1 c2,,,,,,,,,,\n"
				       "q,multiply,m1 m1,,,,,,,,,,\n"
				       "r,activate,q,,,,,,,,swish,,\n"
				       "r6,activate,m1,,,,,,,,relu6,,\n"
				       "av,average,r6,,3,2,0:1,,,,,,\n"
				       "c3,conv,r,4,2,2,0,1,no,yes,none,search,\n"
				       "sq,average,c3,,,,,,,,,,\n"
				       "g,conv,sq,8,1,1,0,1,yes,no,relu6,search,\n"
				       "j,concat,av c3,,,,,,,,,,\n"
				       "m2,multiply,j g,,,,,,,,,,\n"
				       "l,concat,r image r,,,,,,,,,,\n"
				       "c5,conv,l,5,6,1,0,1,yes,no,none,search,\n"
				       "mean,average,m2,,,,,,,,,,\n"
				       "z,concat,mean c5,,,,,,,,,,\n"
				       "r0,activate,z,,,,,,,,relu,,\n"
				       "fc,linear,r0,3,,,,,yes,,,8,\n"
				       "out,activate,fc,,,,,,,,swish,,\n";

/* the image at few bits, read twice: its ranges learn, too */
static const char early[] = HEADER "image,input,,16,5,,,,,,,\n"
				   "c1,conv,image,16,3,1,1,16,no,yes,relu,search\n"
				   "c2,conv,image,4,3,1,1,1,no,yes,relu,search\n"
				   "j,concat,c1 c2,,,,,,,,,\n"
				   "mean,average,j,,,,,,,,,\n"
				   "fc,linear,mean,3,,,,,yes,,,8\n";

/* the same, row by row */
static const char early_large[] = HEADER "image,input,,16,64,,,,,,,\n"
					 "c1,conv,image,16,3,1,1,16,no,yes,relu,search\n"
					 "mean,average,c1,,,,,,,,,\n"
					 "fc,linear,mean,3,,,,,yes,,,8\n";

static const char *const networks[] = { residual, plain, chain, pooled, small, modern, tangled, large };
/* networks of so few numbers that none is near to where float may decide otherwise */
#define FEW 7

static float normal(uint64_t *drawn)
{
	return (float)rng_normal((struct rng){ 5, 0, RNG_TEST }, (*drawn)++);
}

/* --- a network, its weights, a batch --------------------------------------------------------- */

/* What learns, and what does not. */
struct learning {
	bool is_frozen;    /* batch norms by running statistics */
	bool has_channels; /* each has a range of weights */
	bool has_kernels;  /* each has bits of its own */
	struct net_clips clips;
};

struct subject {
	struct graph g;
	struct weights w;
	struct policy policy;
	const struct policy *p; /* NULL: full precision */
	struct learning how;
	size_t pixels;
	float *images;
	int32_t labels[BATCH];
};

static void jitter(float *x, int n, float base, float spread, uint64_t *drawn)
{
	for (int i = 0; x && i < n; i++)
		x[i] = base + spread * normal(drawn);
}

static struct subject make_subject(const char *csv, uint64_t seed)
{
	char *path = scratch(csv);
	struct subject s = { .p = NULL };
	uint64_t drawn = seed << 32;

	graph_read(&s.g, path);
	unlink(path);
	weights_random(&s.w, &s.g, 1, seed);
	for (int i = 0; i < s.g.layers; i++) {
		const struct layer *l = &s.g.layer[i];
		struct layer_weights *p = &s.w.layer[i];
		float most = 0;

		jitter(p->bias, l->cout, 0, 0.3f, &drawn);
		jitter(p->gamma, l->cout, 1, 0.2f, &drawn);
		jitter(p->beta, l->cout, 0.2f, 0.3f, &drawn);
		for (int64_t k = 0; k < l->weights; k++)
			most = fmaxf(most, fabsf(p->weight[k]));
		p->weight_clips = 1;
		p->weight_clip = xmalloc(1, sizeof *p->weight_clip);
		*p->weight_clip = 0.8f * most;
	}
	s.pixels = (size_t)(s.g.node[0].h * s.g.node[0].w * s.g.node[0].channels);
	s.images = xmalloc(BATCH * s.pixels, sizeof *s.images);
	jitter(s.images, (int)(BATCH * s.pixels), 0, 1, &drawn);
	for (int i = 0; i < BATCH; i++)
		s.labels[i] = (int32_t)i % graph_classes(&s.g);
	return s;
}

static double loss_of(struct subject *s, struct net *net)
{
	memcpy(net_input(net), s->images, BATCH * s->pixels * sizeof(float));
	net_prepare(net);
	net_forward(net, BATCH);
	return ops_cross_entropy(net_logits(net), &(struct targets){ .labels = s->labels }, BATCH,
	                         graph_classes(&s->g), 0, NULL) /
	       BATCH;
}

static double run_training(struct subject *s, struct net *net)
{
	loss_of(s, net);
	return net_backward(net, &(struct targets){ .labels = s->labels });
}

/* --- the plain re-implementation -------------------------------------------------------------- */

struct reference {
	struct subject *s;
	size_t size[32]; /* numbers of a node's output, of the whole batch */
	double *y[32], *t[32], *z[32], *read[32], *grad[32];
	double weight_clip[32][16]; /* gradients */
	double *wq[32], *weight[32], *bias[32], *gamma[32], *beta[32], clip[32], inverse[32][16],
		mean[32][16];
	/* how near a number came to where rounding, clipping or a maximum turns */
	double doubt;
	double *read_grad; /* of what a layer reads, quantized */
	double loss;
};

static double *doubles(size_t n)
{
	return xmalloc(n, sizeof(double));
}

static double quantize(struct reference *r, double x, double low, double high, double step)
{
	double c = fmin(fmax(x, low), high);

	r->doubt = fmin(r->doubt, fabs(c / step - floor(c / step) - 0.5));
	r->doubt = fmin(r->doubt, x == 0 ? 1 : fmin(fabs(x - low), fabs(x - high)) / high);
	return rint(c / step) * step;
}

/* The range that the input of layer l is clipped to; false: not quantized. */
static bool range_of(const struct reference *r, int l, double *low, double *high, double *step)
{
	const struct layer *layer = &r->s->g.layer[l];
	int bits = r->s->p ? r->s->p->bits[l].a : 0;

	if (!r->s->p || (bits == 8 && r->s->g.node[layer->node].input[0] == 0))
		return false;
	*high = (double)r->s->w.layer[l].activation_clip;
	*low = layer->input_is_signed ? -*high : 0;
	*step = *high / ((1 << (bits - layer->input_is_signed)) - 1);
	return true;
}

static void quantize_layer(struct reference *r, int l)
{
	const struct layer_weights *p = &r->s->w.layer[l];
	int64_t each = r->s->g.layer[l].weights / r->s->g.layer[l].cout;

	for (int64_t i = 0; i < r->s->g.layer[l].weights; i++) {
		int bits = r->s->p ? policy_kernel_bits(r->s->p, l, (int)(i / each)) : 0;
		double w = (double)p->weight[i],
		       c = (double)p->weight_clip[p->weight_clips > 1 ? i / each : 0];

		r->wq[l][i] = !bits       ? w
		              : bits == 1 ? (w < 0 ? -c : c)
		                          : quantize(r, w, -c, c, c / ((1 << (bits - 1)) - 1));
	}
}

typedef void tap(struct reference *r, int node, size_t src, size_t weight, size_t dst);

static void forward_tap(struct reference *r, int node, size_t src, size_t weight, size_t dst)
{
	int l = r->s->g.node[node].layer;

	r->z[node][dst] += r->read[node][src] * r->wq[l][weight];
}

/* t holds the gradient of z on the way back, z that of what was read */
static void backward_tap(struct reference *r, int node, size_t src, size_t weight, size_t dst)
{
	int l = r->s->g.node[node].layer;

	r->weight[l][weight] += r->t[node][dst] * r->read[node][src];
	r->grad[31][src] += r->t[node][dst] * r->wq[l][weight];
}

/* Position of element i of node n: image, row, column, channel. */
struct place {
	int n, y, x, c;
};

static struct place place_of(const struct node *n, size_t i)
{
	int k = (int)i;

	return (struct place){ k / n->channels / n->w / n->h, k / n->channels / n->w % n->h,
		               k / n->channels % n->w, k % n->channels };
}

static void each_tap(struct reference *r, int node, tap *f)
{
	const struct node *n = &r->s->g.node[node], *in = &r->s->g.node[n->input[0]];
	int cin = in->channels / n->groups;

	for (size_t i = 0; i < r->size[node]; i++) {
		struct place at = place_of(n, i);
		int first = at.c / (n->channels / n->groups) * cin;

		for (int k = 0; k < cin * n->size * n->size; k++) {
			int ci = k / n->size / n->size,
			    y = at.y * n->stride + k / n->size % n->size * n->dilation - n->pad;
			int x = at.x * n->stride + k % n->size * n->dilation - n->pad;

			if (n->op == OP_LINEAR)
				y = x = 0;
			if (y >= 0 && y < in->h && x >= 0 && x < in->w)
				f(r, node,
				  (size_t)(((at.n * in->h + y) * in->w + x) * in->channels + first + ci),
				  (size_t)(at.c * cin * n->size * n->size + k), i);
		}
	}
}

static double act_high(const struct node *n)
{
	return n->activation == ACT_RELU6 ? 6 : INFINITY;
}

static double act_low(const struct node *n)
{
	return n->activation == ACT_RELU || n->activation == ACT_RELU6 ? 0 : -INFINITY;
}

/* A function of a number, and its derivative. */
static double function(struct reference *r, double x, enum activation how, double *slope)
{
	double s = 1 / (1 + exp(-x)), hard = fmin(fmax(x / 6 + 0.5, 0), 1),
	       rise = x > -3 && x < 3 ? 1.0 / 6 : 0;

	if (how == ACT_HARDSWISH || how == ACT_HARDSIGMOID)
		r->doubt = fmin(r->doubt, fmin(fabs(x - 3), fabs(x + 3)));
	*slope = 1; /* clamps come after */
	switch (how) {
	case ACT_HARDSIGMOID: *slope = rise; return hard;
	case ACT_HARDSWISH: *slope = hard + x * rise; return x * hard;
	case ACT_SIGMOID: *slope = s * (1 - s); return s;
	case ACT_SWISH: *slope = s + x * s * (1 - s); return x * s;
	case ACT_NONE:
	case ACT_RELU:
	case ACT_RELU6: break;
	}
	return x;
}

/* The input of a concatenation that number i is of; *at: which number of it. */
static int piece(const struct reference *r, int node, size_t i, size_t *at)
{
	const struct node *n = &r->s->g.node[node];
	size_t row = i / (size_t)n->channels, c = i % (size_t)n->channels;

	for (int k = 0;; k++) {
		size_t channels = (size_t)r->s->g.node[n->input[k]].channels;

		if (c < channels) {
			*at = row * channels + c;
			return n->input[k];
		}
		c -= channels;
	}
}

/* The factor that the i-th number of a product is multiplied with. */
static size_t factor(const struct reference *r, int node, size_t i)
{
	const struct node *n = &r->s->g.node[node], *other = &r->s->g.node[n->input[1]];
	size_t c = (size_t)n->channels;

	return other->h == n->h && other->w == n->w ? i : i / (size_t)(n->h * n->w) / c * c + i % c;
}

/* The numbers that the i-th of an average is of; how many. */
static size_t averaged(const struct reference *r, int node, size_t i, size_t *of)
{
	const struct node *n = &r->s->g.node[node], *in = &r->s->g.node[n->input[0]];
	int side = n->size ? n->size : in->h;
	struct place at = place_of(n, i);
	size_t count = 0;

	for (int k = 0; k < side * side; k++) {
		int y = at.y * n->stride + k / side - n->pad, x = at.x * n->stride + k % side - n->pad;

		if (y >= 0 && y < in->h && x >= 0 && x < in->w)
			of[count++] = (size_t)(((at.n * in->h + y) * in->w + x) * in->channels + at.c);
	}
	return count;
}

static size_t largest_of_window(struct reference *r, int node, size_t i)
{
	const struct node *n = &r->s->g.node[node], *in = &r->s->g.node[n->input[0]];
	const double *v = r->y[n->input[0]];
	struct place at = place_of(n, i);
	size_t best = SIZE_MAX;

	for (int k = 0; k < n->size * n->size; k++) {
		int y = at.y * n->stride + k / n->size - n->pad, x = at.x * n->stride + k % n->size - n->pad;
		size_t j = (size_t)(((at.n * in->h + y) * in->w + x) * in->channels + at.c);

		if (y < 0 || y >= in->h || x < 0 || x >= in->w)
			continue;
		/* else floats are equal too */
		if (best != SIZE_MAX && v[j] != 0 && v[j] < act_high(in))
			r->doubt = fmin(r->doubt, fabs(v[j] - v[best]));
		if (best == SIZE_MAX || v[j] > v[best])
			best = j;
	}
	return best;
}

static void reference_norm(struct reference *r, int node)
{
	const struct node *n = &r->s->g.node[node];
	const struct layer_weights *p = &r->s->w.layer[n->layer];
	double rows = (double)r->size[node] / n->channels;

	for (int c = 0; c < n->channels; c++) {
		double sum = 0, square = 0;

		for (size_t i = (size_t)c; i < r->size[node]; i += (size_t)n->channels)
			sum += r->z[node][i];
		for (size_t i = (size_t)c; i < r->size[node]; i += (size_t)n->channels)
			square += (r->z[node][i] - sum / rows) * (r->z[node][i] - sum / rows);
		if (r->s->how.is_frozen && n->batch_norm) {
			sum = rows * ((double)p->mean[c] - (p->bias ? (double)p->bias[c] : 0));
			square = rows * (double)p->variance[c];
		}
		r->mean[node][c] = n->batch_norm ? sum / rows : 0;
		r->inverse[node][c] =
			n->batch_norm ? 1 / sqrt(square / rows + (double)BATCH_NORM_EPSILON) : 1;
		for (size_t i = (size_t)c; i < r->size[node]; i += (size_t)n->channels) {
			double x = (r->z[node][i] - r->mean[node][c]) * r->inverse[node][c];

			r->t[node][i] = n->batch_norm ? x * (double)p->gamma[c] + (double)p->beta[c]
			                              : x + (p->bias ? (double)p->bias[c] : 0);
		}
	}
}

static void reference_layer(struct reference *r, int node)
{
	const struct node *n = &r->s->g.node[node];
	int from = n->input[0];
	double low, high, step;
	bool on = range_of(r, n->layer, &low, &high, &step);

	r->wq[n->layer] = doubles((size_t)r->s->g.layer[n->layer].weights);
	quantize_layer(r, n->layer);
	r->read[node] = doubles(r->size[from]);
	for (size_t i = 0; i < r->size[from]; i++)
		r->read[node][i] = on ? quantize(r, r->y[from][i], low, high, step) : r->y[from][i];
	r->z[node] = doubles(r->size[node]);
	each_tap(r, node, forward_tap);
	reference_norm(r, node);
}

static void reference_other(struct reference *r, int node)
{
	const struct node *n = &r->s->g.node[node];
	const double *x = r->y[n->input[0]];

	for (size_t i = 0; i < r->size[node]; i++) {
		size_t at = 0, of[64 * 64], count = n->op == OP_AVERAGE ? averaged(r, node, i, of) : 0;
		int from = n->op == OP_CONCAT ? piece(r, node, i, &at) : 0;
		double unused;

		r->t[node][i] = n->op == OP_ADD        ? x[i] + r->y[n->input[1]][i]
		                : n->op == OP_MULTIPLY ? x[i] * r->y[n->input[1]][factor(r, node, i)]
		                : n->op == OP_CONCAT   ? r->y[from][at]
		                : n->op == OP_ACTIVATE ? function(r, x[i], n->activation, &unused)
		                : n->op == OP_MAX      ? x[largest_of_window(r, node, i)]
		                                       : 0;
		for (size_t k = 0; k < count; k++)
			r->t[node][i] += x[of[k]] / (double)count;
	}
}

static void reference_forward(struct reference *r)
{
	const struct graph *g = &r->s->g;

	for (int node = 0; node < g->nodes; node++) {
		const struct node *n = &g->node[node];

		r->size[node] = (size_t)(BATCH * n->h * n->w * n->channels);
		r->y[node] = doubles(r->size[node]);
		r->t[node] = doubles(r->size[node]);
		r->grad[node] = doubles(r->size[node]);
		if (n->layer >= 0)
			reference_layer(r, node);
		else if (node)
			reference_other(r, node);
		for (size_t i = 0; i < r->size[node]; i++) {
			r->y[node][i] = node ? fmin(fmax(r->t[node][i], act_low(n)), act_high(n))
			                     : (double)r->s->images[i];
			if ((n->activation == ACT_RELU || n->activation == ACT_RELU6) && r->t[node][i] != 0)
				r->doubt = fmin(r->doubt, fmin(fabs(r->t[node][i]), fabs(r->t[node][i] - 6)));
		}
	}
}

/* Gradient of z from that of t, kept in t; of gamma, beta and bias. */
static void reference_norm_backward(struct reference *r, int node)
{
	const struct node *n = &r->s->g.node[node];
	const struct layer_weights *p = &r->s->w.layer[n->layer];
	double rows = (double)r->size[node] / n->channels;
	bool depends = !r->s->how.is_frozen; /* statistics on z */

	for (int c = 0; c < n->channels; c++) {
		double sum = 0, product = 0, inverse = r->inverse[node][c], mean = r->mean[node][c];

		for (size_t i = (size_t)c; i < r->size[node]; i += (size_t)n->channels) {
			sum += r->t[node][i];
			product += r->t[node][i] * (r->z[node][i] - mean) * inverse;
		}
		r->bias[n->layer][c] = !n->batch_norm ? sum
		                       : depends      ? 0
		                                      : sum * (double)p->gamma[c] * inverse;
		r->beta[n->layer][c] = sum;
		r->gamma[n->layer][c] = product;
		for (size_t i = (size_t)c; n->batch_norm && i < r->size[node]; i += (size_t)n->channels)
			r->t[node][i] = (double)p->gamma[c] * inverse *
			                (r->t[node][i] -
			                 depends * (sum + (r->z[node][i] - mean) * inverse * product) / rows);
	}
}

/* LSQ: what rounding adds to the gradient of a range, and the factor of it all (its eq. 3, section 2.2). */
static void reference_rounding(struct reference *r, int node, double low, double high, double step)
{
	const struct node *n = &r->s->g.node[node];
	int from = n->input[0], l = n->layer;
	double levels = round(high / step), numbers = (double)r->size[from] / BATCH;

	for (size_t i = 0; i < r->size[from]; i++) {
		double x = r->y[from][i];

		if (x > low && x < high)
			r->clip[l] += r->read_grad[i] * (rint(x / step) * step - x) / high;
	}
	r->clip[l] *= levels * levels / sqrt(numbers * levels);
}

static void reference_weight_clips(struct reference *r, int l)
{
	const struct layer_weights *p = &r->s->w.layer[l];
	int clips = p->weight_clips, channels = r->s->g.layer[l].cout;
	int64_t weights = r->s->g.layer[l].weights, each = weights / channels;
	double numbers = (double)(weights / clips), all = 0;

	for (int c = 0; c < channels; c++)
		all += fmax(1, (1 << (policy_kernel_bits(r->s->p, l, c) - 1)) - 1);
	for (int64_t i = 0; i < weights; i++) {
		int64_t k = clips > 1 ? i / each : 0;
		int bits = policy_kernel_bits(r->s->p, l, (int)(i / each));
		double w = (double)p->weight[i], c = (double)p->weight_clip[k], q = r->wq[l][i];
		double levels = clips == 1 ? all / channels : fmax(1, (1 << (bits - 1)) - 1);

		/* at the ends, and of one bit, the number is the range itself, up to its sign */
		r->weight_clip[l][k] += r->weight[l][i] * (bits == 1 || fabs(w) >= c ? q / c : (q - w) / c) *
		                        levels * levels / sqrt(numbers * levels);
	}
}

static void reference_layer_backward(struct reference *r, int node)
{
	const struct node *n = &r->s->g.node[node];
	int from = n->input[0], l = n->layer;
	double low = -INFINITY, high = INFINITY, step;
	bool on = range_of(r, l, &low, &high, &step);

	r->weight[l] = doubles((size_t)r->s->g.layer[l].weights);
	r->bias[l] = doubles((size_t)n->channels);
	r->gamma[l] = doubles((size_t)n->channels);
	r->beta[l] = doubles((size_t)n->channels);
	reference_norm_backward(r, node);
	r->grad[31] = doubles(r->size[from]);
	each_tap(r, node, backward_tap);
	for (size_t i = 0; i < r->size[from]; i++) {
		double x = r->y[from][i], g = r->grad[31][i];

		r->grad[from][i] += x > low && x < high ? g : 0;
		r->clip[l] += on && x >= high ? g : on && low < 0 && x <= low ? -g : 0;
	}
	r->read_grad = r->grad[31];
	if (r->s->how.clips.lsq && on)
		reference_rounding(r, node, low, high, step);
	if (r->s->p)
		reference_weight_clips(r, l);
	free(r->read_grad);
}

static void reference_other_backward(struct reference *r, int node)
{
	const struct node *n = &r->s->g.node[node];
	const double *x = r->y[n->input[0]];
	double *to = r->grad[n->input[0]], slope;

	for (size_t i = 0; i < r->size[node]; i++) {
		size_t at = 0, of[64 * 64], count = n->op == OP_AVERAGE ? averaged(r, node, i, of) : 0;
		double g = r->t[node][i];

		if (n->op == OP_MAX)
			to[largest_of_window(r, node, i)] += g;
		if (n->op == OP_ADD) {
			to[i] += g;
			r->grad[n->input[1]][i] += g;
		}
		if (n->op == OP_MULTIPLY) {
			at = factor(r, node, i);
			to[i] += g * r->y[n->input[1]][at];
			r->grad[n->input[1]][at] += g * x[i];
		}
		if (n->op == OP_CONCAT) {
			int from = piece(r, node, i, &at);

			r->grad[from][at] += g;
		}
		if (n->op == OP_ACTIVATE) {
			function(r, x[i], n->activation, &slope);
			to[i] += g * slope;
		}
		for (size_t k = 0; k < count; k++)
			to[of[k]] += g / (double)count;
	}
}

static void reference_loss(struct reference *r)
{
	int last = r->s->g.nodes - 1, classes = graph_classes(&r->s->g);

	for (int i = 0; i < BATCH; i++) {
		const double *x = r->y[last] + i * classes;
		double sum = 0;

		for (int k = 0; k < classes; k++)
			sum += exp(x[k]);
		for (int k = 0; k < classes; k++)
			r->grad[last][i * classes + k] = (exp(x[k]) / sum - (k == r->s->labels[i])) / BATCH;
		r->loss += (log(sum) - x[r->s->labels[i]]) / BATCH;
	}
}

static struct reference *run_reference(struct subject *s)
{
	struct reference *r = xmalloc(1, sizeof *r);

	*r = (struct reference){ .s = s, .doubt = 1 };
	reference_forward(r);
	reference_loss(r);
	for (int node = s->g.nodes - 1; node > 0; node--) {
		const struct node *n = &s->g.node[node];

		for (size_t i = 0; i < r->size[node]; i++)
			r->t[node][i] = r->t[node][i] > act_low(n) && r->t[node][i] < act_high(n)
			                        ? r->grad[node][i]
			                        : 0;
		if (n->layer >= 0)
			reference_layer_backward(r, node);
		else
			reference_other_backward(r, node);
	}
	return r;
}

static const double *reference_gradient(const struct reference *r, const struct param *p)
{
	for (int l = 0; l < r->s->w.layers; l++) {
		const struct layer_weights *w = &r->s->w.layer[l];

		if (p->value == w->weight)
			return r->weight[l];
		if (p->value == w->bias)
			return r->bias[l];
		if (p->value == w->gamma)
			return r->gamma[l];
		if (p->value == w->beta)
			return r->beta[l];
		if (p->value == &w->activation_clip)
			return &r->clip[l];
		if (p->value == w->weight_clip)
			return r->weight_clip[l];
	}
	return NULL;
}

/* Kernels of a layer have w - 1, w and w + 1 bits in turn. */
static void give_kernels(struct subject *s, int w)
{
	s->policy.kernels = xmalloc((size_t)s->g.layers, sizeof *s->policy.kernels);
	for (int i = 0; i < s->g.layers; i++) {
		s->policy.kernels[i] = xmalloc((size_t)s->g.layer[i].cout, 1);
		for (int k = 0; k < s->g.layer[i].cout; k++)
			s->policy.kernels[i][k] = (unsigned char)(w - 1 + (i + k) % 3);
	}
}

/* Bits that differ from layer to layer; ranges that clip some of what is read. */
static void give_policy(struct subject *s, int w, int a)
{
	struct reference *r = run_reference(s);

	for (int l = 0; l < s->g.layers; l++) {
		int from = s->g.node[s->g.layer[l].node].input[0];
		double most = 0;

		for (size_t i = 0; i < r->size[from]; i++)
			most = fmax(most, fabs(r->y[from][i]));
		s->w.layer[l].activation_clip = 0.6f * (float)most;
	}
	s->policy = policy_uniform(&s->g, w, a);
	for (int i = 1; i + 1 < s->g.layers; i++) {
		s->policy.bits[i].w = (unsigned char)(w + i % 2);
		s->policy.bits[i].a = (unsigned char)(a + (i + 1) % 2);
	}
	s->policy.bits[s->g.layers - 1].a = 5;
	if (s->how.has_kernels)
		give_kernels(s, w);
	s->p = &s->policy;
}

/* --- tests ----------------------------------------------------------------------------------- */

/*
 * A subject no number of which lies so near a turn of the quantizer that float may take it elsewhere.  Errors
 * of float are about 1e-6 of a range, at most 15 steps of 31 here.
 */
static void set_up(struct subject *s, struct learning how)
{
	uint64_t drawn = 99;

	s->how = how;
	for (int i = 0; i < s->g.layers; i++) {
		int channels = s->g.layer[i].cout;
		struct layer_weights *p = &s->w.layer[i];
		float clip = *p->weight_clip;

		jitter(p->mean, how.is_frozen ? channels : 0, 0, 0.3f, &drawn);
		for (int k = 0; p->variance && how.is_frozen && k < channels; k++)
			p->variance[k] = 1 + 0.5f * fabsf(normal(&drawn));
		if (!how.has_channels)
			continue;
		p->weight_clips = channels;
		p->weight_clip = xmalloc((size_t)channels, sizeof *p->weight_clip);
		for (int k = 0; k < channels; k++)
			p->weight_clip[k] = clip * (0.7f + 0.2f * (float)(k % 3));
	}
}

static struct subject clear_subject(const char *csv, int w, int a, struct learning how, struct reference **r)
{
	for (uint64_t seed = 1; seed < 50; seed++) {
		struct subject s = make_subject(csv, seed);

		set_up(&s, how);
		if (w)
			give_policy(&s, w, a);
		*r = run_reference(&s);
		(*r)->s = NULL;
		if ((*r)->doubt > 1e-5)
			return s;
	}
	fail_msg("no seed without doubt");
	abort();
}

/*
 * Gradients are compared by the largest of their parameter, or 1e-2 where that is tiny (in batch norm their
 * sum may vanish): they are sums of some hundred terms that have the rounding of a dozen layers, each 1e-7
 * of the largest. 6e-6 was found at most; 6e-5 of ranges by LSQ, whose terms are what rounding changed,
 * small differences of larger numbers.
 */
static void check_gradients(const struct reference *r, const struct param *params, int n)
{
	for (int i = 0; i < n; i++) {
		const double *expected = reference_gradient(r, &params[i]);
		double largest = 1e-2, share = params[i].kind >= PARAM_CLIP ? 2e-4 : 2e-5;

		assert_non_null(expected);
		for (size_t k = 0; k < params[i].n; k++)
			largest = fmax(largest, fabs(expected[k]));
		for (size_t k = 0; k < params[i].n; k++)
			assert_close(params[i].grad[k], expected[k], share * largest);
	}
}

static void check_shards(struct subject *s, const struct reference *r, int shards)
{
	struct net *net = net_new(&s->g, &s->w, s->p, BATCH, shards, NET_TRAINING);
	const struct param *params;
	double loss;
	int n;

	if (s->how.is_frozen)
		net_freeze_statistics(net);
	net_learn_clips(net, s->how.clips);
	loss = run_training(s, net);
	assert_close(loss, r->loss, 1e-5 * r->loss);
	for (int i = 0; i < BATCH * graph_classes(&s->g); i++)
		assert_close(net_logits(net)[i], r->y[s->g.nodes - 1][i], 2e-5);
	params = net_params(net, &n);
	check_gradients(r, params, n);
}

static void check_learning(const char *csv, int w, int a, struct learning how)
{
	struct reference *r;
	struct subject s = clear_subject(csv, w, a, how, &r);

	s.p = w ? &s.policy : NULL; /* the copy's own */
	r->s = &s;
	check_shards(&s, r, 1);
	check_shards(&s, r, 2);
	check_shards(&s, r, BATCH);
}

static void check_against_reference(const char *csv, int w, int a)
{
	check_learning(csv, w, a, (struct learning){ 0 });
}

/* Windows of few bits have equal numbers, of which float may choose another one as the largest. */
static void test_against_reference(void **state)
{
	(void)state;
	for (size_t k = 0; k < FEW; k++)
		check_against_reference(networks[k], 0, 0);
	check_against_reference(residual, 1, 2);
	check_against_reference(residual, 2, 3);
	check_against_reference(residual, 4, 2);
	check_against_reference(chain, 3, 4);
	check_against_reference(chain, 4, 3);
	check_against_reference(plain, 5, 5);
	check_against_reference(plain, 6, 4);
	check_against_reference(modern, 4, 5);
	check_against_reference(tangled, 5, 4);
	check_against_reference(early, 5, 4);
}

static void test_frozen_statistics(void **state)
{
	static const char biased[] = HEADER "image,input,,2,6,,,,,,,\n"
					    "c1,conv,image,6,3,1,1,1,yes,yes,relu,8\n"
					    "c2,conv,c1,5,3,1,1,1,yes,yes,none,search\n"
					    "mean,average,c2,,,,,,,,,\n"
					    "fc,linear,mean,4,,,,,yes,,,8\n";
	struct learning how = { .is_frozen = true };

	(void)state;
	for (size_t k = 0; k < FEW; k++)
		check_learning(networks[k], 0, 0, how);
	check_learning(biased, 0, 0, how);
	check_learning(biased, 5, 5, how);
	check_learning(biased, 0, 0, (struct learning){ 0 });
	check_learning(chain, 4, 3, how);
	check_learning(modern, 4, 5, how);
}

static void test_ranges_by_lsq(void **state)
{
	(void)state;
	for (int channels = 0; channels < 2; channels++) {
		struct learning weights = { .has_channels = channels, .clips = { false, true } },
				both = { .has_channels = channels, .clips = { true, true } }, kernels = both;

		check_learning(residual, 2, 3, weights);
		check_learning(residual, 1, 2, both);
		check_learning(chain, 4, 3, both);
		check_learning(plain, 5, 5, both);
		check_learning(tangled, 5, 4, both);
		check_learning(early, 5, 4, both);
		kernels.has_kernels = true;
		check_learning(residual, 2, 3, kernels);
		check_learning(chain, 4, 3, kernels);
		check_learning(plain, 5, 5, kernels);
	}
}

/* Some of so many numbers turn to another level in float. */
static void test_range_of_a_large_image(void **state)
{
	struct subject s = make_subject(early_large, 1);
	const struct param *params;
	struct reference *r;
	struct net *net;
	bool is_there = false;
	int n;

	(void)state;
	give_policy(&s, 5, 4);
	r = run_reference(&s);
	net = net_new(&s.g, &s.w, s.p, BATCH, 2, NET_TRAINING);
	run_training(&s, net);
	params = net_params(net, &n);
	for (int i = 0; i < n; i++)
		if (params[i].value == &s.w.layer[0].activation_clip) {
			is_there = true;
			assert_true(fabs(r->clip[0]) > 1e-5);
			assert_close(*params[i].grad, r->clip[0], 1e-2 * fabs(r->clip[0]));
		}
	assert_true(is_there);
}

/* How far the gradients of two nets are apart, as a share of their size. */
static double distance(const struct param *a, const struct param *b, int n)
{
	double apart = 0, size = 0;

	for (int i = 0; i < n; i++)
		for (size_t k = 0; k < a[i].n; k++) {
			double d = (double)a[i].grad[k] - (double)b[i].grad[k];

			apart += d * d;
			size += (double)a[i].grad[k] * (double)a[i].grad[k];
		}
	return sqrt(apart / size);
}

/*
 * A number of 16 bits is off by up to 2^-9; 0.04 was found.  Quantized, it may turn to the next
 * level instead, which in so small a network is much: only the loss is compared.
 */
static void check_half(const char *csv, bool quantized)
{
	struct subject s = make_subject(csv, 1), t = make_subject(csv, 1);
	struct net *whole, *half;
	const struct param *a, *b;
	int n, m;

	if (quantized) {
		give_policy(&s, 4, 4);
		give_policy(&t, 4, 4);
	}
	s.p = quantized ? &s.policy : NULL;
	t.p = quantized ? &t.policy : NULL;
	whole = net_new(&s.g, &s.w, s.p, BATCH, 2, NET_TRAINING);
	half = net_new(&t.g, &t.w, t.p, BATCH, 2, NET_TRAINING_HALF);
	/* quantized, a few numbers turn to another level: 0.012 was seen, without byte products 0.025 */
	assert_close(run_training(&t, half), run_training(&s, whole), quantized ? 0.05 : 0.02);
	a = net_params(whole, &n);
	b = net_params(half, &m);
	assert_int_equal(n, m);
	assert_true(quantized || distance(a, b, n) < 0.1);
}

/* An observer sees the input of a layer that is computed row by row, too. */
static void count_reads(void *context, int layer, const float *x, size_t count)
{
	size_t *seen = context;

	for (size_t i = 0; i < count; i++)
		assert_true(isfinite(x[i]));
	seen[layer] += count;
}

static void test_observer(void **state)
{
	struct subject s = make_subject(large, 1);
	struct net *net = net_new(&s.g, &s.w, NULL, BATCH, 2, NET_INFERENCE);
	size_t seen[8] = { 0 };

	(void)state;
	net_observe(net, count_reads, seen);
	loss_of(&s, net);
	for (int l = 0; l < s.g.layers; l++)
		assert_int_equal(seen[l], BATCH * s.g.layer[l].hin * s.g.layer[l].win * s.g.layer[l].cin);
}

static void test_half(void **state)
{
	(void)state;
	for (size_t k = 0; k < LEN(networks); k++)
		for (int quantized = 0; quantized < 2; quantized++)
			check_half(networks[k], quantized);
}

/* Derivative of the loss as params move along directions, by central differences. */
static double difference(struct subject *s, struct net *net, const struct param *params, int n,
                         float *const *direction, float step)
{
	double loss[2];

	for (int side = 0; side < 2; side++) {
		float by = side ? -2 * step : step;

		for (int i = 0; i < n; i++)
			for (size_t k = 0; k < params[i].n; k++)
				params[i].value[k] += by * direction[i][k];
		loss[side] = loss_of(s, net);
	}
	for (int i = 0; i < n; i++)
		for (size_t k = 0; k < params[i].n; k++)
			params[i].value[k] += step * direction[i][k];
	return (loss[0] - loss[1]) / (2 * (double)step);
}

/*
 * Along the gradient of each parameter, and along all at once.  The loss is about 1 and known to
 * 1e-7: over a step of 2e-3 that leaves 1e-4 of error, as much as the curvature; the kinks of ReLUs
 * that change side in between add of order 1e-3.  A gradient that is wrong is wrong by far more.
 */
static void check_differences(const char *csv)
{
	struct subject s = make_subject(csv, 1);
	struct net *net = net_new(&s.g, &s.w, NULL, BATCH, 2, NET_TRAINING);
	int n;
	const struct param *params = net_params(net, &n);
	float **along = xmalloc((size_t)n, sizeof *along);
	double *expected = doubles((size_t)n), all = 0;

	run_training(&s, net);
	for (int i = 0; i < n; i++) {
		along[i] = xmalloc(params[i].n, sizeof **along);
		for (size_t k = 0; k < params[i].n; k++)
			expected[i] += (double)params[i].grad[k] * (double)params[i].grad[k];
		expected[i] = sqrt(expected[i]);
		for (size_t k = 0; k < params[i].n; k++)
			along[i][k] = expected[i] > 0 ? params[i].grad[k] / (float)expected[i] : 0;
		all += expected[i];
	}
	for (int i = 0; i < n; i++)
		assert_close(difference(&s, net, &params[i], 1, &along[i], 1e-3f), expected[i],
		             2e-3 + 1e-2 * expected[i]);
	assert_close(difference(&s, net, params, n, along, 2e-4f), all, 2e-3 + 1e-2 * all);
}

static void test_finite_differences(void **state)
{
	(void)state;
	for (size_t k = 0; k < LEN(networks); k++)
		check_differences(networks[k]);
}

/* Two steps of training; all numbers that came of it, one after the other. */
static float *trained(const char *csv, bool quantized, int threads_used, size_t *count)
{
	struct subject s = make_subject(csv, 3);
	float *all;
	struct net *net;
	struct sgd sgd;

	if (quantized)
		give_policy(&s, 3, 3);
	omp_set_num_threads(threads_used);
	threads_init();
	assert_int_equal(threads(), threads_used);
	s.p = quantized ? &s.policy : NULL;
	net = net_new(&s.g, &s.w, s.p, BATCH, 3, NET_TRAINING);
	sgd = sgd_new(net, 0.9f, 1e-4f, true);
	for (int step = 0; step < 2; step++) {
		run_training(&s, net);
		sgd_step(&sgd, 0.1f);
	}
	*count = 0;
	for (int i = 0; i < sgd.n; i++)
		*count += 2 * sgd.params[i].n;
	all = xmalloc(*count, sizeof *all);
	*count = 0;
	for (int i = 0; i < sgd.n; i++)
		for (size_t k = 0; k < sgd.params[i].n; k++) {
			all[(*count)++] = sgd.params[i].value[k];
			all[(*count)++] = sgd.params[i].grad[k];
		}
	return all;
}

static void test_threads(void **state)
{
	(void)state;
	for (size_t k = 0; k < LEN(networks); k++)
		for (int quantized = 0; quantized < 2; quantized++) {
			size_t n, m;
			float *one = trained(networks[k], quantized, 1, &n);

			for (int t = 2; t <= 3; t++) {
				float *more = trained(networks[k], quantized, t, &m);

				assert_int_equal(n, m);
				assert_memory_equal(one, more, n * sizeof *one);
			}
		}
	omp_set_num_threads(1);
	threads_init();
}

/* Running statistics begin at 0 and take a tenth of the batch's, the variance by rows - 1. */
static void take_statistics_of_batch(struct subject *s)
{
	for (int l = 0; l < s->g.layers; l++) {
		const struct layer *layer = &s->g.layer[l];
		struct layer_weights *p = &s->w.layer[l];
		float rows = (float)(BATCH * layer->hout * layer->wout);

		for (int c = 0; p->gamma && c < layer->cout; c++) {
			p->mean[c] *= 10;
			p->variance[c] *= 10 * (rows - 1) / rows;
		}
	}
}

static void check_inference(const char *csv, int w, int a)
{
	struct reference *r;
	struct subject s = clear_subject(csv, w, a, (struct learning){ 0 }, &r);
	int classes = graph_classes(&s.g);
	struct net *training, *inference;

	s.p = w ? &s.policy : NULL;
	for (int l = 0; l < s.g.layers; l++)
		if (s.w.layer[l].gamma)
			memset(s.w.layer[l].variance, 0, (size_t)s.g.layer[l].cout * sizeof(float));
	training = net_new(&s.g, &s.w, s.p, BATCH, 2, NET_TRAINING);
	inference = net_new(&s.g, &s.w, s.p, BATCH, 2, NET_INFERENCE);
	loss_of(&s, training);
	take_statistics_of_batch(&s);
	loss_of(&s, inference);
	for (int i = 0; i < BATCH * classes; i++)
		assert_close(net_logits(inference)[i], net_logits(training)[i], 2e-5);
}

/*
 * Statistics taken anew: inference by them computes what they were taken of, to the bit; and they are the
 * plain re-implementation's.
 */
static void check_statistics(const char *csv, int w, int a)
{
	struct reference *r;
	struct subject s = clear_subject(csv, w, a, (struct learning){ 0 }, &r);
	size_t logits = BATCH * (size_t)graph_classes(&s.g);
	struct net *taken, *inference;

	s.p = w ? &s.policy : NULL;
	taken = net_new(&s.g, &s.w, s.p, BATCH, 3, NET_STATISTICS);
	loss_of(&s, taken);
	for (int l = 0; l < s.g.layers; l++) {
		const struct layer_weights *p = &s.w.layer[l];
		int node = s.g.layer[l].node;

		for (int k = 0; p->gamma && k < s.g.layer[l].cout; k++) {
			double inverse = r->inverse[node][k],
			       variance = 1 / inverse / inverse - (double)BATCH_NORM_EPSILON;
			double mean = r->mean[node][k] + (p->bias ? (double)p->bias[k] : 0);

			assert_close(p->mean[k], mean, 1e-5 * (fabs(mean) + sqrt(variance)));
			assert_close(p->variance[k], variance, 1e-5 * variance + 1e-7);
		}
	}
	for (size_t i = 0; i < logits; i++)
		assert_close(net_logits(taken)[i], r->y[s.g.nodes - 1][i], 2e-5);
	inference = net_new(&s.g, &s.w, s.p, BATCH, 2, NET_INFERENCE);
	loss_of(&s, inference);
	for (size_t i = 0; i < logits; i++)
		assert_close(net_logits(inference)[i], net_logits(taken)[i], 1e-6);
}

static void test_statistics(void **state)
{
	(void)state;
	for (size_t k = 0; k < FEW; k++) {
		check_statistics(networks[k], 0, 0);
		check_statistics(networks[k], 5, 5);
	}
}

static void test_inference_equals_training(void **state)
{
	(void)state;
	for (size_t k = 0; k < FEW; k++) {
		check_inference(networks[k], 0, 0);
		check_inference(networks[k], 5, 5);
	}
}

/* Some images of a batch: what lies behind them does not matter. */
static void test_part_of_a_batch(void **state)
{
	(void)state;
	for (size_t k = 0; k < LEN(networks); k++) {
		struct subject s = make_subject(networks[k], 4);
		size_t row = (size_t)graph_classes(&s.g), full = BATCH * row;
		float *logits = xmalloc(full, sizeof *logits);
		struct net *net;

		give_policy(&s, 4, 4);
		net = net_new(&s.g, &s.w, &s.policy, BATCH, 3, NET_INFERENCE);
		loss_of(&s, net);
		memcpy(logits, net_logits(net), full * sizeof *logits);
		for (int images = 1; images <= BATCH; images++) {
			for (size_t i = 0; i < BATCH * s.pixels; i++)
				net_input(net)[i] = i < (size_t)images * s.pixels ? s.images[i] : -1e30f;
			net_forward(net, images);
			assert_memory_equal(net_logits(net), logits, (size_t)images * row * sizeof *logits);
		}
	}
}

/*
 * The same network, once with a quantizer fused into the layer before, once kept from it by
 * a reader of no effect.
 */
static void test_fusion(void **state)
{
	static const char fused[] = HEADER "image,input,,2,6,,,,,,,\n"
					   "c1,conv,image,6,3,1,1,1,no,yes,relu6,8\n"
					   "c2,conv,c1,5,3,1,1,1,no,yes,relu,search\n"
					   "mean,average,c2,,,,,,,,,\n"
					   "fc,linear,mean,4,,,,,yes,,,8\n";
	static const char apart[] = HEADER "image,input,,2,6,,,,,,,\n"
					   "c1,conv,image,6,3,1,1,1,no,yes,relu6,8\n"
					   "c2,conv,c1,5,3,1,1,1,no,yes,relu,search\n"
					   "none,conv,c1,5,1,1,0,1,no,no,relu,search\n"
					   "sum,add,c2 none,,,,,,,,none,\n"
					   "mean,average,sum,,,,,,,,,\n"
					   "fc,linear,mean,4,,,,,yes,,,8\n";
	struct subject f = make_subject(fused, 1), a = make_subject(apart, 1);
	const struct param *fp, *ap;
	struct net *fnet, *anet;
	int n, m;

	(void)state;
	give_policy(&f, 3, 3);
	give_policy(&a, 3, 3);
	a.policy.bits[1] = f.policy.bits[1];
	a.policy.bits[3] = f.policy.bits[2];
	a.images = f.images;
	a.w.layer[0] = f.w.layer[0];
	a.w.layer[1] = f.w.layer[1];
	memset(a.w.layer[2].weight, 0, (size_t)a.g.layer[2].weights * sizeof(float));
	*a.w.layer[2].weight_clip = 0;
	a.w.layer[3] = f.w.layer[2];
	fnet = net_new(&f.g, &f.w, &f.policy, BATCH, 2, NET_TRAINING);
	anet = net_new(&a.g, &a.w, &a.policy, BATCH, 2, NET_TRAINING);
	assert_true(run_training(&f, fnet) == run_training(&a, anet));
	assert_memory_equal(net_logits(fnet), net_logits(anet), BATCH * 4 * sizeof(float));
	fp = net_params(fnet, &n);
	ap = net_params(anet, &m);
	for (int i = 0; i < 6; i++) { /* c1 and c2: weight, gamma, beta */
		const struct param *p = &ap[i];

		assert_true(fp[i].n == p->n && fp[i].kind == p->kind);
		assert_memory_equal(fp[i].grad, p->grad, p->n * sizeof(float));
	}
	assert_true(fp[6].kind == PARAM_CLIP && ap[6].kind == PARAM_CLIP && fabs((double)*fp[6].grad) > 1e-3);
	/* summed in another order */
	assert_close(*fp[6].grad, *ap[6].grad, 1e-5 * fabs((double)*ap[6].grad));
}

static void without_ranges(const void *arg)
{
	struct subject s = make_subject(chain, 1);

	(void)arg;
	give_policy(&s, 4, 4);
	s.w.layer[2].activation_clip = 0;
	net_new(&s.g, &s.w, &s.policy, BATCH, 1, NET_INFERENCE);
}

static void one_bit_signed(const void *arg)
{
	struct subject s = make_subject(plain, 1);

	(void)arg;
	give_policy(&s, 4, 4);
	s.policy.bits[2].a = 1;
	net_new(&s.g, &s.w, &s.policy, BATCH, 1, NET_INFERENCE);
}

static void test_refusals(void **state)
{
	(void)state;
	assert_contains(last_words(without_ranges, NULL), "layer 'c3' has no clipping range");
	assert_contains(last_words(one_bit_signed, NULL), "layer 'c3': 1-bit activations are not defined");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_reference),
		cmocka_unit_test(test_frozen_statistics),
		cmocka_unit_test(test_ranges_by_lsq),
		cmocka_unit_test(test_statistics),
		cmocka_unit_test(test_range_of_a_large_image),
		cmocka_unit_test(test_finite_differences),
		cmocka_unit_test(test_half),
		cmocka_unit_test(test_observer),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_inference_equals_training),
		cmocka_unit_test(test_part_of_a_batch),
		cmocka_unit_test(test_fusion),
		cmocka_unit_test(test_refusals),
	};

	omp_set_num_threads(1);
	threads_init();
	return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
