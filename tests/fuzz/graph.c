/*
 * A network is read from a file and errors in it end the stage; here they end the call: the linker puts
 * __wrap_die in the place of die (--wrap=die), and what was allocated until then is lost.
 */
#include "fuzz.h"
#include "model/graph.h"

#include <setjmp.h>
#include <stdlib.h>
#include <unistd.h>

static jmp_buf refused;

_Noreturn void __wrap_die(const char *fmt, ...);

void __wrap_die(const char *fmt, ...)
{
	(void)fmt;
	longjmp(refused, 1);
}

static void check(const struct graph *g)
{
	for (int i = 0; i < g->layers; i++)
		if (g->layer[i].weights < 1 || g->layer[i].macs < g->layer[i].weights || g->layer[i].hout < 1)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static char path[64]; /* of a file without a name, so that none is left behind */
	static int fd = -1;
	struct graph g;

	if (fd < 0) {
		char name[] = "/tmp/haq-fuzz-XXXXXX";

		if ((fd = mkstemp(name)) < 0 || unlink(name))
			abort();
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	}
	if (pwrite(fd, bytes, size, 0) != (ssize_t)size || ftruncate(fd, (off_t)size))
		abort();
	if (setjmp(refused))
		return 0;
	graph_read(&g, path);
	check(&g);
	for (int i = 0; i < g.nodes; i++) {
		free(g.node[i].name);
		free(g.node[i].input);
	}
	free(g.node);
	free(g.layer);
	return 0;
}
