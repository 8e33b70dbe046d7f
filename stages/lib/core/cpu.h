/*
 * cpu.h - loops that are compiled for several levels of the CPU, and which of them run.
 *
 * Programs run on every CPU of their architecture.  The loops that take most of the time are compiled once
 * for each level of x86-64 (x86-64 psABI, table 3.1; GCC's -march=x86-64-v3):
 *
 *	x86-64          every CPU: SSE2
 *	x86-64-v3       AVX2 and FMA
 *	x86-64-v4       AVX-512
 *
 * and calls go to the highest that this CPU has, or that HAQ_CPU in the environment allows.  HAQ_CPU limits
 * oneDNN, too (engine/onednn.h), so that a cluster of unlike nodes may compute alike; make limits OpenBLAS,
 * by OPENBLAS_CORETYPE, which whoever runs a program by hand has to.  On other architectures there is one
 * level.
 *
 * A file of loops (LOOPS in stages.mk) is an ordinary file; its header says after the prototypes
 *
 *	CPU_LEVELS(ops_forward);
 *	#define ops_forward CPU_LEVEL(ops_forward)
 *
 * so that ops_forward is, where it is defined, ops_forward_v3 at that level, and where it is called, the one
 * of the level that runs.
 *
 * Loops have the same results at all levels, to the bit (tests/unit/levels.c): sums have an order that does
 * not depend on the width of registers, and nothing uses FMA, which x86-64 lacks (-ffp-contract=off in
 * stages.mk).  That loops are vectors at each level is seen to by tests/rules/loops.sh.
 */
#ifndef CPU_H
#define CPU_H

#include "core/base.h"

enum cpu_level { CPU_BASE, CPU_V3, CPU_V4 };

extern _Atomic int cpu_running; /* the level, or -1 before anyone asked */
void cpu_choose(void);

/* The level that runs.  Dies where HAQ_CPU is no level, or one that the CPU does not have. */
static inline enum cpu_level cpu_level(void)
{
	if (cpu_running < 0)
		cpu_choose();
	return (enum cpu_level)cpu_running;
}

enum cpu_level cpu_level_here(void);          /* the highest that this CPU has */
const char *cpu_level_name(enum cpu_level l); /* "x86-64-v3" */
bool cpu_is_limited(void);                    /* HAQ_CPU was given */
void cpu_limit(enum cpu_level l);             /* as HAQ_CPU does, for tests; BUG where the CPU has less */

/* --- for headers of loops ----------------------------------------------------------------------- */

#define CPU_PASTE(a, b) a##_##b
#define CPU_NAME(name, level) CPU_PASTE(name, level)

#ifdef CPU_THIS /* a file of loops, compiled for this level */
#define CPU_LEVELS(name) extern __typeof__(name) CPU_NAME(name, CPU_THIS)
#define CPU_LEVEL(name) CPU_NAME(name, CPU_THIS)
#elif defined __x86_64__
#define CPU_LEVELS(name) extern __typeof__(name) name##_base, name##_v3, name##_v4
#define CPU_LEVEL(name) (cpu_level() == CPU_V4 ? name##_v4 : cpu_level() == CPU_V3 ? name##_v3 : name##_base)
#else
#define CPU_LEVELS(name) extern __typeof__(name) name##_base
#define CPU_LEVEL(name) name##_base
#endif

#endif
