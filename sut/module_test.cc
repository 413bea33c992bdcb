#include "sut/module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "model/profile.h"
#include "sut/entry.h"
#include "sut/shipped.h"

namespace holdfast {
namespace {

using testing::HasSubstr;

std::string Refusal(const std::string& path) {
  const std::variant<Module, std::string> result = LoadSut(path);
  return std::holds_alternative<std::string>(result) ? std::get<std::string>(result) : "";
}

std::string Runfile(const std::string& file) {
  return std::string(std::getenv("TEST_SRCDIR")) + "/holdfast/sut/" + file;
}

TEST(LoadSut, EveryBuiltinLoadsUnderItsName) {
  for (const BuiltinSut& builtin : BuiltinSuts()) {
    EXPECT_EQ(Loaded(builtin.name)->name(), builtin.name);
    EXPECT_FALSE(builtin.about.empty());
  }
}

TEST(LoadSut, BuiltinsHaveTheirProfilesAndLayouts) {
  EXPECT_EQ(Loaded("core.v3")->profile(), "v3");
  EXPECT_EQ(Loaded("core.v5")->profile(), "v5");
  EXPECT_EQ(Loaded("stubs")->profile(), "off");
  EXPECT_EQ(Loaded("core.v3")->layout(),
            (Layout{.hw = 112, .domain = 37, .device = 56, .flb = 24}));
  EXPECT_EQ(Loaded("core.v5")->layout(), FindProfile("v5")->layout);
}

TEST(LoadSut, MissingFileIsRefused) {
  EXPECT_THAT(Refusal("/nowhere/x.so"), HasSubstr("/nowhere/x.so: no such file"));
  EXPECT_THAT(Refusal("x.so"), HasSubstr("x.so: no such file"));
}

TEST(LoadSut, UnknownNameIsRefusedWithThoseThatAre) {
  EXPECT_THAT(Refusal("core.v4"), HasSubstr("core.v4: no such implementation; expected"));
  EXPECT_THAT(Refusal("core.v4"), HasSubstr("core.v3, core.v5, stubs"));
}

TEST(LoadSut, FileThatIsNotElfIsRefused) {
  const std::string path = testing::TempDir() + "/text.so";
  std::ofstream(path) << "not a shared object\n";
  EXPECT_THAT(Refusal(path), HasSubstr("not an ELF file"));
  EXPECT_THAT(Refusal(testing::TempDir() + "/"), HasSubstr("not an ELF file"));
}

TEST(LoadSut, TruncatedObjectIsRefused) {
  const std::string path = testing::TempDir() + "/short.so";
  std::ofstream(path) << "\177ELF";
  EXPECT_THAT(Refusal(path), HasSubstr("cannot be loaded"));
}

TEST(LoadSut, ObjectWithoutAnEntryIsRefused) {
  EXPECT_THAT(Refusal(Runfile("odd_symbol.so")), HasSubstr("no symbol holdfast_sut_entry"));
}

TEST(LoadSut, EntryOfAnotherVersionIsRefused) {
  EXPECT_THAT(Refusal(Runfile("odd_magic.so")), HasSubstr("not an entry of this suite"));
  EXPECT_THAT(Refusal(Runfile("odd_version.so")),
              HasSubstr("version 1; expected " + std::to_string(kSutVersion)));
  EXPECT_THAT(Refusal(Runfile("odd_state.so")), HasSubstr("size of State 1; expected"));
  EXPECT_THAT(Refusal(Runfile("odd_outcome.so")), HasSubstr("size of Outcome 1; expected"));
}

TEST(LoadSut, EntryThatMakesNothingIsRefused) {
  EXPECT_THAT(Refusal(Runfile("odd_make.so")), HasSubstr("no function make"));
  EXPECT_THAT(Refusal(Runfile("odd_nothing.so")), HasSubstr("make returned nothing"));
}

}  // namespace
}  // namespace holdfast
