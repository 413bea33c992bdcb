#include "model/explore/compare_profiles.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "model/step.h"
#include "model/text/text.h"

namespace holdfast {
namespace {

std::string Text(const ToldApart& told) {
  std::string text;
  for (const Command& command : told.commands) text += PrintCommand(command) + "; ";
  return text + PrintOutcome(told.a) + " | " + PrintOutcome(told.b);
}

// By question: what tells the profiles apart, "same" for the same answer, "unseen" where no call
// shows it.
std::map<std::string, std::string> Compare(const char* first, const char* second) {
  std::map<std::string, std::string> rows;
  for (const ProfileQuestion& question : ProfileQuestions()) {
    const Profile a = *FindProfile(first);
    Profile b = a;
    if (question.take != nullptr) question.take(b, *FindProfile(second));
    std::string& row = rows[std::string(question.question)];
    if (a == b) {
      row = "same";
      continue;
    }
    const ComparedProfiles compared = TellApart(question.world, a, b);
    row = compared.difference ? Text(*compared.difference) : "unseen";
    EXPECT_GT(compared.states, 0u);
  }
  return rows;
}

TEST(TellApartTest, EachRowOfTheTableHasItsShortestSequence) {
  const std::map<std::string, std::string> rows = Compare("v3", "v5");
  EXPECT_EQ(rows.at("device preserved twice"),
            "preserve_file; preserve_domain dom0; preserve_device dom0 dev0; preserve_device dom0 "
            "dev0; 0 | -EBUSY");
  EXPECT_EQ(rows.at("domain preserved twice"),
            "preserve_file; preserve_domain dom0; preserve_domain dom0; 0 | -EBUSY");
  EXPECT_EQ(rows.at("no FLB object"), "preserve_domain dom0; CRASH | -ENOENT");
  EXPECT_EQ(rows.at("group with more than one device"),
            "preserve_file; preserve_domain dom0; preserve_device dom0 dev0; 0 | -EOPNOTSUPP");
  EXPECT_EQ(rows.at("last argument"),
            "preserve_file; preserve_domain dom0; preserve_device dom0 dev0; 0 | 0");
  EXPECT_EQ(rows.at("FLB reference").substr(0, 35), "preserve_file; preserve_domain dom0");
  EXPECT_EQ(rows.at("CONFIG_IOMMU_LIVEUPDATE"), "same");
  EXPECT_EQ(rows.at("owner released before unpreserve"), "same");
}

TEST(TellApartTest, EachAnswerOfAVersionBetweenHasItsShortestSequence) {
  Profile all = *FindProfile("v3");
  for (const ProfileAnswer& answer : ProfileAnswers()) {
    if (answer.flag != nullptr) all.*answer.flag = true;
  }
  std::map<std::string, std::string> rows;
  for (const ProfileQuestion& question : QuestionsBetweenVersions()) {
    const Profile& a = *FindProfile("v3");
    Profile b = a;
    question.take(b, all);
    EXPECT_NE(a, b) << question.question;
    const ComparedProfiles compared = TellApart(question.world, a, b);
    rows[std::string(question.question)] =
        compared.difference ? Text(*compared.difference) : "unseen";
  }
  EXPECT_EQ(rows.at("checks-flb"), "preserve_domain dom0; CRASH | -EINVAL");
  EXPECT_EQ(rows.at("checks-group"), "preserve_device dom0 dev0; CRASH | -EINVAL");
  EXPECT_EQ(rows.at("checks-iommu"), "preserve_device dom0 dev0; CRASH | -EINVAL");
  EXPECT_EQ(rows.at("quiet-unpreserve-device"), "unpreserve_device dom0 dev0; CRASH | void");
  EXPECT_EQ(rows.at("quiet-unpreserve-domain"), "unpreserve_domain dom0; CRASH | void");
  // With double_device accepted, no pointer is looked at.
  EXPECT_EQ(rows.at("double-device-by-pointer"), "unseen");
}

// Every answer has a question, so that no two different profiles are told to be the same.
TEST(TellApartTest, EveryAnswerIsAskedFor) {
  for (const ProfileAnswer& answer : ProfileAnswers()) {
    const Profile& a = *FindProfile("v3");
    Profile b = a;
    if (answer.flag != nullptr)
      b.*answer.flag = true;
    else
      b.*answer.error = -EBUSY;
    int asked = 0;
    for (const auto& questions : {ProfileQuestions(), QuestionsBetweenVersions()}) {
      for (const ProfileQuestion& question : questions) {
        Profile other = a;
        if (question.take != nullptr) question.take(other, b);
        asked += other == b;
      }
    }
    EXPECT_EQ(asked, 1) << answer.name;
  }
}

// A larger record leaves room for fewer in a page.
TEST(TellApartTest, AFullPageTellsApartWhatNoCanonicalStateDoes) {
  const Profile& v3 = *FindProfile("v3");
  Profile other = v3;
  other.layout = FindProfile("v5")->layout;
  const World& world = ProfileQuestions().back().world;
  const ComparedProfiles compared = TellApart(world, v3, other);
  ASSERT_TRUE(compared.difference && compared.difference->turns);
  const ToldApart& told = *compared.difference;
  EXPECT_EQ(PrintCommand(told.commands.back()), "preserve_device dom0 dev0 fail=kho_alloc");
  EXPECT_GT(told.turns->whole, 40u);
  State a = InitialState(world.topology), b = a;
  for (const Command& command : told.commands) {
    const StepResult in_a = Step(world.topology, v3, a, command),
                     in_b = Step(world.topology, other, b, command);
    const bool last = &command == &told.commands.back();
    EXPECT_EQ(in_a.outcome != in_b.outcome, last);
    const std::size_t capacity =
        std::min(v3.layout.device_capacity(), other.layout.device_capacity());
    EXPECT_TRUE(!last || a.flb.devices.size() == capacity);
    a = in_a.state;
    b = in_b.state;
  }

  // Where records are of one size in both, a page is full at the same time.
  other.layout = v3.layout;
  const ComparedProfiles same = TellApart(world, v3, other);
  EXPECT_FALSE(same.difference);
  EXPECT_GT(same.loops, 0u);
}

TEST(TellApartTest, AProfileIsNotToldApartFromItself) {
  const Profile& v5 = *FindProfile("v5");
  for (const ProfileQuestion& question : ProfileQuestions()) {
    const ComparedProfiles compared = TellApart(question.world, v5, v5);
    EXPECT_FALSE(compared.difference);
    EXPECT_GT(compared.states, 5u) << question.question;
  }
}

// Up to the last command both do the same, and there they do not.
TEST(TellApartTest, TheSequenceDoesWhatItSays) {
  const Profile &v3 = *FindProfile("v3"), &v5 = *FindProfile("v5");
  const World& world = ProfileQuestions().front().world;
  const ComparedProfiles compared = TellApart(world, v3, v5);
  ASSERT_TRUE(compared.difference);
  State a = InitialState(world.topology), b = a;
  for (const Command& command : compared.difference->commands) {
    const StepResult in_a = Step(world.topology, v3, a, command),
                     in_b = Step(world.topology, v5, b, command);
    const bool last = &command == &compared.difference->commands.back();
    EXPECT_EQ(in_a.outcome == in_b.outcome && in_a.state == in_b.state, !last);
    a = in_a.state;
    b = in_b.state;
  }
}

}  // namespace
}  // namespace holdfast
