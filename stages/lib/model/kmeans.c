#include "model/kmeans.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

#define GROUPS_MOST 2048
#define STEPS_MOST 200

static int by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

struct sorted {
	size_t n;
	float *x;             /* ascending */
	double *sum, *square; /* [n + 1] over the numbers before each */
};

static struct sorted sort(const float *x, size_t n)
{
	struct sorted s = { n, xmalloc(n, sizeof *s.x), xmalloc(n + 1, sizeof *s.sum),
		            xmalloc(n + 1, sizeof *s.square) };

	memcpy(s.x, x, n * sizeof *x);
	qsort(s.x, n, sizeof *s.x, by_value);
	for (size_t i = 0; i < n; i++) {
		s.sum[i + 1] = s.sum[i] + (double)s.x[i];
		s.square[i + 1] = s.square[i] + (double)s.x[i] * (double)s.x[i];
	}
	return s;
}

/* How many numbers are below a border. */
static size_t below(const struct sorted *s, float border)
{
	size_t from = 0, to = s->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (s->x[middle] < border)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/*
 * The best cut of neighbouring groups of numbers into clusters: least[c][g] is the least error of
 * the first g groups in c clusters, last[c][g] where the last of those begins.  As g grows, so does
 * that: between two known ones lie all others.
 */
struct cuts {
	const struct sorted *s;
	int groups;
	size_t border[GROUPS_MOST + 1]; /* group g: numbers border[g]..border[g + 1] */
	double least[2][GROUPS_MOST + 1];
	uint16_t last[KMEANS_MOST][GROUPS_MOST + 1];
};

static double error_of(const struct cuts *c, int from, int to)
{
	size_t a = c->border[from], b = c->border[to];
	double sum = c->s->sum[b] - c->s->sum[a];

	return c->s->square[b] - c->s->square[a] - sum * sum / (double)(b - a);
}

static void cut_between(struct cuts *c, int k, int from, int to, int low, int high)
{
	int g = (from + to) / 2, best = low;
	double least = INFINITY;

	if (from > to)
		return;
	for (int i = low; i <= high && i < g; i++) {
		double e = c->least[(k + 1) % 2][i] + error_of(c, i, g);

		if (e < least) {
			least = e;
			best = i;
		}
	}
	c->least[k % 2][g] = least;
	c->last[k][g] = (uint16_t)best;
	cut_between(c, k, from, g - 1, low, best);
	cut_between(c, k, g + 1, to, best, high);
}

/* Which of GROUPS_MOST parts number i lies in: even parts of the range, or as many numbers in each. */
static size_t part_of(const struct sorted *s, size_t i, bool by_count)
{
	if (s->n <= GROUPS_MOST)
		return i;
	if (by_count)
		return i * GROUPS_MOST / s->n;
	return (size_t)(((double)s->x[i] - (double)s->x[0]) /
	                (((double)s->x[s->n - 1] - (double)s->x[0]) / GROUPS_MOST));
}

static void group_by(struct cuts *c, bool by_count)
{
	const struct sorted *s = c->s;

	c->groups = 0;
	for (size_t i = 1; i < s->n; i++)
		if (s->x[i] > s->x[i - 1] && c->groups + 1 < GROUPS_MOST &&
		    part_of(s, i, by_count) > part_of(s, c->border[c->groups], by_count))
			c->border[++c->groups] = i;
	c->border[++c->groups] = s->n;
}

/*
 * Groups are even parts of the range; where few far numbers take most of it, groups of as many numbers each,
 * unless that makes fewer of them, as where there are few distinct values.
 */
static void group(struct cuts *c, int clusters)
{
	int of_range;

	group_by(c, false);
	of_range = c->groups;
	if (of_range >= 2 * clusters)
		return;
	group_by(c, true);
	if (c->groups < of_range)
		group_by(c, false);
}

static void start(const struct sorted *s, int clusters, float *centroid)
{
	struct cuts *c = xmalloc(1, sizeof *c);
	int used, to;

	c->s = s;
	group(c, clusters);
	used = clusters < c->groups ? clusters : c->groups;
	for (int g = 1; g <= c->groups; g++)
		c->least[0][g] = error_of(c, 0, g);
	for (int k = 1; k < used; k++)
		cut_between(c, k, k + 1, c->groups, k, c->groups - 1);
	to = c->groups;
	for (int k = clusters - 1; k >= 0; k--) {
		int from = k < used ? c->last[k][to] : 0;

		/* clusters beyond the groups: copies of the last */
		centroid[k] = k < used ? (float)((s->sum[c->border[to]] - s->sum[c->border[from]]) /
		                                 (double)(c->border[to] - c->border[from]))
		                       : s->x[s->n - 1];
		to = k < used ? from : to;
	}
	free(c);
}

static float border_after(const float *centroid, int k)
{
	return 0.5f * (centroid[k] + centroid[k + 1]);
}

/* Each centroid becomes the mean of what is nearest to it; whether any moved. */
static bool step(const struct sorted *s, int clusters, float *centroid)
{
	size_t from = 0;
	bool moved = false;

	for (int k = 0; k < clusters; k++) {
		size_t to = k + 1 < clusters ? below(s, border_after(centroid, k)) : s->n;

		/* `to` is of centroids before the step: neither this one nor the next has moved yet */
		if (to > from) {
			float mean = (float)((s->sum[to] - s->sum[from]) / (double)(to - from));

			moved |= mean != centroid[k];
			centroid[k] = mean;
			from = to;
		}
	}
	return moved;
}

static uint8_t nearest(const float *centroid, int clusters, float x)
{
	int from = 0, to = clusters - 1;

	while (from < to) {
		int middle = (from + to) / 2;

		if (x < border_after(centroid, middle))
			to = middle;
		else
			from = middle + 1;
	}
	return (uint8_t)from;
}

void kmeans(const float *x, size_t n, int clusters, float *centroid, uint8_t *index)
{
	struct sorted s = sort(x, n);

	start(&s, clusters, centroid);
	for (int i = 0; i < STEPS_MOST && step(&s, clusters, centroid); i++)
		;
	for (size_t i = 0; i < n; i++)
		index[i] = nearest(centroid, clusters, x[i]);
	free(s.x);
	free(s.sum);
	free(s.square);
}
