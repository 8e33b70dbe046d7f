/*
 * kind.h - which kind of accelerator a file of hwmodels/ is, for programs that cost policies as they go.
 *
 *	const struct simulator *s = simulator_of_model("hwmodels/bismo-edge.conf");
 *
 *	s->read("hwmodels/bismo-edge.conf", &g);
 *	cost = simulator_layer_cost(s, &g, layer, channels, a);
 *
 * The kind is the word before the first dash or dot of the file's name.  stages/simulate-KIND.c knows its own
 * and does not ask here, so that a revision of one kind redoes nothing of another.
 */
#ifndef KIND_H
#define KIND_H

#include "hw/machine.h"

/* Dies where there is no such kind: names the file and those there are.  The file is not looked at. */
const struct simulator *simulator_of_model(const char *model_path);

#endif
