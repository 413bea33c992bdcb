#include "model/text/text.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace holdfast {
namespace {

const Topology kTopology = MakeTopology(2, 3, 2);

template <typename T>
std::string ErrorOf(const Parsed<T>& parsed) {
  const TextError* error = std::get_if<TextError>(&parsed);
  return error == nullptr ? "no error" : std::to_string(error->column) + ": " + error->expected;
}

TEST(CommandText, EveryCommandRoundTrips) {
  std::vector<Command> commands = {PreserveFile(),
                                   UnpreserveFile(),
                                   PreserveDomain(1),
                                   UnpreserveDomain(0),
                                   PreserveDevice(1, 2),
                                   UnpreserveDevice(0, 1),
                                   ForEachDev(1),
                                   ForEachDev(0, 3),
                                   ClaimDmaOwner(2),
                                   ReleaseDmaOwner(0),
                                   Attach(1, 0),
                                   Freeze(),
                                   Kexec(),
                                   Retrieve(),
                                   Finish(),
                                   ProbeDevice(2),
                                   RestoreDomain(0),
                                   ReleaseDevice(1)};
  const std::size_t plain = commands.size();
  for (std::size_t i = 0; i < plain; ++i) {
    for (int site = 1; site < kFaultSiteCount; ++site) {
      for (int nth : {1, 2, 255}) {
        commands.push_back(WithFault(commands[i], static_cast<FaultSite>(site), -ENOMEM, nth));
      }
    }
    commands.push_back(WithFault(commands[i], FaultSite::kIommuPreserve, -EIO, 7));
    commands.push_back(WithFault(commands[i], FaultSite::kFlbPreserve, -4000));
  }
  for (const Command& command : commands) {
    const std::string text = PrintCommand(command);
    const Parsed<Command> parsed = ParseCommand(text, kTopology);
    ASSERT_TRUE(std::holds_alternative<Command>(parsed)) << text << "\n" << ErrorOf(parsed);
    EXPECT_EQ(std::get<Command>(parsed), command) << text;
  }
}

TEST(CommandText, ReadsAsInTheDocument) {
  EXPECT_EQ(PrintCommand(WithFault(PreserveDevice(0, 1), FaultSite::kIommuPreserve, -EIO)),
            "preserve_device dom0 dev1 fail=iommu.preserve:-EIO");
  EXPECT_EQ(PrintCommand(WithFault(PreserveFile(), FaultSite::kKhoAlloc, -ENOMEM, 2)),
            "preserve_file fail=kho_alloc@2");
  EXPECT_EQ(PrintCommand(WithFault(ForEachDev(1, 2), FaultSite::kKhoAlloc, -EIO, 2)),
            "for_each_dev iommu1 stop=2 fail=kho_alloc@2:-EIO");
}

TEST(CommandText, NthAndErrorMayStandInEitherOrder) {
  EXPECT_EQ(PrintCommand(std::get<Command>(
                ParseCommand("preserve_domain dom0 fail=pt.preserve:-EIO/3@2", kTopology))),
            "preserve_domain dom0 fail=pt.preserve/3@2:-EIO");
  EXPECT_EQ(ParseCommand("preserve_file \t fail=kho_alloc:-EIO@3 ", kTopology),
            Parsed<Command>(WithFault(PreserveFile(), FaultSite::kKhoAlloc, -EIO, 3)));
}

TEST(CommandText, MistakesAreNamedWithTheirColumn) {
  const auto error = [](std::string_view text) { return ErrorOf(ParseCommand(text, kTopology)); };
  EXPECT_EQ(error("preserve dom0"), "1: a verb such as preserve_device; found 'preserve'");
  EXPECT_EQ(error(""), "1: a verb such as preserve_device; found nothing");
  EXPECT_EQ(error("preserve_device dom2 dev0"),
            "17: a domain of the topology, dom0 or dom1; found 'dom2'");
  EXPECT_EQ(error("preserve_device dom0 dev3"),
            "22: a device of the topology, dev0 to dev2; found 'dev3'");
  EXPECT_EQ(error("preserve_device dom00 dev0"),
            "17: a domain of the topology, dom0 or dom1; found 'dom00'");
  EXPECT_EQ(error("preserve_device dev0 dom0"),
            "17: a domain of the topology, dom0 or dom1; found 'dev0'");
  EXPECT_EQ(error("preserve_device dom0"), "21: a blank; found nothing");
  EXPECT_EQ(error("preserve_file now"), "15: fail= or the end of the call; found 'now'");
  EXPECT_EQ(error("preserve_file stop=1"), "15: fail= or the end of the call; found 'stop=1'");
  EXPECT_EQ(error("for_each_dev iommu0 stop=0"), "26: a count of visits, 1 to 255; found '0'");
  EXPECT_EQ(error("for_each_dev iommu0 stop=256"), "26: a count of visits, 1 to 255; found '256'");
  EXPECT_EQ(error("freeze fail=none"),
            "13: a fault site such as kho_alloc or iommu.preserve; found 'none'");
  EXPECT_EQ(error("freeze fail=kzalloc:-EIO"),
            "21: -ENOMEM or nothing: kzalloc can only return NULL; found '-EIO'");
  EXPECT_EQ(error("freeze fail=kho_alloc:EIO"), "23: an error such as -ENOMEM; found 'EIO'");
  EXPECT_EQ(error("freeze fail=kho_alloc:-EMINE"), "23: an error such as -ENOMEM; found '-EMINE'");
  EXPECT_EQ(error("freeze fail=kho_alloc@0"), "23: which pass of the site, 1 to 255; found '0'");
  EXPECT_EQ(error("freeze fail=kho_alloc/2"),
            "22: '@', ':' or the end: only what a driver does has a depth; found '/2'");
  EXPECT_EQ(error("freeze fail=pt.preserve/0"),
            "25: which request of the driver, 1 to 255; found '0'");
  EXPECT_EQ(error("freeze fail=kho_alloc@1@2"), "24: the end of the call; found '@2'");
  EXPECT_EQ(error("freeze fail=kho_alloc fail=kzalloc"),
            "23: fail= or the end of the call; found 'fail=kzalloc'");
  EXPECT_EQ(ErrorOf(ParseCommand("attach dom0 dev0", MakeTopology(1, 1, 0))),
            "8: a domain, but the topology has none; found 'dom0'");
}

TEST(CommandText, WhatIsQuotedIsShortAndPrintable) {
  EXPECT_EQ(ErrorOf(ParseCommand("\x01\xff\x1b[31m", kTopology)),
            "1: a verb such as preserve_device; found '\\x01\\xff\\x1b[31m'");
  EXPECT_EQ(ErrorOf(ParseCommand(std::string(1000, 'a'), kTopology)),
            "1: a verb such as preserve_device; found '" + std::string(32, 'a') + "...'");
}

Outcome MakeOutcome(Outcome::Kind kind, int error, bool warned) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.error = static_cast<std::int16_t>(error);
  outcome.warned = warned;
  return outcome;
}

TEST(OutcomeText, EveryOutcomeOfEveryVerbRoundTrips) {
  for (int verb = 0; verb < kVerbCount; ++verb) {
    const bool returns =
        std::holds_alternative<Outcome>(ParseOutcome("-EIO", static_cast<Verb>(verb)));
    std::vector<Outcome> outcomes;
    for (bool warned : {false, true}) {
      outcomes.push_back(MakeOutcome(Outcome::Kind::kCrashed, 0, warned));
      if (!returns) outcomes.push_back(MakeOutcome(Outcome::Kind::kVoid, 0, warned));
      for (int error : {0, -ENOMEM, -EBUSY, -4000}) {
        if (returns) outcomes.push_back(MakeOutcome(Outcome::Kind::kReturned, error, warned));
      }
    }
    for (const Outcome& outcome : outcomes) {
      const Parsed<Outcome> parsed = ParseOutcome(PrintOutcome(outcome), static_cast<Verb>(verb));
      ASSERT_TRUE(std::holds_alternative<Outcome>(parsed))
          << VerbName(static_cast<Verb>(verb)) << ErrorOf(parsed);
      EXPECT_EQ(std::get<Outcome>(parsed), outcome) << PrintOutcome(outcome);
    }
  }
}

TEST(OutcomeText, TheSeedsOwnCallsAreStrictAboutVoid) {
  const auto error = [](std::string_view text, Verb verb) {
    return ErrorOf(ParseOutcome(text, verb));
  };
  EXPECT_EQ(
      error("void", Verb::kPreserveDevice),
      "1: an outcome of preserve_device: 0, an error such as -ENOMEM, or CRASH; found 'void'");
  EXPECT_EQ(error("0", Verb::kUnpreserveDevice),
            "1: an outcome of unpreserve_device: void, WARN or CRASH; found '0'");
  EXPECT_EQ(error("-EIO", Verb::kFinish),
            "1: an outcome of finish: void, WARN or CRASH; found '-EIO'");
  EXPECT_EQ(
      error("WARN", Verb::kPreserveDevice),
      "1: an outcome of preserve_device: 0, an error such as -ENOMEM, or CRASH; found 'WARN'");
  EXPECT_EQ(error("", Verb::kFinish),
            "1: an outcome of finish: void, WARN or CRASH; found nothing");
  EXPECT_EQ(error("0 now", Verb::kPreserveDevice), "3: no more here; found 'now'");
}

TEST(OutcomeText, TheEnvironmentsVerbsTakeZeroAndVoidAlike) {
  for (Verb verb :
       {Verb::kPreserveFile, Verb::kUnpreserveFile, Verb::kForEachDev, Verb::kClaimDmaOwner,
        Verb::kReleaseDmaOwner, Verb::kAttach, Verb::kFreeze, Verb::kKexec, Verb::kFinish}) {
    EXPECT_EQ(ParseOutcome("0", verb), ParseOutcome("void", verb)) << VerbName(verb);
    EXPECT_TRUE(std::holds_alternative<Outcome>(ParseOutcome("0", verb))) << VerbName(verb);
  }
}

TEST(ProfileText, OnlyAForeignOrchestratorIsPrinted) {
  for (const Profile& profile : Profiles()) {
    EXPECT_EQ(PrintProfile(profile), profile.name);
    for (Luo luo : {Luo::kOff, Luo::kStageA, Luo::kStageB, Luo::kStageC}) {
      Profile paired = profile;
      paired.luo = luo;
      EXPECT_EQ(ParseProfile(PrintProfile(paired)), Parsed<Profile>(paired))
          << PrintProfile(paired);
      EXPECT_EQ(PrintProfile(paired) == profile.name, luo == profile.luo);
    }
  }
  EXPECT_EQ(ErrorOf(ParseProfile("v4")), "1: a profile: v3, v5, off; found 'v4'");
  EXPECT_EQ(ErrorOf(ParseProfile("v3 luo=D")), "8: an orchestrator: off, A, B or C; found 'D'");
  EXPECT_EQ(ErrorOf(ParseProfile("v3 luo=A luo=B")), "10: no more here; found 'luo=B'");
}

TEST(ProfileText, EachAnswerOfAVersionBetweenIsPrintedAndRead) {
  for (const Profile& named : Profiles()) {
    for (const ProfileAnswer& answer : ProfileAnswers()) {
      Profile between = named;
      if (answer.flag != nullptr) {
        between.*answer.flag = !(between.*answer.flag);
      } else {
        between.*answer.error = between.*answer.error == 0 ? -EINVAL : 0;
      }
      EXPECT_NE(PrintProfile(between).find(answer.name), std::string::npos)
          << PrintProfile(between);
      EXPECT_EQ(ParseProfile(PrintProfile(between)), Parsed<Profile>(between))
          << PrintProfile(between);
    }
  }
  EXPECT_EQ(PrintProfile(std::get<Profile>(
                ParseProfile("v5 no-singleton-groups double-device=accepted luo=A"))),
            "v5 double-device=accepted no-singleton-groups luo=A");
}

TEST(ProfileText, AnAnswerThatNoVersionGivesIsRefused) {
  EXPECT_EQ(ErrorOf(ParseProfile("v3 double-device=-EIO")),
            "18: accepted, -EBUSY or -EINVAL; found '-EIO'");
  const std::string misspelt = ErrorOf(ParseProfile("v3 put-flb"));
  EXPECT_TRUE(misspelt.starts_with("4: an answer")) << misspelt;
  EXPECT_TRUE(misspelt.ends_with("; found 'put-flb'")) << misspelt;
  for (const ProfileAnswer& answer : ProfileAnswers())
    EXPECT_NE(misspelt.find(answer.name), std::string::npos) << answer.name;
  EXPECT_EQ(ErrorOf(ParseProfile("v3 double-device")), "17: '='; found nothing");
  EXPECT_EQ(ErrorOf(ParseProfile("v3 puts-flb=1")), "12: no more here; found '=1'");
}

TEST(ErrnoText, NamesAndNumbersAreOneToOne) {
  int named = 0;
  for (int error = -1; error < 4096; ++error) {
    const std::string_view name = ErrnoName(error);
    if (name.empty()) continue;
    ++named;
    EXPECT_EQ(ErrnoNumber(name), error);
  }
  EXPECT_EQ(named, 131);
  EXPECT_EQ(ErrnoName(ENOMEM), "ENOMEM");
  EXPECT_EQ(ErrnoName(EOPNOTSUPP), "EOPNOTSUPP");
  EXPECT_EQ(ErrnoNumber("ENOBODY"), 0);
}

TEST(CallText, ACallNamesItsObjectItsRecordAndItsError) {
  Outcome outcome;
  outcome.AddCall({.op = Op::kIommuPreserve, .object = 0, .slot = 0, .result = 0});
  outcome.AddCall({.op = Op::kIommuPreserveDevice, .object = 2, .slot = 1, .result = -EIO});
  outcome.AddCall({.op = Op::kIommuUnpreserve, .object = 0, .slot = kStale, .result = 0});
  outcome.AddCall({.op = Op::kPtPreserve, .object = 1, .slot = kNull, .result = 0});
  outcome.AddCall({.op = Op::kVisit, .object = 1, .slot = kNull, .result = 0});
  EXPECT_EQ(PrintCalls(outcome),
            "iommu.preserve iommu0 hw#0, iommu.preserve_device dev2 device#1 = -EIO, "
            "iommu.unpreserve iommu0 hw:stale, "
            "pt.preserve dom1 domain:null, visit dev1");
  EXPECT_EQ(
      PrintFindings(FindingBit(Finding::kOpWithoutLock) | FindingBit(Finding::kOutParamOnFailure)),
      "op-without-lock, out-param-on-failure");
}

}  // namespace
}  // namespace holdfast
