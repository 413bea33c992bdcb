// A child's death is an answer: how it ended, and that the parent goes on with its own memory.
#include "sut/child.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sut/packed.h"
#include "sut/surroundings.h"

namespace holdfast {
namespace {

Ending EndingOf(const std::function<void()>& call) {
  return RunInChild([&] {
    const WatchedCall watched;
    call();
  });
}

void BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, nullptr);
}

TEST(Child, LeavesWhatItDidToSharedMemoryAndNothingElse) {
  Shared<int> shared;
  int own = 1;
  const Ending ending = RunInChild([&] { *shared = own = 2; });
  EXPECT_EQ(ending.kind, Ending::Kind::kReturned);
  EXPECT_EQ(*shared, 2);
  EXPECT_EQ(own, 1);
}

TEST(Child, SaysHowItEnded) {
  EXPECT_EQ(PrintEnding(EndingOf([] {})), "");
  EXPECT_EQ(PrintEnding(EndingOf([] { raise(SIGKILL); })), "SIGKILL");
  EXPECT_EQ(PrintEnding(EndingOf([] { signal(SIGABRT, SIG_DFL), abort(); })), "SIGABRT");
  EXPECT_EQ(PrintEnding(EndingOf([] { _exit(0); })), "exit status 0");
  EXPECT_EQ(PrintEnding(EndingOf([] { _exit(7); })), "exit status 7");
}

TEST(Child, SaysWhetherACallWasUnderWay) {
  EXPECT_TRUE(EndingOf([] { _exit(0); }).in_call);
  EXPECT_FALSE(RunInChild([] { _exit(0); }).in_call);
}

TEST(Child, CallThatLoopsWithSignalsBlockedIsEnded) {
  const Ending ending = EndingOf([] {
    BlockSignals();
    for (volatile bool forever = true; forever;) continue;
  });
  EXPECT_EQ(PrintEnding(ending), "hung");
}

TEST(Child, CallThatSleepsWithoutEndIsEnded) {
  const Ending ending = EndingOf([] {
    BlockSignals();
    while (true) pause();
  });
  EXPECT_EQ(PrintEnding(ending), "blocked");
}

TEST(Child, IsNotWaitedForBeyondItsDeathByWhatItLeavesBehind) {
  const Ending ending = EndingOf([] {
    if (fork() == 0) {
      sleep(3600);
      _exit(0);
    }
    _exit(5);
  });
  EXPECT_EQ(PrintEnding(ending), "exit status 5");
}

TEST(Child, ExceptionIsThrownAgainInTheParent) {
  try {
    RunInChild([] { throw std::runtime_error("no file"); });
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "no file");
  }
}

// Runs a piece of work for each of the calls, two at a time. By item: its text, or how it ended.
std::vector<std::string> RunAll(const std::vector<std::function<std::string()>>& calls) {
  std::vector<std::string> results(calls.size());
  RunInChildren(
      calls.size(), 2,
      [&](std::size_t i) {
        const WatchedCall watched;
        return calls[i]();
      },
      [&](std::size_t i, const Ending& ending, std::string text) {
        results[i] = ending.kind == Ending::Kind::kReturned ? std::move(text) : PrintEnding(ending);
        return true;
      });
  return results;
}

TEST(Children, EachHasAnEndingAndNoneTakesAnotherAlong) {
  const std::string large(10'000'000, 'x');  // more than a pipe holds
  const std::vector<std::string> results = RunAll({
      [&] { return large; },
      [] { return signal(SIGABRT, SIG_DFL), abort(), ""; },
      [] { return std::string(); },
      []() -> std::string { throw std::runtime_error("no file"); },
      []() -> std::string { _exit(0); },
      []() -> std::string {
        BlockSignals();
        while (true) pause();
      },
      []() -> std::string {
        for (volatile bool forever = true; forever;) continue;
        return "";
      },
      [] { return std::string("last"); },
  });
  EXPECT_TRUE(results[0] == large);
  const std::vector<std::string> others(results.begin() + 1, results.end());
  EXPECT_EQ(others, (std::vector<std::string>{"SIGABRT", "", "no file", "exit status 0", "blocked",
                                              "hung", "last"}));
}

TEST(Children, HaveNoEndsOfEachOthersPipes) {
  const auto count = [] {
    std::size_t files = 0;
    for (int fd = 0; fd < 100; ++fd) files += fcntl(fd, F_GETFD) >= 0;
    return std::to_string(files);
  };
  const auto late = [&] { return usleep(100'000), count(); };
  const std::vector<std::string> results = RunAll({late, late, count, count});
  EXPECT_EQ(results, std::vector<std::string>(4, results[0]));
}

TEST(Children, AreKilledAndNoMoreAreMadeOnceTheParentIsDone) {
  Shared<std::atomic<int>> made;
  const auto work = [&](std::size_t i) {
    ++*made;
    while (i != 1) pause();
    return std::string();
  };
  RunInChildren(4, 2, work, [](std::size_t, const Ending&, const std::string&) { return false; });
  EXPECT_EQ(*made, 2);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);  // no child is left
}

// Each process below holds the write end of the pipe: the pipe ends when the last of them has.
TEST(Children, AndTheirChildrenEndWithTheirParent) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    ContinueInChild([] {});
    RunInChildren(
        2, 2,
        [&](std::size_t) {
          ContinueInChild([] {});
          RunInChild([&] {
            if (write(ends[1], "x", 1) == 1) sleep(3600);
          });
          return std::string();
        },
        [](std::size_t, const Ending&, const std::string&) { return true; });
    _exit(0);
  }
  close(ends[1]);
  char buffer;
  ASSERT_EQ(read(ends[0], &buffer, 1), 1);
  ASSERT_EQ(read(ends[0], &buffer, 1), 1);  // both innermost ones are at work
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  pollfd end = {.fd = ends[0], .events = POLLIN, .revents = 0};
  ASSERT_EQ(poll(&end, 1, 10'000), 1);
  EXPECT_EQ(read(ends[0], &buffer, 1), 0);
  close(ends[0]);
}

TEST(Child, ThatContinuesTakesItsMemoryAlong) {
  std::vector<int> grown;
  const pid_t before = getpid();
  EXPECT_EQ(ContinueInChild([&] { grown.assign(1000, 7); }).kind, Ending::Kind::kReturned);
  EXPECT_NE(getpid(), before);
  EXPECT_EQ(grown, std::vector<int>(1000, 7));
}

TEST(Child, MayItselfContinueInAChild) {
  std::vector<int> grown;
  const Ending ending = ContinueInChild([&] {
    ContinueInChild([&] { grown.assign(1000, 7); });
    const WatchedCall watched;  // by the first process, as before
    grown.push_back(8);
  });
  EXPECT_EQ(ending.kind, Ending::Kind::kReturned);
  EXPECT_EQ(grown.size(), 1001u);
}

TEST(Child, ThatDiesBeforeItContinuesLeavesMemoryAsItWas) {
  std::string text = "before";
  const pid_t before = getpid();
  const Ending ending = ContinueInChild([&] {
    text = "after";
    raise(SIGKILL);
  });
  EXPECT_EQ(PrintEnding(ending), "SIGKILL");
  EXPECT_EQ(getpid(), before);
  EXPECT_EQ(text, "before");
}

TEST(Child, ThatCrashesAfterItContinuedLeavesMemoryAsItWas) {
  Shared<int> continued;
  std::string text = "before";
  const pid_t before = getpid();
  const Ending ending = ContinueInChild([&] { text = "after"; });
  if (getpid() != before) {
    *continued = text == "after" && !ending.late;
    signal(SIGABRT, SIG_DFL);
    raise(SIGABRT);
  }
  EXPECT_EQ(*continued, 1);
  EXPECT_EQ(PrintEnding(ending), "SIGABRT");
  EXPECT_TRUE(ending.late);
  EXPECT_FALSE(ending.in_call);
  EXPECT_EQ(text, "before");
}

// Each job is contained by the one before it: what smashed memory in the first is noticed in the
// last, and nobody in between is sane.
TEST(Child, CrashesAfterTheyContinuedGoBackToTheFirstThatIsSane) {
  Shared<int> crashes;
  bool smashed = false;
  const auto crash_if_smashed = [&] {
    if (!smashed) return;
    ++*crashes;
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
  };
  const Ending ending = ContinueInChild([&] { smashed = true; });
  if (ending.kind == Ending::Kind::kReturned) {
    ContinueInChild([] {});
    crash_if_smashed();
  }
  EXPECT_TRUE(ending.late);
  EXPECT_FALSE(smashed);
  EXPECT_EQ(*crashes, 2);
}

TEST(Child, ThatContinuesHasWhatItsParentHad) {
  rlimit before, after;
  getrlimit(RLIMIT_FSIZE, &before);
  const Ending ending = ContinueInChild([] {
    rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 0;
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGTERM, SIG_IGN);
    BlockSignals();
    if (chdir("/") != 0) _exit(1);
  });
  EXPECT_EQ(ending.kind, Ending::Kind::kReturned);
  getrlimit(RLIMIT_FSIZE, &after);
  EXPECT_EQ(after.rlim_cur, before.rlim_cur);
  EXPECT_EQ(signal(SIGTERM, SIG_DFL), SIG_DFL);
  sigset_t blocked;
  sigprocmask(SIG_BLOCK, nullptr, &blocked);
  EXPECT_FALSE(sigismember(&blocked, SIGTERM));
  char folder[4096];
  EXPECT_STRNE(getcwd(folder, sizeof(folder)), "/");
}

TEST(Child, WhatItWritesIsKeptApart) {
  testing::internal::CaptureStdout();
  ContinueInChild([] {
    for (int i = 0; i < 100'000; ++i) printf("a forged line\n");
  });
  printf("the end\n");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "the end\n");
  const std::string kept = StandardStreams::Kept();
  EXPECT_LE(kept.size(), StandardStreams::kMostKept);
  EXPECT_GT(kept.size(), StandardStreams::kMostKept / 2);
  EXPECT_TRUE(kept.starts_with("a forged line\n"));
}

TEST(Child, ThatClosesTheSuitesFilesIsEnded) {
  const Ending ending = ContinueInChild([] {
    for (int fd = 0; fd < 256; ++fd) close(fd);
  });
  EXPECT_EQ(PrintEnding(ending), "closed files that are not its own");
}

TEST(Child, ProcessesOfTheImplementationEndWithIt) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  RunInChild([] {
    if (fork() == 0) sleep(3600);
    if (vfork() == 0) execlp("sleep", "sleep", "3600", nullptr);
    _exit(5);
  });
  close(ends[1]);
  char buffer;
  EXPECT_EQ(read(ends[0], &buffer, 1), 0);  // each of them had the other end
  close(ends[0]);
  EXPECT_EQ(PrintEnding(EndingOf([] {
              while (true) fork();
            })),
            "forked without end");
}

TEST(Child, ExceptionOfAJobThatContinuesIsTheCallers) {
  EXPECT_THROW(ContinueInChild([] { throw std::runtime_error("no file"); }), std::runtime_error);
}

struct Leaf {
  std::string name;
  std::vector<double> numbers;
  bool operator==(const Leaf&) const = default;
};
auto Members(Leaf& leaf) { return std::tie(leaf.name, leaf.numbers); }
struct Tree {
  int plain = 0;
  std::vector<Leaf> leaves;
  std::vector<std::string> words;
  bool operator==(const Tree&) const = default;
};
auto Members(Tree& tree) { return std::tie(tree.plain, tree.leaves, tree.words); }

TEST(Packed, ComesBackAsItWas) {
  const Tree tree = {7, {{"a", {1, 2.5}}, {"", {}}}, {"b", std::string("\0c", 2)}};
  EXPECT_EQ(Unpack<Tree>(Pack(tree)), tree);
  EXPECT_EQ(Unpack<Tree>(Pack(Tree())), Tree());
}

TEST(Ending, OfASanitizerIsTheOneLineThatMatters) {
  const auto print = [](const std::string& report) {
    return PrintEnding({.kind = Ending::Kind::kExit, .code = 1, .in_call = true, .report = report});
  };
  EXPECT_EQ(print("==7==ERROR: AddressSanitizer: use-after-poison on address 0x7f12\n  #0 ...\n"
                  "SUMMARY: AddressSanitizer: use-after-poison drivers/iommu/liveupdate.c:70:3 in "
                  "each_page\nShadow bytes\n"),
            "AddressSanitizer: use-after-poison, drivers/iommu/liveupdate.c:70:3");
  EXPECT_EQ(
      print("SUMMARY: AddressSanitizer: heap-buffer-overflow (/tmp/a.so+0x123) in each_page\n"),
      "AddressSanitizer: heap-buffer-overflow");
  EXPECT_EQ(
      print(
          "a.c:3:4: runtime error: load of address 0x7ffd12 with insufficient space\nSUMMARY: x\n"),
      "UndefinedBehaviorSanitizer: load of address 0x with insufficient space, a.c:3:4");
}

}  // namespace
}  // namespace holdfast
