#include "properties/search/product_part.h"

#include <cstddef>
#include <cstring>
#include <type_traits>

namespace holdfast {
namespace {

template <typename T>
concept Plain = std::is_trivially_copyable_v<T>;

class Writer {
 public:
  template <Plain T>
  void Put(const T& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  template <Plain T>
  void Put(const std::vector<T>& values) {
    Put(values.size());
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <Plain T>
  void Get(T& value) {
    Copy(&value, sizeof(value));
  }
  template <Plain T>
  void Get(std::vector<T>& values) {
    std::size_t size = 0;
    Get(size);
    values.resize(size);
    Copy(values.data(), size * sizeof(T));
  }

 private:
  void Copy(void* to, std::size_t size) {
    if (size != 0) std::memcpy(to, bytes_.substr(0, size).data(), size);
    bytes_.remove_prefix(size);
  }

  std::string_view bytes_;
};

// Both ways are one list of members.
template <typename State, typename Each>
void EachMemberOfState(State& state, const Each& each) {
  each(state.model), each(state.known), each(state.breaches), each(state.ledger),
      each(state.hazards), each(state.memory.bytes);
}

template <typename Part, typename Each>
void EachMemberOfPart(Part& part, const Each& each) {
  each(part.stopped), each(part.counts), each(part.tally), each(part.coverage), each(part.edges);
}

}  // namespace

std::string Pack(const ProductPart& part) {
  Writer writer;
  const auto put = [&](const auto& member) { writer.Put(member); };
  EachMemberOfPart(part, put);
  writer.Put(part.states.size());
  for (const ExpandedState& state : part.states) EachMemberOfState(state, put);
  return writer.Take();
}

ProductPart UnpackPart(std::string_view bytes) {
  Reader reader(bytes);
  const auto get = [&](auto& member) { reader.Get(member); };
  ProductPart part;
  EachMemberOfPart(part, get);
  std::size_t size = 0;
  reader.Get(size);
  part.states.resize(size);
  for (ExpandedState& state : part.states) EachMemberOfState(state, get);
  return part;
}

}  // namespace holdfast
