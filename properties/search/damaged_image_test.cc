// The cores follow no damaged field, and each way to trust an image shows as what it is.

#include "properties/search/damaged_image.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <memory>
#include <optional>
#include <string>

#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/lockstep/model_sut.h"
#include "sut/runfiles.h"

namespace holdfast {
namespace {

constexpr DamageAnswer kFollowed = DamageAnswer::kFollowed, kEndless = DamageAnswer::kEndless;

DamagedImageResult Damage(const std::string& name, const std::string& version = "v3") {
  const std::unique_ptr<Sut> sut = Loaded(name);
  DamagedImageResult result = DamageImages(*sut, {.profile = On(version)});
  EXPECT_FALSE(result.counterexample) << PrintCounterexample(*result.counterexample);
  EXPECT_EQ(result.not_checked, "");
  EXPECT_TRUE(result.finished);
  return result;
}

DamagedImageResult DamageMutant(const std::string& name) {
  return Damage(Runfile("sut/mutants/" + name + ".so"));
}

// The first wrong answer of the place with that answer, or null.
const WrongAnswer* Find(const DamagedImageResult& result, DamageAnswer answer,
                        const std::string& place) {
  for (const WrongAnswer& wrong : result.wrong_answers) {
    if (wrong.answer == answer && wrong.field.place == place) return &wrong;
  }
  return nullptr;
}

std::string Told(const DamagedImageResult& result) {
  std::string text;
  for (const WrongAnswer& wrong : result.wrong_answers) {
    text += std::string(DamageAnswerName(wrong.answer)) + " " + wrong.field.place + ": " +
            wrong.field.value + ": " + wrong.how + "\n";
  }
  return text;
}

TEST(DamagedImage, TheCoresFollowNothing) {
  for (const char* version : {"v3", "v5"}) {
    const DamagedImageResult result = Damage(std::string("core.") + version, version);
    EXPECT_TRUE(result.wrong_answers.empty()) << Told(result);
    EXPECT_GT(result.damages, 200u);
    for (const DamageAnswer answer :
         {DamageAnswer::kRefused, DamageAnswer::kStopped, DamageAnswer::kUnnoticed})
      EXPECT_GT(result.count(answer), 20u) << DamageAnswerName(answer);
    std::uint64_t sum = result.not_tried;
    for (const std::uint64_t count : result.answers) sum += count;
    EXPECT_EQ(sum, result.damages);
  }
}

TEST(DamagedImage, ADomainByItsAddressAloneIsFollowed) {
  const DamagedImageResult result = DamageMutant("trusts_domain_address");
  const WrongAnswer* wrong = Find(result, kFollowed, "domain_phys of a device's record");
  ASSERT_TRUE(wrong) << Told(result);
  EXPECT_GT(wrong->alike, 10u);
  // a record that no chain leads to any more
  EXPECT_TRUE(Find(result, kFollowed, "address of the chain of domains")) << Told(result);
  EXPECT_TRUE(Find(result, kFollowed, "link of a page of domains")) << Told(result);
  EXPECT_EQ(result.wrong_answers.size(), 3u) << Told(result);
}

TEST(DamagedImage, ACountThatIsNotBoundedIsFollowed) {
  const DamagedImageResult result = DamageMutant("trusts_count");
  EXPECT_TRUE(Find(result, kFollowed, "count of a page of devices")) << Told(result);
  EXPECT_TRUE(Find(result, kFollowed, "count of a page of domains")) << Told(result);
}

TEST(DamagedImage, APointerOfAnotherKernelIsFollowed) {
  const DamagedImageResult result = DamageMutant("trusts_restored_domain");
  EXPECT_TRUE(Find(result, kFollowed, "bytes 29 to 36 of a domain's record")) << Told(result);
  EXPECT_EQ(result.wrong_answers.size(), 1u) << Told(result);
}

TEST(DamagedImage, ALinkToItsOwnPageIsEndless) {
  const DamagedImageResult result = DamageMutant("trusts_link");
  for (const char* things : {"IOMMUs", "domains", "devices"}) {
    const WrongAnswer* wrong = Find(result, kEndless, std::string("link of a page of ") + things);
    ASSERT_TRUE(wrong) << Told(result);
    EXPECT_EQ(wrong->field.value, "its own page");
    EXPECT_TRUE(Find(result, kFollowed, wrong->field.place)) << Told(result);
  }
}

// The other values of the place are not tried: each would end a process.
TEST(DamagedImage, AnEndOfTheProcessIsFollowed) {
  const DamagedImageResult result = DamageMutant("dies_of_count");
  const WrongAnswer* wrong = Find(result, kFollowed, "count of a page of devices");
  ASSERT_TRUE(wrong) << Told(result);
  EXPECT_EQ(wrong->how, "the process ends: SIGABRT");
  EXPECT_EQ(wrong->alike, 1u);
  EXPECT_GT(result.not_tried, 0u);
  EXPECT_EQ(result.count(kFollowed), result.wrong_answers.size());
}

// Every version refuses such a link. No version looks at the address of a domain.
TEST(DamagedImage, IsADivergenceWhereEveryVersionRefuses) {
  const DamagedImageResult link = DamageMutant("trusts_link");
  ASSERT_TRUE(link.divergence()) << Told(link);
  EXPECT_EQ(link.divergence()->field.place, "address of the chain of IOMMUs");
  EXPECT_FALSE(DamageMutant("trusts_domain_address").divergence());
}

TEST(DamagedImage, IsADivergenceWhereEveryRuleIsOwed) {
  const std::unique_ptr<Sut> core = Loaded("core.v3");
  const std::unique_ptr<Sut> mutant = Loaded(Runfile("sut/mutants/trusts_domain_address.so"));
  EXPECT_FALSE(DamageImages(*core, {.profile = On("v3"), .hardened = true}).divergence());
  EXPECT_TRUE(DamageImages(*mutant, {.profile = On("v3"), .hardened = true}).divergence());
}

TEST(DamagedImage, IsTheSameInTheProcessItself) {
  const std::unique_ptr<Sut> core = Loaded("core.v5");
  const DamagedImageResult in_child = DamageImages(*core, {.profile = On("v5")});
  const DamagedImageResult here = DamageImages(*core, {.profile = On("v5"), .in_process = true});
  EXPECT_EQ(here.answers, in_child.answers);
  EXPECT_EQ(here.damages, in_child.damages);
}

TEST(DamagedImage, EndsAtItsDeadline) {
  const std::unique_ptr<Sut> core = Loaded("core.v3");
  const DamagedImageResult result =
      DamageImages(*core, {.profile = On("v3"), .deadline = Deadline::In(0)});
  EXPECT_FALSE(result.finished);
  EXPECT_EQ(result.damages, 0u);
}

// Three damages, of which the second hangs in a system call.
class Scripted : public ModelSut, public DamagedImage {
 public:
  explicit Scripted(DamageAnswer sound) : ModelSut(On("v3")), sound_(sound) {}

  DamagedImage* damaged_image() override { return this; }
  std::optional<DamagedField> Plant(std::size_t number) override {
    number_ = number;
    if (number > 3) return std::nullopt;
    return DamagedField{"place " + std::to_string(number), "1"};
  }
  TakenOver TakeOver() override {
    if (number_ == 2) pause();
    return {number_ == 0 ? sound_ : DamageAnswer::kRefused, ""};
  }

 private:
  const DamageAnswer sound_;
  std::size_t number_ = 0;
};

TEST(DamagedImage, AProcessThatSleepsIsEndlessAndTheRestIsTried) {
  Scripted sut(DamageAnswer::kUnnoticed);
  const DamagedImageResult result = DamageImages(sut, {.profile = On("v3")});
  EXPECT_EQ(result.damages, 3u);
  EXPECT_EQ(result.count(DamageAnswer::kRefused), 2u);
  EXPECT_TRUE(Find(result, kEndless, "place 2")) << Told(result);
}

TEST(DamagedImage, WhoDoesNotTakeOverASoundImageIsNotJudged) {
  Scripted sut(DamageAnswer::kStopped);
  const DamagedImageResult result = DamageImages(sut, {.profile = On("v3")});
  EXPECT_EQ(result.not_checked, "the sound image is not taken over");
  EXPECT_TRUE(result.wrong_answers.empty()) << Told(result);
}

TEST(DamagedImage, IsNoQuestionWhereNothingIsHandedOver) {
  Scripted sut(DamageAnswer::kUnnoticed);
  const DamagedImageResult result = DamageImages(sut, {.profile = On("v3", Luo::kOff)});
  EXPECT_EQ(result.not_checked, "nothing is handed over");
}

}  // namespace
}  // namespace holdfast
