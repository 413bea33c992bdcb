// A stand-in: no interrupt comes here, so no handler runs that a caller would wait for.
#ifndef HOLDFAST_LINUX_INTERRUPT_H_
#define HOLDFAST_LINUX_INTERRUPT_H_

static inline void synchronize_irq(unsigned int irq) { (void)irq; }

#endif  // HOLDFAST_LINUX_INTERRUPT_H_
