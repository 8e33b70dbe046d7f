/*
 * conf.h - parameter files: `key = value   # reason`, one a line.
 *
 *	static const struct conf_key keys[] = {
 *		{ "batch",    CONF_INT,  &batch, .min = 1, .max = 4096 },
 *		{ "schedule", CONF_WORD, &schedule, .words = "constant cosine" },
 *		{ 0 }
 *	};
 *	conf_read("experiments/finetune-search.conf", keys);
 *
 * Every key must be given, once; a key that is not in the table, a value that is no number or out of
 * [min, max], or a word that is not among the listed ones is an error that names file and line.
 */
#ifndef CONF_H
#define CONF_H

#include "core/base.h"

enum conf_type { CONF_INT, CONF_REAL, CONF_WORD };

struct conf_key {
	const char *name;
	enum conf_type type;
	void *value; /* long, double, const char * */
	double min, max;
	const char *words; /* CONF_WORD: what it may be, separated by spaces */
};

/* NULL, or the error */
const char *conf_parse(const char *text, size_t size, const struct conf_key *keys);
void conf_read(const char *path, const struct conf_key *keys); /* dies */

#endif
