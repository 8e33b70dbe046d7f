/*
 * options.h - what a program takes on its command line, as a table: cli.h reads by it, manual.h prints it.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

enum opt_type { OPT_FLAG, OPT_INT, OPT_TEXT, OPT_PATH, OPT_DIR, OPT_OUT };

struct opt {
	char letter;
	const char *name;
	enum opt_type type;
	void *value;        /* bool, long, const char * */
	const char *needed; /* argument name of a required option, else NULL */
	const char *help;
};

/* One word before the options chooses what to do: `ddpg-step act -k 7 ...`. */
struct verb {
	const char *name;
	const char *about;
	const struct opt *options;
	void (*run)(void);
};

#endif
