/*
 * numbers.h - do modules still compute what they computed when their REVISION was last raised?
 *
 * Each file of this folder feeds small fixed inputs into the modules of a room and hands what comes out to
 * number() and numbers(); main.c compares that with tests/golden/numbers.csv.  Inputs come from here, so that
 * no module of stages/lib is blamed for another's draws.
 */
#ifndef NUMBERS_H
#define NUMBERS_H

#include "core/base.h"
#include "model/graph.h"
#include "model/weights.h"

/* Two CPUs, or two versions of a library, may differ by this, as a share of the numbers' size. */
#define ROUNDING 1e-4
/* The same where rounding can tip a number to the next level of a quantizer. */
#define TIPPING 5e-3
#define EXACT 0.0

/* share: of the number itself */
void number(const char *module, const char *name, double value, double share);
/* Two rows for many numbers, their mean magnitude and a mean weighted by place; share: of that magnitude. */
void numbers(const char *module, const char *name, const float *x, size_t n, double share);
void numbers_double(const char *module, const char *name, const double *x, size_t n, double share);
void numbers_bytes(const char *module, const char *name, const void *bytes, size_t n); /* signed, exact */
/* The bits of a policy; tipped: how many may be one off. */
void numbers_policy(const char *module, const char *name, const struct policy *p, int tipped);

/* n numbers of roughly mean 0 and variance 1, others for each stream */
float *some_numbers(size_t n, uint64_t stream);
uint64_t some_bits(uint64_t stream, uint64_t i);

/* data/networks/tiny-fashion.csv, with weights of some_numbers(); what layers read is clipped at 2. */
void some_network(struct graph *g, struct weights *w);
/* 3, 4, 5, ... bits, layer after layer; 8 where they are fixed */
struct policy some_policy(const struct graph *g);

void numbers_of_core(void);
void numbers_of_dataset(void);
void numbers_of_engine(void);
void numbers_of_hw(void);
void numbers_of_kernels(void);
void numbers_of_model(void);
void numbers_of_report(void);
void numbers_of_search(void);
void numbers_of_training(void);

#endif
