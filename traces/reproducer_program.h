// What every reproducer includes (traces/reproducer.h): the loading of an implementation, the
// calls, and the expectations. The program itself has only the calls of one counterexample.
//
// Not for the suite. It includes sut/entry.h and links nothing.
#ifndef HOLDFAST_TRACES_REPRODUCER_PROGRAM_H_
#define HOLDFAST_TRACES_REPRODUCER_PROGRAM_H_

#include <dlfcn.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "sut/entry.h"

namespace holdfast {

inline Sut* sut;
inline Outcome outcome;   // of the last call
inline Observation seen;  // the implementation's memory after the last call, decoded
inline int failures = 0;

// False, with a word on standard error, if the object cannot be loaded.
inline bool Load(int argc, char** argv) {
  void* object = argc == 2 ? dlopen(argv[1], RTLD_NOW) : nullptr;
  const auto entry_point =
      object ? reinterpret_cast<const SutEntry* (*)()>(dlsym(object, kSutEntrySymbol)) : nullptr;
  const SutEntry* entry = entry_point ? entry_point() : nullptr;
  if (!entry || entry->magic != kSutMagic || entry->version != kSutVersion ||
      entry->state_size != sizeof(State) || entry->outcome_size != sizeof(Outcome)) {
    const char* error = dlerror();
    std::fprintf(stderr,
                 "usage: %s FILE.so, built by holdfast_sut for this version of the suite%s%s\n",
                 argv[0], error ? ": " : "", error ? error : "");
    return false;
  }
  sut = entry->make();
  return true;
}

// An implementation that ends the process or hangs would else look like a program that hangs, or
// like one whose expectations hold.
inline bool ended = false;
inline void Contain() {
  std::atexit([] {
    if (!ended) std::_Exit(1);
  });
  alarm(10);
  const rlimit limit = {10, 10};
  setrlimit(RLIMIT_CPU, &limit);
}

inline void Expect(bool holds, const char* what) {
  if (holds) return;
  std::printf("  FAILED: %s\n", what);
  ++failures;
}
#define EXPECT(...) Expect((__VA_ARGS__), #__VA_ARGS__)

inline void Call(const char* text, const Command& command) {
  std::printf("%s\n", text);
  std::fflush(stdout);  // the process may end in the call
  sut->Run(command, outcome);
  sut->Observe(seen);
}

inline bool Returned(int error, bool warned = false) {
  return outcome.kind == Outcome::Kind::kReturned && outcome.error == error &&
         outcome.warned == warned;
}
inline bool Void(bool warned = false) {
  return outcome.kind == Outcome::Kind::kVoid && outcome.warned == warned;
}
inline bool Crashed() { return outcome.kind == Outcome::Kind::kCrashed; }

// The driver's ops that the last call called: the op, its object, its record and its result.
using Ops = std::vector<DriverCall>;
inline Ops DriverCalls() {
  return {outcome.calls.begin(), outcome.calls.begin() + outcome.call_count};
}

template <typename Slot>
Slot At(const std::vector<Slot>& chain, std::size_t slot) {
  return slot < chain.size() ? chain[slot] : Slot();
}

// The exit status.
inline int Report(const char* rule) {
  ended = true;
  std::printf("%s%s\n", failures == 0 ? "holds" : rule, failures == 0 ? "" : " is broken");
  return failures == 0 ? 0 : 1;
}

}  // namespace holdfast

#endif  // HOLDFAST_TRACES_REPRODUCER_PROGRAM_H_
