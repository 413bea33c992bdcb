// Loads an implementation, a shared object with the entry of entry.h, into the Sut interface.
#ifndef HOLDFAST_SUT_MODULE_H_
#define HOLDFAST_SUT_MODULE_H_

#include <memory>
#include <string>
#include <variant>

#include "sut/sut.h"

namespace holdfast {

// A loaded implementation. The shared object stays loaded for the life of the process.
struct Module {
  std::string path;
  std::unique_ptr<Sut> sut;
};

// The error is one sentence that names the file and what was expected of it.
std::variant<Module, std::string> LoadModule(const std::string& path);

// Where x.callers.so stands beside x.so: that file, else "". The file is the same implementation
// for callers at once. It announces its accesses to memory (sut/callers.h), and is slower.
std::string FileForCallers(const std::string& path);

}  // namespace holdfast

#endif  // HOLDFAST_SUT_MODULE_H_
