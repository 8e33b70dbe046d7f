#include "core/cpu.h"

#include <stdlib.h>
#include <string.h>

_Atomic int cpu_running = -1;

#ifdef __x86_64__
static const char *const names[] = { "x86-64", "x86-64-v3", "x86-64-v4" };
#else
static const char *const names[] = { "one level" };
#endif

const char *cpu_level_name(enum cpu_level l)
{
	return names[l];
}

/*
 * A CPU with AVX2 that does not say all of v3, as some virtual machines, is none: compilers may use any
 * instruction of a level.
 */
enum cpu_level cpu_level_here(void)
{
#if defined __x86_64__ && !defined __clang__
	return __builtin_cpu_supports("x86-64-v4")   ? CPU_V4
	       : __builtin_cpu_supports("x86-64-v3") ? CPU_V3
	                                             : CPU_BASE;
#elif defined __x86_64__ /* clang 14 does not know levels */
	bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
	          __builtin_cpu_supports("bmi2"),
	     v4 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	          __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
	          __builtin_cpu_supports("avx512vl");

	return v3 && v4 ? CPU_V4 : v3 ? CPU_V3 : CPU_BASE;
#else
	return CPU_BASE;
#endif
}

static const char *limit(void)
{
	const char *word = getenv("HAQ_CPU");

	return word && *word ? word : NULL;
}

bool cpu_is_limited(void)
{
	return limit() != NULL;
}

void cpu_choose(void)
{
	enum cpu_level here = cpu_level_here();
	const char *word = limit();
	size_t level = 0;

	if (!word) {
		cpu_running = (int)here;
		return;
	}
	while (level < LEN(names) && strcmp(names[level], word))
		level++;
	if (level == LEN(names))
		die("HAQ_CPU=%s: expected %s", word,
		    LEN(names) > 1 ? "one of x86-64, x86-64-v3, x86-64-v4"
		                   : "nothing: this CPU has one level");
	if (level > (size_t)here)
		die("HAQ_CPU=%s: this CPU is at most %s", word, names[here]);
	cpu_running = (int)level;
}

void cpu_limit(enum cpu_level l)
{
	if (l > cpu_level_here())
		BUG("level %d of a CPU that has %d", (int)l, (int)cpu_level_here());
	cpu_running = (int)l;
}
