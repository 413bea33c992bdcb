// Callers at once, for `explore --concurrent` and `replay` (docs/callers.md).
#ifndef HOLDFAST_CLI_CALLERS_CONCURRENT_H_
#define HOLDFAST_CLI_CALLERS_CONCURRENT_H_

#include <optional>
#include <string>
#include <variant>

#include "model/profile.h"
#include "properties/callers/callers_trace.h"
#include "properties/lockstep/runner.h"
#include "sut/module.h"
#include "sut/sut.h"

namespace holdfast {

// The object that callers at once run on: the one beside the module's file that announces its
// accesses (sut/module.h), or the module's own. Throws std::runtime_error where that one cannot be
// loaded.
class SutForCallers {
 public:
  explicit SutForCallers(const Module& module);
  Sut& operator*() const { return *sut_; }

 private:
  Module beside_;
  Sut* sut_;
};

struct ConcurrentOptions {
  int callers = 2, calls = 3;
  int preemptions = kAnyNumber;
  std::string out;  // a directory, for the trace of a race
  std::string sut;  // as the caller named it

  static constexpr int kAnyNumber = 100;
};

// Searches the default worlds, and prints what is proved. Returns the exit status.
int ExploreConcurrently(Runner& runner, const Profile& profile, const ConcurrentOptions& options);

// The trace of callers at once in the file, or the error of one. Nothing: the file is none.
std::optional<std::variant<CallersTrace, std::string>> ReadCallersTrace(const std::string& path);

// Runs the trace, and prints the race if there is one. Returns the exit status.
int ReplayCallers(Sut& sut, const CallersTrace& trace);

}  // namespace holdfast

#endif  // HOLDFAST_CLI_CALLERS_CONCURRENT_H_
