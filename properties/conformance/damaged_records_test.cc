// A driver takes over from damaged records: one word has any value. The driver may refuse the
// records or not. The driver follows no record out of its memory, and no device gets the memory of
// another. A driver that stops the machine with a BUG has refused: nobody uses the memory any more.
// The refusal tests say which records a port must refuse.
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "sut/kernel/adapter/adapter.h"
#include "sut/kernel/binding.h"
#include "sut/kernel/live_records.h"
#include "sut/kernel/luo.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/machine/memory.h"

namespace holdfast::kernel {
namespace {

class DamagedRecords : public testing::Test {
 protected:
  // Two devices behind each of two IOMMUs; one of each is preserved and handed over, each in a
  // domain of its own.
  DamagedRecords() : topology_(MakeTopology(2, 4, 2)), sut_(MakeKernelSut()) {
    sut_->Reset(topology_, FindProfile(sut_->profile())->luo);
    for (const Command& command :
         {Attach(1, 1), holdfast::PreserveFile(), PreserveDomain(0), PreserveDomain(1),
          PreserveDevice(0, 0), PreserveDevice(1, 1), holdfast::Freeze(), Kexec()}) {
      const Outcome outcome = Run(command);
      EXPECT_FALSE(outcome.crashed() || outcome.failed());
    }
    sut_->Save(handed_over_);
  }

  Outcome Run(const Command& command) {
    Outcome outcome;
    sut_->Run(command, outcome);
    return outcome;
  }

  struct Word {
    std::byte* at;
    std::string name;  // "device record 1, byte 24"
  };

  // Every word of every record that came over, behind its header.
  static std::vector<Word> Words() {
    constexpr const char* kNames[] = {"IOMMU", "domain", "device"};
    std::vector<Word> words;
    for (const Chain chain : {Chain::kHw, Chain::kDomain, Chain::kDevice}) {
      LiveRecords records(kBinding.layout, chain);
      for (int number = 0; std::byte* record = records.Next(); ++number) {
        const std::uint32_t size = RecordSize(kBinding.layout, chain);
        for (std::uint32_t offset = 8; offset + 8 <= size; offset += 4) {
          words.push_back({record + offset, std::string(kNames[static_cast<int>(chain)]) +
                                                " record " + std::to_string(number) + ", byte " +
                                                std::to_string(offset)});
        }
      }
    }
    return words;
  }

  // The next kernel has the records, and its driver comes up. False if it stopped the machine.
  static bool ComesUp(FindingSet& findings) {
    Outcome outcome;
    bool goes_on = true;
    const auto come_up = [](void* result) {
      *static_cast<bool*>(result) = RunUntilBug([](void*) { kernel::Retrieve(); }, nullptr);
    };
    EXPECT_TRUE(RunContained({}, outcome, come_up, &goes_on)) << "the driver crashes";
    findings |= outcome.findings;
    return goes_on;
  }

  // The next kernel comes up, attaches who is left, and is done with the records. True if its
  // driver refused something.
  bool TakeOverRefuses() {
    FindingSet findings = 0;
    if (!ComesUp(findings)) return true;
    for (const Command& command : {holdfast::Retrieve(), Attach(1, 2), holdfast::Finish()}) {
      const Outcome outcome = Run(command);
      EXPECT_FALSE(outcome.crashed()) << "verb " << static_cast<int>(command.verb);
      findings |= outcome.findings;
    }
    Observation seen;
    sut_->Observe(seen);
    EXPECT_TRUE(seen.reach.walked);
    for (std::size_t device = 0; device < topology_.devices.size(); ++device) {
      EXPECT_NE(seen.reach.device[device], Reach::kOther) << "device " << device;
      EXPECT_NE(seen.reach.device[device], Reach::kGone) << "device " << device;
    }
    return (findings & FindingBit(Finding::kRestoreRefused)) != 0;
  }

  const Topology topology_;
  const std::unique_ptr<Sut> sut_;
  Snapshot handed_over_;
};

TEST_F(DamagedRecords, SoundRecordsAreTakenOver) {
  EXPECT_FALSE(TakeOverRefuses()) << "The driver refuses to take over sound records.";
}

TEST_F(DamagedRecords, AreNeverFollowedOutOfMemory) {
  int refused = 0;
  const std::size_t count = Words().size();
  ASSERT_GT(count, 0u);
  for (std::size_t i = 0; i < count; ++i) {
    for (int kind = 0; kind < 8; ++kind) {
      sut_->Restore(handed_over_);
      const auto [word, name] = Words()[i];
      std::uint64_t value;
      std::memcpy(&value, word, sizeof(value));
      const std::uint64_t values[] = {
          0,
          1,
          ~0ull,
          value + 8,
          value + kPageSize,                // another page, a table perhaps
          PhysicalOfPage(PageOf(word)),     // the page that the record is in
          PhysicalOfPage(kArenaPages - 1),  // nobody's
          0xffff'ffff'f000,                 // no memory
      };
      std::ostringstream what;
      what << name << ": " << std::hex << std::showbase << values[kind] << " for " << value;
      SCOPED_TRACE(what.str());
      std::memcpy(word, &values[kind], sizeof(value));
      refused += TakeOverRefuses();
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(refused, 0) << "every word had any value, and the driver refused no record";
}

}  // namespace
}  // namespace holdfast::kernel
