// Small kernel trees of our own, on the same path as a real one.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "model/layout.h"
#include "model/profile.h"
#include "sut/runfiles.h"
#include "sut/shipped.h"
#include "sut/sut.h"

namespace holdfast {
namespace {

std::unique_ptr<Sut> LoadTree(const std::string& name) {
  return Loaded(Runfile("sut/tree/" + name + ".so"));
}

TEST(Tree, ProfileIsTheOneThatTheSourceMatches) {
  EXPECT_EQ(LoadTree("older")->profile(), "v3");
  EXPECT_EQ(LoadTree("newer")->profile(), "v5");
  EXPECT_EQ(LoadTree("between")->profile(), "v3 puts-flb luo=C");
  EXPECT_EQ(LoadTree("keeping")->profile(), "v5")
      << "what has the later interface owes what goes with it";
}

TEST(Tree, LayoutIsTheTreesOwn) {
  const Layout older = LoadTree("older")->layout();
  EXPECT_EQ(older.hw_capacity(), 170u);
  EXPECT_EQ(older.domain_capacity(), 110u);
  EXPECT_EQ(older.device_capacity(), 102u);
  // two bits of flags take one byte
  EXPECT_EQ(LoadTree("eldest")->layout().device, older.device - 3);
  EXPECT_EQ(LoadTree("newer")->layout(), FindProfile("v5")->layout);
  EXPECT_TRUE(OnlyEndsDiffer(LoadTree("newer")->layout(), LoadTree("vendor")->layout()));
  EXPECT_FALSE(OnlyEndsDiffer(LoadTree("older")->layout(), LoadTree("moved")->layout()));
}

}  // namespace
}  // namespace holdfast
