// The processes that an implementation starts. None outlives the child that runs the implementation
// (sut/child.h), and none runs the suite's code a second time.
//
// A process that the implementation forks ends at once, and a call that forks more than
// kMostForksInACall times ends the child. A process may come about in another way: vfork,
// posix_spawn, a bare system call. Such a process may run as long as the child, unless there are
// more than kMostProcesses of them. When the child ends, its orphans become children of the process
// that made the child, which kills them.
#ifndef HOLDFAST_SUT_OFFSPRING_H_
#define HOLDFAST_SUT_OFFSPRING_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace holdfast {

inline constexpr int kMostForksInACall = 64, kMostProcesses = 200;

// fork() for a child of the suite.
pid_t ForkForSuite();

// In the new process: what it forks from here on is the implementation's, or no longer. Called
// before each such fork is `before_fork`.
void SetRunsImplementation(bool runs, void (*before_fork)());

// The kernel's account of a process (/proc/PID/stat) from the state on. "": the process is gone.
std::string AccountOf(pid_t process);
// The number of the machine's threads, for a first look: it takes a few microseconds.
long ThreadsOfMachine();
// The processes that descend from this one.
std::vector<pid_t> DescendantsOf(pid_t process);

// Kills the children of this process that are not among `own`, and not older than its first call of
// ForkForSuite: those came with the program.
void EndOffspring(const std::vector<pid_t>& own);

}  // namespace holdfast

#endif  // HOLDFAST_SUT_OFFSPRING_H_
