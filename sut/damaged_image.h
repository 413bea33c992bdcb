// The image that one kernel leaves to the next, with one field damaged, and what the next kernel
// makes of it.
//
// Bad memory, a bug of the old kernel or an unknown version can damage the records between kexec
// and the first look at them. The next kernel must not follow such a record out of the records, and
// must not hang. It may refuse, by an error or by stopping the machine.
//
// Out of question is damage that no kernel can see, unless the records say a thing twice:
//   - damage that makes another sound image, such as a device's record that names another live
//     domain;
//   - a link to a page of another kind that KHO hands over.
// What the driver wrote into a record (tables, entries) is the driver's to check
// (properties/conformance/damaged_records_test.cc).
#ifndef HOLDFAST_SUT_DAMAGED_IMAGE_H_
#define HOLDFAST_SUT_DAMAGED_IMAGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

// What a damage is, in words.
struct DamagedField {
  std::string place;  // "link of a page of devices"
  std::string value;  // "its own page"
  // Every public version refuses this value, so a refusal is owed.
  bool every_version_refuses = false;
};

// From the least to the worst.
enum class DamageAnswer : std::uint8_t {
  kUnnoticed,  // nothing that was used depended on the field
  kRefused,    // an error
  kStopped,    // a BUG or a panic
  kFollowed,   // memory was used that is no record, or a device got what was not preserved for it
  kEndless,    // a call did not come back
};
inline constexpr int kDamageAnswerCount = 5;

constexpr bool IsWrong(DamageAnswer answer) { return answer >= DamageAnswer::kFollowed; }

// "refused", "stopped by a BUG"
constexpr std::string_view DamageAnswerName(DamageAnswer answer) {
  constexpr std::string_view kNames[] = {"unnoticed", "refused", "stopped by a BUG", "followed",
                                         "endless"};
  return kNames[static_cast<int>(answer)];
}

struct TakenOver {
  DamageAnswer answer = DamageAnswer::kUnnoticed;
  std::string_view how;  // of a wrong answer: what happened, as a sentence; else empty
};

// Of an implementation whose kernel has just been entered by a kexec (Sut::damaged_image). The two
// calls use up the memory: the caller restores a snapshot before the next Plant.
class DamagedImage {
 public:
  virtual ~DamagedImage() = default;

  // Applies damage `number` to the image in memory, and says what it is. Damage 0 is none. Nothing:
  // there are not so many damages. Equal images have equal damages.
  virtual std::optional<DamagedField> Plant(std::size_t number) = 0;

  // After Plant. The next kernel takes the image over, to the end: the retrieve, the lookups, the
  // probe and the restore of each device, the finish. The worst of the answers counts.
  virtual TakenOver TakeOver() = 0;
};

}  // namespace holdfast

#endif  // HOLDFAST_SUT_DAMAGED_IMAGE_H_
