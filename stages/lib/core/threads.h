/*
 * threads.h - the one place that says how threads are used.
 *
 * One runtime, OpenMP, and one level of it: our own parallel regions over shards (parts of a batch)
 * or layers, each with num_threads(threads()).  Inside them, and everywhere else, oneDNN and
 * OpenBLAS run on one thread.  So a library never splits a sum by the number of threads, and
 * results do not depend on it; OpenBLAS may be its pthread or its OpenMP build.
 *
 * The number is OpenMP's: OMP_NUM_THREADS, or all cores.
 */
#ifndef THREADS_H
#define THREADS_H

void threads_init(void); /* once, first thing in main */
int threads(void);

#endif
