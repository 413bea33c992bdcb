/*
 * Notes the basic blocks that were reached, for `./holdfast tree PATH coverage` and for `bazel run
 * NAME_branches`. Such a build calls the function below in each basic block; any other build has no
 * such call. The notes lie outside of the object's data, because the suite sets that data back
 * again and again. They are shared by all processes, because the suite runs the object in many.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { kSize = 16 << 20 };

extern const char __ehdr_start[]
    __attribute__((visibility("hidden"))); /* where this object is loaded */

static unsigned char*
    reached; /* a byte for each of the object's addresses; never changes after loading */

__attribute__((constructor)) static void Begin(void) {
  if (!getenv("HOLDFAST_REACHED")) return;
  reached =
      mmap(NULL, kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reached == MAP_FAILED) reached = NULL;
}

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void) {
  const size_t address = (size_t)((const char*)__builtin_return_address(0) - __ehdr_start);
  if (reached && address < kSize) reached[address] = 1;
}

__attribute__((destructor)) static void End(void) {
  FILE* file = reached ? fopen(getenv("HOLDFAST_REACHED"), "w") : NULL;
  if (!file) return;
  for (size_t address = 0; address < kSize; ++address) {
    if (reached[address]) fprintf(file, "%zx\n", address);
  }
  fclose(file);
}
