// How much a test does. A sanitizer or an unoptimized build makes each step slow, so a test then
// does less. Every test stays a matter of seconds.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_EFFORT_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_EFFORT_H_

namespace holdfast {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

#if defined(__OPTIMIZE__)
inline constexpr bool kOptimized = true;
#else
inline constexpr bool kOptimized = false;
#endif

// `full` cases, or a tenth of them if each case is slow.
constexpr int Effort(int full) { return kSanitized || !kOptimized ? (full + 9) / 10 : full; }

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_EFFORT_H_
