/*
 * mlp.h - the perceptrons of the agent, and how they learn.
 *
 * One architecture, HAQ section 3.7: a state and an action enter fully-connected layers of their own, whose
 * outputs are added; ReLU; a hidden layer; ReLU; one output, for the actor through a sigmoid.
 *
 *	x [n][inputs]     rows (state, 1, action, 1): the ones carry the biases of the two first layers
 *	h = relu(x W1')   [n][hidden[0]]
 *	k = relu(h W2' + b2)   [n][hidden[1]]
 *	y = k w3' + b3    [n]
 *
 * float32, all parameters in one allocation.  OpenBLAS runs on one thread (threads.h), so results repeat.
 */
#ifndef MLP_H
#define MLP_H

#include "core/base.h"
#include "core/rng.h"

struct mlp {
	int state_size, inputs, hidden[2]; /* inputs = state_size + 3 */
	bool sigmoid;                      /* the actor's output */
	size_t size;                       /* parameters */
	float *w1;                         /* [hidden[0]][inputs]; owns the memory of all */
	float *w2, *b2;                    /* [hidden[1]][hidden[0]], [hidden[1]] */
	float *w3, *b3;                    /* [hidden[1]], [1] */
};

/* Activations and their gradients for at most `rows` rows; names as in the formulas above. */
struct mlp_pass {
	int rows;
	float *x, *h, *k, *y; /* [rows][inputs], [rows][hidden[0]], [rows][hidden[1]], [rows] */
	float *dh, *dk, *dy;  /* gradients, in the same shapes */
};

struct adam {
	float *mean, *square; /* [size] */
	long steps;
};

void mlp_alloc(struct mlp *m, int state_size, const int hidden[2], bool sigmoid);
/* Weights and biases as PyTorch's nn.Linear has them: U(-1, 1) / sqrt(fan in).  Draws from `index` on. */
void mlp_init(struct mlp *m, struct rng r, uint64_t index);
void mlp_pass_alloc(struct mlp_pass *p, const struct mlp *m, int rows);

/* A row [inputs] of x from a state [state_size] and an action. */
void mlp_input(const struct mlp *m, float *row, const float *state, float action);
/* y from x, for the first n rows. */
void mlp_forward(const struct mlp *m, struct mlp_pass *p, int n);

/*
 * From dy [n], after mlp_forward(): the gradients of the parameters, summed over rows, into `grad` (shaped as
 * m, overwritten; NULL: not wanted), and those of the actions into `action` [n] (or NULL).  Overwrites dy.
 */
void mlp_backward(const struct mlp *m, struct mlp_pass *p, int n, struct mlp *grad, float *action);

void adam_alloc(struct adam *a, const struct mlp *m);
/* Adam (Kingma and Ba, 2015): betas 0.9 and 0.999, epsilon 1e-8. */
void adam_step(struct adam *a, struct mlp *m, const struct mlp *grad, double rate);
/* Target networks: target += tau (m - target). */
void mlp_follow(struct mlp *target, const struct mlp *m, double tau);

#endif
