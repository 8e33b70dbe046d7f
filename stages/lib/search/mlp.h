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
	int states, inputs, hidden[2]; /* inputs = states + 3 */
	bool sigmoid;
	size_t size; /* parameters */
	/* [hidden0][inputs], [hidden1][hidden0], [hidden1], [hidden1], [1]; w1 owns all */
	float *w1, *w2, *b2, *w3, *b3;
};

/* Activations and their gradients for at most `rows` rows. */
struct mlp_pass {
	int rows;
	float *x, *h, *k, *y; /* [rows][inputs], [rows][hidden0], [rows][hidden1], [rows] */
	float *dh, *dk, *dy;  /* the same shapes */
};

struct adam {
	float *mean, *square; /* [size] */
	long steps;
};

void mlp_alloc(struct mlp *m, int states, const int hidden[2], bool sigmoid);
/* PyTorch's nn.Linear: U(-1, 1) / sqrt(fan in) */
void mlp_init(struct mlp *m, struct rng r, uint64_t index);
void mlp_pass_alloc(struct mlp_pass *p, const struct mlp *m, int rows);

void mlp_input(const struct mlp *m, float *row, const float *state, float action);
void mlp_forward(const struct mlp *m, struct mlp_pass *p, int n); /* x -> y */

/* dy -> gradient of the sum in `grad` (shaped as m, overwritten; NULL: not wanted),
 * and in `action`, [n] or NULL, that of the action.  Overwrites dy. */
void mlp_backward(const struct mlp *m, struct mlp_pass *p, int n, struct mlp *grad, float *action);

void adam_alloc(struct adam *a, const struct mlp *m);
/* betas 0.9, 0.999; eps 1e-8 */
void adam_step(struct adam *a, struct mlp *m, const struct mlp *grad, double rate);
void mlp_follow(struct mlp *target, const struct mlp *m, double tau); /* target += tau * (m - target) */

#endif
