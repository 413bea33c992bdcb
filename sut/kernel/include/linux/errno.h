// A stand-in: the kernel's error numbers are those of user space. The C library includes a header
// of this name too, and means the system's header.
#include_next <linux/errno.h>
