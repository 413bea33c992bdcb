// A stand-in that behaves on purpose: a physical address follows from the place in the arena. So
// the same calls give the same addresses in every process. An address outside of the arena becomes
// a pointer that traps.
#ifndef HOLDFAST_LINUX_IO_H_
#define HOLDFAST_LINUX_IO_H_

#include <linux/compiler.h>

HOLDFAST_BEGIN_C
phys_addr_t virt_to_phys(const volatile void* address);
void* phys_to_virt(phys_addr_t address);

// A unit's registers. A write of a command register does what the unit does (sut/kernel/io.cc).
void* ioremap(phys_addr_t address, size_t size);  // NULL: no registers there
u32 readl(const volatile void* address);
u64 readq(const volatile void* address);
void writel(u32 value, volatile void* address);
void writeq(u64 value, volatile void* address);
HOLDFAST_END_C

#define readl_relaxed(address) readl(address)
#define readq_relaxed(address) readq(address)
#define writel_relaxed(value, address) writel(value, address)
#define writeq_relaxed(value, address) writeq(value, address)

#define __pa(address) virt_to_phys(address)
#define __va(address) phys_to_virt(address)

#endif  // HOLDFAST_LINUX_IO_H_
