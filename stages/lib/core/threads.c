#include "core/threads.h"

#include <cblas.h>
#include <omp.h>

static int count = 1;

void threads_init(void)
{
	count = omp_get_max_threads();
	omp_set_num_threads(1);
	openblas_set_num_threads(1);
}

int threads(void)
{
	return count;
}
