// Loads an implementation, a shared object, into the Sut interface.
//
// The object exports one C function, `holdfast_sut_entry`, that returns a SutEntry. The entry's
// first fields never change, so that an object built for another version is refused with a sentence
// and not called.
#ifndef HOLDFAST_SUT_MODULE_H_
#define HOLDFAST_SUT_MODULE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "sut/sut.h"

namespace holdfast {

inline constexpr std::uint32_t kSutMagic = 0x484f4c44;  // "HOLD"
inline constexpr std::uint32_t kSutVersion = 5;
inline constexpr char kSutEntrySymbol[] = "holdfast_sut_entry";

struct SutEntry {
  std::uint32_t magic = kSutMagic;
  std::uint32_t version = kSutVersion;
  // the object and the suite must agree on these types
  std::uint32_t state_size = sizeof(State);
  std::uint32_t outcome_size = sizeof(Outcome);
  // a new instance, owned by the caller; one at a time
  Sut* (*make)() = nullptr;
};

// A loaded implementation. The shared object stays loaded for the life of the process.
struct Module {
  std::string path;
  std::unique_ptr<Sut> sut;
};

// The error is one sentence that names the file and what was expected of it.
std::variant<Module, std::string> LoadModule(const std::string& path);

// The implementations that come with the suite, by name ("core.v3") and file, in a fixed order.
struct BuiltinSut {
  std::string name;
  std::string file;  // below the workspace
  std::string path;
  std::string about;  // one line
};
std::vector<BuiltinSut> BuiltinSuts();

// A built-in by name, or a shared object by path (anything with a '/' or ending in ".so").
std::variant<Module, std::string> LoadSut(const std::string& name_or_path);

}  // namespace holdfast

#endif  // HOLDFAST_SUT_MODULE_H_
