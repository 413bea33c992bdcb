// The name of the implementation in this shared object, for reports. Objects share all other code,
// so the name is a symbol of its own. C sources define it too (name_here.h).
#ifndef HOLDFAST_SUT_KERNEL_NAME_H_
#define HOLDFAST_SUT_KERNEL_NAME_H_

#ifdef __cplusplus
extern "C" {
#endif

extern const char holdfast_sut_name[];

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // HOLDFAST_SUT_KERNEL_NAME_H_
