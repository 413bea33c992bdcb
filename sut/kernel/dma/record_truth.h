// What a record says against what the tables and registers are: rule R12.
//
// A later kernel believes a record where it cannot look, and refuses a device where the record and
// the hardware disagree. Which of the two happens depends on that kernel's driver, so the record is
// judged here, when it is handed over. The hardware's side comes from the walker alone.
//
// Held against the walker: an hw record's type, register base, root table and format of the stream
// table; a domain record's number of levels, width and sign extension; a device record's PASID
// directory and PASIDs. Other rules hold the rest: the rules of the core hold
// the names and links (R1, R3), the pages hold the bitmap and the lists of tables (R8), and the
// driver of the next kernel refuses what it cannot use (R12).
//
// A field whose meaning is the driver's own is not judged: an lu_state, and the number of
// second-level tables that are there.
#ifndef HOLDFAST_SUT_KERNEL_DMA_RECORD_TRUTH_H_
#define HOLDFAST_SUT_KERNEL_DMA_RECORD_TRUTH_H_

#include "sut/kernel/binding.h"

namespace holdfast::kernel {

// Of the live records of the outgoing FLB. Finding::kRecordUntrue, with the record and the field.
void ExpectTrueRecords(const RecordLayout& layout);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_DMA_RECORD_TRUTH_H_
