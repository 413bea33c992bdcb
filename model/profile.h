// A profile: the answers of one version of the code to the questions on which versions differ. `v3`
// and `v5` are named profiles. A version between the two is a named profile with some answers of
// its own ("v3 puts-flb double-domain=-EBUSY").
//
// Step and the rules ask the profile, and nothing else knows a version. `v3` is the seed and the
// default.
#ifndef HOLDFAST_MODEL_PROFILE_H_
#define HOLDFAST_MODEL_PROFILE_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "model/layout.h"

namespace holdfast {

// The live update orchestrator under the code, by the behaviour of liveupdate_flb_get_outgoing.
enum class Luo : std::uint8_t {
  kOff,  // live update is disabled: -EOPNOTSUPP
  // 0 and a NULL object without an FLB; takes no reference, so a put drops one that nobody took
  kStageA,
  kStageB,  // as A: only the incoming side counts
  // -ENOENT without an FLB; takes a reference that a put must drop; the last put unpreserves
  kStageC,
};

struct Profile {
  std::string_view name;
  bool config_enabled = true;  // CONFIG_IOMMU_LIVEUPDATE; false: the stubs
  // the answer for a device that is preserved already: -EBUSY or -EINVAL; 0 preserves it again
  std::int16_t double_device = 0;
  std::int16_t double_domain = 0;  // the same for a domain
  bool puts_flb = false;           // every exit drops the FLB reference, after unlocking
  // the last argument is u64 dma_owner_token and is stored; else u64 *preserved_state, written
  bool stores_owner_token = false;
  // a group of several devices is -EOPNOTSUPP, after preserve_device was called and undone
  bool needs_singleton_group = false;

  // Answers of versions between v3 and v5; no named profile gives them.
  // double_device reads the device's pointer alone and follows it to no record
  bool double_device_by_pointer = false;
  // a NULL FLB object is -EINVAL, or a silent return; else it is locked
  bool checks_flb = false;
  // no group is -EINVAL, or a silent return; else its mutex is locked
  bool checks_group = false;
  // preserve_device: no dev->iommu is -EINVAL; else it is followed
  bool checks_iommu = false;
  // an unpreserve of a device that is not preserved returns before it asks for the FLB, without a
  // WARN
  bool quiet_unpreserve_device = false;
  bool quiet_unpreserve_domain = false;  // the same for a domain

  // release_device lets a restored device go; else such a device is a BUG
  bool releases_restored = false;

  // The implementation in force has the restoring side: probe_device and restore_domain, and
  // release_device. Without it the calls do nothing. No text says so: the implementation does.
  bool restores = true, releases = true;
  // the orchestrator of the version's day; a scenario may pair the profile with another one
  Luo luo = Luo::kStageA;
  // the layout in force; at first the layout of the profile's whole series
  Layout layout;

  bool operator==(const Profile&) const = default;
};

// One question, and the place of its answer in a profile: a flag, or an error (0: none).
struct ProfileAnswer {
  // in text (model/text/text.h): "checks-flb", "double-device=-EBUSY"
  std::string_view name;
  bool Profile::* flag = nullptr;
  std::int16_t Profile::* error = nullptr;  // if there is no flag
};

// In the order in which they are printed.
std::span<const ProfileAnswer> ProfileAnswers();

// True if the profile's interface is not that of the named profile. The interface is three answers:
// puts the FLB, stores the token, needs singleton groups. Such a version lies between the named
// ones.
bool LiesBetween(const Profile& profile);

// All profiles, `v3` first: v3 (the seed), v5 (the newest), off (CONFIG_IOMMU_LIVEUPDATE=n).
std::span<const Profile> Profiles();

// The profile of that name, or nullptr.
const Profile* FindProfile(std::string_view name);

// The profile with the layout `found` in force, if the profile admits that layout. Else the nearest
// admitted layout is in force, so that the difference names the field that moved.
//
// A version has been in the tree with several layouts: records were shorter before the drivers
// added their parts. A profile admits all layouts of its version. The layout in force decides how
// many slots a page has. A profile with a layout of its own admits that layout only. A profile
// between two versions admits any layout, because no document fixes one.
Profile WithLayout(const Profile& profile, const Layout& found);

// The profile with the layout `found` in force, admitted or not, if such records can exist; else
// WithLayout. The model takes a page's capacity from this layout, even if R14 is broken.
Profile InForce(const Profile& profile, const Layout& found);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_PROFILE_H_
