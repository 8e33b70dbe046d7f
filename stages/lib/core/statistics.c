#include "core/statistics.h"

#include <math.h>

#define REVISION 1 /* raise when the numbers change */

void sample_add(struct sample *s, double x)
{
	double before = x - s->mean;

	s->mean += before / ++s->n;
	s->squares += before * (x - s->mean);
}

double sample_mean(const struct sample *s)
{
	return s->n ? s->mean : NAN;
}

double sample_deviation(const struct sample *s)
{
	return s->n > 1 ? sqrt(s->squares / (s->n - 1)) : NAN;
}

double sample_error(const struct sample *s)
{
	return sample_deviation(s) / sqrt(s->n);
}
