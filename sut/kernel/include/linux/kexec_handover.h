// A stand-in that behaves on purpose: pages of the arena, and the bitmap of the pages that survive
// kexec. The tracker does not count: to preserve a page twice sets one bit, and one unpreserve
// clears the bit.
#ifndef HOLDFAST_LINUX_KEXEC_HANDOVER_H_
#define HOLDFAST_LINUX_KEXEC_HANDOVER_H_

#include <linux/err.h>
#include <linux/mm.h>

HOLDFAST_BEGIN_C
bool kho_is_enabled(void);
// zeroed pages, the next power of two; fault site `kho_alloc`
void* kho_alloc_preserve(size_t size);
void kho_unpreserve_free(void* memory);
void kho_restore_free(void* memory);  // in the next kernel: restores and frees
int kho_preserve_folio(struct folio* folio);
void kho_unpreserve_folio(struct folio* folio);
// NULL: no such page came over; fault site `kho_restore`
struct folio* kho_restore_folio(phys_addr_t address);
HOLDFAST_END_C

#endif  // HOLDFAST_LINUX_KEXEC_HANDOVER_H_
