// A stub that does nothing: an object's symbols need no export.
#ifndef HOLDFAST_LINUX_EXPORT_H_
#define HOLDFAST_LINUX_EXPORT_H_

#define EXPORT_SYMBOL(symbol) extern int holdfast_export_##symbol
#define EXPORT_SYMBOL_GPL(symbol) EXPORT_SYMBOL(symbol)
#define EXPORT_SYMBOL_NS_GPL(symbol, space) EXPORT_SYMBOL(symbol)

struct module;
#define THIS_MODULE ((struct module*)0)

#endif  // HOLDFAST_LINUX_EXPORT_H_
