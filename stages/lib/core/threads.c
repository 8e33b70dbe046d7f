#include "core/threads.h"
#include "core/cpu.h"

#include <cblas.h>
#include <omp.h>

static int count = 1;

void threads_init(void)
{
	cpu_level(); /* a wrong HAQ_CPU is told now */
	count = omp_get_max_threads();
	omp_set_num_threads(1);
	openblas_set_num_threads(1);
}

int threads(void)
{
	return count;
}
