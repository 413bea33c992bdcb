// Values as bytes, for the way from a child process to its parent (RunInChildren).
//
// A type that can be copied byte for byte is its bytes. A vector or a string is its length and its
// elements. An optional says whether it has a value, and then its value. An address of code or of a
// constant is the same in both processes. Any other type says its members, in any order, in a
// function beside it:
//   inline auto Members(Part& part) { return std::tie(part.counts, part.states); }
//
// Not a file format: the bytes are good between two processes of one program.
#ifndef HOLDFAST_SUT_PACKED_H_
#define HOLDFAST_SUT_PACKED_H_

#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace holdfast {
namespace packed {

template <typename T>
concept Plain =
    std::is_trivially_copyable_v<T> && (!std::is_pointer_v<T> || std::is_same_v<T, const void*>);

template <typename T>
concept HasMembers = requires(T& value) { Members(value); };

template <typename T>
concept Optional = std::is_same_v<T, std::optional<typename T::value_type>>;

template <typename T>
void Append(const T& value, std::string& bytes) {
  if constexpr (HasMembers<T>) {
    const auto append = [&](const auto&... member) { (Append(member, bytes), ...); };
    std::apply(append, Members(const_cast<T&>(value)));
  } else if constexpr (Plain<T>) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
  } else if constexpr (Optional<T>) {
    Append(value.has_value(), bytes);
    if (value) Append(*value, bytes);
  } else {
    Append(value.size(), bytes);
    if constexpr (Plain<typename T::value_type>) {
      bytes.append(reinterpret_cast<const char*>(value.data()),
                   value.size() * sizeof(typename T::value_type));
    } else {
      for (const auto& element : value) Append(element, bytes);
    }
  }
}

inline void Copy(void* to, std::size_t size, std::string_view& bytes) {
  if (size != 0) std::memcpy(to, bytes.substr(0, size).data(), size);
  bytes.remove_prefix(size);
}

template <typename T>
void Take(T& value, std::string_view& bytes) {
  if constexpr (HasMembers<T>) {
    std::apply([&](auto&... member) { (Take(member, bytes), ...); }, Members(value));
  } else if constexpr (Plain<T>) {
    Copy(&value, sizeof(value), bytes);
  } else if constexpr (Optional<T>) {
    bool has_value = false;
    Take(has_value, bytes);
    if (has_value) Take(value.emplace(), bytes);
  } else {
    std::size_t size = 0;
    Take(size, bytes);
    value.resize(size);
    if constexpr (Plain<typename T::value_type>) {
      Copy(value.data(), size * sizeof(typename T::value_type), bytes);
    } else {
      for (auto& element : value) Take(element, bytes);
    }
  }
}

}  // namespace packed

template <typename T>
std::string Pack(const T& value) {
  std::string bytes;
  packed::Append(value, bytes);
  return bytes;
}

template <typename T>
T Unpack(std::string_view bytes) {
  T value;
  packed::Take(value, bytes);
  return value;
}

}  // namespace holdfast

#endif  // HOLDFAST_SUT_PACKED_H_
