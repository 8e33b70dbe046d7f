/*
 * score.h - how well a network does on a set of images: SCORE.csv, a table of one row.
 *
 *	images,top1,top5,loss
 *	8000,89.5250,99.7375,0.299406
 *
 * top1 and top5 are accuracies in percent, loss the mean cross-entropy in nats.  score_read() needs no more
 * than these three columns.
 */
#ifndef SCORE_H
#define SCORE_H

struct score {
	double top1, top5, loss;
};

struct score score_read(const char *path);                              /* dies */
long score_images(const char *path);                                    /* how many it is of; dies */
void score_write(const struct score *s, long images, const char *path); /* dies */

#endif
