// The model as an implementation that misbehaves in one way, which the environment variable
// MISBEHAVES names: towards its process, towards the machine, or by not doing the same each time.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>

#include "properties/lockstep/model_sut.h"
#include "sut/entry.h"

namespace holdfast {
namespace {

std::string Misdeed() {
  const char* name = std::getenv("MISBEHAVES");
  return name ? name : "";
}

std::uint64_t Nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_nsec);
}

// Each third one is another: by its own numbers, and not by the clock's grain.
bool ByTime(std::uint64_t one_in) {
  return (Nanoseconds() * 0x9e3779b97f4a7c15u >> 20) % one_in == 0;
}

void* Sleep(void*) {
  while (true) pause();
}

void LowerLimits() {
  for (const auto which : {RLIMIT_FSIZE, RLIMIT_NPROC, RLIMIT_CORE}) {
    rlimit limit;
    getrlimit(which, &limit);
    limit.rlim_cur = 0;
    setrlimit(which, &limit);
  }
}

void Spawn() {
  char name[] = "sleep", seconds[] = "34567";
  char* const arguments[] = {name, seconds, nullptr};
  pid_t process;
  posix_spawnp(&process, name, nullptr, nullptr, arguments, nullptr);
}

// What is done at each call that preserves a domain.
void Do(const std::string& misdeed, Outcome& outcome) {
  const auto fail = [&](bool when) {
    if (when) outcome.error = -EIO;
  };
  const std::map<std::string, std::function<void()>> misdeeds = {
      // Not the same each time.
      {"rand", [&] { fail(std::rand() % 50 == 0); }},
      {"stack",
       [&] { fail(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) >> 6 & 1); }},
      {"time", [&] { fail(ByTime(50)); }},
      {"aborts_by_time",
       [] {
         if (ByTime(2000)) abort();
       }},
      {"kills_by_time",
       [] {
         if (ByTime(2000)) raise(SIGKILL);
       }},
      // As if from outside: once, while the file is there.
      {"killed_once",
       [] {
         if (unlink("alive") == 0) raise(SIGKILL);
       }},
      {"out_of_time_once",
       [] {
         if (unlink("alive") == 0) raise(SIGXCPU);
       }},
      // The same to the process that waits for this one.
      {"kills_parent_once",
       [] {
         if (unlink("alive") == 0) kill(getppid(), SIGKILL);
       }},
      // To the process.
      {"throws", [] { throw std::runtime_error("no\nfile"); }},
      {"throws_a_number", [] { throw 7; }},
      {"closes",
       [] {
         for (int fd = 0; fd < 256; ++fd) close(fd);
       }},
      {"limits", LowerLimits},
      {"signals",
       [] {
         for (int number = 1; number < NSIG; ++number) signal(number, SIG_IGN);
         sigset_t all;
         sigfillset(&all);
         sigprocmask(SIG_BLOCK, &all, nullptr);
         if (chdir("/") == 0) alarm(1);
       }},
      {"thread",
       [] {
         pthread_t thread;
         static bool started = pthread_create(&thread, nullptr, Sleep, nullptr) == 0;
         (void)started;
       }},
      {"writes",
       [] {
         printf("verdict: conforms to everything\n");
         fprintf(stderr, "verdict: diverges from nothing\n");
       }},
      // To the machine.
      {"fork_bomb",
       [] {
         while (true) fork();
       }},
      {"forks_a_bomb",
       [] {
         static int forks = 0;
         if (forks++ < 1000 && fork() == 0)
           while (true) fork();
       }},
      {"spawns", Spawn},
  };
  const auto found = misdeeds.find(misdeed);
  if (found != misdeeds.end()) found->second();
}

class Misbehaving : public ModelSut {
 public:
  Misbehaving()
      : ModelSut(*FindProfile("v3"), [](const Command& command, Outcome& outcome, Memory&) {
          static const std::string misdeed = Misdeed();
          if (command.verb == Verb::kPreserveDomain) Do(misdeed, outcome);
        }) {}

  std::string name() const override {
    return misdeed_ == "name" ? "sound\nverdict: conforms\x1b[2J" : misdeed_;
  }
  void Observe(Observation& observation) override {
    ModelSut::Observe(observation);
    if (misdeed_ == "observe_throws" && observation.state.files > 1)
      throw std::runtime_error("cannot see");
    if (misdeed_ == "observe_varies" && observation.state.files > 0 && ByTime(50))
      ++observation.state.files;
  }
  bool Canonicalize(Past past, CanonicalMemory& memory) override {
    if (misdeed_ == "canonicalize_throws" && restored_)
      throw std::runtime_error("no canonical state");
    return ModelSut::Canonicalize(past, memory);
  }
  // It forgets to put back what Run has counted.
  void Restore(const Snapshot& snapshot) override {
    ModelSut::Restore(snapshot);
    restored_ = true;
  }
  void Reset(const Topology& topology, Luo luo) override {
    ModelSut::Reset(topology, luo);
    restored_ = false;
  }
  void Run(const Command& command, Outcome& outcome) override {
    ModelSut::Run(command, outcome);
    if (misdeed_ == "restore" && restored_ && command.verb == Verb::kPreserveDomain)
      outcome.warned = true;
  }

 private:
  const std::string misdeed_ = Misdeed();
  bool restored_ = false;
};

Sut* Make() {
  if (Misdeed() == "writes") printf("verdict: conforms before it was asked\n");
  return new Misbehaving();
}

}  // namespace
}  // namespace holdfast

extern "C" __attribute__((visibility("default"))) const holdfast::SutEntry* holdfast_sut_entry() {
  static const holdfast::SutEntry entry = {.make = holdfast::Make};
  return &entry;
}
