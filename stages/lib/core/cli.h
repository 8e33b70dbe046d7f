/*
 * cli.h - the command line of a stage: one table says what it takes and prints its help.
 *
 *	static const struct opt options[] = {
 *		{ 'p', "policy", OPT_PATH, &policy, "policy.csv", "bits of each layer" },
 *		{ 'o', "output", OPT_OUT,  &output, "out.npz",    "quantized weights"  },
 *		{ 'k', "bins",   OPT_INT,  &bins,   NULL,         "bins of a histogram" },
 *		{ 0 }
 *	};
 *	cli_begin(argc, argv, "quantize weights to a policy", REVISION, options);
 *	...
 *	return cli_end();
 *
 * An option with an argument name (fifth field) must be given; one without has the default its
 * variable held, shown in the help.  `-p FILE`, `--policy FILE` and `--policy=FILE` are the same.
 * Every program also takes --verbose (what it did, how long and with how much memory, on standard
 * error), --log FILE (the same, with the command line, into FILE), and, anywhere among its options,
 * --help, --version and --man, a page for man(1) made of the same table.
 *
 * Files written (OPT_OUT, --log) must be writable and none of the other files of the command line
 * (OPT_OUT, OPT_PATH), by whatever names or links: else a mistaken word costs an input.
 *
 * There are no positional arguments and nothing is read from the environment but the variables of
 * OpenMP: `make -n` shows all there is to know of a run.
 */
#ifndef CLI_H
#define CLI_H

#include "core/base.h"
#include "core/options.h"

void cli_begin(int argc, char **argv, const char *about, int revision, const struct opt *options);
int cli_verbs(int argc, char **argv, const char *about, int revision, const struct verb *verbs);
int cli_end(void);
_Noreturn void usage(const char *fmt, ...) PRINTF(1, 2);

#endif
