// Runs pieces of work in child processes, a few at a time: one that crashes or hangs takes no other
// along.
#ifndef HOLDFAST_SUT_PROCESSES_H_
#define HOLDFAST_SUT_PROCESSES_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace holdfast {

// Calls work(0) to work(count - 1), each in a child of its own with at most `jobs` at once, and
// done(i, text) here with what the child returned, in the order in which they end; nothing for a
// child that did not return. Throws std::system_error where no child can be made.
void RunInProcesses(std::size_t count, int jobs,
                    const std::function<std::string(std::size_t)>& work,
                    const std::function<void(std::size_t, std::optional<std::string>)>& done);

}  // namespace holdfast

#endif  // HOLDFAST_SUT_PROCESSES_H_
