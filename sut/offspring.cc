#include "sut/offspring.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace holdfast {
namespace {

bool runs_implementation = false, suite_forks = false;
std::vector<pid_t> strangers;  // children that were there before this program's first one
pid_t counted_for = 0;         // the process that has counted them

bool ForksForImplementation() { return runs_implementation && !suite_forks; }

void EndIfForkedByImplementation() {
  if (ForksForImplementation()) _exit(0);
}

void (*before_fork)() = nullptr;

void BeforeFork() {
  constexpr int kMostDead = 64;
  static int dead = 0;
  if (!ForksForImplementation()) return;
  before_fork();
  if (++dead < kMostDead) return;
  // The dead fill the table of processes if nobody waits for them.
  while (waitpid(-1, nullptr, WNOHANG) > 0) --dead;
}

pid_t ParentOf(pid_t process) {
  std::istringstream fields(AccountOf(process));
  std::string state;
  pid_t parent = 0;
  fields >> state >> parent;
  return parent;
}

bool HasChildren() {
  siginfo_t info;
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

std::vector<pid_t> AllProcesses() {
  std::vector<pid_t> processes;
  DIR* const folder = opendir("/proc");
  if (!folder) return processes;
  while (const dirent* entry = readdir(folder)) {
    const auto process = static_cast<pid_t>(atoi(entry->d_name));
    if (process > 0) processes.push_back(process);
  }
  closedir(folder);
  return processes;
}

std::vector<pid_t> ChildrenOfThisProcess() {
  if (!HasChildren()) return {};  // nearly always: it costs one system call
  std::vector<pid_t> children = AllProcesses();
  std::erase_if(children, [](pid_t process) { return ParentOf(process) != getpid(); });
  return children;
}

bool IsAmong(const std::vector<pid_t>& processes, pid_t process) {
  return std::ranges::find(processes, process) != processes.end();
}

}  // namespace

pid_t ForkForSuite() {
  static const bool once = (pthread_atfork(BeforeFork, nullptr, EndIfForkedByImplementation), true);
  (void)once;
  if (counted_for != getpid()) {
    strangers = counted_for == 0 ? ChildrenOfThisProcess() : std::vector<pid_t>();
    counted_for = getpid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
  }
  suite_forks = true;
  const pid_t child = fork();
  suite_forks = false;
  return child;
}

void SetRunsImplementation(bool runs, void (*before)()) {
  runs_implementation = runs;
  before_fork = before;
}

// A read fails if the process is gone by then.
std::string AccountOf(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(file, line, '\0');
  const std::size_t name_end = line.rfind(')');  // the name may hold anything
  return name_end == std::string::npos ? "" : line.substr(name_end + 1);
}

long ThreadsOfMachine() {
  std::ifstream file("/proc/loadavg");
  std::string skipped;
  for (int i = 0; i < 3; ++i) file >> skipped;
  long running = 0, all = 0;
  char slash;
  file >> running >> slash >> all;
  return all;
}

std::vector<pid_t> DescendantsOf(pid_t process) {
  std::multimap<pid_t, pid_t> children;  // by parent
  for (const pid_t each : AllProcesses()) children.emplace(ParentOf(each), each);
  std::vector<pid_t> found = {process};
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto [begin, end] = children.equal_range(found[i]);
    for (auto child = begin; child != end; ++child) found.push_back(child->second);
  }
  found.erase(found.begin());
  return found;
}

// The death of one may bring up others: those that it had started.
void EndOffspring(const std::vector<pid_t>& own) {
  constexpr int kRounds = 1000;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<pid_t> offspring = ChildrenOfThisProcess();
    std::erase_if(offspring, [&](pid_t process) {
      return IsAmong(own, process) || IsAmong(strangers, process);
    });
    if (offspring.empty()) return;
    for (const pid_t process : offspring) kill(process, SIGKILL);
    for (const pid_t process : offspring) waitpid(process, nullptr, __WALL);
  }
}

}  // namespace holdfast
