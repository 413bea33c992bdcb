// A child's death is an answer: how it ended, and that the parent goes on with its own memory.
#include "sut/child.h"

#include <gtest/gtest.h>

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace holdfast {
namespace {

Ending EndingOf(const std::function<void()>& call) {
  Shared<Pulse> pulse;
  return RunInChild(*pulse, [&] {
    pulse->Enter();
    call();
    pulse->Leave();
  });
}

void BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, nullptr);
}

TEST(Child, LeavesWhatItDidToSharedMemoryAndNothingElse) {
  Shared<Pulse> pulse;
  Shared<int> shared;
  int own = 1;
  const Ending ending = RunInChild(*pulse, [&] { *shared = own = 2; });
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
  Shared<Pulse> pulse;
  pulse->Enter();  // of another child, which died in it
  EXPECT_FALSE(RunInChild(*pulse, [] { _exit(0); }).in_call);
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

TEST(Child, ThatContinuesTakesItsMemoryAlong) {
  Shared<Pulse> pulse;
  std::vector<int> grown;
  const pid_t before = getpid();
  EXPECT_EQ(ContinueInChild(*pulse, [&] { grown.assign(1000, 7); }).kind, Ending::Kind::kReturned);
  EXPECT_NE(getpid(), before);
  EXPECT_EQ(grown, std::vector<int>(1000, 7));
}

TEST(Child, ThatDiesBeforeItContinuesLeavesMemoryAsItWas) {
  Shared<Pulse> pulse;
  std::string text = "before";
  const pid_t before = getpid();
  const Ending ending = ContinueInChild(*pulse, [&] {
    text = "after";
    raise(SIGKILL);
  });
  EXPECT_EQ(PrintEnding(ending), "SIGKILL");
  EXPECT_EQ(getpid(), before);
  EXPECT_EQ(text, "before");
}

TEST(Child, ThatCrashesAfterItContinuedLeavesMemoryAsItWas) {
  Shared<Pulse> pulse;
  Shared<int> continued;
  std::string text = "before";
  const pid_t before = getpid();
  const Ending ending = ContinueInChild(*pulse, [&] { text = "after"; });
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
  Shared<Pulse> first, second;
  Shared<int> crashes;
  bool smashed = false;
  const auto crash_if_smashed = [&] {
    if (!smashed) return;
    ++*crashes;
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
  };
  const Ending ending = ContinueInChild(*first, [&] { smashed = true; });
  if (ending.kind == Ending::Kind::kReturned) {
    ContinueInChild(*second, [] {});
    crash_if_smashed();
  }
  EXPECT_TRUE(ending.late);
  EXPECT_FALSE(smashed);
  EXPECT_EQ(*crashes, 2);
}

TEST(Child, ExceptionOfAJobThatContinuesIsTheCallers) {
  Shared<Pulse> pulse;
  EXPECT_THROW(ContinueInChild(*pulse, [] { throw std::runtime_error("no file"); }),
               std::runtime_error);
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
