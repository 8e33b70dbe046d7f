#include "core/conf.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 64

static bool is_one_of(const char *word, const char *words)
{
	size_t n = strlen(word);

	for (const char *w = words; n && *w; w += strcspn(w, " "), w += strspn(w, " "))
		if (strcspn(w, " ") == n && !strncmp(w, word, n))
			return true;
	return false;
}

static const char *set(const struct conf_key *k, const char *value, int line)
{
	char *end = NULL;
	double x;

	if (k->type == CONF_WORD) {
		if (!is_one_of(value, k->words))
			return error_text("line %d: %s must be one of: %s; not '%s'", line, k->name, k->words,
			                  value);
		*(const char **)k->value = xstrdup(value);
		return NULL;
	}
	errno = 0;
	x = strtod(value, &end);
	if (!*value || *end || errno == ERANGE || !isfinite(x))
		return error_text("line %d: %s must be a number, not '%s'", line, k->name, value);
	if (k->type == CONF_INT && x != floor(x))
		return error_text("line %d: %s must be a whole number, not '%s'", line, k->name, value);
	if (!(x >= k->min && x <= k->max))
		return error_text("line %d: %s must lie in %g..%g, not %s", line, k->name, k->min, k->max,
		                  value);
	if (k->type == CONF_INT)
		*(long *)k->value = (long)x;
	else
		*(double *)k->value = x;
	return NULL;
}

static char *trim(char *s)
{
	size_t n;

	s += strspn(s, " \t\r");
	for (n = strlen(s); n && isspace((unsigned char)s[n - 1]); n--)
		s[n - 1] = '\0';
	return s;
}

static const char *parse_line(char *text, int line, const struct conf_key *keys, bool *seen)
{
	char *equals, *key;
	int k = 0;

	text[strcspn(text, "#")] = '\0';
	key = trim(text);
	if (!*key)
		return NULL;
	if (!(equals = strchr(key, '=')))
		return error_text("line %d: expected 'key = value', not '%.60s'", line, key);
	*equals = '\0';
	key = trim(key);
	while (keys[k].name && strcmp(keys[k].name, key))
		k++;
	if (!keys[k].name)
		return error_text("line %d: unknown key '%.60s'", line, key);
	if (seen[k])
		return error_text("line %d: key '%s' given twice", line, key);
	seen[k] = true;
	return set(&keys[k], trim(equals + 1), line);
}

const char *conf_parse(const char *text, size_t size, const struct conf_key *keys)
{
	bool seen[KEYS_MAX] = { false };
	const char *error = NULL;
	char line[512];
	int number = 0, n_keys = 0;

	while (keys[n_keys].name)
		if (++n_keys > KEYS_MAX)
			BUG("more than %d keys", KEYS_MAX);

	for (size_t at = 0, n; !error && at < size; at += n + 1) {
		const char *end = memchr(text + at, '\n', size - at);

		number++;
		n = end ? (size_t)(end - text) - at : size - at;
		if (n >= sizeof line || memchr(text + at, '\0', n))
			return error_text("line %d: not a line of text", number);
		memcpy(line, text + at, n);
		line[n] = '\0';
		error = parse_line(line, number, keys, seen);
	}
	for (int k = 0; !error && keys[k].name; k++)
		if (!seen[k])
			error = error_text("key '%s' is missing", keys[k].name);
	return error;
}

void conf_read(const char *path, const struct conf_key *keys)
{
	size_t size;
	unsigned char *bytes = file_bytes(path, &size);
	const char *error = conf_parse((char *)bytes, size, keys);

	if (error)
		die("%s: %s", path, error);
	free(bytes);
}
