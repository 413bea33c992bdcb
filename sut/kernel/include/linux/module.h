// A stub that does nothing: no module is ever loaded or pinned.
#ifndef HOLDFAST_LINUX_MODULE_H_
#define HOLDFAST_LINUX_MODULE_H_

#include <linux/export.h>

#define MODULE_LICENSE(text) extern int holdfast_module_license
#define MODULE_DESCRIPTION(text) extern int holdfast_module_description

#endif  // HOLDFAST_LINUX_MODULE_H_
