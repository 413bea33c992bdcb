#include "properties/callers/callers_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <variant>

#include "properties/callers/describe.h"
#include "properties/lockstep/loaded_sut.h"
#include "sut/runfiles.h"

namespace holdfast {
namespace {

using testing::HasSubstr;

constexpr char kHead[] =
    "# Two callers.\n"
    "profile v3\n"
    "topology iommu0(dev0 dev1) dom0\n"
    "preserve_file                                           = 0\n"
    "preserve_domain dom0                                    = 0\n";

CallersTrace Parsed(const std::string& tail) {
  auto parsed = ParseCallersTrace(kHead + tail, "two.trace");
  if (const auto* error = std::get_if<std::string>(&parsed)) {
    ADD_FAILURE() << *error;
    return {};
  }
  return std::get<CallersTrace>(std::move(parsed));
}
std::string ErrorOf(const std::string& tail) {
  const auto parsed = ParseCallersTrace(kHead + tail, "two.trace");
  const auto* error = std::get_if<std::string>(&parsed);
  return error ? *error : "";
}
std::optional<Race> RaceOf(const std::string& sut_name, const std::string& tail) {
  const auto sut = Loaded(sut_name);
  auto ran = RunCallersTrace(*sut, Parsed(tail));
  if (const auto* error = std::get_if<std::string>(&ran)) ADD_FAILURE() << *error;
  return std::get<std::optional<Race>>(ran);
}
std::string Mutant(const std::string& name) { return Runfile("sut/mutants/race_" + name + ".so"); }

constexpr char kCalls[] =
    "caller a: preserve_device dom0 dev0\n"
    "caller b: unpreserve_domain dom0\n"
    "caller a: unpreserve_device dom0 dev0\n";

TEST(CallersTrace, PrintsAsItIsRead) {
  const std::string tail = std::string(kCalls) + "switches a*3 b a~2 a*12 b~7 b~1 b*4\n";
  EXPECT_EQ(PrintCallersTrace(Parsed(tail)), kHead + tail);
  EXPECT_TRUE(HasCallers(kHead + tail));
  EXPECT_FALSE(HasCallers(kHead));
}

TEST(CallersTrace, ErrorsNameTheirPlace) {
  const std::string calls = kCalls;
  EXPECT_EQ(ErrorOf(calls), "two.trace:9:1: expected `switches`; found the end of the file");
  EXPECT_THAT(ErrorOf("caller e: preserve_file\n"), HasSubstr("two.trace:6:8: expected a caller"));
  EXPECT_THAT(ErrorOf("caller a preserve_file\n"), HasSubstr("two.trace:6:9: expected ':'"));
  EXPECT_THAT(ErrorOf("caller a: preserve_domain dom1\n"), HasSubstr("two.trace:6:27: expected"));
  EXPECT_THAT(ErrorOf("caller a: kexec\n"), HasSubstr("two.trace:6:"));
  EXPECT_THAT(ErrorOf(calls + "preserve_file = 0\n"), HasSubstr("two.trace:9:1: expected a call"));
  EXPECT_THAT(ErrorOf(calls + "switches a*1\n"), HasSubstr("two.trace:9:12: expected"));
  EXPECT_THAT(ErrorOf(calls + "switches a a\n"), HasSubstr("two.trace:9:12: expected another"));
  EXPECT_THAT(ErrorOf(calls + "switches a~0\n"), HasSubstr("two.trace:9:12: expected"));
  EXPECT_THAT(ErrorOf(calls + "switches a~\n"), HasSubstr("two.trace:9:12: expected"));
  EXPECT_THAT(ErrorOf(calls + "switches a~2*3\n"), HasSubstr("two.trace:9:13: expected a blank"));
  EXPECT_THAT(ErrorOf(calls + "switches c\n"), HasSubstr("two.trace:9:10: expected a caller"));
  EXPECT_THAT(ErrorOf(calls + "switches a*9999999 b\n"), HasSubstr("two.trace:9:12: expected"));
  EXPECT_THAT(ErrorOf(calls + "switches\n"), HasSubstr("two.trace:9:"));
  EXPECT_THAT(ErrorOf(calls + "switches a b\nswitches a\n"), HasSubstr("two.trace:10:1: expected"));
  const auto head = ParseCallersTrace("# A claim.\nprofile v3\ncaller a: preserve_file\n", "x");
  EXPECT_THAT(std::get<std::string>(head), HasSubstr("x:3:1: expected a topology"));
}

// The core's calls wait where the mutant's go on: the switches that are left over do no harm.
TEST(CallersTrace, TheCoreConformsWhereAMutantDoesNot) {
  const std::string tail =
      "caller a: preserve_device dom0 dev0\ncaller b: unpreserve_domain dom0\n"
      "switches a*5 b*7 a*9\n";
  EXPECT_FALSE(RaceOf("core.v3", tail));
  const auto race = RaceOf(Mutant("v3_domain_dropped"), tail);
  ASSERT_TRUE(race);
  EXPECT_EQ(InfoOf(race->verdict.rule).id, "R10");
  EXPECT_TRUE(race->verdict.at_rest);
}

TEST(CallersTrace, ADeadlockNamesCallersAndLocks) {
  const auto race = RaceOf(Mutant("v3_lock_order"),
                           "caller a: preserve_device dom0 dev0\n"
                           "caller b: unpreserve_device dom0 dev0\n"
                           "switches a*5 b*100 a*100\n");
  ASSERT_TRUE(race);
  EXPECT_EQ(race->verdict.why, TogetherVerdict::Why::kDeadlock);
  EXPECT_EQ(InfoOf(race->verdict.rule).id, "R10");
  EXPECT_THAT(Describe(*race), HasSubstr("a waits for lock#0 and holds flb.lock\n"));
  EXPECT_THAT(Describe(*race), HasSubstr("b waits for flb.lock and holds lock#0\n"));
}

// One caller takes both orders, and nobody waits.
TEST(CallersTrace, ALockOrderNeedsNoDeadlock) {
  const auto race = RaceOf(Mutant("v3_lock_order"),
                           "caller a: preserve_device dom0 dev0\n"
                           "caller a: unpreserve_device dom0 dev0\n"
                           "switches a*100\n");
  ASSERT_TRUE(race);
  EXPECT_EQ(race->verdict.why, TogetherVerdict::Why::kLockOrder);
  EXPECT_THAT(Describe(*race), HasSubstr("flb.lock, lock#0"));
}

}  // namespace
}  // namespace holdfast
