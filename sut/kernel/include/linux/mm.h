// A stand-in: a folio is a page of the arena, and its handle is the page's address. A folio has no
// members to read.
#ifndef HOLDFAST_LINUX_MM_H_
#define HOLDFAST_LINUX_MM_H_

#include <linux/io.h>
#include <linux/kernel.h>

struct folio;
struct page;

HOLDFAST_BEGIN_C
struct folio* virt_to_folio(const void* address);
void folio_put(struct folio* folio);
HOLDFAST_END_C

#endif  // HOLDFAST_LINUX_MM_H_
