// DMA in the middle of a call (sut/kernel/dma/dma_watch.h). This file is compiled as a driver's
// files are, so the compiler announces each write of a test.
#include "sut/kernel/dma/dma_watch.h"

#include <vector>

#include "sut/kernel/dma/reach.h"
#include "sut/kernel/machine/unit_state.h"
#include "sut/ports/refusal.h"

namespace holdfast::kernel {
namespace {

// Two devices that came over are translating, and no driver is up.
class Watch : public Refusal {
 protected:
  // The words of the tables that dev0 goes through.
  static std::vector<u64*> Words() {
    std::vector<u64*> words;
    PageSet through{};
    EXPECT_EQ(WalkDevice(0, through), 0);
    through.ForEachOfPool([&](int page) {
      u64* table = reinterpret_cast<u64*>(PageAddress(page));
      for (u64* word = table; word != table + kPageSize / sizeof(*word); ++word) {
        if (*word != 0) words.push_back(word);
      }
    });
    return words;
  }

  // Whether the writes, as one call, disturb the DMA of one of the devices (bits).
  static bool Disturbs(void (*writes)(u64* word), u64* word, std::uint16_t devices = 0xffff) {
    struct Call {
      void (*writes)(u64* word);
      u64* word;
      std::uint16_t devices;
    } call = {writes, word, devices};
    Outcome outcome;
    g_call->detail.text.clear();
    const auto body = [](void* argument) {
      const Call& call = *static_cast<Call*>(argument);
      const DmaWatch watch(call.devices, "a test");
      call.writes(call.word);
    };
    EXPECT_TRUE(RunContained({}, outcome, body, &call));
    EXPECT_EQ(g_call->watcher, nullptr);
    return outcome.findings == FindingBit(Finding::kDmaDisturbed);
  }
};

void WriteAgain(u64* word) { WRITE_ONCE(*word, READ_ONCE(*word)); }

void ByWayOfZero(u64* word) {
  const u64 value = *word;
  WRITE_ONCE(*word, 0);
  WRITE_ONCE(*word, value);
}

void ByWayOfZeroInBytes(u64* word) {
  volatile unsigned char* bytes = reinterpret_cast<volatile unsigned char*>(word);
  for (int i = 0; i < 8; ++i) {
    const unsigned char value = bytes[i];
    bytes[i] = 0;
    bytes[i] = value;
  }
}

void ByWayOfZeroAtomically(u64* word) {
  const u64 value = __atomic_exchange_n(word, 0, __ATOMIC_SEQ_CST);
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

TEST_F(Watch, AllowsTheSameValue) {
  for (u64* word : Words()) EXPECT_FALSE(Disturbs(WriteAgain, word));
}

// Some words lead to what no request of the walk asks for.
TEST_F(Watch, SeesAMomentWithoutAnEntry) {
  for (const auto writes : {ByWayOfZero, ByWayOfZeroInBytes, ByWayOfZeroAtomically}) {
    const std::vector<u64*> words = Words();
    int disturbing = 0;
    for (u64* word : words) {
      disturbing += Disturbs(writes, word);
      machine().units->caches = {};  // a unit may remember the moment until all is invalidated
    }
    EXPECT_GE(disturbing, 5);        // a level of tables each
    EXPECT_EQ(Look().device[0], 0);  // and all is as it was
  }
}

TEST_F(Watch, TellsTheDeviceTheAddressAndTheWalk) {
  bool told = false;
  for (u64* word : Words()) {
    if (!Disturbs(ByWayOfZero, word)) continue;
    const std::string& text = g_call->detail.text;
    EXPECT_NE(text.find("during a test, dev"), std::string::npos) << text;
    EXPECT_NE(text.find(" as 0x"), std::string::npos) << text;
    EXPECT_NE(text.find(" of dom0"), std::string::npos) << text;
    EXPECT_NE(text.find(": reaches "), std::string::npos) << text;
    EXPECT_NE(g_call->detail.code, nullptr);
    told = true;
  }
  EXPECT_TRUE(told);
}

TEST_F(Watch, AsksOfTheWatchedDevicesAlone) {
  for (u64* word : Words()) EXPECT_FALSE(Disturbs(ByWayOfZero, word, 1u << 1));
}

}  // namespace
}  // namespace holdfast::kernel
