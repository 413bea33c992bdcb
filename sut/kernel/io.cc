// linux/io.h: the units' registers. A register is storage; a write of a command register also does
// what the unit does.
#include <cstring>

#include "linux/io.h"
#include "sut/kernel/dma/caches.h"
#include "sut/kernel/machine/accesses.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/units.h"

using namespace holdfast::kernel;

namespace {

// Intel VT-d, section 11.4.
constexpr std::size_t kGcmd = 0x18, kGsts = 0x1c, kRtaddr = 0x20;
constexpr u32 kTranslationEnable = 1u << 31, kSetRootTablePointer = 1u << 30;
// Arm SMMUv3, section 6.3.
constexpr std::size_t kCr0 = 0x20, kCr0Ack = 0x24;

// The unit of the register, or -1.
int UnitAt(const volatile void* address) {
  const Units* units = machine().units;
  if (!units) return -1;
  const std::ptrdiff_t offset = reinterpret_cast<const volatile char*>(address) -
                                reinterpret_cast<const char*>(units->registers);
  const bool inside = offset >= 0 && static_cast<std::size_t>(offset) < sizeof(units->registers);
  return inside ? static_cast<int>(static_cast<std::size_t>(offset) / sizeof(units->registers[0]))
                : -1;
}

std::size_t OffsetIn(int unit, const volatile void* address) {
  return static_cast<std::size_t>(reinterpret_cast<const volatile char*>(address) -
                                  reinterpret_cast<const char*>(machine().units->registers[unit]));
}

void Set(int unit, std::size_t offset, u32 value) {
  std::memcpy(reinterpret_cast<char*>(machine().units->registers[unit]) + offset, &value,
              sizeof(value));
}

u32 Get(int unit, std::size_t offset) {
  u32 value;
  std::memcpy(&value, reinterpret_cast<char*>(machine().units->registers[unit]) + offset,
              sizeof(value));
  return value;
}

void Command(int unit, std::size_t offset, u32 value) {
  Units& units = *machine().units;
  const enum holdfast_hardware hardware = kBinding.port->hardware;
  if (hardware == HOLDFAST_VTD && offset == kGcmd) {
    u32 status = (Get(unit, kGsts) & ~kTranslationEnable) | (value & kTranslationEnable);
    if (value & kSetRootTablePointer) {
      units.root[unit] = units.registers[unit][kRtaddr / 8];
      status |= kSetRootTablePointer;
    }
    Set(unit, kGsts, status);
  } else if (hardware == HOLDFAST_SMMUV3 && offset == kCr0) {
    Set(unit, kCr0Ack, value);
  }
}

}  // namespace

// Until the command, everything before it was written.
extern "C" void holdfast_queue_command(u64 reg_phys, u64 low, u64 high) {
  for (int i = 0; machine().units && i < machine().iommu_count; ++i) {
    if (reg_phys != TokenOf(i)) continue;
    AnnounceWrite(machine().units->registers[i], 0, __builtin_return_address(0));
    DoQueuedCommand(i, {low, high});
  }
}

extern "C" void* ioremap(phys_addr_t address, size_t size) {
  if (PassRequestOfDriver(/*promised=*/true)) return nullptr;
  for (int i = 0; machine().units && i < machine().iommu_count; ++i) {
    if (address == TokenOf(i) && size <= kPageSize) return machine().units->registers[i];
  }
  return nullptr;
}

extern "C" u32 readl(const volatile void* address) {
  const int unit = UnitAt(address);
  if (unit < 0 || reinterpret_cast<std::uintptr_t>(address) % 4 != 0) Crash();
  return Get(unit, OffsetIn(unit, address));
}

extern "C" u64 readq(const volatile void* address) {
  if (UnitAt(address) < 0 || reinterpret_cast<std::uintptr_t>(address) % 8 != 0) Crash();
  return *static_cast<const volatile u64*>(address);
}

extern "C" void writel(u32 value, volatile void* address) {
  const int unit = UnitAt(address);
  if (unit < 0 || reinterpret_cast<std::uintptr_t>(address) % 4 != 0) Crash();
  const std::size_t offset = OffsetIn(unit, address);
  AnnounceWrite(address, sizeof(value), __builtin_return_address(0));
  Set(unit, offset, value);
  Command(unit, offset, value);
}

extern "C" void writeq(u64 value, volatile void* address) {
  if (UnitAt(address) < 0 || reinterpret_cast<std::uintptr_t>(address) % 8 != 0) Crash();
  AnnounceWrite(address, sizeof(value), __builtin_return_address(0));
  *static_cast<volatile u64*>(address) = value;
}
